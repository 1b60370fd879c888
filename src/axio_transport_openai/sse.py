"""The server-sent events format, read from bytes: what arrives in, payloads out.

The grammar is the HTML standard's, section 9.2.5 (event streams)::

    stream  = [ BOM ] *event
    event   = *( comment / field ) end-of-line
    comment = ":" *any-char end-of-line
    field   = name [ ":" [ " " ] *any-char ] end-of-line

Every byte it names is ASCII and no byte of a longer UTF-8 character is, so lines are cut from
bytes. Where real services go beyond it:

- Events follow one another with no blank line between them. No JSON text has ``}`` right before
  ``{`` at a line's end, so a line that begins a new object after a whole one begins a new event.
- The last event has no blank line, or no newline, after it: :meth:`Decoder.end` gives it.
- llama.cpp reports a failure as a field called ``error``; others call the event so.
- The body is no event stream at all (JSON, HTML), or no longer one: a gateway that began with
  comments, or with events, reports a failure as bare JSON. Lines behind the last event that are
  part of none are kept as :attr:`Decoder.stray`; right before an end mark, JSON is an event, also
  where the mark is on its last line.
"""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["DONE", "MAX_EVENT", "Decoder", "ErrorEvent", "EventTooLarge"]

#: The payload with which a service ends its stream.
DONE: Final = b"[DONE]"

#: The largest event held before refusing the stream, in bytes. Nothing but a line's end completes
#: an event, so a service that never sends one would otherwise be held until memory runs out.
MAX_EVENT: Final = 64 * 1024 * 1024

#: An end mark with white space around it is not longer than this, in bytes.
_LONGEST_MARK: Final = 64

#: How much of a body that is neither an event stream nor JSON is kept to be shown, in bytes.
_SHOWN: Final = 4096
#: How much is kept of JSON that comes behind events, in bytes.
_BEHIND: Final = 64 * 1024
#: What each further line of an event counts for beside its bytes, for all its lines may be empty.
_LINE: Final = 40

#: The ends of lines, as numbers: those are looked for in bytes at once.
_CR: Final = ord("\r")
_LF: Final = ord("\n")

_BOM: Final = b"\xef\xbb\xbf"
#: What an object or a list begins with in JSON.
_JSON: Final = (b"{", b"[")


class EventTooLarge(ValueError):
    """One event grew past :data:`MAX_EVENT`."""


class ErrorEvent(bytes):
    """The payload of an event, or a field, that the service named ``error``."""

    __slots__ = ()


