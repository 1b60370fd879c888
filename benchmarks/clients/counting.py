"""L1: aiohttp, and the bytes it read only counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import aiohttp

from benchmarks.client import MODEL, SYSTEM, Client, Own, Take, Wire

__all__ = ["Aiohttp", "Counting", "request"]


def request(messages: Sequence[Own], tools: Sequence[Own]) -> Wire:
    """The body of a request, as an object."""
    told = [{"role": "system", "content": SYSTEM}, *messages]
    body: Wire = {"model": MODEL, "messages": told, "stream": True}
    body["stream_options"] = {"include_usage": True}
    return body | {"tools": tools} if tools else body


class Aiohttp(Client):
    """A client that is little more than a session of aiohttp's."""

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"Content-Type": "application/json"},
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.session.close()


class Counting(Aiohttp):
    """The least that reads a stream at all."""

    raw = True

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        url = f"{self.base_url}/chat/completions"
        async with self.session.post(url, json=request(messages, tools)) as response:
            async for data in response.content.iter_any():
                take(data)
