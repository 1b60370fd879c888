"""The user's own services: a local server, a gateway, a provider that is not known here."""

from __future__ import annotations

import sys
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from axio.models import ModelRegistry, ModelSpec

from .errors import NotSent
from .resident import SCHEME, resident
from .setting import READERS
from .silence import unrepeated
from .transport import OpenAITransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    import aiohttp
    from axio.events import StreamEvent
    from axio.messages import Message
    from axio.tool import Tool

    from .local import LocalServer
    from .store import Shelf
    from .stream import EventStream

__all__ = ["OpenAICompatibleTransport", "ProvidersTransport"]

_NONE: Final = ModelSpec("")
#: What gives an app each of the user's providers as a transport of its own, once it is loaded.
_HUB: Final = f"{__package__}.tui"


@dataclass
class OpenAICompatibleTransport(OpenAITransport):
    """Any compatible service; its models are those it was made with.

    Nothing of it comes from the environment. Without a ``model`` the first of ``models`` is active.
    The base URL ``local:`` is a model on this machine, which is loaded when it is first asked.
    Where it cannot be served, asking it raises :class:`~.local.LocalServerError`.
    """

    display_name: ClassVar[str] = "OpenAI-compatible"
    env_vars: ClassVar[tuple[str, ...]] = ()
    url_variable: ClassVar[str] = ""
    default_base_url: ClassVar[str] = ""
    default_models: ClassVar[dict[str, str]] = {}

    name: str = "OpenAI-compatible"
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    model: ModelSpec = _NONE
    models: ModelRegistry = field(default_factory=ModelRegistry, repr=False)

    def __post_init__(self) -> None:
        """Remember the models it was made with, and make the first active where none is."""
        super().__post_init__()
        self._made_with = tuple(self.models.values())
        if not self.model.id and self._made_with:
            self.model = self._made_with[0]

    async def _listed(self) -> ModelRegistry:
        """The models it was made with."""
        return ModelRegistry(self._made_with)

    @classmethod
    def has_credentials(cls, config: Mapping[str, object] | None = None) -> bool:
        """Whether a request can be sent: there is a base URL, or a provider is kept.

        Raises:
            StoreError: There is a file of providers, and it cannot be opened.
        """
        if super().has_credentials(config):
            return True
        from .store import Store

        return any(saved.models for saved in Store().load())

    @classmethod
    @asynccontextmanager
    async def open_for_app(
        cls,
        *,
        session: aiohttp.ClientSession,
        **settings: object,
    ) -> AsyncGenerator[OpenAICompatibleTransport]:
        """The service of these settings; without any, all providers that are kept, as one.

        Where the settings screens are loaded, their hub gives the app each of them by itself.

        Raises:
            NotSent: There is no base URL, and no provider with a model.
            StoreError: There is a file of providers, and it cannot be opened.
            ValueError: A setting is not what it should be; the message names it.
        """
        if super().has_credentials(settings):
            async with super().open_for_app(session=session, **settings) as transport:
                yield transport
            return
        from .store import Store

        if _HUB in sys.modules:
            raise NotSent(f"{cls.display_name} is not set up{_instead(Store().read())}.")
        kept = [saved for saved in Store().load() if saved.models]
        if not kept:
            where = f"no provider with a model is in {Store().path}; add one with axio-tui"
            raise NotSent(f"{cls.display_name} is not set up: {where}.")
        found = [cls.from_dict(saved.to_dict(), session=session) for saved in kept]
        with unrepeated():
            yield ProvidersTransport(session=session, providers=tuple(found))

    def stream(self, messages: list[Message], tools: list[Tool[Any]], system: str) -> EventStream:
        """The events of the model's answer; see :meth:`.transport.OpenAITransport.stream`.

        Raises:
            LocalServerError: While iterating: a model on this machine cannot be served.
        """
        if not self.base_url.startswith(SCHEME):
            return super().stream(messages, tools, system)
        from .stream import EventStream

        return EventStream(self._loaded(messages, tools, system))

    async def _loaded(
        self, messages: list[Message], tools: list[Tool[Any]], system: str
    ) -> AsyncGenerator[list[StreamEvent]]:
        home = resident(self.base_url)
        there = self._at(await home.serving())
        try:
            async with home.asked(), aclosing(there.stream(messages, tools, system)) as events:
                async for event in events:
                    yield [event]
        finally:
            self.last_usage = there.last_usage

    async def _embedded(self, texts: Sequence[str]) -> list[list[float]]:
        if not self.base_url.startswith(SCHEME):
            return await super()._embedded(texts)
        home = resident(self.base_url)
        there = self._at(await home.serving())
        async with home.asked():
            vectors = await there.embed(list(texts))
        self.last_usage = there.last_usage
        return vectors

    def _at(self, server: LocalServer) -> Self:
        """The same transport, at the address where the model is served.

        It repeats nothing: what fails there fails for good, and what ended has no address any more.
        """
        there = self.with_model(self.model)
        there.base_url, there.api_key = server.base_url, server.api_key
        client = there.client()
        client.shared = client.shared.unrepeating()
        # What is learnt of the model holds at its next address too.
        client.key = client.key.replace(server.base_url, self.base_url)
        return there


