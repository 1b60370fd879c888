"""The arguments of one call: the text of a JSON object, which comes in pieces.

Services put things before it and behind it: a placeholder (``{}``, ``null`` or ``[]``) where they
are yet to come, the whole object again at the end, the object of another call. Others send all of
it so far each time. This module finds what is new, and where the object ends; whose the rest is,
:mod:`.assembler` decides.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

__all__ = ["Document", "opens", "pieces"]

#: What services send where there are no arguments, beside ``{}``: an empty object is a list to PHP.
_NOTHING: Final = ("null", "[]")
#: What they send where arguments are yet to come, or where there are none.
_PLACEHOLDERS: Final = ("{}", *_NOTHING)
#: A placeholder with the white space in it is not longer than this, in characters.
_LONGEST_PLACEHOLDER: Final = 64
#: The end of one object right before another. Within JSON, only a string can hold this.
_BOUNDARY: Final = re.compile(r"\}(?=\s*\{)")
#: What an object within an object may come right behind, in JSON.
_BEFORE_VALUE: Final = (":", ",", "[")
#: What tells where a value ends: an escape, or a backslash alone where the text is cut within one,
#: a quote, a bracket.
_TOKEN: Final = re.compile(r'\\.|[\\"{}\[\]]', re.DOTALL)


def opens(text: str) -> bool:
    """Whether the text begins with an object, not with something that stands before one."""
    return text.lstrip().startswith("{")


def pieces(text: str) -> list[str]:
    """The text, cut wherever one object may end and another begin."""
    if "}" not in text:
        return [text] if text else []
    ends = (found.end() for found in _BOUNDARY.finditer(text))
    return [text[start:end] for start, end in pairwise((0, *ends, len(text)))]


class Document:
    """One JSON object, as far as it came.

    Time is linear in the text: it is kept in pieces, and read once at most, and only where a
    second object may begin.
    """

    __slots__ = ("_closed", "_given", "_parts", "_repeats", "_scanned", "_scanner", "_size")

    def __init__(self) -> None:
        """Begin before the first piece."""
        self._repeats = False  # whether all of it so far comes each time
        self._clear()

    def _clear(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._given = 0  # how many of the parts were given away
        self._closed = False  # whether the last character but white space is a "}"
        self._scanner = _Scanner()
        self._scanned = 0  # how many of the parts the scanner has read

    @property
    def text(self) -> str:
        """All that came."""
        return "".join(self._parts)

    @property
    def begun(self) -> bool:
        """Whether anything came."""
        return self._size > 0

    @property
    def whole(self) -> bool:
        """Whether the object has ended."""
        if self._closed:
            self._scan()
        return self._scanner.ended

    @property
    def torn(self) -> bool:
        """Whether the object has begun, and not ended."""
        return opens(self.text) and not self.whole

    @property
    def flows(self) -> bool:
        """Whether something was given away, so that it is no placeholder and more is given too."""
        return self._given > 0

    def added(self, text: str) -> str:
        """What is new in this text, which may be all that came so far, and more.

        No object goes on with its own beginning, but where it holds another as a value: there such
        a text is a piece, unless all came again before.
        """
        if not 0 < self._size <= len(text) or not opens(text) or self.whole:
            return text
        so_far = self.text
        if not (text.startswith(so_far) and opens(so_far)):
            return text
        self._repeats = self._repeats or not so_far.rstrip().endswith(_BEFORE_VALUE)
        return text[self._size :] if self._repeats else text

    def add(self, piece: str) -> bool:
        """Take this piece, one of :func:`pieces`; False if it begins another object instead."""
        if "{" in piece:
            if self._may_be_placeholder():
                piece = self._without_nothing(piece)
            if self._closed and opens(piece) and self.whole:
                if not (self._may_be_placeholder() and self._squeezed() == "{}"):
                    return False
                self._clear()
                piece = piece.lstrip()
        self._append(piece)
        return True

    def go_on(self, text: str) -> bool:
        """Take a text that is given away at once; False where an object may begin or have ended.

        Only while it :attr:`flows`.
        """
        if not text or self._closed or "{" in text or "}" in text:
            return False
        self._parts.append(text)
        self._size += len(text)
        self._given += 1
        return True

    def take(self, *, all_came: bool = False) -> str:
        """What came since the last time, but nothing while all of it may be a placeholder.

        Once ``all_came``, ``{}`` is the arguments, and the others mean that there are none.
        """
        if self._given == len(self._parts):
            return ""
        if self._may_be_placeholder():
            text = self._squeezed()
            if all_came and text in _NOTHING:
                self._clear()
            elif not all_came and any(known.startswith(text) for known in _PLACEHOLDERS):
                return ""
        parts = self._parts[self._given :]
        self._given = len(self._parts)
        return parts[0] if len(parts) == 1 else "".join(parts)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
        if not text.isspace():
            self._closed = text.rstrip().endswith("}")

    def _scan(self) -> None:
        for part in self._parts[self._scanned :]:
            self._scanner.feed(part)
        self._scanned = len(self._parts)

    def _may_be_placeholder(self) -> bool:
        return not self._given and self._size < _LONGEST_PLACEHOLDER

    def _without_nothing(self, text: str) -> str:
        """The piece; where all before its object means nothing, that is forgotten."""
        before, brace, rest = (self.text + text).partition("{")
        if "".join(before.split()) not in _NOTHING:
            return text
        self._clear()
        return brace + rest

    def _squeezed(self) -> str:
        """All that came, without its white space."""
        return "".join(self.text.split())


class _Scanner:
    """The end of the first JSON value in a text that comes in pieces."""

    __slots__ = ("_depth", "_escaped", "_string", "ended")

    def __init__(self) -> None:
        self._depth = 0
        self._string = self._escaped = False
        self.ended = False

    def feed(self, text: str) -> None:
        """Read this piece, unless the value has ended."""
        if self.ended:
            return
        start, self._escaped = int(self._escaped), False
        for token in _TOKEN.finditer(text, start):
            found = token[0]
            if found == '"':
                self._string = not self._string
            elif found == "\\":
                self._escaped = True
            elif not self._string and len(found) == 1:
                self._depth += 1 if found in "{[" else -1
                if self._depth <= 0:
                    self.ended = True
                    return
