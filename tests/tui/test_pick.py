"""Picking models from those a service lists."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from axio.models import ModelSpec
from tests.tui.host import shown, text, until

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.testing import Reply, Service, lists, refuses, stalls
from axio_transport_openai.tui import ProviderEditScreen
from axio_transport_openai.tui.pick import PickScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.tui.host import Host
    from textual.pilot import Pilot

#: Two that the service lists, and one of which it does not say.
KNOWN = ("one", "two", "mine")
LISTED = lists("one", "two", "three")
#: Replies in which there is no list, and what is told meanwhile.
NO_LIST = pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param(stalls(head=False), "Asking the service", id="it is still asked"),
        pytest.param(refuses(500, "boom"), "boom", id="it refused"),
    ],
)


@asynccontextmanager
async def picking(path: Path, reply: Reply) -> AsyncGenerator[tuple[Host, Pilot[None]]]:
    """The models of a provider's service, about to be picked from."""
    async with Service(reply) as service:
        models = tuple(ModelSpec(id) for id in KNOWN)
        screen = ProviderEditScreen(Saved("x", service.base_url, "", models), Store(path))
        async with shown(screen) as (host, pilot):
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(host.screen, PickScreen))
            yield host, pilot


async def saved(host: Host, pilot: Pilot[None], path: Path) -> list[str]:
    """The provider's models, once what is picked is used and the form is saved."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
    await pilot.press("ctrl+s")
    await until(pilot, lambda: bool(host.results))
    (provider,) = Store(path).load()
    return [model.id for model in provider.models]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param([], ["one", "two", "mine"], id="nothing"),
        pytest.param(["one"], ["two", "mine"], id="a tick taken away"),
        pytest.param(["one", "two"], ["mine"], id="all ticks taken away"),
        pytest.param(["three"], ["one", "two", "mine", "three"], id="a tick added"),
        pytest.param(["three", "two"], ["one", "mine", "three"], id="one for another"),
    ],
)
async def test_the_provider_has_the_ticked_models_and_those_that_are_not_listed(
    tmp_path: Path, typed: list[str], expected: list[str]
) -> None:
    path = tmp_path / "axio.json"
    async with picking(path, LISTED) as (host, pilot):
        await until(pilot, lambda: "3 of 3 shown" in text(host.screen))
        for word in typed:
            await pilot.press(*word, "down", "enter", "shift+tab", "ctrl+u")

        assert await saved(host, pilot, path) == expected


async def test_as_many_are_said_to_be_picked_as_have_a_tick(tmp_path: Path) -> None:
    async with picking(tmp_path / "axio.json", LISTED) as (host, pilot):
        await until(pilot, lambda: "3 of 3 shown" in text(host.screen))

        shown = text(host.screen)
        assert shown.count("[x]") == 2
        assert "2 picked" in shown


@NO_LIST
async def test_without_a_list_nothing_can_be_picked_or_dropped(
    tmp_path: Path, reply: Reply, told: str
) -> None:
    async with picking(tmp_path / "axio.json", reply) as (host, pilot):
        await until(pilot, lambda: told in text(host.screen))
        await pilot.press("ctrl+n", "ctrl+s")
        await pilot.pause()

        assert isinstance(host.screen, PickScreen)
        assert told in text(host.screen)


@NO_LIST
async def test_what_is_told_stays_while_the_filter_is_typed(
    tmp_path: Path, reply: Reply, told: str
) -> None:
    async with picking(tmp_path / "axio.json", reply) as (host, pilot):
        await until(pilot, lambda: told in text(host.screen))
        await pilot.press("x")
        await pilot.pause()

        assert told in text(host.screen)


async def test_a_service_that_lists_no_models_is_said_to(tmp_path: Path) -> None:
    async with picking(tmp_path / "axio.json", lists()) as (host, pilot):
        await until(pilot, lambda: "The service lists no models." in text(host.screen))


async def test_a_filter_typed_beforehand_holds_for_the_list(tmp_path: Path) -> None:
    async with picking(tmp_path / "axio.json", LISTED) as (host, pilot):
        await pilot.press("t", "w")

        await until(pilot, lambda: "1 of 3 shown" in text(host.screen))


async def test_models_whose_ids_begin_alike_can_be_told_apart(tmp_path: Path) -> None:
    ids = [f"accounts/fireworks/models/llama-v3p1-{size}b-instruct" for size in (8, 70, 405)]
    async with picking(tmp_path / "axio.json", lists(*ids)) as (host, pilot):
        await until(pilot, lambda: "3 of 3 shown" in text(host.screen))

        assert all(id.rpartition("/")[2] in text(host.screen) for id in ids)
