"""A model on this machine, served for as long as the event loop in which it is used runs.

A base URL asks for one: ``local:`` for the small embedded model, or ``local:`` and the path of a
GGUF file.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from threading import local
from typing import TYPE_CHECKING, Final

from .errors import ConnectionFailed, Interrupted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .local import LocalServer

__all__ = ["SCHEME", "Resident", "resident"]

SCHEME: Final = "local:"
#: How long, in seconds, the end of a process may become known after that of its connections.
_KNOWN: Final = 1.0


class Resident:
    """The server of one model file, started when it is first asked for.

    It belongs to the event loop that it is started in: it ends with that, and with the process,
    however that ends.
    """

    def __init__(self, server: LocalServer) -> None:
        """Serve with this, which is not started yet."""
        self.server = server
        self._run: AsyncGenerator[None] | None = None
        self._lock = asyncio.Lock()  # lets one after the other start the server

    async def serving(self) -> LocalServer:
        """The server, which is started where it does not run, with its model loaded.

        Raises:
            LocalServerError: It cannot be started; the message says why.
        """
        async with self._lock:
            if not self.server.running:
                await self.stop()  # what is left of a server that ended by itself
            if self._run is None:
                run = self._running()
                await anext(run)
                self._run = run
            await self.server.ready()
        return self.server

    @asynccontextmanager
    async def asked(self) -> AsyncGenerator[None]:
        """Around a question to the server: where it broke off because that ended, this tells why.

        Raises:
            LocalServerError: The server ended by itself.
        """
        run = self._run
        try:
            yield
        except (ConnectionFailed, Interrupted):
            if run is self._run:  # else it is another that serves by now, or none
                with suppress(TimeoutError):
                    async with asyncio.timeout(_KNOWN):
                        await self.server.ended()
            raise

    async def _running(self) -> AsyncGenerator[None]:
        """The server's run; a loop closes the generators that are left when it ends."""
        await self.server.start()
        try:
            yield
        finally:
            self._run = None
            await self.server.stop()

    async def stop(self) -> None:
        """Stop the server, where it runs."""
        if self._run is not None:
            await self._run.aclose()


class _Threads(local):
    """The servers of a thread's event loops, of which one runs at a time."""

    def __init__(self) -> None:
        self.servers: dict[tuple[asyncio.AbstractEventLoop, str], Resident] = {}


_threads: Final = _Threads()


def resident(base_url: str) -> Resident:
    """The one server of the running event loop for such a base URL."""
    from .local import LocalServer

    servers, loop = _threads.servers, asyncio.get_running_loop()
    for key in [key for key in servers if key[0].is_closed()]:
        del servers[key]
    if (found := servers.get((loop, base_url))) is None:
        found = Resident(LocalServer(base_url.removeprefix(SCHEME) or None))
        servers[loop, base_url] = found
    return found
