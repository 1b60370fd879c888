"""The keys that a dialog has are told below it, at 80x24 too."""

from __future__ import annotations

from axio.models import ModelSpec
from tests.tui.host import shown, text, until

from axio_transport_openai.saved import Saved
from axio_transport_openai.testing import Service, lists
from axio_transport_openai.tui import ProviderEditScreen
from axio_transport_openai.tui.choice import Choice
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.probe import Probe

ONE = ModelSpec("one")


async def test_how_to_get_to_the_other_answer_is_told() -> None:
    async with shown(ConfirmScreen("Really?", "Yes")) as (host, pilot):
        await until(pilot, lambda: "←→ Choose" in text(host.screen))


async def test_how_to_drop_a_model_is_told_where_it_can_be_dropped() -> None:
    async with shown(ProviderEditScreen(Saved("x", "http://x/v1", models=(ONE,)))) as (host, pilot):
        await until(pilot, lambda: "tab Next" in text(host.screen))
        assert "Drop model" not in text(host.screen)
        host.screen.query_one(Choice).focus()

        await until(pilot, lambda: "del Drop model" in text(host.screen))


async def test_how_to_get_from_a_filter_to_its_list_is_told() -> None:
    async with Service(lists("one")) as service:
        screen = PickScreen(Probe(base_url=service.base_url))
        async with shown(screen) as (host, pilot):
            await until(pilot, lambda: "1 of 1 shown" in text(host.screen))
            await until(pilot, lambda: "tab Next" in text(host.screen))
            await pilot.press("tab", "enter")

            await until(pilot, lambda: "1 picked" in text(host.screen))
