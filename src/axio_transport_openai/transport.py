"""OpenAI-compatible chat completions as an axio transport: what axio and its apps ask."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import msgspec
from axio.models import ModelRegistry

from . import options
from .catalogue import openai_models, resolved
from .configuration import Configuration
from .errors import NotSent
from .known import dialect_for
from .session import OwnSession
from .silence import unrepeated
from .stream import EventStream, event_batches

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from types import TracebackType

    from axio.messages import Message
    from axio.models import ModelSpec
    from axio.tool import Tool
    from axio.types import Usage

    from .client import Chat, Client, Shared
    from .dialect import Dialect

__all__ = ["OpenAITransport"]


class OpenAITransport(Configuration):
    """OpenAI, or any service that speaks its chat completions.

    Give it an ``aiohttp.ClientSession``, which stays yours, or use it as ``async with``, which
    makes one of its own. Its settings are those of :class:`~.configuration.Configuration`, and may
    be set at any time; the next request has them.

    Raises:
        ValueError: A setting is not what it should be; the message names it.
    """

    def __post_init__(self) -> None:
        """Take the settings, and begin without a past."""
        super().__post_init__()
        self._own: OwnSession | None = None
        self._entered = 0
        self._known_models = dict(self.models.items())
        self._chosen: ModelSpec | None = None  # what an app's settings name, which leads the list
        self._family = _Family()
        self._made: tuple[list[object], Client] | None = None

    async def __aenter__(self) -> Self:
        """Make a session, where none was given; a clone shares it, and may be entered too."""
        if self.session is None or (self._own is not None and self._own.session.closed):
            self._own = OwnSession()
            self.session = self._own.session
        if self._own is not None:
            self._own.enter()
            self._entered += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the session that was made, which the last to leave closes."""
        own = self._own
        if own is None:
            return
        self._entered -= 1
        if not self._entered:
            self.session, self._own = None, None
        await own.leave()

    @classmethod
    @asynccontextmanager
    async def open_for_app(
        cls, *, session: aiohttp.ClientSession, **settings: object
    ) -> AsyncGenerator[Self]:
        """The transport as an app opens it with its saved settings, its models known.

        A service is asked for them once: who starts an app would not wait for a dozen attempts.
        A setting of it that is set later, and cannot be, is logged and stays as it was.

        Raises:
            NotSent: Nothing could be asked, for want of a key or an address.
            APIError: The service could not be asked for its models.
            ValueError: A setting is not what it should be; the message names it.
        """
        cls._require_credentials(settings)
        known = cls.known_settings(settings)
        transport = cls(session=session, **known)
        transport._chosen = transport.model if "model" in known else None
        del settings, known  # no frame of a failure holds the key
        attempts, transport.max_retries = transport.max_retries, 1
        await transport.fetch_models()
        transport.max_retries, transport._in_app = attempts, True
        with unrepeated():
            yield transport

    def stream(self, messages: list[Message], tools: list[Tool[Any]], system: str) -> EventStream:
        """The events of the model's answer; closed with exactly one ``IterationEnd``.

        ``system`` may be empty. Nothing is sent before it is iterated. The last event's usage is a
        :class:`~.usage.PricedUsage` where the cost, in dollars, is known.

        Raises:
            NotSent: While iterating: there is no session, or the request cannot be made.
            APIError: While iterating: the service failed; see :mod:`.errors` for the ways.
        """
        return EventStream(event_batches(_Question(self, messages, tools, system)))

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these texts, in their order: a list of floats for each.

        Any number of texts is sent in as many requests as it takes; nothing is sent for no texts.

        Raises:
            ValueError: ``texts`` is no list of strings.
            NotSent: There is no session, or the request cannot be made.
            APIError: The service failed, or sent something other than one vector for each text.
        """
        from .embedding import checked

        wanted = checked(texts)
        return await self._embedded(wanted) if wanted else []

    async def _embedded(self, texts: Sequence[str]) -> list[list[float]]:
        vectors, self.last_usage = await self.client().embed(texts, self.dimensions)
        return vectors

    async def fetch_models(self) -> None:
        """Fill ``models`` anew: with the table of OpenAI's, or with what the service lists.

        A failure keeps what was there, emptied or not. The active model's description is renewed.

        Raises:
            APIError: The service could not be asked, or answered with something else.
        """
        if not self.models:
            self.models.update(self._known_models)
        models = await self._listed()
        self.model = resolved(models, self.model.id) or self.model
        if self._chosen is not None:
            chosen = resolved(models, self._chosen.id) or self._chosen
            models = ModelRegistry([chosen, *models.values()])
        self.models = models
        self._known_models = dict(self.models.items())

    async def _listed(self) -> ModelRegistry:
        return await self.client().models(self.listing) if self.listing else openai_models()

    def resolve_model(self, id: str) -> ModelSpec:
        """The model of this id; a variant such as ``id:nitro`` is found by the id before it.

        Raises:
            KeyError: There is none.
        """
        if (found := resolved(self.models, id)) is None:
            raise KeyError(f"there is no model {id!r} in models; fetch_models() fills it")
        return found

    def with_model(self, model: ModelSpec) -> Self:
        """The same transport with another model; session, memory and settings are shared."""
        from .clone import share

        clone = object.__new__(type(self))
        share(self, clone)
        clone.model, clone.last_usage, clone._entered, clone._made = model, None, 0, None
        return clone

    def __copy__(self) -> Self:
        """A clone, as ``with_model`` makes one."""
        return self.with_model(self.model)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """A transport with settings of its own; the session is shared, for it holds sockets."""
        from .clone import deepen

        memo[id(self.session)] = self.session
        clone = memo[id(self)] = self.with_model(self.model)
        deepen(clone, memo)
        return clone

    def describe_thinking(self) -> str:
        """How hard the model is asked to think, and what else can be asked, for people."""
        return options.described(self.reasoning_effort, self._dialect())

    def configure_thinking(self, value: str) -> str:
        """Ask the model to think this hard; ``default`` leaves it to the service.

        Raises:
            ValueError: The service knows no such effort.
        """
        self.reasoning_effort = options.effort_from(value, self._dialect())
        return self.describe_thinking()

    def supported_thinking_levels(self, model: ModelSpec) -> tuple[str, ...]:
        """The efforts that may be asked of the service, whichever the model, from the least."""
        del model
        return tuple(options.efforts(self._dialect()))

    def client(self) -> Client:
        """What these settings come to, the same as the last time where they are the same.

        Raises:
            NotSent: There is no session.
        """
        if self._made is None or not all(map(is_, self._inputs(), self._made[0])):
            # Both in one expression: a traceback that shows local variables shows no key.
            self._made = self._inputs(), self._new_client()
        return self._made[1]

    def _new_client(self) -> Client:
        if not isinstance(self.session, aiohttp.ClientSession):
            why = "has no session: give it session=aiohttp.ClientSession() or use 'async with'"
            raise NotSent(f"The {self.name} transport {why}.")
        from .client import Client
        from .http import Clocks
        from .retry import RetryPolicy

        origin = self._origin()
        return Client(
            session=self.session,
            origin=origin,
            model=self._asked_model(),
            dialect=self._dialect(),
            options=options.Options(
                provider=origin.authority,
                temperature=self.temperature,
                max_output_tokens=self.max_output_tokens,
                reasoning_effort=self.reasoning_effort,
                extra_params=self.extra_params,
            ),
            policy=RetryPolicy(self.max_retries, self.retry_base_delay, self.max_retry_wait),
            clocks=Clocks(
                connect=self.connect_timeout or math.inf,
                first_event=self.first_event_timeout or math.inf,
                idle=self.idle_timeout or math.inf,
                total=self.total_timeout or math.inf,
            ),
            shared=self._family.shared,
            debug=self.debug,
            learnt=self.learnt,
            headers=self.extra_headers,
            query=self.extra_query,
        )

    def _asked_model(self) -> ModelSpec:
        """The active model under the id by which the service knows it."""
        return self.model

    def _dialect(self) -> Dialect:
        return self.dialect or dialect_for(self.base_url)


class _Question(msgspec.Struct, gc=False):
    """What is asked, and which transport takes down what the answer used."""

    transport: OpenAITransport
    messages: list[Message]
    tools: list[Tool[Any]]
    system: str

    def asked(self) -> Chat:
        """The answer that is asked for, with the settings as they are then."""
        return self.transport.client().chat(self.messages, self.tools, self.system)

    def ended(self, used: Usage | None) -> None:
        """Take down what the answer used."""
        self.transport.last_usage = used


class _Family:
    """What a transport and its clones have in common, made with their first request."""

    @cached_property
    def shared(self) -> Shared:
        from .client import Shared

        return Shared()

    def __deepcopy__(self, memo: dict[int, object]) -> _Family:
        """What a copy finds out for itself."""
        return _Family()