class Decoder(msgspec.Struct, gc=False):
    """Payloads of the events in a body, however it is cut.

    Time is linear in the bytes: what is incomplete is kept in pieces and joined once.
    """

    _parts: list[bytes] = []  # the pieces of a line whose end has not come
    _data: list[bytes] = []  # the data lines of an event whose end has not come
    _partial: int = 0  # how many bytes the pieces are
    _held: int = 0  # how many bytes the data lines are
    _name: bytes = b""  # the event's name, from a field before its data
    _late: bytes = b""  # a name that came after data: this event's, or the next one's
    _after_cr: bool = False  # whether the last byte was a CR, which an LF may belong to
    _between: bool = False  # whether the next byte begins an event of a stream
    _at_start: bool = True  # whether no line has come yet, so that a BOM may stand here
    #: Whether any event has begun.
    began: bool = False
    _stray: bytearray | None = None  # the lines of what is no event stream
    _stray_limit: int = 0  # up to how many bytes of them are kept

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that these bytes completed.

        Raises:
            EventTooLarge: An event is larger than ``MAX_EVENT``.
        """
        if not self._between or _CR in data:
            data = self._continued(data)
            if self._parts or self._data or self._name or self._stray:
                return self._lines(data)
        end = data.rfind(b"\n\n")
        if end < 0 or data[:6] != b"data: ":
            return self._lines(data)
        payloads = data[6:end].split(b"\n\ndata: ")
        if _LF in b"".join(payloads):  # some event has further lines
            return self._lines(data)
        rest = data[end + 2 :]
        return payloads + self._lines(rest) if rest else payloads

    def end(self) -> list[bytes]:
        """The payloads left when the body has ended: a last event that nothing closed.

        The standard discards such an event; services that forget the last blank line mean it.
        """
        payloads: list[bytes] = []
        if self._parts:
            self._line(self._joined(), payloads)
        self._dispatch(payloads)
        return payloads

    @property
    def held(self) -> int:
        """How many bytes are held of an event that is not whole, or of a body without events.

        A comment and white space, which keep a connection open, are no part of either.
        """
        parts = self._parts
        silent = parts and (parts[0].startswith(b":") or (parts[0] + parts[-1]).isspace())
        return self._held + len(self._stray or ()) + (0 if silent else self._partial)

    @property
    def stray(self) -> bytes:
        """What came after the last event and is no event: all of it, if it is JSON.

        Of anything else it is the beginning, and nothing at all where an event came before.
        """
        return bytes(self._stray or b"").removesuffix(b"\n")

    def _continued(self, data: bytes) -> bytes:
        """The bytes with line feeds, and with what was held of the line that they end."""
        if self._after_cr or _CR in data:
            data = self._newlines(data)
        if self._parts and _LF in data:
            self._parts.append(data)
            data = self._joined()
        if not (self._parts or self._stray) and data.startswith(b"data: "):
            self._at_start = False
            self._begin()
        self._between = self.began and not self._after_cr
        return data

    def _newlines(self, data: bytes) -> bytes:
        """The bytes with every line end a line feed; a CR LF cut in two is one end, not two."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if data.endswith(b"\r"):
            self._after_cr = True
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _lines(self, data: bytes) -> list[bytes]:
        """The payloads that these bytes completed, read line by line."""
        payloads: list[bytes] = []
        *lines, partial = data.split(b"\n")
        for line in lines:
            self._line(line, payloads)
        if partial:
            self._partial += len(partial)
            self._limit()
            self._parts.append(partial)
            if partial.endswith(b"]"):
                self._end_mark(payloads)
        held = self._after_cr or self._parts or self._data or self._name
        self._between = self.began and not (held or self._stray)
        return payloads

    def _joined(self) -> bytes:
        """The line that was held in pieces; none of it is held any more."""
        line = b"".join(self._parts)
        self._parts.clear()
        self._partial = 0
        return line

    def _line(self, line: bytes, payloads: list[bytes]) -> None:
        """Take one line as the standard's section 9.2.6 says, and as services mean it."""
        if self._at_start:
            line, self._at_start = line.removeprefix(_BOM), False
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data_line(value.removeprefix(b" "), payloads)
        elif not line:
            self._dispatch(payloads)
        elif field == b"error":
            self._begin()
            self._split(payloads)
            payloads.append(ErrorEvent(value.strip()))
        elif field == b"event":
            self._name_line(value.strip())
        elif field and field not in {b"id", b"retry"}:  # a comment has no name
            if field.lstrip() == b"data" and not self._stray:
                self._data_line(value.removeprefix(b" "), payloads)
            else:
                self._stray_line(line, payloads)

    def _begin(self) -> None:
        """Note that this is an event stream, and forget what came before."""
        self.began = True
        self._stray = None

    def _data_line(self, value: bytes, payloads: list[bytes]) -> None:
        begun = value.lstrip()
        if begun.startswith(DONE):  # it ends the event before it, be that whole or cut off
            self._split(payloads)
            if (before := self.stray.lstrip()).startswith(_JSON):
                payloads.append(before)
            self._begin()
            payloads.append(DONE)
        else:
            if self._stray or not self.began:
                self._begin()
            if begun.startswith(b"{") and self._may_end():
                self._split(payloads)
            self._held += len(value) + (_LINE if self._data else 0)
            self._limit()
            self._data.append(value)

    def _may_end(self) -> bool:
        """Whether the event may be whole: there is none, or its last line ends an object."""
        return not self._data or self._data[-1].rstrip().endswith(b"}")

    def _name_line(self, name: bytes) -> None:
        """Take an event's name; behind data it may be that event's or the next one's."""
        if self._data:
            self._late = name
        else:
            self._name = name

    def _split(self, payloads: list[bytes]) -> None:
        """End the event, if there is one, for the next line is no part of it."""
        if self._data:
            late, self._late = self._late, b""
            self._dispatch(payloads)
            self._name = late

    def _dispatch(self, payloads: list[bytes]) -> None:
        """End the event, as a blank line does."""
        if self._data:
            payload = b"\n".join(self._data)
            name = self._late or self._name
            payloads.append(ErrorEvent(payload) if name == b"error" else payload)
        self._data.clear()
        self._name = self._late = b""
        self._held = 0

    def _end_mark(self, payloads: list[bytes]) -> None:
        """End the stream at an end mark without a newline: the body may stay open after it."""
        if self._partial < _LONGEST_MARK:
            field, _, value = b"".join(self._parts).partition(b":")
            if field == b"data" and value.strip() == DONE:
                self._line(self._joined(), payloads)

    def _limit(self) -> None:
        if self._partial + self._held > MAX_EVENT:
            message = f"one event is larger than {MAX_EVENT} bytes"
            raise EventTooLarge(message)

    def _stray_line(self, line: bytes, payloads: list[bytes]) -> None:
        """Keep a line that is part of no event, as far as it may be needed."""
        before, field, mark = line.rpartition(b"data:")
        marked = field and mark.strip() == DONE
        self._keep(before if marked else line)
        if marked:
            self._data_line(mark, payloads)

    def _keep(self, line: bytes) -> None:
        if not self._stray:
            if line.lstrip().startswith(_JSON):
                self._stray_limit = _BEHIND if self.began else MAX_EVENT
            else:
                self._stray_limit = 0 if self.began else _SHOWN
            self._stray = bytearray()
        if len(self._stray) < self._stray_limit:
            self._stray += line
            self._stray += b"\n"
