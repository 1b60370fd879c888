"""langchain-openai, its ``astream``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from langchain_core.messages import SystemMessage, convert_to_messages
from langchain_openai import ChatOpenAI

from benchmarks.client import KEY, MODEL, SYSTEM, Client, Own, Take, Wire
from benchmarks.clients.sdk import http_client

__all__ = ["LangChain"]


class LangChain(Client):
    """The chat model, without a chain around it."""

    async def __aenter__(self) -> Self:
        self._http = http_client()
        self._model = ChatOpenAI(
            model=MODEL,
            base_url=self.base_url,
            api_key=KEY,
            max_retries=0,
            stream_usage=True,
            use_responses_api=False,
            http_async_client=self._http,
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._http.aclose()

    def message(self, wire: Wire) -> Own:
        (made,) = convert_to_messages([wire | {"content": wire["content"] or ""}])
        return made

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        model = self._model.bind(tools=tools) if tools else self._model
        async for chunk in model.astream([SystemMessage(SYSTEM), *messages]):
            if chunk.content:
                take(chunk.content)
            for call in chunk.tool_call_chunks:
                if call["args"]:
                    take(call["args"])
