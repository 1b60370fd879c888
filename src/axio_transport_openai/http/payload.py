"""The body of a request, handed to aiohttp in the pieces it was composed in.

A conversation with pictures is megabytes, nearly all of them sent before. Put together they would
be copied here, and once more behind the headers; each piece goes to the socket as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, override

import aiohttp

from axio_transport_openai.encoding import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.abc import AbstractStreamWriter

    from axio_transport_openai.encoding import Piece

__all__ = ["payload_of"]

#: A body up to this size, in bytes, is put together: it goes out with its headers in one packet.
_SMALL: Final = 64 * 1024


def payload_of(pieces: Sequence[Piece]) -> bytes | aiohttp.Payload | None:
    """The body as aiohttp takes it; None where there is none."""
    size = sum(map(len, pieces))
    if size > _SMALL:
        return _Pieces(pieces, size)
    return b"".join(unpacked(pieces)) if pieces else None


class _Pieces(aiohttp.Payload):
    """A body in pieces, whose length is known."""

    def __init__(self, pieces: Sequence[Piece], size: int) -> None:
        super().__init__(pieces)
        self._pieces = pieces
        self._size = size

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(unpacked(self._pieces)).decode(encoding, errors)

    @override
    async def write(self, writer: AbstractStreamWriter) -> None:
        for piece in unpacked(self._pieces):
            await writer.write(piece)
