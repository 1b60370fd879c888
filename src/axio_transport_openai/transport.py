"""OpenAI-compatible chat completions as an axio transport: the settings, and what axio asks."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import aiohttp
from axio.models import Capability, ModelRegistry, ModelSpec
from axio.types import Usage

from . import setting, vector
from .catalogue import OPENAI_DEFAULT, openai_models
from .dialect import COMPATIBLE, OPENAI, Dialect
from .embedding import embedded
from .errors import NotSent
from .http import Call, Clocks, Link, Sender
from .listing import Listing, resolved
from .origin import Origin
from .request import Memory, Options, chat_request
from .retry import RetryPolicy
from .saved import Saved, restored
from .stream import EventStream, Opening, batches, opened
from .usage import priced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from axio.events import IterationEnd, StreamEvent
    from axio.messages import Message
    from axio.tool import Tool

    from .http import Body
    from .turn import Turn
    from .vector import Embedded

__all__ = ["OpenAITransport", "variable"]

logger = logging.getLogger("axio_transport_openai")


#: What a model is believed to do of which only the id is known.
_CHAT: Final = frozenset({Capability.text, Capability.tool_use})
_BASE_URL: Final = "https://api.openai.com/v1"
#: The most of a list of models or a batch of vectors that is read, in bytes.
_LARGEST_BODY: Final = 256 * 1024 * 1024


def variable(name: str, fallback: str = "") -> str:
    """An environment variable; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or fallback if name else fallback


@dataclass
class _Shared:
    """What a transport and its clones have in common."""

    link: Link = field(default_factory=Link)
    memory: Memory = field(default_factory=Memory)


