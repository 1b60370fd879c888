"""What a service says again: all of the answer so far with each delta, or all of it at the end.

A delta that goes on from everything before it may be all of the answer so far, or a text that
begins as the answer began. So the first such delta is held back, whole, until the next one tells:
where that goes on from the one held back, the service sends snapshots. What only repeats the
beginning tells nothing: a model may well write that.
"""

from __future__ import annotations

import msgspec

from .chunk import THOUGHTS, Delta
from .lenient import is_object
from .reasoning import DETAILS, thought

__all__ = ["Snapshots", "rest"]


class _Text(msgspec.Struct, gc=False):
    """One text, as far as it came."""

    #: All that was given, for as long as it matters.
    _given: str = ""
    #: The delta that may hold all of the text so far, and the field in which it does.
    _held: tuple[Delta, str] | None = None
    #: Whether it comes in snapshots.
    _whole: bool = False
    #: Whether it comes in deltas.
    settled: bool = False

    def meets(self, said: str) -> bool:
        """Whether this may repeat the text so far; if not, it is given, and may settle that."""
        if self._whole or (_goes_on(said, self._given) and self._tells(said)):
            return True
        if not self._given:
            self._given = said
        elif said is not self._given:  # which was met before, beside another text
            self._settle()
        return False

    def waits(self, delta: Delta, field: str) -> bool:
        """Take the text in this field, if there is any; whether it waits for the next delta."""
        said = _said(delta, field) if field else ""
        if self.settled or not said:
            self.end()
        elif self._whole:
            self._shorten(delta, field)
        elif self._held is not None:
            if _goes_on(said, _said(*self._held)):
                self._whole = True
                self._shorten(*self._held)
                self._shorten(delta, field)
                self._held = None
            else:
                self._settle()
        elif self.meets(said):
            self._held = (delta, field)
        return self._held is not None

    def end(self) -> None:
        """Take what was held back for a delta, now that something else comes."""
        if self._held is not None:
            self._settle()

    def _tells(self, said: str) -> bool:
        """Whether this is more than a row of dashes, or of what was given again ("haha")."""
        first, said = ("".join(text.split()) for text in (self._given, said))
        again = first * (len(said) // max(len(first), 1) + 1)
        return any(map(str.isalnum, said)) and not again.startswith(said)

    def _shorten(self, delta: Delta, field: str) -> None:
        """Leave of a snapshot what is new in it."""
        said = _said(delta, field)
        if said.startswith(self._given):
            added, self._given = said[len(self._given) :], said
        elif self._given.startswith(said):
            added = ""
        else:
            self._settle()
            return
        if field != "content":  # the same thought may be under other names, too
            for name in THOUGHTS:
                setattr(delta, name, None)
            details = delta.reasoning_details if added else None
            delta.reasoning_details = details and [_instead(one, said, added) for one in details]
        if field != DETAILS:
            setattr(delta, field, added)

    def _settle(self) -> None:
        self._given, self._held = "", None
        self.settled = True


class Snapshots(msgspec.Struct, gc=False):
    """The texts of one answer, told apart from all of them so far."""

    _content: _Text = msgspec.field(default_factory=_Text)
    _thought: _Text = msgspec.field(default_factory=_Text)
    _held: Delta | None = None

    @property
    def settled(self) -> bool:
        """Whether the content is known to come in deltas."""
        return self._content.settled

    @property
    def thought_settled(self) -> bool:
        """Whether the thought is."""
        return self._thought.settled

    @property
    def waits(self) -> bool:
        """Whether a delta is held back."""
        return self._held is not None

    def concern(self, delta: Delta) -> bool:
        """Whether this delta may be a snapshot, or comes between two; to be asked once of each.

        The second text of nearly every answer tells that there are none.
        """
        if self._held:
            return True
        found, content = False, delta.content
        if content and not self._content.settled:
            text = isinstance(content, str) and not delta.extra_content and content
            found = not text or self._content.meets(text)
        if not self._thought.settled and (field := _field_of(delta)):
            found = self._thought.meets(_said(delta, field)) or found
        return found

    def deltas(self, delta: Delta) -> list[Delta]:
        """What this delta adds, behind what was held back until it tells what that is."""
        if not delta.says():
            return [delta]
        waits = self._thought.waits(delta, _field_of(delta))
        # What stands beside content may say that it is a thought.
        content = "content" if isinstance(delta.content, str) and not delta.extra_content else ""
        waits = self._content.waits(delta, content) or waits
        released = self._released()
        if not waits:
            return [*released, delta]
        self._held = delta
        return released

    def end(self) -> list[Delta]:
        """What was held back, now that no more comes."""
        self._thought.end()
        self._content.end()
        return self._released()

    def _released(self) -> list[Delta]:
        held, self._held = self._held, None
        return [] if held is None else [held]


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
    if delta.thinks():
        return next(name for name in THOUGHTS if getattr(delta, name))
    return DETAILS if delta.reasoning_details and len(delta.reasoning_details) == 1 else ""


def _said(delta: Delta, field: str) -> str:
    """The text in this field; of details, which have more to them, their texts."""
    said: str = thought(delta)[0] if field == DETAILS else getattr(delta, field)
    return said


def _instead(detail: object, said: str, added: str) -> object:
    """A detail of a thought with what is new of it in place of all of it."""
    if not is_object(detail):
        return detail
    return {key: added if value == said else value for key, value in detail.items()}


def _goes_on(said: str, before: str) -> bool:
    """Whether this is another text and more; nothing goes on from none."""
    return len(said) > len(before) > 0 and said.startswith(before)