def _instead(shelf: Shelf) -> str:
    """The rest of a sentence for an app whose hub gives it the providers: what there is instead."""
    if shelf.problems:
        return f": {'; '.join(shelf.problems)}"
    if shelf.providers:
        names = ", ".join(saved.name for saved in shelf.providers)
        return f" as one service, for each of your providers is one by itself: {names}"
    return ": add a provider in its settings"


@dataclass
class ProvidersTransport(OpenAICompatibleTransport):
    """Several providers as one transport: a model's id is ``provider:model``.

    The active model's provider is the one that is asked, with its own settings. What an app has
    set beside them, such as a temperature, stays when the model is another provider's.
    """

    providers: tuple[OpenAICompatibleTransport, ...] = field(default=(), repr=False, kw_only=True)
    _in_app = True  # for which alone it is made

    def __post_init__(self) -> None:
        """Collect the models, and ask the first one's provider."""
        self._homes = {
            f"{provider.name}:{model.id}": (provider, model)
            for provider in self.providers
            for model in provider.models.values()
        }
        self.models = ModelRegistry(replace(model, id=id) for id, (_, model) in self._homes.items())
        super().__post_init__()
        _move(self, None, self._home(self.model))

    def resolve_model(self, id: str) -> ModelSpec:
        """The model of this id; its provider may be left out where only one has such a model.

        Raises:
            KeyError: There is none, or there are several.
        """
        if id in self.models:
            return self.models[id]
        found = [full for full, (_, model) in self._homes.items() if model.id == id]
        if not found:
            raise KeyError(f"there is no model {id!r}")
        if len(found) > 1:
            raise KeyError(f"several providers have a model {id!r}: {', '.join(found)}")
        return self.models[found[0]]

    def with_model(self, model: ModelSpec) -> Self:
        """The same transport with another model, and with its provider's settings."""
        clone = super().with_model(model)
        _move(clone, self._home(self.model), self._home(model))
        return clone

    def _home(self, model: ModelSpec) -> OpenAICompatibleTransport | None:
        return self._homes.get(model.id, (None, _NONE))[0]

    def _asked_model(self) -> ModelSpec:
        """The active model as its provider calls it."""
        return self._homes.get(self.model.id, (None, self.model))[1]


def _move(
    transport: ProvidersTransport,
    left: OpenAICompatibleTransport | None,
    home: OpenAICompatibleTransport | None,
) -> None:
    """Give it the settings of one provider in place of those it has from another."""
    if home is None or home is left:
        return
    for name in ("name", "base_url", "api_key", "_family", *READERS):
        if left is None or getattr(transport, name) == getattr(left, name):
            setattr(transport, name, getattr(home, name))
