"""The screens in the real axio-tui, against a scripted service."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.host import LARGE, text, until
from textual.widgets import Input

from axio_transport_openai.testing import Service, lists, says
from axio_transport_openai.tui import (
    CustomHubScreen,
    OpenAISettingsScreen,
    ProviderEditScreen,
)
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.preset import PresetScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from textual.pilot import Pilot

    from axio_transport_openai.testing import Exchange

axio_tui = pytest.importorskip("axio_tui.app", reason="axio-tui is not installed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, without keys."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NEBIUS_API_KEY", "OPENROUTER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(axio_tui, "DB_PATH", tmp_path / "axio.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@asynccontextmanager
async def running() -> AsyncGenerator[tuple[Any, Pilot[None]]]:
    """The app, as a person starts it."""
    app = axio_tui.AgentApp()
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, app.ready.is_set)
        yield app, pilot


async def answers(exchange: Exchange) -> None:
    """A service with two models, which says which one and with which key it was asked."""
    request = exchange.request
    if request.path.endswith("/models"):
        await lists({"id": "gpt-4.1-mini"}, {"id": "org/second:free"})(exchange)
        return
    key = request.headers.get("authorization", "no key").removeprefix("Bearer ")
    calls = [("ready", "{}")] if b"Call the tool ready." in request.body else []
    await says(f"{request.json['model']} heard you with {key}", calls=calls)(exchange)


async def configure(app: Any, pilot: Pilot[None], label: str) -> None:  # noqa: ANN401
    """Choose a service's settings in the command palette."""
    commands = [
        command for command in app.get_system_commands(app.screen) if command.title == label
    ]
    assert len(commands) == 1, [command.title for command in app.get_system_commands(app.screen)]
    app.call_later(commands[0].callback)
    await until(pilot, lambda: app.screen.has_class("axio-openai") and bool(app.screen.focused))


async def heard(app: Any, pilot: Pilot[None], question: str, answer: str) -> None:  # noqa: ANN401
    """Ask the model, and wait until this answer is there."""
    await until(pilot, lambda: not app._is_running and len(app.screen_stack) == 1)
    app.query_one("#input", Input).focus()
    app.query_one("#input", Input).value = question
    await pilot.press("enter")
    await until(pilot, lambda: answer in text(app.screen))


async def test_a_person_sets_a_service_up_and_chats_and_adds_a_provider_of_their_own(
    home: Path,
) -> None:
    async with Service(forever=answers) as service:
        async with running() as (app, pilot):
            assert "Configure a transport" in text(app.screen)
            await configure(app, pilot, "Configure Openai")
            screen = app.screen
            assert isinstance(screen, OpenAISettingsScreen)
            assert "OpenAI is not set up" in text(screen)
            await pilot.press(*"sk-first-key")
            screen.query_one("#base_url", Input).value = service.base_url
            for field in screen.query(Input):
                field.focus()
                await pilot.press("enter")
            assert screen.is_current
            assert service.requests == []

            await pilot.press("ctrl+t")
            await until(pilot, lambda: app.screen.has_class("-done"))
            told = text(app.screen)
            assert isinstance(app.screen, ConnectionScreen)
            assert told.count("✓") == 5
            await pilot.press("enter")
            await until(pilot, lambda: screen.is_current)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await heard(app, pilot, "hello", "gpt-4.1-mini heard you with sk-first-key")

            for _ in range(2):
                counts = await app._reload_transport_models()
                assert counts["openai"] > 10
            await configure(app, pilot, "Configure OpenAI")
            app.screen.query_one("#api_key", Input).value = "sk-other-key"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await heard(app, pilot, "again", "gpt-4.1-mini heard you with sk-other-key")

            await configure(app, pilot, "Configure Openai Custom")
            assert isinstance(app.screen, CustomHubScreen)
            await pilot.press("n")
            await until(pilot, lambda: isinstance(app.screen, PresetScreen))
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ProviderEditScreen))
            app.screen.query_one("#name", Input).value = "mine"
            app.screen.query_one("#base_url", Input).value = service.base_url
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(app.screen, PickScreen))
            await until(pilot, lambda: "2 of 2 shown" in text(app.screen))
            await pilot.press("f", "r", "e", "e", "down", "enter", "ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, ProviderEditScreen))
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, CustomHubScreen))
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            (spec,) = app._transports.get_transport("openai-custom.mine").models.values()
            await app._on_model_selected(axio_tui.ModelRole.CHAT, ("openai-custom.mine", spec))
            await pilot.press("escape")  # the app goes back to its list of roles
            await heard(app, pilot, "third", "org/second:free heard you with no key")

        async with running() as (app, pilot):
            await heard(app, pilot, "once more", "org/second:free heard you with no key")
            for _ in range(2):
                counts = await app._reload_transport_models()
                assert counts["openai-custom.mine"] == 1

            await configure(app, pilot, "Configure Openai Custom")
            await pilot.press("delete")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.click("#yes")
            await until(pilot, lambda: bool(app._notifications))
            (notice,) = app._notifications
            assert notice.message == "Chat uses gpt-4.1-mini now."
            await pilot.press("escape")
            await heard(app, pilot, "last", "gpt-4.1-mini heard you with sk-other-key")

    questions = [
        message["content"]
        for request in service.requests
        if request.method == "POST"
        for message in request.json["messages"]
        if message["role"] == "user"
    ]
    assert not any("sk-" in str(question) for question in questions)


async def test_the_app_starts_without_keys_and_lists_every_service(home: Path) -> None:
    async with running() as (app, _):
        assert set(app._transports.discovered) >= {
            "openai",
            "nebius",
            "openrouter",
            "openai-custom",
        }
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert len(set(titles)) == len(titles)
        assert version("axio-tui")
