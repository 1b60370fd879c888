"""One service, ready to be asked: what a transport's settings come to for one request."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from axio.types import Usage

from . import vector
from .dialect import Edit
from .embedding import Batches
from .errors import APIError, NotSent
from .healing import Healing
from .http import Clocks, Route, Sender
from .known import dialect_for
from .memory import Memory
from .request import chat_request
from .retry import Budget
from .stream import Opening, opened
from .turn import Turn
from .usage import priced
from .wire import encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence

    import aiohttp
    from axio.events import IterationEnd
    from axio.messages import Message
    from axio.models import ModelRegistry, ModelSpec
    from axio.tool import Tool

    from .dialect import Dialect
    from .encoding import Piece
    from .http import Body
    from .listing import Listed, Listing
    from .options import Options
    from .origin import Origin
    from .retry import RetryPolicy
    from .vector import Embedded

__all__ = ["Chat", "Client", "Shared"]

logger = logging.getLogger("axio_transport_openai")

#: The path of answers, the only ones that are streamed.
_CHAT: Final = "chat/completions"
#: The most of a list of models that is read, in bytes: the longest there are come to a few MiB.
_LARGEST_LIST: Final = 32 * 1024 * 1024
#: The most of a batch of vectors that is read, in bytes.
_LARGEST_BATCH: Final = 256 * 1024 * 1024
#: Some models at OpenRouter have no vectors at all where they are asked for in base64.
_UNPACKED: Final = Edit({"base64_embeddings": False}, "asked for numbers instead of base64")


class Shared:
    """What a transport and its clones have in common from request to request."""

    def __init__(self) -> None:
        """Begin without a past."""
        self.budget = Budget()
        self.memory = Memory()

    def unrepeating(self) -> Shared:
        """The same past, for requests that are not sent again."""
        shared = Shared()
        shared.budget, shared.memory = Budget(0), self.memory
        return shared


class Client(msgspec.Struct, kw_only=True, gc=False):
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
    #: What services were found to take, by model, address and the user's own dialect.
    learnt: MutableMapping[str, Dialect]
    #: The user's own; they may hold a key.
    headers: Mapping[str, str]
    query: Mapping[str, str]
    #: How each path that was asked is reached.
    routes: dict[str, Route] = {}
    #: What the service was found to take is remembered under this.
    key: str = ""

    def __post_init__(self) -> None:
        """Find the key. A dialect that the user has set is part of it.

        What was learnt in another does not hold.
        """
        self.key = f"{self.model.id} at {self.origin.base_url}"
        if self.dialect != dialect_for(self.origin.base_url):
            self.key += f" in {encode(self.dialect).decode()}"

    def __repr__(self) -> str:
        """Who is asked: all else may hold a key."""
        return f"Client({self.origin!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Who is asked: all else may hold a key."""
        return [("origin", self.origin)]

    def chat(self, messages: Sequence[Message], tools: Sequence[Tool[Any]], system: str) -> Chat:
        """The answer to these messages, to be asked for."""
        return Chat(self, messages, tools, system)

    async def embed(
        self, texts: Sequence[str], dimensions: int | None
    ) -> tuple[list[list[float]], Usage | None]:
        """The vectors of these texts, and what they used; None where no usage was reported."""
        ask = partial(self._embed, dimensions=dimensions)
        batches = Batches(ask, self._known().embedding_batch)
        vectors, parts = await batches.embedded(texts, self.origin)
        if batches.most < (known := self._known()).embedding_batch:
            self.learnt[self.key] = known.with_changes({"embedding_batch": batches.most})
        used = [priced(part.usage, part.reported, self.model) for part in parts if part.usage]
        return vectors, sum(used, Usage(0, 0)) if used else None

    async def models(self, listing: Listing) -> ModelRegistry:
        """The models that the service lists."""

        async def take(body: Body) -> Listed:
            return listing.read(await body.whole(_LARGEST_LIST), self.origin)

        found = await Sender(self._route("GET", listing.path, listing.query)).send(take)
        if found.skipped:
            message = "%s lists %d models in a form that cannot be read; they are left out"
            logger.warning(message, self.origin.shown, found.skipped)
        if found.partial:
            message = "%s lists no more than %d of its models; others can be used by their ids"
            logger.warning(message, self.origin.shown, len(found.models))
        return found.models

    async def _embed(self, batch: list[str], dimensions: int | None) -> Embedded:
        def compose(dialect: Dialect) -> Sequence[Piece]:
            packed = dialect.base64_embeddings and "encoding_format" not in dialect.dropped
            return [vector.request(self.model.id, batch, packed=packed, dimensions=dimensions)]

        async def take(response: Body) -> Embedded:
            read = await response.whole(_LARGEST_BATCH)
            return vector.read(read, len(batch), self.origin, dimensions)

        return await self.heal("embeddings", compose, take, _UNPACKED)

    async def heal[T](
        self,
        path: str,
        compose: Callable[[Dialect], Sequence[Piece]],
        take: Callable[[Body], Awaitable[T]],
        unread: Edit | None = None,
    ) -> T:
        """What ``take`` makes of the response; what is refused is sent in another dialect.

        ``unread`` is the change of the dialect where ``take`` cannot read what came.

        Raises:
            NotSent: There is no model to ask, or the request cannot be made.
            APIError: No dialect and no attempt helped; the last failure, with what was tried.
        """
        if not self.model.id.strip():
            raise NotSent("no model was chosen: give the transport a model that has an id")
        healing = Healing(compose, self.dialect, self.learnt, self.key, self.origin, unread)
        if (route := self.routes.get(path)) is None:
            route = self.routes[path] = self._route("POST", path)
        try:
            taken = await Sender(route, healing.body).send(take, healing.mend)
        except APIError as error:
            healing.failed(error)
            raise
        healing.helped()
        return taken

    def _known(self) -> Dialect:
        """What the service is known to take."""
        return self.learnt.get(self.key, self.dialect)

    def _route(self, method: str, path: str, query: Iterable[tuple[str, str]] = ()) -> Route:
        """How one of the service's endpoints is reached.

        Raises:
            NotSent: It cannot be addressed. No frame of its traceback holds a secret.
        """
        if wrong := self.origin.fault(self.headers):
            raise NotSent(wrong)
        return Route(
            session=self.session,
            origin=self.origin,
            method=method,
            url=self.origin.url(path, {**dict(query), **self.query}),
            headers=self.origin.headers(self.headers, streamed=path == _CHAT),
            policy=self.policy,
            clocks=self.clocks,
            budget=self.shared.budget,
            debug=self.debug,
        )


