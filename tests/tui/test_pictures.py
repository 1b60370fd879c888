"""How the screens look: pictures that were looked at before they were accepted."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from axio.models import Capability, ModelSpec
from tests.tui.host import DARK, LARGE, LIGHT, SMALL, Host, shown, text, until
from tests.tui.picture import differs
from textual.widgets import Input

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.testing import Service, lists, refuses, says
from axio_transport_openai.tui import (
    CustomHubScreen,
    ModelEditScreen,
    OpenAISettingsScreen,
    OpenRouterSettingsScreen,
    ProviderEditScreen,
)
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.preset import PresetScreen
from axio_transport_openai.tui.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.screen import Screen

if int(version("textual").partition(".")[0]) < 8:
    reason = (
        "the pictures are Textual 8's; an older one draws otherwise, and is tested by behaviour"
    )
    pytest.skip(reason, allow_module_level=True)

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
CHAT = frozenset({Capability.text, Capability.tool_use})
MODELS = (
    ModelSpec("llama3.2", CHAT, 4_096, 131_072),
    ModelSpec("org/seeing-model:free", CHAT | {Capability.vision}, 8_192, 1_000_000, 0.15, 0.6),
)
LISTED = [
    {
        "id": f"maker/model-{number}",
        "context_length": 8192 * number,
        "pricing": {"prompt": f"{number}e-7", "completion": f"{number}e-6"},
        "supported_parameters": ["tools", "reasoning"][: number % 3],
        "architecture": {"input_modalities": ["text", "image"][: 1 + number % 2]},
    }
    for number in range(1, 31)
]
STILL: dict[str, Callable[[], Screen[Any]]] = {
    "openai": lambda: OpenAISettingsScreen(
        {
            "api_key": "sk-wrong-key",
            "_error": "OpenAI (https://api.openai.com/v1) did not accept the API key (401):"
            " Incorrect API key provided.",
        }
    ),
    "openrouter": lambda: OpenRouterSettingsScreen({}),
    "provider": lambda: ProviderEditScreen(
        Saved("home", "http://localhost:11434/v1", "secret", MODELS)
    ),
    "model": lambda: ModelEditScreen(MODELS[1]),
    "presets": PresetScreen,
    "question": lambda: ConfirmScreen("Delete the provider home, its key and models?", "Delete"),
}


async def picture(
    screen: Screen[Any], size: tuple[int, int], name: str, until_read: str, theme: str = DARK
) -> str:
    """What is different from the accepted picture, once this can be read."""
    async with shown(screen, size, theme) as (host, pilot):
        return await drawn(host, pilot, name, until_read)


async def drawn(host: Host, pilot: Pilot[None], name: str, until_read: str) -> str:
    """What is different from the accepted picture, once this can be read and the keys are told."""
    for field in host.screen.query(Input):
        field.cursor_blink = False
    await until(pilot, lambda: until_read in text(host.screen) and "esc " in text(host.screen))
    return differs(host, f"{name}-{host.size.width}x{host.size.height}")


async def filled_wrongly(host: Host, pilot: Pilot[None], name: str) -> str:
    """What is different once a provider's form in front is filled in with what will not do."""
    for field, typed in {"name": "a:b", "base_url": "localhost", "max_retries": "-1"}.items():
        host.screen.query_one(f"#{field}", Input).value = typed
    await pilot.press("ctrl+s")
    return await drawn(host, pilot, name, "at least 0")


@SIZES
@pytest.mark.parametrize("name", STILL)
async def test_a_screen_looks_as_it_was_accepted(name: str, size: tuple[int, int]) -> None:
    assert await picture(STILL[name](), size, name, "") == ""


def hub(path: Path) -> CustomHubScreen:
    """A hub over this file, with two providers in it."""
    two = Saved("groq", "https://api.groq.com/openai/v1", "gsk-1", MODELS[:1])
    Store(path).save([Saved("home", "http://localhost:11434/v1", "", MODELS), two])
    kind: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})
    return kind({})


@SIZES
async def test_the_hub_looks_as_it_was_accepted(tmp_path: Path, size: tuple[int, int]) -> None:
    assert await picture(hub(tmp_path / "axio.json"), size, "hub", "groq") == ""


@pytest.mark.parametrize("name", ["hub", "openai", "provider", "question"])
async def test_a_screen_looks_as_it_was_accepted_in_a_light_theme(
    tmp_path: Path, name: str
) -> None:
    screen = STILL[name]() if name in STILL else hub(tmp_path / "axio.json")

    assert await picture(screen, SMALL, f"light-{name}", "", LIGHT) == ""


async def test_a_form_filled_in_wrongly_looks_as_it_was_accepted_in_a_light_theme() -> None:
    async with shown(ProviderEditScreen(None), SMALL, LIGHT) as (host, pilot):
        assert await filled_wrongly(host, pilot, "light-wrong") == ""


@SIZES
async def test_a_form_that_is_filled_in_wrongly_looks_as_it_was_accepted(
    size: tuple[int, int],
) -> None:
    async with shown(ProviderEditScreen(None), size) as (host, pilot):
        assert await filled_wrongly(host, pilot, "wrong") == ""


@SIZES
async def test_a_tested_connection_looks_as_it_was_accepted(size: tuple[int, int]) -> None:
    refused = refuses(400, "this model does not support tools")
    async with Service(lists(*LISTED), says("Hello"), refused) as service:
        probe = Probe(name="home", base_url=service.base_url, model=MODELS[0], max_retries=1)
        screen = ConnectionScreen(probe)
        async with shown(screen, size) as (host, pilot):
            await until(pilot, lambda: screen.has_class("-done"))

            assert await drawn(host, pilot, "connection", "Tools work") == ""


@SIZES
async def test_the_models_of_a_service_look_as_they_were_accepted(size: tuple[int, int]) -> None:
    async with Service(lists(*LISTED)) as service:
        screen = PickScreen(Probe(name="home", base_url=service.base_url), {"maker/model-2"})

        assert await picture(screen, size, "models", "30 of 30") == ""
