"""openai-python, its asynchronous client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import openai

from benchmarks.client import EMBEDDER, KEY, MODEL, SYSTEM, Client, Encoding, Own, Take

__all__ = ["OpenAI", "http_client"]

#: As good as no limit, which some HTTP backends take for their default.
_MANY = 100_000


def http_client() -> Own:
    """The SDK's own HTTP client, without a limit on connections or a clock."""
    limits = type(openai.DEFAULT_CONNECTION_LIMITS)
    return openai.DefaultAsyncHttpxClient(
        limits=limits(max_connections=_MANY, max_keepalive_connections=_MANY), timeout=None
    )


class OpenAI(Client):
    """``chat.completions.create`` as a stream."""

    thinks = True

    async def __aenter__(self) -> Self:
        self._client = openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key=KEY,
            max_retries=0,
            timeout=None,
            http_client=http_client(),
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._client.close()

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        stream = await self._client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "system", "content": SYSTEM}, *messages],
            stream=True,
            stream_options={"include_usage": True},
            tools=tools or openai.omit,
        )
        async for chunk in stream:
            for choice in chunk.choices:
                if choice.delta.content:
                    take(choice.delta.content)
                elif thought := getattr(choice.delta, "reasoning_content", None):
                    take(thought)
                for call in choice.delta.tool_calls or ():
                    if call.function.arguments:
                        take(call.function.arguments)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        # Told nothing it asks for base64 and decodes it; told base64 it leaves that as it is.
        told = {"encoding_format": "float"} if encoding == "float" else {}
        answer = await self._client.embeddings.create(model=EMBEDDER, input=texts, **told)
        return [row.embedding for row in answer.data]