class Chat(msgspec.Struct, gc=False):
    """One answer to be asked for: how its request is composed, and how its response is read."""

    client: Client
    messages: Sequence[Message]
    tools: Sequence[Tool[Any]]
    system: str
    #: The tools' names on the wire, with those in axio.
    names: Mapping[str, str] = {}

    def begin(self) -> Awaitable[Opening]:
        """The answer, asked for until it has begun."""
        return self.client.heal(_CHAT, self.compose, self.take)

    def compose(self, dialect: Dialect) -> Sequence[Piece]:
        """The request in this dialect, in pieces."""
        client = self.client
        request = chat_request(
            client.model.id,
            self.messages,
            self.tools,
            self.system,
            dialect=dialect,
            options=client.options,
            memory=client.shared.memory,
        )
        self.names = request.names
        return request.pieces

    def take(self, body: Body) -> Awaitable[Opening]:
        """The answer in this body, once it has begun."""
        client = self.client
        wrapped, candidates = client.dialect.thoughts_wrapped, client.options.candidates
        turn = Turn(client.origin, self.names, wrapped=wrapped, several=candidates > 1)
        return opened(body, turn)

    def end(self, turn: Turn) -> IterationEnd:
        """The end of the answer with its cost; what axio does not keep of its calls is kept."""
        end = turn.end(self.used(turn))
        memory = self.client.shared.memory
        for call in turn.calls:
            memory.keep(call.id, call.arguments.text)
            if call.late:
                memory.prove(call.id, self.client.options.provider, call.late)
        return end

    def used(self, turn: Turn) -> Usage | None:
        """What the answer used so far, with its cost; None where nothing was reported."""
        used = turn.tally.usage
        return used and priced(used, turn.tally.reported, self.client.model)
