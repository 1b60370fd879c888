"""What is under way is not begun twice, not left, and told only as long as it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.tui.host import shown, text, until
from textual.widgets import Button, Input

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.store.file import locked
from axio_transport_openai.testing import Service, lists, stalls
from axio_transport_openai.tui import CustomHubScreen, OpenAISettingsScreen, ProviderEditScreen
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.provider import Change

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

ONE = Saved("one", "http://x/v1")
PATIENCE = 30.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a provider, which waits long for another program."""
    made = Store(tmp_path / "axio.json", patience=PATIENCE)
    made.save([ONE])
    return made


@contextmanager
def held(store: Store) -> Generator[None]:
    """Another program writes the file all the while."""
    with locked(store.path, PATIENCE):
        yield


@pytest.mark.parametrize("key", ["ctrl+s", "escape", "ctrl+g", "ctrl+n", "ctrl+t", "delete"])
async def test_nothing_else_is_done_while_a_provider_is_saved(store: Store, key: str) -> None:
    screen = ProviderEditScreen(ONE, store)
    async with shown(screen) as (host, pilot):
        with held(store):
            screen.query_one("#name", Input).value = "two"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Saving." in text(screen))
            await pilot.press(key)
            screen.query_one("#save", Button).press()
            await pilot.pause()

            assert screen.is_current
            assert host.results == []
        await until(pilot, lambda: bool(host.results))

    assert host.results == [Change("one", "two")]
    assert [saved.name for saved in store.load()] == ["two"]


async def test_a_save_that_fails_leaves_the_form_as_it_was(store: Store) -> None:
    screen = ProviderEditScreen(ONE, Store(store.path, patience=0.1))
    async with shown(screen) as (host, pilot):
        field = screen.query_one("#name", Input)
        await until(pilot, lambda: not field.selection.is_empty)
        await pilot.press("end")
        with held(store):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "another program holds its lock" in text(screen))
        assert "Saving." not in text(screen)
        assert host.focused is field
        await pilot.press("2", "ctrl+s")
        await until(pilot, lambda: bool(host.results))

    assert host.results == [Change("one", "one2")]


async def test_the_hub_is_not_left_while_a_provider_is_deleted(store: Store) -> None:
    kind: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": store.path})
    screen = kind()
    async with shown(screen) as (host, pilot):
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        with held(store):
            await pilot.click("#yes")
            await until(pilot, lambda: screen.busy)
            await pilot.press("escape", "delete", "enter", "n")
            await pilot.pause()

            assert screen.is_current
        await until(pilot, lambda: "one" not in text(screen))
        await pilot.press("escape")
        await until(pilot, lambda: bool(host.results))

    assert store.load() == []


async def test_escape_stops_asking_the_service_and_leaves_what_is_written() -> None:
    async with Service(stalls(head=False), lists("m")) as service:
        screen = OpenAISettingsScreen({"api_key": "k"})
        async with shown(screen) as (host, pilot):
            field = screen.query_one("#base_url", Input)
            field.value = service.base_url
            field.focus()
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Asking the service" in text(screen))
            await pilot.press("ctrl+s", "ctrl+t", "escape")
            await until(pilot, lambda: "Asking the service" not in text(screen))

            assert screen.is_current
            assert host.focused is field
            assert field.value == service.base_url
            await pilot.press("ctrl+s")
            await until(pilot, lambda: bool(host.results))

    assert len(service.requests) == 2


async def test_nothing_is_told_to_be_asked_while_the_user_is() -> None:
    async with Service() as service:
        nowhere = service.base_url
    screen = OpenAISettingsScreen({"api_key": "k", "base_url": nowhere})
    async with shown(screen) as (host, pilot):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))

        assert "Asking the service" not in text(screen)
