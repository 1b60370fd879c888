"""Which choices of a response are its answer, and which are another candidate's.

A service numbers by choice the candidates it was asked for. A gateway in front of another API may
number what one answer is made of: the text is a choice then, and so is each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .chunk import Choice

__all__ = ["Candidates"]


class Candidates(msgspec.Struct, gc=False):
    """The choices of one response, told apart."""

    #: Whether more than one was asked for.
    asked: bool
    _others: frozenset[int] = frozenset()
    _speaker: int = 0  # the choice, beside the first, that the text comes in

    def excluded(self, choice: Choice, *, begun: bool, spoken: bool) -> bool:
        """Whether this choice, not the first, is another candidate's.

        Where no other was asked for, that is one with a text of its own beside the answer's.
        ``begun`` and ``spoken`` tell whether the answer has begun, and whether it has text.
        """
        index = choice.index
        if self.asked or index in self._others:
            return True
        if _speaks(choice) and index != self._speaker:
            if spoken or not begun:
                self._others |= {index}
                return True
            self._speaker = index
        return False


def _speaks(choice: Choice) -> bool:
    said = choice.delta or choice.message
    return bool(choice.text or (said and said.content))
