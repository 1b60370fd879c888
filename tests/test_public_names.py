"""What is public is what ``__all__`` says, in every module."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeAliasType

import pytest

import axio_transport_openai

_MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(
        axio_transport_openai.__path__, f"{axio_transport_openai.__name__}."
    )
    if not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", [axio_transport_openai.__name__, *_MODULES])
def test_what_a_module_says_is_public_exists_and_is_said_once(name: str) -> None:
    module = importlib.import_module(name)
    public = getattr(module, "__all__", [])

    assert [said for said in public if not hasattr(module, said)] == []
    assert len(set(public)) == len(public)


def test_a_name_that_is_loaded_later_is_listed_before() -> None:
    assert [
        name for name in axio_transport_openai.__all__ if name not in dir(axio_transport_openai)
    ] == []


@pytest.mark.parametrize("name", _MODULES)
def test_what_a_module_defines_without_an_underscore_is_public(name: str) -> None:
    module = importlib.import_module(name)
    defined = {
        said
        for said, found in vars(module).items()
        if not said.startswith("_")
        and not isinstance(found, ModuleType | TypeAliasType)
        and getattr(found, "__module__", None) == name
    }

    assert defined - set(getattr(module, "__all__", [])) == set()


@pytest.mark.parametrize(
    "path",
    [
        "axio_transport_openai:OpenAITransport",
        "axio_transport_openai:OPENAI_MODELS",
        "axio_transport_openai:ThinkTagParser",
        "axio_transport_openai.nebius:NebiusTransport",
        "axio_transport_openai.openrouter:OpenRouterTransport",
        "axio_transport_openai.custom:OpenAICompatibleTransport",
    ],
)
def test_the_import_paths_that_others_use_exist(path: str) -> None:
    module, _, name = path.partition(":")

    assert hasattr(importlib.import_module(module), name)
