"""How the screens look: pictures that were looked at before they were accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axio.models import Capability, ModelSpec
from tests.tui.host import LARGE, SMALL, Host, shown, text, until
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

pytest.importorskip("textual", minversion="8")
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


async def picture(screen: Screen[Any], size: tuple[int, int], name: str, until_read: str) -> str:
    """What is different from the accepted picture, once this can be read."""
    async with shown(screen, size) as (host, pilot):
        return await drawn(host, pilot, name, until_read)


async def drawn(host: Host, pilot: Pilot[None], name: str, until_read: str) -> str:
    """What is different from the accepted picture, once this can be read and the keys are told."""
    for field in host.screen.query(Input):
        field.cursor_blink = False
    await until(pilot, lambda: until_read in text(host.screen) and "esc " in text(host.screen))
    return differs(host, f"{name}-{host.size.width}x{host.size.height}")


@SIZES
@pytest.mark.parametrize("name", STILL)
async def test_a_screen_looks_as_it_was_accepted(name: str, size: tuple[int, int]) -> None:
    assert await picture(STILL[name](), size, name, "") == ""


@SIZES
async def test_the_hub_looks_as_it_was_accepted(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "axio.json"
    two = Saved("groq", "https://api.groq.com/openai/v1", "gsk-1", MODELS[:1])
    Store(path).save([Saved("home", "http://localhost:11434/v1", "", MODELS), two])
    hub = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})({})

    assert await picture(hub, size, "hub", "groq") == ""


@SIZES
async def test_a_form_that_is_filled_in_wrongly_looks_as_it_was_accepted(
    size: tuple[int, int],
) -> None:
    screen = ProviderEditScreen(None)
    async with shown(screen, size) as (host, pilot):
        for name, typed in {"name": "a:b", "base_url": "localhost", "max_retries": "-1"}.items():
            screen.query_one(f"#{name}", Input).value = typed
        await pilot.press("ctrl+s")

        assert await drawn(host, pilot, "wrong", "at least 0") == ""


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
