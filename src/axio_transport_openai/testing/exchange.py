"""One request and the means to answer it, well or badly."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .line import Line, Request

__all__ = ["Departed", "Exchange"]

#: SO_LINGER with a time of nothing: closing sends RST instead of FIN.
_LINGER: Final = struct.pack("ii", 1, 0)


class Departed(ConnectionError):
    """The client closed the connection before the reply was over."""


class Exchange:
    """A request, and the connection it came on.

    Every method that writes gives the client a chance to read before it returns, so that two
    writes reach it as two reads; each raises :class:`Departed` once the client has gone.
    """

    def __init__(self, request: Request, line: Line) -> None:
        """Answer ``request`` on the connection it came on."""
        self.request = request
        self._writer = line.writer
        self._departure = line.departure
        self._chunked = False
        self._until_closed = False

    async def write(self, data: bytes) -> None:
        """Write exactly these bytes to the socket."""
        self._check()
        self._writer.write(data)
        await self._writer.drain()
        # Client and service share a loop. One turn of it lets the selector see the bytes, the next
        # runs the client's reader, the third the task that was waiting for it.
        for _ in range(3):
            await asyncio.sleep(0)

    async def head(
        self,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        content_type: str = "text/event-stream",
        length: int | None = None,
        chunked: bool = True,
    ) -> None:
        """Write the status line and headers.

        The body is as long as ``length`` where that is given, else in HTTP chunks, else (with
        ``chunked=False``) it ends where the connection does.
        """
        self._chunked = length is None and chunked
        self._until_closed = length is None and not chunked
        if length is not None:
            framing = f"Content-Length: {length}"
        else:
            framing = "Transfer-Encoding: chunked" if chunked else "Connection: close"
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", framing]
        lines += [f"Content-Type: {content_type}"] if content_type else []
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def piece(self, data: bytes) -> None:
        """Write a part of the body, as one HTTP chunk where the head said so."""
        # An HTTP chunk of nothing would be the end of the body.
        framed = b"%x\r\n%b\r\n" % (len(data), data) if self._chunked and data else data
        await self.write(framed)

    async def end(self) -> None:
        """End the body, the way the head promised."""
        if self._chunked:
            await self.write(b"0\r\n\r\n")
        elif self._until_closed:
            self.close()

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while."""
        try:
            async with asyncio.timeout(seconds):
                await self.stall()
        except TimeoutError:
            return

    async def stall(self) -> None:
        """Say nothing more until the client goes.

        Raises:
            Departed: always; there is nobody left to answer.
        """
        await self._departure.wait()
        self._check()

    def close(self) -> None:
        """Close the connection (FIN), whatever was promised."""
        self._writer.close()

    def reset(self) -> None:
        """Tear the connection down (RST); what the client has not read is lost to it."""
        self._check()
        self._writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET,
            socket.SO_LINGER,
            _LINGER,
        )
        self._writer.transport.abort()

    def _check(self) -> None:
        if self._departure.is_set():
            raise Departed(f"the client left during the reply to request #{self.request.number}")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
