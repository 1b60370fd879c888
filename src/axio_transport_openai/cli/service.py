"""Which service a command talks to: the one that is named, or a model on this machine."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import aiohttp
from axio.models import Capability, ModelSpec

from axio_transport_openai.catalogue import for_chat
from axio_transport_openai.errors import BadRequest, NotFound, NotSent
from axio_transport_openai.listing import Listing
from axio_transport_openai.local import LocalServer, LocalServerError
from axio_transport_openai.origin import Origin
from axio_transport_openai.resident import Resident
from axio_transport_openai.transport import OpenAITransport

from .proxy import proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["service"]

#: A person waits: three attempts, a second or two apart, or as the service asks, within reason.
_ATTEMPTS: Final = 3
_DELAY: Final = 1.0
_LONGEST_WAIT: Final = 20.0


@dataclass
class _Listed(OpenAITransport):
    """Any service, which is asked for its models."""

    listing: ClassVar[Listing | None] = Listing()

    def is_openai(self) -> bool:
        """Whether this is OpenAI, also in a region, whose first model is seldom one for chat."""
        openai = Origin(base_url=self.default_base_url).authority
        return f".{self._origin().authority}".endswith(f".{openai}")

    async def first_model(self) -> ModelSpec:
        """The first model that the service lists for chat.

        Raises:
            NotSent: It lists none, or has no list.
        """
        try:
            await self.fetch_models()
        except NotFound as error:
            advice = "Where a service has no list of models, name one with --model."
            raise NotSent(f"{error} {advice}") from error
        if (found := for_chat(self.models.values())) is None:
            raise NotSent(f"{self._origin().shown} lists no model for chat; name one with --model.")
        return found


@asynccontextmanager
async def service(
    model: str | None, base_url: str | None, api_key: str | None
) -> AsyncGenerator[OpenAITransport]:
    """A transport to OpenAI or the service at this address, or where neither is asked for, locally.

    ``model`` is one of the service's, or for a local model its file.

    Raises:
        StreamError: There is no such service or no such model.
    """
    base_url, api_key, model = map(str.strip, (base_url or "", api_key or "", model or ""))
    if not base_url and not api_key:
        async with _served(model) as server, _local(server) as transport:
            yield transport
        return
    async with (
        aiohttp.ClientSession(proxy=proxy(base_url or _Listed.default_base_url)) as session,
        _remote(base_url, api_key, session) as transport,
    ):
        if model:
            transport.model = ModelSpec(model, frozenset({Capability.text}))
        elif not transport.is_openai():
            transport.model = await transport.first_model()
            async with _guessed(transport.model):
                yield transport
            return
        yield transport


@asynccontextmanager
async def _served(model: str) -> AsyncGenerator[LocalServer]:
    """A server of this model file, unless the name was meant for a service: the error says how.

    Raises:
        LocalServerError: It cannot be served, or the server ended by itself.
    """
    resident = Resident(LocalServer(model or None))
    try:
        server = await resident.serving()
        async with resident.asked():
            yield server
    except LocalServerError as error:
        told = "Or name a service with --base-url or --api-key."
        raise LocalServerError(f"{error} {told}") from error
    finally:
        await resident.stop()


@asynccontextmanager
async def _guessed(model: ModelSpec) -> AsyncGenerator[None]:
    """Say of a refusal that nobody chose the model: services list some that are not for chat.

    Raises:
        NotSent: The service refused to have it asked.
    """
    try:
        yield
    except (BadRequest, NotFound) as error:
        why = f"No model was named, and {model.id!r} is the first listed; choose one with --model."
        raise NotSent(f"{why} {error}") from error


def _local(server: LocalServer) -> OpenAITransport:
    return OpenAITransport(
        name="The local model",
        api_key=server.api_key,
        base_url=server.base_url,
        model=server.model,
        max_retries=1,
    )


def _remote(base_url: str, api_key: str, session: aiohttp.ClientSession) -> _Listed:
    return _Listed(
        session=session,
        name="The service" if base_url else _Listed.name,
        api_key=api_key,
        base_url=base_url or _Listed.default_base_url,
        max_retries=_ATTEMPTS,
        retry_base_delay=_DELAY,
        max_retry_wait=_LONGEST_WAIT,
    )