@dataclass
class OpenAITransport:
    """OpenAI, or any service that speaks its chat completions.

    Give it an ``aiohttp.ClientSession``, which stays yours, or use it as ``async with``, which
    makes one of its own. Numbers may come as strings, as saved settings do.

    Raises:
        ValueError: A setting is not what it should be; the message names it.
    """

    display_name: ClassVar[str] = "OpenAI"
    #: The variables that hold a key, for apps that look for one.
    env_vars: ClassVar[tuple[str, ...]] = ("OPENAI_API_KEY",)
    #: The variable that holds a base URL; empty where there is none.
    url_variable: ClassVar[str] = "OPENAI_BASE_URL"
    default_base_url: ClassVar[str] = _BASE_URL
    supports_temperature: ClassVar[bool] = True
    supports_max_tokens: ClassVar[bool] = True
    supports_debug: ClassVar[bool] = True
    supports_thinking: ClassVar[bool] = True
    #: Which model an app takes for which role, where the user chose none.
    default_models: ClassVar[dict[str, str]] = {
        "chat": "gpt-4.1-mini",
        "compact": "gpt-4.1-nano",
        "subagent": "gpt-4.1-mini",
        "guard": "gpt-4.1-nano",
        "vision": "gpt-4.1-mini",
        "reasoning": "o4-mini",
    }
    #: What the service at ``default_base_url`` takes.
    service_dialect: ClassVar[Dialect] = OPENAI
    #: How the service is asked for its models; None where it is not.
    listing: ClassVar[Listing | None] = None

    #: What people call the service.
    name: str = "OpenAI"
    #: Sent as a bearer token; empty sends none.
    api_key: str = field(default_factory=lambda: variable("OPENAI_API_KEY"), repr=False)
    base_url: str = field(default_factory=lambda: variable("OPENAI_BASE_URL", _BASE_URL))
    model: ModelSpec = OPENAI_DEFAULT
    models: ModelRegistry = field(default_factory=openai_models, repr=False)
    session: aiohttp.ClientSession | None = field(default=None, repr=False, compare=False)
    #: How often a request is sent in all; 0 still sends it once.
    max_retries: int = 10
    #: Seconds before the second attempt; each further wait is twice as long, up to a minute.
    retry_base_delay: float = 5.0
    #: Further request parameters, merged last; None removes one, ``tools`` are merged by name.
    extra_params: Mapping[str, object] = field(default_factory=dict, kw_only=True)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False, kw_only=True)
    extra_query: Mapping[str, str] = field(default_factory=dict, repr=False, kw_only=True)
    temperature: float | None = field(default=None, kw_only=True)
    #: The most tokens an answer may have.
    max_output_tokens: int | None = field(default=None, kw_only=True)
    #: How hard the model thinks, in the service's own words (``low``, ``medium``, ``high``).
    reasoning_effort: str | None = field(default=None, kw_only=True)
    #: What the service takes, where it is not what its address lets expect.
    dialect: Dialect | None = field(default=None, kw_only=True)
    #: How long embedding vectors are to be, where the model can shorten them.
    dimensions: int | None = field(default=None, kw_only=True)
    #: Whether requests and responses are logged, without the key.
    debug: bool = field(default=False, kw_only=True)
    #: Seconds to wait for a connection.
    connect_timeout: float | None = field(default=30.0, kw_only=True)
    #: Seconds to wait for the first event of an answer.
    first_event_timeout: float | None = field(default=600.0, kw_only=True)
    #: Seconds of silence after which an answer is given up.
    idle_timeout: float | None = field(default=600.0, kw_only=True)
    #: Seconds a whole answer may take, its retries included.
    total_timeout: float | None = field(default=None, kw_only=True)
    #: Seconds a service may ask to wait before a retry; beyond it the failure is raised.
    max_retry_wait: float = field(default=120.0, kw_only=True)
    #: What the last answer used, as far as it was reported.
    last_usage: Usage | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the settings as people give them."""
        if isinstance(self.model, str):
            self.model = resolved(self.models, self.model) or ModelSpec(self.model, _CHAT)
        for name, read in setting.READERS.items():
            setattr(self, name, read(name, getattr(self, name)))
        self._owns_session = False
        self._shared = _Shared()

    # -- a session of its own --------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Make a session, where none was given."""
        if self.session is None:
            self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            self._owns_session = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session that was made."""
        if self._owns_session and self.session is not None:
            session, self.session, self._owns_session = self.session, None, False
            await session.close()

    # -- chat ------------------------------------------------------------------------------------

    def stream(
        self, messages: list[Message], tools: list[Tool[Any]], system: str
    ) -> EventStream:
        """The events of the model's answer; closed with exactly one ``IterationEnd``.

        Nothing is sent before it is iterated. The last event's usage is a
        :class:`~.usage.PricedUsage` where the cost, in dollars, is known.

        Raises:
            NotSent: While iterating: there is no session, or the request cannot be made.
            APIError: While iterating: the service failed; see :mod:`.errors` for the ways.
        """

        async def begin() -> Opening:
            return await self._begin(messages, tools, system)

        return EventStream(batches(begin, self._ended, self._left))

    async def _begin(
        self, messages: Sequence[Message], tools: Sequence[Tool[Any]], system: str
    ) -> Opening:
        origin = self._origin()
        request = chat_request(
            self.model.id,
            messages,
            tools,
            system,
            self._dialect(),
            self._options(origin),
            self._shared.memory,
        )
        names = {tool.name: tool.name for tool in tools} | dict(request.names)

        async def take(body: Body) -> Opening:
            return await opened(body, origin, names)

        call = self._call("POST", "chat/completions", origin, request.body)
        return await self._sender(origin).send(call, take)

    def _ended(self, turn: Turn) -> IterationEnd:
        end = turn.end()
        for call in turn.calls:
            self._shared.memory.keep(call.id, call.arguments.text)
        if turn.usage is None:
            return end
        return replaced(end, usage=priced(end.usage, turn.reported, self.model))

    def _left(self, turn: Turn) -> None:
        self.last_usage = turn.usage

    # -- embeddings ------------------------------------------------------------------------------

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these texts, in their order: a list of floats for each.

        Any number of texts is sent in as many requests as it takes; none costs nothing.

        Raises:
            ValueError: ``texts`` is one text, not a list of them.
            APIError: The service failed, or sent something other than one vector for each text.
        """
        if isinstance(texts, str):
            message = "texts must be a list of strings, not one string"
            raise ValueError(message)  # noqa: TRY004  # a wrong argument
        origin = self._origin()

        async def ask(batch: list[str]) -> Embedded:
            return await self._embed(batch, origin)

        vectors, parts = await embedded(texts, ask, origin)
        used = [priced(part.usage, part.reported, self.model) for part in parts if part.usage]
        self.last_usage = sum(used, Usage(0, 0)) if used else None
        return vectors

    async def _embed(self, batch: list[str], origin: Origin) -> Embedded:
        packed = self._dialect().base64_embeddings
        body = vector.request(self.model.id, batch, packed=packed, dimensions=self.dimensions)

        async def take(response: Body) -> Embedded:
            read = await response.whole(_LARGEST_BODY)
            return vector.read(read, len(batch), dimensions=self.dimensions, origin=origin)

        return await self._sender(origin).send(self._call("POST", "embeddings", origin, body), take)

    # -- models ----------------------------------------------------------------------------------

    async def fetch_models(self) -> None:
        """Fill ``models`` anew: with the table of OpenAI's, or with what the service lists.

        A failure leaves them as they are. The active model's description is refreshed.

        Raises:
            APIError: The service could not be asked, or answered with something else.
        """
        self.models = await self._listed()
        self.model = resolved(self.models, self.model.id) or self.model

    async def _listed(self) -> ModelRegistry:
        if self.listing is None:
            return openai_models()
        origin = self._origin()
        listing = self.listing

        async def take(body: Body) -> ModelRegistry:
            return listing.read(await body.whole(_LARGEST_BODY), origin).models

        call = self._call("GET", listing.path, origin, query=dict(listing.query))
        return await self._sender(origin).send(call, take)

    def resolve_model(self, id: str) -> ModelSpec:
        """The model of this id; a variant such as ``id:nitro`` is found by the id before it.

        Raises:
            KeyError: There is none.
        """
        if (found := resolved(self.models, id)) is None:
            raise KeyError(id)
        return found

    def with_model(self, model: ModelSpec) -> Self:
        """The same transport with another model; session, memory and settings are shared."""
        clone = object.__new__(type(self))
        clone.__dict__.update(self.__dict__)
        clone.model, clone.last_usage, clone._owns_session = model, None, False
        return clone

    def __copy__(self) -> Self:
        """A clone, as ``with_model`` makes one."""
        return self.with_model(self.model)

    def __getstate__(self) -> dict[str, object]:
        """The settings, without the key and without what belongs to this process."""
        left_out = {"api_key", "session", "_shared", "_owns_session"}
        return {key: value for key, value in self.__dict__.items() if key not in left_out}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Take the settings; the key comes from the environment again."""
        self.__dict__.update(state)
        self.api_key = variable(*self.env_vars[:1]) if self.env_vars else ""
        self.session, self._owns_session, self._shared = None, False, _Shared()

    # -- saving ----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, object]:
        """The settings as JSON-able values, the key among them."""
        models, settings = tuple(self.models.values()), setting.chosen(self)
        saved = Saved(self.name, self.base_url, self.api_key, models, self.model, settings)
        return saved.to_dict()

    @classmethod
    def from_dict(
        cls, data: Mapping[str, object], *, session: aiohttp.ClientSession | None = None
    ) -> Self:
        """The transport that ``to_dict`` wrote down.

        Empty values fall back to the environment and the defaults; what cannot be used is passed
        over with a warning.
        """
        saved, problems = restored(dict(data))
        settings, unusable = setting.usable(saved.settings)
        for problem in (*problems, *unusable):
            logger.warning("A saved %s transport: %s", cls.display_name, problem)
        given: dict[str, Any] = {
            "name": saved.name,
            "base_url": saved.base_url,
            "api_key": saved.api_key,
            "model": saved.model,
            "models": ModelRegistry(saved.models),
        }
        given = {key: value for key, value in given.items() if value} | settings
        return cls(session=session, **given)

    # -- what apps ask of the class --------------------------------------------------------------

    @classmethod
    def has_credentials(cls, config: Mapping[str, str] | None = None) -> bool:
        """Whether a request can be sent: there is a key, or a server of one's own."""
        found = dict(config or {})
        names = ("api_key", *cls.env_vars)
        if any(found.get(name, "").strip() or variable(name) for name in names):
            return True
        address = found.get("base_url", "").strip() or variable(cls.url_variable)
        return bool(address) and address.rstrip("/") != cls.default_base_url

    @staticmethod
    def format_error(error: BaseException) -> str:
        """What went wrong, for people, in one line."""
        return " ".join(str(error).split()) or type(error).__name__

    # -- requests --------------------------------------------------------------------------------

    def _dialect(self) -> Dialect:
        if self.dialect is not None:
            return self.dialect
        own = self.base_url.strip().rstrip("/") == self.default_base_url
        return self.service_dialect if own else COMPATIBLE

    def _options(self, origin: Origin) -> Options:
        return Options(
            provider=origin.authority,
            temperature=self.temperature,
            max_output_tokens=self.max_output_tokens,
            reasoning_effort=self.reasoning_effort,
            extra_params=self.extra_params,
        )

    def _origin(self) -> Origin:
        return Origin(self.name, self.base_url.strip(), self.api_key.strip())

    def _call(
        self,
        method: str,
        path: str,
        origin: Origin,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Call:
        url = origin.url(path, {**(query or {}), **self.extra_query})
        return Call(method, url, origin.headers(self.extra_headers), body)

    def _sender(self, origin: Origin) -> Sender:
        if self.session is None:
            told = "has no session: give it session=aiohttp.ClientSession() or use it as 'async with'"
            raise NotSent(f"The {self.name} transport {told}.")
        return Sender(
            self.session,
            origin,
            policy=RetryPolicy(self.max_retries, self.retry_base_delay, self.max_retry_wait),
            clocks=Clocks(
                self.connect_timeout, self.first_event_timeout, self.idle_timeout, self.total_timeout
            ),
            link=self._shared.link,
        )
