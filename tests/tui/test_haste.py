"""Keys and clicks that come faster than the screens: each counts once, and for the one in front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axio.models import ModelSpec
from tests.tui.host import Host, shown, text, until
from textual.command import CommandPalette
from textual.events import Key
from textual.widgets import Button, Input

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.store.file import locked
from axio_transport_openai.testing import Service, stalls
from axio_transport_openai.tui import CustomHubScreen, ModelEditScreen, ProviderEditScreen
from axio_transport_openai.tui.choice import Choice
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.preset import PresetScreen
from axio_transport_openai.tui.probe import Probe
from axio_transport_openai.tui.provider import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.screen import Screen

ONE = Saved("one", "http://127.0.0.1:9/v1", models=(ModelSpec("m"),))


def hits(host: Host, *keys: str) -> None:
    """Hit these keys, all of them before the app gets to see the first."""
    for key in keys:
        host.post_message(Key(key, None))


def screens(host: Host) -> list[type[Any]]:
    """What is open, from the bottom to the front, above the app's own screen."""
    return [type(screen) for screen in host.screen_stack[1:]]


async def test_a_preset_that_is_chosen_twice_begins_one_provider(tmp_path: Path) -> None:
    kind: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": tmp_path / "p"})
    async with shown(kind()) as (host, pilot):
        await pilot.press("n")
        await until(pilot, lambda: isinstance(host.screen, PresetScreen))
        await until(pilot, lambda: bool(host.screen.focused))
        hits(host, "enter", "enter")
        await until(pilot, lambda: screens(host) == [kind, ProviderEditScreen])
        await pilot.press("escape")

        await until(pilot, lambda: screens(host) == [kind])


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_an_answer_that_is_given_twice_counts_once(answer: str) -> None:
    async with shown(ProviderEditScreen(ONE)) as (host, pilot):
        await pilot.press("x", "escape")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        button = host.screen.query_one(f"#{answer}", Button)
        button.press()
        button.press()
        expected = [ProviderEditScreen] if answer == "no" else []

        await until(pilot, lambda: screens(host) == expected)
        await pilot.pause()
        assert screens(host) == expected
        assert host.results == [None] * (answer == "yes")


@pytest.mark.parametrize("first", ["ctrl+n", "ctrl+g", "ctrl+t"])
async def test_of_two_things_at_once_the_last_is_done(first: str) -> None:
    async with shown(ProviderEditScreen(ONE)) as (host, pilot):
        hits(host, first, "ctrl+t")
        await until(pilot, lambda: isinstance(host.screen, ConnectionScreen))
        await pilot.press("escape")

        await until(pilot, lambda: screens(host) == [ProviderEditScreen])


async def test_what_is_begun_in_a_form_is_not_begun_below_another_screen() -> None:
    form = ProviderEditScreen(ONE)
    async with shown(form) as (host, pilot):
        await pilot.press("ctrl+n")
        await until(pilot, lambda: host.screen is not form)
        model = host.screen
        form.query_one("#test", Button).press()
        await pilot.pause()
        await until(pilot, lambda: bool(model.focused))
        model.query_one("#id", Input).value = "n"
        await pilot.press("ctrl+s")

        await until(pilot, lambda: host.screen is form)
        assert "n 128k" in text(form)


async def test_a_form_that_is_saved_below_the_command_palette_closes_after_it(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "p")
    store.save([ONE])
    form = ProviderEditScreen(ONE, store)
    async with shown(form) as (host, pilot):
        with locked(store.path, 10):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Saving." in text(form))
            await pilot.press("ctrl+p")
            await until(pilot, lambda: isinstance(host.screen, CommandPalette))
        await until(pilot, lambda: not form.busy)
        await pilot.pause()
        assert screens(host) == [ProviderEditScreen, CommandPalette]
        await pilot.press("escape")
        await until(pilot, lambda: screens(host) == [])

    assert host.results == [Change("one", "one")]


@pytest.mark.parametrize(
    ("screen", "key"), [(ModelEditScreen, "ctrl+s"), (ProviderEditScreen, "ctrl+t")]
)
async def test_a_key_that_comes_before_a_form_is_drawn_does_nothing(
    screen: Callable[[], Screen[Any]], key: str
) -> None:
    host = Host()
    async with host.run_test() as pilot:
        early = screen()
        host.push_screen(early, host.results.append)
        hits(host, key)
        await until(pilot, lambda: early.is_mounted and bool(early.focused))
        assert host.screen is early
        await pilot.press("escape")

        await until(pilot, lambda: len(host.results) == 1)


@pytest.mark.parametrize("screen", [PickScreen, ConnectionScreen])
async def test_what_is_asked_is_given_up_before_a_dialog_is_taken_apart(
    screen: Callable[[Probe], PickScreen | ConnectionScreen],
) -> None:
    async with Service(stalls(head=False)) as service:
        asking = screen(Probe(base_url=service.base_url))
        async with shown(asking) as (host, _):
            (work,) = [worker for worker in host.workers if worker.node is asking]
            asking.action_leave()

            assert work.is_cancelled
            assert asking.is_attached


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_a_page_is_turned_where_a_line_is_in_sight_and_none_where_none_is(key: str) -> None:
    async with shown(PresetScreen(), (30, 3)) as (host, pilot):
        rows = host.screen.query_one(Choice)
        assert rows.size.height == 0
        await pilot.press(key)
        assert rows.highlighted == 0
        await pilot.resize_terminal(80, 24)
        await pilot.press("end" if key == "pageup" else "home", key)

        assert rows.highlighted == (0 if key == "pageup" else rows.option_count - 1)
