"""The body of a request, handed to aiohttp in the pieces it was composed in.

A conversation with pictures is megabytes, nearly all of them sent before. Put together they would
be copied here, and once more behind the headers; each piece goes to the socket as it is.

It also remembers its connection, which a response that came at once no longer knows, and when it
went out over that: it may have waited for its turn.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, override
from weakref import ref

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_writer import StreamWriter

from axio_transport_openai.encoding import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.abc import AbstractStreamWriter

    from axio_transport_openai.encoding import Piece

    from .pool import Link

__all__ = ["Outgoing", "payload_of"]

#: A body up to this size, in bytes, is put together: it goes out with its headers in one packet.
_SMALL: Final = 64 * 1024


def payload_of(pieces: Sequence[Piece]) -> Outgoing | None:
    """The body as aiohttp takes it; None where there is none."""
    if not pieces:
        return None
    size = sum(map(len, pieces))
    return Outgoing(pieces if size > _SMALL else (b"".join(unpacked(pieces)),), size)


class Outgoing(aiohttp.Payload):
    """A body in pieces, whose length is known."""

    def __init__(self, pieces: Sequence[Piece], size: int) -> None:
        """Begin before it is sent."""
        super().__init__(pieces)
        self._pieces = pieces
        self._size = size
        # That it went out over. Strong, it might close a circle that the collector cannot see: the
        # connection holds what it failed of, with its frames, and so the sender that holds this.
        self._link: ref[ResponseHandler] | None = None
        #: The loop time at which it began to; 0 as long as it has not.
        self.began = 0.0
        #: Whether all of it was handed over.
        self.whole = False

    @property
    def link(self) -> Link:
        """The connection that it went out over."""
        return None if self._link is None else self._link()

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(unpacked(self._pieces)).decode(encoding, errors)

    @override
    async def write(self, writer: AbstractStreamWriter) -> None:
        self.began = asyncio.get_running_loop().time()
        link = writer.protocol if isinstance(writer, StreamWriter) else None
        self._link = ref(link) if isinstance(link, ResponseHandler) else None
        for piece in unpacked(self._pieces):
            await writer.write(piece)
        self.whole = True
