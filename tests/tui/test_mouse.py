"""The mouse at 80x24: what keys do in the screens can be clicked, and forms and lists scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axio.models import Capability, ModelSpec
from tests.tui.host import shown, text, until
from textual.events import MouseScrollDown
from textual.widgets import Input

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.testing import Service, lists, says
from axio_transport_openai.tui import CustomHubScreen, ModelEditScreen, ProviderEditScreen
from axio_transport_openai.tui.choice import Choice
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.preset import PresetScreen
from axio_transport_openai.tui.probe import Probe

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

CHAT = frozenset({Capability.text, Capability.tool_use})
NAMES = [f"model-{number:02}" for number in range(40)]
CALLS = says(calls=[("ready", "{}")])


def hub(path: Path, *providers: Saved) -> CustomHubScreen:
    """A hub over these providers."""
    Store(path).save(providers)
    kind: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})
    return kind({})


async def wheel(pilot: Pilot[Any], selector: str, notches: int) -> None:
    """Turn the wheel down over a widget."""
    for _ in range(notches):
        x, y = pilot.app.screen.query_one(selector).region.center
        turned = MouseScrollDown(
            None, x, y, delta_x=0, delta_y=1, button=0, shift=False, meta=False, ctrl=False
        )
        pilot.app.post_message(turned)
        await pilot.pause()


async def test_a_provider_is_opened_and_given_a_key_by_clicks(tmp_path: Path) -> None:
    path = tmp_path / "providers.json"
    screen = hub(path, Saved("home", "http://x/v1"), Saved("groq", "http://y/v1"))
    async with shown(screen) as (host, pilot):
        await pilot.click(Choice, offset=(5, 0))
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
        assert host.screen.query_one("#name", Input).value == "home"
        await pilot.click("#cancel")
        await until(pilot, lambda: screen.is_current)

        await pilot.click(Choice, offset=(5, 1))
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
        await until(pilot, lambda: bool(host.screen.focused))
        await pilot.click("#api_key")
        assert host.screen.focused is host.screen.query_one("#api_key")
        await pilot.press("k")
        await pilot.click("#save")
        await until(pilot, lambda: screen.is_current)

    assert [saved.api_key for saved in Store(path).load()] == ["", "k"]


async def test_models_are_opened_and_added_by_clicks(tmp_path: Path) -> None:
    path = tmp_path / "providers.json"
    form = ProviderEditScreen(Saved("x", "http://x/v1", "", (ModelSpec("one"),)), Store(path))
    async with shown(form) as (host, pilot):
        await pilot.click("#models", offset=(3, 0))
        await until(pilot, lambda: isinstance(host.screen, ModelEditScreen))
        assert host.screen.query_one("#id", Input).value == "one"
        await pilot.click("#cancel")
        await until(pilot, lambda: form.is_current)
        await pilot.click("#add")
        await until(pilot, lambda: isinstance(host.screen, ModelEditScreen))
        await pilot.click("#id")
        await pilot.press("t", "w", "o")
        await pilot.click("#save")
        await until(pilot, lambda: form.is_current)
        await pilot.click("#save")
        await until(pilot, lambda: bool(host.results))

    (saved,) = Store(path).load()
    assert [model.id for model in saved.models] == ["one", "two"]


async def test_a_provider_is_added_from_a_preset_and_dropped_by_clicks(tmp_path: Path) -> None:
    screen = hub(tmp_path / "providers.json")
    async with shown(screen) as (host, pilot):
        await pilot.click(Choice, offset=(5, 0))
        await until(pilot, lambda: isinstance(host.screen, PresetScreen))
        await pilot.click(Choice, offset=(5, 2))
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
        begun = host.screen.query_one("#base_url", Input)
        await until(pilot, lambda: begun.value == "http://localhost:11434/v1")
        await pilot.click("#cancel")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        await pilot.click("#yes")
        await until(pilot, lambda: screen.is_current)


async def test_the_connection_is_tested_and_models_are_picked_by_clicks(tmp_path: Path) -> None:
    replies = (lists(*NAMES), says("Hello"), CALLS, lists(*NAMES))
    async with Service(*replies) as service:
        form = ProviderEditScreen(Saved("home", service.base_url), Store(tmp_path / "p.json"))
        async with shown(form) as (host, pilot):
            await pilot.click("#test")
            await until(pilot, lambda: host.screen.has_class("-done"))
            assert isinstance(host.screen, ConnectionScreen)
            await pilot.click("#close")
            await until(pilot, lambda: form.is_current)

            await pilot.click("#discover")
            await until(pilot, lambda: "40 of 40 shown" in text(host.screen))
            assert isinstance(host.screen, PickScreen)
            await pilot.click("#models", offset=(5, 2))
            await until(pilot, lambda: "[x] model-02" in text(host.screen))
            await pilot.click("#filter")
            await pilot.press("3", "9")
            await until(pilot, lambda: "1 of 40 shown" in text(host.screen))
            await pilot.click("#all")
            await pilot.click("#take")
            await until(pilot, lambda: form.is_current)
            await pilot.click("#save")
            await until(pilot, lambda: bool(host.results))

    (saved,) = Store(tmp_path / "p.json").load()
    assert [model.id for model in saved.models] == ["model-02", "model-39"]


async def test_the_wheel_scrolls_a_form_whose_buttons_stay() -> None:
    models = tuple(ModelSpec(name, CHAT) for name in NAMES)
    async with shown(ProviderEditScreen(Saved("many", "http://x/v1", models=models))) as (
        host,
        pilot,
    ):
        assert "Base URL" in text(host.screen)
        await wheel(pilot, ".fields", 20)
        await until(pilot, lambda: host.screen.query_one(".fields").is_vertical_scroll_end)
        assert "Base URL" not in text(host.screen)
        assert "model-39" not in text(host.screen)
        await wheel(pilot, "#models", 40)
        await until(pilot, lambda: "model-39" in text(host.screen))
        await pilot.click("#cancel")
        await until(pilot, lambda: bool(host.results))


async def test_the_wheel_scrolls_a_list_of_models() -> None:
    async with (
        Service(lists(*NAMES)) as service,
        shown(PickScreen(Probe(name="home", base_url=service.base_url))) as (host, pilot),
    ):
        await until(pilot, lambda: "40 of 40 shown" in text(host.screen))
        assert "model-39" not in text(host.screen)
        await wheel(pilot, "#models", 20)
        await until(pilot, lambda: "model-39" in text(host.screen))
        row = host.screen.query_one("#models").size.height - 1
        await pilot.click("#models", offset=(5, row))
        await until(pilot, lambda: "[x] model-39" in text(host.screen))


@pytest.mark.parametrize("button", ["#no", "#yes"])
async def test_a_question_is_answered_by_a_click(button: str) -> None:
    async with shown(ConfirmScreen("Sure?", "Yes")) as (host, pilot):
        await pilot.click(button)
        await until(pilot, lambda: bool(host.results))

    assert host.results == [button == "#yes"]
