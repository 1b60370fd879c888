from __future__ import annotations

import pytest

from axio_transport_openai.candidate import Candidates
from axio_transport_openai.chunk import Choice, Delta


def _text(index: int) -> Choice:
    return Choice(index=index, delta=Delta(content="Hello"))


@pytest.mark.parametrize("choice", [_text(1), Choice(index=1), Choice(index=1, text="Hello")])
def test_every_other_choice_is_another_candidates_where_one_was_asked_for(choice: Choice) -> None:
    assert Candidates(asked=True).excluded(choice, begun=True, spoken=False)


@pytest.mark.parametrize("choice", [_text(1), Choice(index=1, text="Hello")])
@pytest.mark.parametrize(
    ("begun", "spoken", "excluded"),
    [(False, False, True), (True, True, True), (True, False, False)],
)
def test_a_text_of_its_own_is_the_answers_where_that_has_begun_without_one(
    *, choice: Choice, begun: bool, spoken: bool, excluded: bool
) -> None:
    assert Candidates(asked=False).excluded(choice, begun=begun, spoken=spoken) is excluded


def test_a_choice_without_a_text_is_a_part_of_the_answer() -> None:
    assert not Candidates(asked=False).excluded(Choice(index=1), begun=True, spoken=True)


def test_what_follows_in_a_choice_that_was_excluded_is_excluded_too() -> None:
    candidates = Candidates(asked=False)

    assert candidates.excluded(_text(1), begun=True, spoken=True)
    assert candidates.excluded(Choice(index=1), begun=True, spoken=True)


def test_the_text_goes_on_in_the_choice_that_it_began_in() -> None:
    candidates = Candidates(asked=False)

    assert not candidates.excluded(_text(1), begun=True, spoken=False)
    assert not candidates.excluded(_text(1), begun=True, spoken=True)
    assert candidates.excluded(_text(2), begun=True, spoken=True)
