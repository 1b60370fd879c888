"""litellm, its ``acompletion``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Self

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else the import asks the network for prices

import litellm

from benchmarks.client import EMBEDDER, KEY, MODEL, SYSTEM, Client, Encoding, Own, Take, Unsupported

__all__ = ["LiteLLM"]


class LiteLLM(Client):
    """The function that asks any service."""

    async def __aenter__(self) -> Self:
        litellm.suppress_debug_info = True
        litellm.telemetry = False
        self._to = {"api_base": self.base_url, "api_key": KEY, "timeout": 600, "max_retries": 0}
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Nothing: its clients are its own."""

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        stream = await litellm.acompletion(
            model=f"openai/{MODEL}",
            messages=[{"role": "system", "content": SYSTEM}, *messages],
            stream=True,
            stream_options={"include_usage": True},
            **self._to,
            **({"tools": tools} if tools else {}),
        )
        async for chunk in stream:
            for choice in chunk.choices:
                if choice.delta.content:
                    take(choice.delta.content)
                for call in choice.delta.tool_calls or ():
                    if call.function.arguments:
                        take(call.function.arguments)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        if encoding == "base64":
            raise Unsupported("it hands base64 over as it is")
        answer = await litellm.aembedding(
            model=f"openai/{EMBEDDER}", input=texts, encoding_format=encoding, **self._to
        )
        return [row["embedding"] for row in answer.data]
