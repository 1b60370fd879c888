"""One accepted connection, and the requests that come over it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Line", "Request"]

#: The longest request head that is read, in bytes.
_HEAD: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    #: Without the query.
    path: str
    query: Mapping[str, str]
    #: Names are in lower case.
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    #: The body read as JSON; None where it is empty or no JSON.
    json: Any
    #: Counts the requests of one service, from 1.
    number: int
    #: Counts the connections of one service, from 1.
    connection: int
    #: When it had been read, on the event loop's clock.
    at: float


class Line(asyncio.StreamReaderProtocol):
    """A connection whose other end leaving is noticed even while nothing is read or written."""

    writer: asyncio.StreamWriter

    def __init__(self, accept: Callable[[Line], None], lose: Callable[[Line], None]) -> None:
        """Call ``accept`` once the connection is made, and ``lose`` once it is gone."""
        self.reader = asyncio.StreamReader(limit=_HEAD)
        self.departure = asyncio.Event()
        self._accept = accept
        self._lose = lose
        super().__init__(self.reader, self._connected)

    def eof_received(self) -> bool | None:
        """Note that the client closed its end."""
        self.departure.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        self.departure.set()
        super().connection_lost(exc)
        self._lose(self)

    async def request(self, numbers: Iterator[int], connection: int) -> Request:
        """The next request, numbered when all of it has come.

        Raises:
            asyncio.IncompleteReadError: the client left instead.
        """
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await self._body(headers)
        path, _, query = target.partition("?")
        return Request(
            method=method,
            # A proxy is told the whole address, all others a path; "//" begins one of these too.
            path=path if path.startswith("/") else urlsplit(path).path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            body=body,
            json=_json(body),
            number=next(numbers),
            connection=connection,
            at=asyncio.get_running_loop().time(),
        )

    def _connected(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._accept(self)

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        parts: list[bytes] = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):  # no client means JSON that is nested so deep
        return None
