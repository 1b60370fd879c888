"""axio-transport-openai, this one or a published one, through its public interface alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import aiohttp
from axio.events import ReasoningDelta, TextDelta, ToolInputDelta
from axio.models import ModelSpec

import axio_transport_openai
from axio_transport_openai import OpenAITransport
from benchmarks.client import (
    EMBEDDER,
    KEY,
    MODEL,
    SYSTEM,
    Client,
    Encoding,
    Own,
    Take,
    Unsupported,
    Wire,
)
from benchmarks.clients import agent

__all__ = ["Transport"]


class Transport(Client):
    """Its ``stream`` and its ``embed``."""

    thinks = True

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )
        self._chat = self._transport(MODEL)
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._session.close()

    def _transport(self, model: str, **settings: Own) -> OpenAITransport:
        return OpenAITransport(
            base_url=self.base_url,
            api_key=KEY,
            model=ModelSpec(id=model),
            session=self._session,
            max_retries=1,
            **settings,
        )

    def message(self, wire: Wire) -> Own:
        return agent.message(wire)

    def tool(self, wire: Wire) -> Own:
        return agent.tool(wire)

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        async for event in self._chat.stream(list(messages), list(tools), SYSTEM):
            if type(event) is TextDelta or type(event) is ReasoningDelta:
                take(event.delta)
            elif type(event) is ToolInputDelta:
                take(event.partial_json)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        return await self._transport(EMBEDDER, **_encoded(encoding)).embed(texts)


def _encoded(encoding: Encoding) -> dict[str, object]:
    """The settings that ask for this encoding; releases without dialects know floats only."""
    if dialect := getattr(axio_transport_openai, "Dialect", None):
        return {"dialect": dialect(base64_embeddings=encoding == "base64")}
    if encoding == "base64":
        raise Unsupported("it asks for floats only")
    return {}
