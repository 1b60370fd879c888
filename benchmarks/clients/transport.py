"""axio-transport-openai, this one or a published one, through its public interface alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from types import MappingProxyType
from typing import Self

import aiohttp
from axio.blocks import ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.events import TextDelta, ToolInputDelta
from axio.messages import Message
from axio.models import ModelSpec
from axio.tool import Tool

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

__all__ = ["Transport"]


class Transport(Client):
    """Its ``stream`` and its ``embed``."""

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
        if wire["role"] == "tool":
            return Message("user", [ToolResultBlock(wire["tool_call_id"], wire["content"])])
        content: str | list[Wire] = wire.get("content") or []
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        calls = [
            ToolUseBlock(
                call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])
            )
            for call in wire.get("tool_calls", ())
        ]
        return Message(wire["role"], [*map(_block, parts), *calls])

    def tool(self, wire: Wire) -> Own:
        told = wire["function"]
        made: Tool[None] = Tool(
            name=told["name"],
            description=told["description"],
            handler=_nothing,
            context=None,
            schema=MappingProxyType(told["parameters"]),
        )
        return made

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        async for event in self._chat.stream(list(messages), list(tools), SYSTEM):
            if type(event) is TextDelta:
                take(event.delta)
            elif type(event) is ToolInputDelta:
                take(event.partial_json)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        return await self._transport(EMBEDDER, **_encoded(encoding)).embed(texts)


async def _nothing() -> str:
    return ""


def _block(part: Wire) -> TextBlock | ImageBlock:
    if part["type"] == "text":
        return TextBlock(part["text"])
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return ImageBlock(head.removeprefix("data:"), base64.b64decode(data))


def _encoded(encoding: Encoding) -> dict[str, object]:
    """The settings that ask for this encoding; releases without dialects know floats only."""
    if dialect := getattr(axio_transport_openai, "Dialect", None):
        return {"dialect": dialect(base64_embeddings=encoding == "base64")}
    if encoding == "base64":
        raise Unsupported("it asks for floats only")
    return {}
