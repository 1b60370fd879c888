"""What a service says again: all of the answer so far with each delta, or all of it at the end.

A delta that goes on from everything before it may be all of the answer so far, or a text that
begins as the answer began. So the first such delta is held back until the next one tells: where
that goes on from the one held back, the service sends snapshots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from .chunk import Delta

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Snapshots", "rest"]

#: The fields of a delta that may hold its thought; the first that does counts.
_THOUGHTS: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking")


class _Text(msgspec.Struct, gc=False):
    """One text, as far as it came."""

    #: All that was given, for as long as it matters.
    given: str = ""
    #: What may be all of the text so far.
    held: str = ""
    #: Whether it comes in snapshots.
    _whole: bool = False
    #: Whether it comes in deltas.
    settled: bool = False

    def meets(self, said: str) -> bool:
        """Whether this may be all of the text so far; if not, it is given, and may settle it."""
        if self.may_be(said):
            return True
        self.given, self.settled = "" if self.given else said, bool(self.given)
        return False

    def may_be(self, said: str) -> bool:
        """Whether this may be all of the text so far."""
        return bool(self._whole or self.held or (self.given and _goes_on(said, self.given)))

    def feed(self, said: str) -> str:
        """What this adds, which may be all of the text so far."""
        if self._whole:
            return self._added(said)
        if not self.held:
            self.held = said
            return ""
        if _goes_on(said, self.held) and any(map(str.isalnum, self.held)):
            self._whole, self.held = True, ""
            return self._added(said)
        return self._settle(self.held + said)

    def end(self) -> str:
        """What was held back, now that something else comes."""
        return self._settle(self.held)

    def _added(self, said: str) -> str:
        if said.startswith(self.given):
            added, self.given = said[len(self.given) :], said
            return added
        return "" if self.given.startswith(said) else self._settle(said)

    def _settle(self, said: str) -> str:
        self.given = self.held = ""
        self._whole, self.settled = False, True
        return said


class Snapshots(msgspec.Struct, gc=False):
    """The texts of one answer, told apart from all of them so far."""

    content: _Text = msgspec.field(default_factory=_Text)
    thought: _Text = msgspec.field(default_factory=_Text)
    _field: str = ""  # where the thoughts are
    _holds: bool = False  # whether anything is held back

    def concern(self, delta: Delta) -> bool:
        """Whether this delta may hold a snapshot, or comes between two; asked once of each.

        Of nearly every answer the second text tells that there are none.
        """
        found, content = self._holds, delta.content
        if content and not self.content.settled and isinstance(content, str):
            found = self.content.meets(content) or found
        if not self.thought.settled and (field := _field_of(delta)):
            found = self.thought.meets(getattr(delta, field)) or found
        return found

    def deltas(self, delta: Delta) -> Iterator[Delta]:
        """What this delta adds, behind what was held back and is no part of it."""
        content, field = delta.content, _field_of(delta)
        if delta.says():
            yield from self._released(content=not content, thought=not field)
        if field and self.thought.may_be(said := getattr(delta, field)):
            self._field, added = field, self.thought.feed(said)
            for name in _THOUGHTS:
                setattr(delta, name, added if name == field else None)
        if content and isinstance(content, str) and self.content.may_be(content):
            delta.content = self.content.feed(content)
        self._holds = bool(self.content.held or self.thought.held)
        yield delta

    def end(self) -> Iterator[Delta]:
        """What was held back, now that no more comes."""
        yield from self._released(content=True, thought=True)

    def _released(self, *, content: bool, thought: bool) -> Iterator[Delta]:
        if thought and self.thought.held:
            delta = Delta()
            setattr(delta, self._field, self.thought.end())
            yield delta
        if content and self.content.held:
            yield Delta(content=self.content.end())


def rest(message: Delta, held: str | None, *, begun: bool, called: bool) -> Delta:
    """Of a whole message behind deltas what those did not bring: its calls, its text.

    ``held`` is the content that was held back, None where none came; ``begun`` tells whether
    anything was given, ``called`` whether calls came.
    """
    return Delta(
        content=message.content if held is None else _rest(message.content, held, begun=begun),
        tool_calls=None if called else message.tool_calls,
        function_call=None if called else message.function_call,
    )


def _rest(
    content: str | list[object] | None, held: str, *, begun: bool
) -> str | list[object] | None:
    if begun or not held or not isinstance(content, str):
        return None
    return content.removeprefix(held) if held.isspace() or content.startswith(held) else None


def _field_of(delta: Delta) -> str:
    """The field that holds the delta's thought; empty where none does."""
    return next((name for name in _THOUGHTS if getattr(delta, name)), "") if delta.thinks() else ""


def _goes_on(said: str, before: str) -> bool:
    return len(said) > len(before) and said.startswith(before)
