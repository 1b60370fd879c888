"""Which choices of a response are its answer, and which are another candidate's.

A service numbers by choice the candidates it was asked for. A gateway in front of another API may
number what one answer is made of: the text is a choice then, and so is each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .chunk import Choice

__all__ = ["Candidates"]


class Candidates:
    """The choices of one response, told apart."""

    __slots__ = ("_asked", "_others", "_speaker")

    def __init__(self, *, asked: bool) -> None:
        """Begin before the first choice; ``asked`` is whether more than one was asked for."""
        self._asked = asked
        self._others: frozenset[int] = frozenset()
        self._speaker = 0  # the choice, beside the first, that the text comes in

    def excluded(self, choice: Choice, *, begun: bool, spoken: bool) -> bool:
        """Whether this choice, not the first, is another candidate's.

        Where no other was asked for, that is one with a text of its own beside the answer's.
        ``begun`` and ``spoken`` tell whether the answer has begun, and whether it has text.
        """
        index = choice.index
        if self._asked or index in self._others:
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
