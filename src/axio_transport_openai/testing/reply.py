"""Replies for a :class:`~.service.Service`: whole answers, refusals and every kind of fault.

A reply is any async function of an :class:`~.exchange.Exchange`; these make the common ones.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from . import body
from .exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Reply",
    "closes",
    "drops_after",
    "embeds",
    "hangs_up",
    "lists",
    "refuses",
    "repeats",
    "says",
    "sends",
    "stalls",
    "streams",
    "writes",
]

#: What a service does with one request.
type Reply = Callable[[Exchange], Awaitable[None]]

#: The wbits of a gzip stream, as zlib takes them.
_GZIP: Final = 31


def says(
    *texts: str,
    thoughts: Sequence[str] = (),
    calls: Sequence[body.Called] = (),
    reason: str = "",
    tokens: tuple[int, int] | None = (10, 5),
) -> Reply:
    """A whole streamed answer; see :func:`~.body.answer`."""
    return streams(
        *body.answer(*texts, thoughts=thoughts, calls=calls, reason=reason, tokens=tokens),
    )


def streams(
    *pieces: bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "text/event-stream",
    pause: float = 0.0,
    gzip: bool = False,
) -> Reply:
    """A body in these pieces, one write each, and its proper end.

    The pieces may be events or not: cut them anywhere with :func:`~.body.cut`. Between two of them
    are ``pause`` seconds.
    """
    sent = list(_zipped(pieces) if gzip else pieces)
    coding = {"Content-Encoding": "gzip"} if gzip else {}

    async def reply(exchange: Exchange) -> None:
        await exchange.head(status, {**coding, **(headers or {})}, content_type=content_type)
        for number, piece in enumerate(sent):
            if pause and number:
                await exchange.pause(pause)
            await exchange.piece(piece)
        await exchange.end()

    return reply


def _zipped(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """One gzip stream, of which each piece can be read as soon as it has come."""
    packer = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def sends(
    content: bytes,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
    gzip: bool = False,
) -> Reply:
    """A body of a known length, in one write."""
    sent = b"".join(_zipped([content])) if gzip else content
    coding = {"Content-Encoding": "gzip"} if gzip else {}

    async def reply(exchange: Exchange) -> None:
        await exchange.head(
            status,
            {**coding, **(headers or {})},
            content_type=content_type,
            length=len(sent),
        )
        await exchange.piece(sent)

    return reply


def refuses(
    status: int,
    message: str = "The service says no.",
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Reply:
    """A status with an error body in OpenAI's shape; ``more`` are its ``type`` and ``code``."""
    return sends(body.error(message, **more), status=status, headers=headers)


def drops_after(*pieces: bytes, reset: bool = False) -> Reply:
    """A 200 whose body breaks off after these pieces, by a close or by a reset."""

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        for piece in pieces:
            await exchange.piece(piece)
        if reset:
            exchange.reset()
        else:
            exchange.close()

    return reply


def hangs_up(*, reset: bool = False) -> Reply:
    """No response at all: the connection is closed, or reset, once the request has been read."""

    async def reply(exchange: Exchange) -> None:
        if reset:
            exchange.reset()
        else:
            exchange.close()

    return reply


def stalls(*pieces: bytes, head: bool = True) -> Reply:
    """A body that is held open after these pieces; with ``head=False``, no response begins.

    Given a whole :func:`~.body.answer` it is the service that never closes a finished stream.
    """

    async def reply(exchange: Exchange) -> None:
        if head:
            await exchange.head()
        for piece in pieces:
            await exchange.piece(piece)
        await exchange.stall()

    return reply


def repeats(*pieces: bytes, first: Sequence[bytes] = (), every: float = 0.0) -> Reply:
    """A body that begins with ``first`` and then says the same again until the client goes.

    After each piece are ``every`` seconds.
    """

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        for piece in first:
            await exchange.piece(piece)
        for piece in itertools.cycle(pieces):
            await exchange.piece(piece)
            if every:
                await exchange.pause(every)

    return reply


def writes(*pieces: bytes, close: bool = False) -> Reply:
    """Exactly these bytes, status line and headers included, one write each."""

    async def reply(exchange: Exchange) -> None:
        for piece in pieces:
            await exchange.write(piece)
        if close:
            exchange.close()

    return reply


def closes(reply: Reply) -> Reply:
    """The same reply, after which the connection is closed though nothing announced it."""

    async def closing(exchange: Exchange) -> None:
        await reply(exchange)
        exchange.close()

    return closing


def embeds(vector: Callable[[str], Sequence[float]]) -> Reply:
    """The vectors of whatever texts are asked about, in the encoding that is asked for."""

    async def reply(exchange: Exchange) -> None:
        asked = exchange.request.json
        packed = asked.get("encoding_format") == "base64"
        await sends(body.embeddings(map(vector, asked["input"]), packed=packed))(exchange)

    return reply


def lists(*entries: Mapping[str, object] | str) -> Reply:
    """A model list; an entry is its id, or an object with everything it has."""
    return sends(body.models(*entries))
