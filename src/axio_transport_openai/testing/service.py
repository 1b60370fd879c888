"""A scripted service on loopback, in this process: it says what a test tells it to say.

::

    async with Service(refuses(503), says("Hello")) as service:
        transport = OpenAITransport(base_url=service.base_url, api_key="k", session=session)
        ...

    assert [request.path for request in service.requests] == ["/v1/chat/completions"] * 2

Replies are given in order, one to each request, on whatever connection it comes. A request beyond
them is refused and fails the test where the service ends, unless ``forever`` answers it.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Self

from .exchange import Exchange
from .line import Line
from .reply import refuses

if TYPE_CHECKING:
    from types import TracebackType

    from .line import Request
    from .reply import Reply

__all__ = ["Service", "UnexpectedRequest"]


class UnexpectedRequest(AssertionError):
    """More requests came than replies were scripted."""


class Service:
    """A server on a free loopback port that answers with the given replies, in order."""

    def __init__(self, *replies: Reply, forever: Reply | None = None) -> None:
        """Script the replies; ``forever`` answers every request that comes after them."""
        self._replies = list(replies)
        self._forever = forever
        self._tasks: list[asyncio.Task[None]] = []
        self._lines: set[Line] = set()
        self._numbers = itertools.count(1)
        self._vacant = asyncio.Event()
        self._vacant.set()
        self._server: asyncio.Server | None = None
        self._too_many: list[Request] = []
        #: Every request that was read, in order.
        self.requests: list[Request] = []
        #: The requests whose client left before the reply was over.
        self.abandoned: list[Request] = []
        #: How many connections have been accepted.
        self.connections = 0
        #: Where it listens, without a path; once the service has ended, nobody listens there.
        self.url = ""

    @property
    def base_url(self) -> str:
        """The base URL to give to a client."""
        return f"{self.url}/v1"

    @property
    def unused(self) -> int:
        """How many scripted replies nobody has asked for."""
        return max(0, len(self._replies) - len(self.requests))

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return len(self._lines)

    async def vacated(self) -> None:
        """Wait until no client is connected; put a timeout around it."""
        await self._vacant.wait()

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            RuntimeError: the service has been entered before.
        """
        if self.url:
            raise RuntimeError("A Service is entered once; make another one.")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Line(self._accept, self._lose),
            "127.0.0.1",
            0,
            backlog=4096,
        )
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Drop every client, and raise what went wrong here.

        Raises:
            UnexpectedRequest: more requests came than replies were scripted.
        """
        problems = await self._close()
        if self._too_many:
            problems.append(UnexpectedRequest(self._excess(self._too_many[0])))
        if exc is not None:
            for problem in problems:
                exc.add_note(f"the scripted service: {problem!r}")
        elif problems:
            raise problems[0]

    async def _close(self) -> list[BaseException]:
        """Drop every client; what the replies themselves raised."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self._lines:
            line.writer.transport.abort()
        await self._vacant.wait()
        return [
            result
            for result in results
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError)
        ]

    def _excess(self, request: Request) -> str:
        return (
            f"unexpected request #{request.number} ({request.method} {request.path}), "
            f"only {len(self._replies)} scripted"
        )

    def _accept(self, line: Line) -> None:
        if self._server is None:  # the service has ended since the client connected
            line.writer.transport.abort()
            return
        self.connections += 1
        self._lines.add(line)
        self._vacant.clear()
        task = asyncio.get_running_loop().create_task(self._serve(line, self.connections))
        self._tasks.append(task)

    def _lose(self, line: Line) -> None:
        self._lines.discard(line)
        if not self._lines:
            self._vacant.set()

    async def _serve(self, line: Line, connection: int) -> None:
        try:
            while not line.writer.is_closing():
                request = await line.request(self._numbers, connection)
                self.requests.append(request)
                await self._answer(Exchange(request, line))
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            line.writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await self._reply(exchange.request)(exchange)
        except ConnectionError:
            self.abandoned.append(exchange.request)
            raise

    def _reply(self, request: Request) -> Reply:
        if request.number <= len(self._replies):
            return self._replies[request.number - 1]
        if self._forever is not None:
            return self._forever
        self._too_many.append(request)
        return refuses(400, self._excess(request))
