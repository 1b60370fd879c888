"""What is left of a body at its end: a last event without its blank line, JSON that is no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .wire import torn

if TYPE_CHECKING:
    from .sse import Decoder

__all__ = ["MOST_DOCUMENTS", "Remainder", "remainder"]

#: The most lines of JSON that are read at once, while nothing else runs. Each would be a few tokens
#: of an answer, so more of them are none.
MOST_DOCUMENTS: Final = 100_000


class Remainder(NamedTuple):
    """Payloads that are read like any others, and what is wrong with the rest."""

    payloads: list[bytes]
    #: Whether the body is one document, and so the whole answer: nothing was streamed.
    whole: bool = False
    #: What was cut off before its end, and what that is a part of.
    cut: bytes = b""
    place: str = "an event"
    #: A body that is neither an event stream nor JSON, or too many documents.
    words: bytes = b""


def remainder(decoder: Decoder) -> Remainder:
    """What is left of the body that this decoder has read."""
    tail = decoder.end()
    if tail and torn(tail[-1]):
        return Remainder(tail[:-1], cut=tail[-1])
    stray = decoder.stray.strip()
    if not stray:
        return Remainder(tail)
    if not stray.startswith((b"{", b"[")):
        return Remainder(tail, words=stray)
    *documents, last = _documents(stray)
    if len(documents) >= MOST_DOCUMENTS:
        return Remainder(tail, words=stray)
    if torn(last):
        return Remainder([*tail, *documents], cut=last, place="its answer")
    whole = not (decoder.began or documents)
    return Remainder([*tail, *documents, last], whole=whole)


def _documents(body: bytes) -> list[bytes]:
    """The documents in this body, a line each (NDJSON), or else the body as the only one."""
    first, *lines = body.split(b"\n", MOST_DOCUMENTS)
    return [body] if torn(first) else [first, *(line for line in lines if line.strip())]
