"""Which choices of a response are its answer, and which are another candidate's.

A service numbers by choice the candidates it was asked for. A gateway in front of another API may
number what one answer is made of: the text is a choice then, and so is each call. Others number
every chunk, so that no choice comes twice; the next chunk tells those from candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from . import stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .chunk import Choice

__all__ = ["Begun", "Candidates"]


class Begun(Protocol):
    """An answer, as far as it came."""

    #: Whether it has begun.
    begun: bool
    #: Whether it has text.
    spoken: bool


class Candidates(msgspec.Struct, gc=False):
    """The choices of one response, told apart."""

    #: Whether more than one was asked for.
    asked: bool
    _others: set[int] | None = None  # made when it is needed: thousands of answers may be open
    _speaker: int = 0  # the choice, beside the first, that the text comes in
    _last: int = 0  # the choice that came last
    _held: Choice | None = None  # the text of another candidate, or of the next chunk of the answer
    _counted: bool = False  # whether it is the chunks that are numbered
    _ended: bool = False  # whether the first choice has a finish reason

    @property
    def apart(self) -> bool:
        """Whether another choice than the first came last."""
        return self._last != 0

    def told(self, choices: Sequence[Choice], answer: Begun) -> Iterable[tuple[Choice, bool]]:
        """These choices, each with whether it is the answer's; one may wait for the next chunk.

        Without any, no more come: what is held is the answer's then, unless that ended without it.
        """
        if len(choices) == 1 and not choices[0].index and not self._held:
            self._last = 0
            self._ended = self._ended or _ends(choices[0])
            return ((choices[0], True),)
        return self._told(choices, answer)

    def _told(self, choices: Sequence[Choice], answer: Begun) -> Iterator[tuple[Choice, bool]]:
        alone = len(choices) == 1
        for choice in choices:
            if held := self._released():
                self._counted = alone and choice.index == held.index + 1
                yield held, self._counted
            follows = alone and choice.index == self._last + 1 and not self._is_other(choice.index)
            self._last = choice.index
            self._ended = self._ended or (not choice.index and _ends(choice))
            if not (choice.index and self._excluded(choice, answer)):
                yield choice, True
            elif follows and not self.asked:
                self._held = choice
            else:
                yield choice, False
        if not choices and (held := self._released()):
            yield held, not (self._ended and answer.begun)

    def _released(self) -> Choice | None:
        held, self._held = self._held, None
        return held

    def _excluded(self, choice: Choice, answer: Begun) -> bool:
        """Whether this choice, not the first, is another candidate's.

        Where no other was asked for, that is one with a text of its own beside the answer's.
        """
        index = choice.index
        if self._counted:
            return False
        if self.asked or self._is_other(index):
            return True
        if _speaks(choice) and index != self._speaker:
            if answer.spoken or not answer.begun:
                self._others = self._others or set()
                self._others.add(index)
                return True
            self._speaker = index
        return False

    def _is_other(self, index: int) -> bool:
        """Whether this choice was found to be another candidate's."""
        return self._others is not None and index in self._others


def _speaks(choice: Choice) -> bool:
    said = choice.delta or choice.message
    return bool(choice.text or (said and said.content))


def _ends(choice: Choice) -> bool:
    return bool(stop.word(choice.finish_reason, choice.finish))
