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


class Snapshots(msgspec.Struct, gc=False):
    """The texts of one answer, told apart from all of them so far."""

    #: Whether the content is known to come in deltas.
    settled: bool = False
    _content: _Text | None = None
    _thought: _Text | None = None
    _thoughtful: bool = False  # whether the thoughts are known to come in deltas
    _field: str = ""  # where the thoughts are
    _holds: bool = False  # whether anything is held back

    def concern(self, delta: Delta) -> bool:
        """Whether this delta may be a snapshot, or comes between two."""
        if self._holds or (delta.content and not self.settled):
            return True
        return not self._thoughtful and bool(
            delta.reasoning_content or delta.reasoning or delta.reasoning_text or delta.thinking
        )

    def deltas(self, delta: Delta) -> Iterator[Delta]:
        """What this delta adds, behind what was held back and is no part of it."""
        field = next((name for name in _THOUGHTS if getattr(delta, name)), "")
        if delta.says():
            yield from self._released(content=not delta.content, thought=not field)
        if field:
            self._thought = self._thought or _Text()
            added = self._thought.feed(getattr(delta, field))
            for name in _THOUGHTS:
                setattr(delta, name, added if name == field else None)
            self._field, self._thoughtful = field, self._thought.settled
        if isinstance(delta.content, str) and delta.content:
            self._content = self._content or _Text()
            delta.content = self._content.feed(delta.content)
            self.settled = self._content.settled
        self._holds = any(text is not None and text.held for text in (self._content, self._thought))
        yield delta

    def end(self) -> Iterator[Delta]:
        """What was held back, now that no more comes."""
        yield from self._released(content=True, thought=True)

    def _released(self, *, content: bool, thought: bool) -> Iterator[Delta]:
        if thought and self._thought and self._thought.held:
            delta = Delta()
            setattr(delta, self._field, self._thought.end())
            self._thoughtful = True
            yield delta
        if content and self._content and self._content.held:
            self.settled = True
            yield Delta(content=self._content.end())


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

    def feed(self, said: str) -> str:
        """What this adds."""
        if self._whole:
            return self._added(said)
        if not self.given:
            self.given = said
            return said
        if not self.held:
            if _goes_on(said, self.given):
                self.held = said
                return ""
            return self._settle(said)
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


def _goes_on(said: str, before: str) -> bool:
    return len(said) > len(before) and said.startswith(before)
