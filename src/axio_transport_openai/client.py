"""One service, ready to be asked: what a transport's settings come to for one request."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from axio.types import Usage

from . import vector
from .embedding import embedded
from .errors import APIError
from .healing import Healing
from .http import Call, Clocks, Link, Sender
from .memory import Memory
from .origin import Origin
from .request import chat_request
from .stream import Opening, opened
from .turn import Turn
from .usage import priced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence

    import aiohttp
    from axio.events import IterationEnd
    from axio.messages import Message
    from axio.models import ModelRegistry, ModelSpec
    from axio.tool import Tool

    from .dialect import Dialect
    from .http import Body
    from .listing import Catalogue, Listing
    from .options import Options
    from .retry import RetryPolicy
    from .vector import Embedded

__all__ = ["Client", "Shared"]

logger = logging.getLogger("axio_transport_openai")

#: The most of a list of models or a batch of vectors that is read, in bytes.
_LARGEST_BODY: Final = 256 * 1024 * 1024


@dataclass
class Shared:
    """What a transport and its clones have in common from request to request."""

    link: Link = field(default_factory=Link)
    memory: Memory = field(default_factory=Memory)
    origin: Origin = field(default_factory=Origin)

    def known(self, origin: Origin) -> Origin:
        """The same origin as the last time, if it is: what it found out of itself it knows."""
        if origin != self.origin:
            self.origin = origin
        return self.origin


@dataclass(frozen=True, kw_only=True)
class Client:
    """A service, how it is reached, and what it is asked for."""

    session: aiohttp.ClientSession
    origin: Origin
    model: ModelSpec
    dialect: Dialect
    options: Options
    policy: RetryPolicy
    clocks: Clocks
    shared: Shared
    debug: bool
    #: What services were found to take, by model and address.
    learnt: MutableMapping[str, Dialect]
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)

    async def answer(
        self, messages: Sequence[Message], tools: Sequence[Tool[Any]], system: str
    ) -> Opening:
        """The model's answer, begun."""
        memory, names = self.shared.memory, {tool.name: tool.name for tool in tools}

        def compose(dialect: Dialect) -> bytes:
            request = chat_request(
                self.model.id, messages, tools, system, dialect, self.options, memory
            )
            names.update(request.names)
            return request.body

        async def take(body: Body) -> Opening:
            return await opened(body, Turn(self.origin, names), self._end)

        return await self._heal("chat/completions", compose, take)

    async def embed(
        self, texts: Sequence[str], dimensions: int | None
    ) -> tuple[list[list[float]], Usage | None]:
        """The vectors of these texts, and what they used."""

        async def ask(batch: list[str]) -> Embedded:
            return await self._embed(batch, dimensions)

        vectors, parts = await embedded(texts, ask, self.origin)
        used = [priced(part.usage, part.reported, self.model) for part in parts if part.usage]
        return vectors, sum(used, Usage(0, 0)) if used else None

    async def models(self, listing: Listing) -> ModelRegistry:
        """The models that the service lists."""

        async def take(body: Body) -> Catalogue:
            return listing.read(await body.whole(_LARGEST_BODY), self.origin)

        found = await self._send("GET", listing.path, take, query=dict(listing.query))
        if found.skipped:
            told = "%s lists %d models in a form that cannot be read; they are left out"
            logger.warning(told, self.origin.shown, found.skipped)
        return found.models

    def _end(self, turn: Turn) -> IterationEnd:
        """The end of the answer with its cost; its calls' arguments are remembered."""
        if turn.usage is not None:
            turn.usage = priced(turn.usage, turn.reported, self.model)
        end = turn.end()
        for call in turn.calls:
            self.shared.memory.keep(call.id, call.arguments.text)
        return end

    async def _embed(self, batch: list[str], dimensions: int | None) -> Embedded:
        def compose(dialect: Dialect) -> bytes:
            packed = dialect.base64_embeddings and "encoding_format" not in dialect.dropped
            return vector.request(self.model.id, batch, packed=packed, dimensions=dimensions)

        async def take(response: Body) -> Embedded:
            read = await response.whole(_LARGEST_BODY)
            return vector.read(read, len(batch), dimensions=dimensions, origin=self.origin)

        return await self._heal("embeddings", compose, take)

    async def _heal[T](
        self,
        path: str,
        compose: Callable[[Dialect], bytes],
        take: Callable[[Body], Awaitable[T]],
    ) -> T:
        """The same as ``_send``, in another dialect where this one is refused."""
        key = f"{self.model.id} at {self.origin.base_url}"
        healing = Healing(compose, self.dialect, self.learnt, key, self.origin)
        try:
            taken = await self._send("POST", path, take, healing.body, mend=healing.mend)
        except APIError as error:
            healing.failed(error)
            raise
        healing.helped()
        return taken

    async def _send[T](
        self,
        method: str,
        path: str,
        take: Callable[[Body], Awaitable[T]],
        body: bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        mend: Callable[[APIError], bytes | None] = lambda _: None,
    ) -> T:
        """What ``take`` makes of the answer to this request."""
        url = self.origin.url(path, {**(query or {}), **self.query})
        call = Call(method, url, self.origin.headers(self.headers), body)
        sender = Sender(
            self.session,
            self.origin,
            policy=self.policy,
            clocks=self.clocks,
            link=self.shared.link,
            debug=self.debug,
        )
        return await sender.send(call, take, mend)
