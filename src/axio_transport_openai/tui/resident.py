"""A provider that is a model on this machine, served for as long as the app runs.

Its base URL is ``local:``, for the small embedded model, or ``local:`` and a GGUF file's path.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from axio_transport_openai.custom import OpenAICompatibleTransport
from axio_transport_openai.local import LocalServer
from axio_transport_openai.stream import EventStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from axio.events import StreamEvent
    from axio.messages import Message
    from axio.tool import Tool

    from axio_transport_openai.transport import OpenAITransport

__all__ = ["SCHEME", "Resident", "ResidentTransport", "resident", "settled"]

SCHEME: Final = "local:"


@dataclass
class Resident:
    """The server of one model file, started when it is first asked for.

    It ends with the process, however that ends.
    """

    server: LocalServer
    _started: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def settle(self, transport: OpenAITransport) -> None:
        """Direct the transport to the server, which is started where it is not.

        Raises:
            LocalServerError: It cannot be started; the message says why.
        """
        async with self._lock:
            if not self._started:
                await self.server.start()
                self._started = True
        await self.server.ready()
        transport.base_url, transport.api_key = self.server.base_url, self.server.api_key

    async def stop(self) -> None:
        """Stop the server, where it runs."""
        self._started = False
        await self.server.stop()


@cache
def resident(base_url: str) -> Resident:
    """The one server of this process for such a base URL."""
    return Resident(LocalServer(base_url.removeprefix(SCHEME) or None))


async def settled(transport: OpenAITransport) -> None:
    """Direct a transport to a model on this machine, where its base URL asks for one.

    Raises:
        LocalServerError: It cannot be started; the message says why.
    """
    if transport.base_url.startswith(SCHEME):
        await resident(transport.base_url).settle(transport)


@dataclass
class ResidentTransport(OpenAICompatibleTransport):
    """A model on this machine, which is loaded when it is first asked."""

    def stream(self, messages: list[Message], tools: list[Tool[Any]], system: str) -> EventStream:
        """The events of the model's answer, once it is loaded."""
        return EventStream(self._loaded(messages, tools, system))

    async def _loaded(
        self, messages: list[Message], tools: list[Tool[Any]], system: str
    ) -> AsyncGenerator[list[StreamEvent]]:
        await settled(self)
        async with aclosing(super().stream(messages, tools, system)) as events:
            async for event in events:
                yield [event]

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these texts, once the model is loaded."""
        await settled(self)
        return await super().embed(texts)
