from __future__ import annotations

import tracemalloc
from dataclasses import dataclass

import pytest

from axio_transport_openai.candidate import Candidates
from axio_transport_openai.chunk import Choice, Delta


@dataclass
class Answer:
    """As much of an answer as candidates are told apart by."""

    begun: bool = True
    spoken: bool = True


def _text(index: int) -> Choice:
    return Choice(index=index, delta=Delta(content="Hello"))


def _told(
    candidates: Candidates, *choices: Choice, begun: bool = True, spoken: bool = True
) -> list[tuple[int, bool]]:
    """The indices of the choices in one chunk, each with whether it is the answer's."""
    told = candidates.told(choices, Answer(begun=begun, spoken=spoken))
    return [(choice.index, own) for choice, own in told]


@pytest.mark.parametrize("choice", [_text(1), Choice(index=1), Choice(index=1, text="Hello")])
def test_every_other_choice_is_another_candidates_where_one_was_asked_for(choice: Choice) -> None:
    assert _told(Candidates(asked=True), choice, spoken=False) == [(1, False)]


@pytest.mark.parametrize("choice", [_text(3), Choice(index=3, text="Hello")])
@pytest.mark.parametrize(
    ("begun", "spoken", "own"), [(False, False, False), (True, True, False), (True, False, True)]
)
def test_a_text_of_its_own_is_the_answers_where_that_has_begun_without_one(
    *, choice: Choice, begun: bool, spoken: bool, own: bool
) -> None:
    assert _told(Candidates(asked=False), choice, begun=begun, spoken=spoken) == [(3, own)]


def test_a_choice_without_a_text_is_a_part_of_the_answer() -> None:
    assert _told(Candidates(asked=False), Choice(index=1)) == [(1, True)]


def test_what_follows_in_a_choice_that_was_excluded_is_excluded_too() -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, _text(0), _text(1)) == [(0, True), (1, False)]
    assert _told(candidates, Choice(index=1)) == [(1, False)]


def test_the_text_goes_on_in_the_choice_that_it_began_in() -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, _text(2), spoken=False) == [(2, True)]
    assert _told(candidates, _text(2)) == [(2, True)]
    assert _told(candidates, _text(4)) == [(4, False)]


@pytest.mark.parametrize("begun", [True, False])
def test_a_text_in_the_next_choice_is_the_answers_where_the_chunks_are_numbered(
    *, begun: bool
) -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, _text(1), begun=begun, spoken=begun) == []
    assert _told(candidates, _text(2)) == [(1, True), (2, True)]
    assert _told(candidates, _text(3)) == [(3, True)]
    assert _told(candidates, Choice(index=4)) == [(4, True)]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_text_in_the_next_choice_is_another_candidates_where_they_are_not(after: int) -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, _text(1)) == []
    assert _told(candidates, _text(after)) == [(1, False), (after, after == 0)]
    assert _told(candidates, _text(1)) == [(1, False)]


def test_the_texts_of_several_choices_in_one_chunk_are_other_candidates() -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, _text(1)) == []
    assert _told(candidates, _text(2), _text(3)) == [(1, False), (2, False), (3, False)]


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize(
    ("first", "ended"),
    [
        (Choice(delta=Delta(), finish_reason="stop"), True),
        (Choice(delta=Delta(), finish="STOP"), True),
        (Choice(delta=Delta(), finish_reason="null"), False),
        (Choice(delta=Delta()), False),
    ],
)
@pytest.mark.parametrize("beside", [(), (_text(3),)])
def test_the_last_text_is_the_answers_where_that_has_no_end_without_it(
    *, begun: bool, first: Choice, ended: bool, beside: tuple[Choice, ...]
) -> None:
    candidates = Candidates(asked=False)

    assert _told(candidates, first, *beside)[0] == (0, True)
    assert _told(candidates, Choice(index=0))
    assert _told(candidates, _text(1), begun=begun, spoken=begun) == []
    assert _told(candidates, begun=begun) == [(1, not (begun and ended))]
    assert _told(candidates, begun=begun) == []


def test_one_more_candidate_takes_no_more_room_where_there_are_many() -> None:
    candidates = Candidates(asked=False)
    for index in range(2, 20_002, 2):
        assert _told(candidates, _text(index)) == [(index, False)]
    one_more = _text(20_002)
    tracemalloc.start()
    try:
        _told(candidates, one_more)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 10_000
