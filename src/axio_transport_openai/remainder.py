"""What is left of a body at its end: a last event without its blank line, JSON that is no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .wire import MOST_DOCUMENTS, documents, torn

if TYPE_CHECKING:
    from .sse import Decoder

__all__ = ["Remainder", "remainder"]


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
    *before, last = documents(stray)
    if len(before) >= MOST_DOCUMENTS:
        return Remainder(tail, words=stray)
    if torn(last):
        return Remainder([*tail, *before], cut=last, place="its answer")
    whole = not (decoder.began or before)
    return Remainder([*tail, *before, last], whole=whole)
