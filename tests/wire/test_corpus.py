"""The corpus of wire cases, against the turn alone and against the whole transport."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import aiohttp
import pytest
from axio.blocks import TextBlock
from axio.messages import Message
from tests.played import play

from axio_transport_openai import OpenAITransport
from axio_transport_openai.errors import APIError
from axio_transport_openai.testing import Service, cut
from axio_transport_openai.testing.corpus import PECULIARITIES, Case, Outcome, cases, observed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axio.events import StreamEvent

#: The longest body that is cut everywhere, in bytes.
_SHORT = 4000
#: Those that a body alone decides.
_BODIES = [
    pytest.param(case, id=case.name)
    for case in cases()
    if case.status == 200 and case.way != "dropped" and case.expected.error != "Stalled"
]


def _turned(case: Case, pieces: Iterable[bytes]) -> Outcome:
    """What a turn makes of a case whose body comes in these pieces."""
    played = play(pieces, several=case.candidates > 1)
    return observed([*played.events, *filter(None, [played.end])], played.error)


def _cuts(body: bytes) -> list[list[bytes]]:
    """The body cut everywhere, where it is short, and at places drawn by its own length."""
    dice = random.Random(len(body))
    drawn: list[list[bytes]] = []
    for _ in range(3):
        places = list(range(dice.randint(1, 48), len(body), dice.randint(1, 48)))
        drawn.append(cut(body, *places) if places else [body])
    return [cut(body), *drawn] if len(body) <= _SHORT else drawn


def test_there_are_enough_cases_and_each_has_a_name_of_its_own() -> None:
    names = [case.name for case in cases()]

    assert len(names) >= 150
    assert len(set(names)) == len(names)


def test_every_peculiarity_is_shown_by_some_case() -> None:
    assert {case.shows for case in cases()} == PECULIARITIES.keys()


@pytest.mark.parametrize("case", _BODIES)
def test_a_turn_makes_of_a_case_what_it_means(case: Case) -> None:
    assert case.differences(_turned(case, [case.body])) == []


@pytest.mark.parametrize("case", _BODIES)
def test_where_a_case_is_cut_does_not_matter(case: Case) -> None:
    for pieces in _cuts(case.body):
        assert case.differences(_turned(case, pieces)) == []


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases()])
async def test_the_transport_makes_of_a_case_what_it_means(case: Case) -> None:
    events: list[StreamEvent] = []
    error: APIError | None = None
    clock = 0.2 if case.expected.error == "Stalled" else 30.0
    async with Service(case.reply) as service, aiohttp.ClientSession() as session:
        transport = OpenAITransport(
            base_url=service.base_url,
            api_key="sk-test",
            session=session,
            max_retries=1,
            first_event_timeout=clock,
            idle_timeout=clock,
            extra_params={"n": case.candidates} if case.candidates > 1 else {},
        )
        try:
            async for event in transport.stream([Message("user", [TextBlock("hi")])], [], ""):
                events.append(event)  # noqa: PERF401 - those before an error count
        except APIError as raised:
            error = raised

    assert case.differences(observed(events, error)) == []
