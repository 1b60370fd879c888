"""L2: aiohttp, lines, one typed decode and one event for each chunk, out of one async generator.

The plainest complete design, and so what everything else is measured in. It survives nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import aiohttp
import msgspec
from axio.events import ReasoningDelta, StreamEvent, TextDelta, ToolInputDelta

from benchmarks.client import EMBEDDER, Encoding, Own, Take
from benchmarks.clients.counting import Aiohttp, request

__all__ = ["Decoding"]


class _Function(msgspec.Struct):
    arguments: str = ""


class _Call(msgspec.Struct):
    function: _Function
    index: int = 0


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice]


class _Floats(msgspec.Struct):
    embedding: list[float]


class _FloatRows(msgspec.Struct):
    data: list[_Floats]


class _Packed(msgspec.Struct):
    embedding: bytes


class _PackedRows(msgspec.Struct):
    data: list[_Packed]


_encode: Final = msgspec.json.Encoder().encode
_chunk: Final = msgspec.json.Decoder(_Chunk).decode
_floats: Final = msgspec.json.Decoder(_FloatRows).decode
_packed: Final = msgspec.json.Decoder(_PackedRows).decode

_DATA: Final = b"data: "
_DONE: Final = b"data: [DONE]"


class Decoding(Aiohttp):
    """The limit with every event made."""

    thinks = True

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        url, body = f"{self.base_url}/chat/completions", _encode(request(messages, tools))
        async with self.session.post(url, data=body) as response:
            async for event in _events(response.content):
                if type(event) is TextDelta or type(event) is ReasoningDelta:
                    take(event.delta)
                elif type(event) is ToolInputDelta:
                    take(event.partial_json)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        asked = {"model": EMBEDDER, "input": texts, "encoding_format": encoding}
        url = f"{self.base_url}/embeddings"
        async with self.session.post(url, data=_encode(asked)) as response:
            body = await response.read()
        if encoding == "float":
            return [row.embedding for row in _floats(body).data]
        return [array("f", row.embedding).tolist() for row in _packed(body).data]


async def _events(content: aiohttp.StreamReader) -> AsyncGenerator[StreamEvent]:  # noqa: C901
    """All in one function: what it called for each chunk would cost more than it does."""
    held: list[bytes] = []  # an unfinished line, joined once when it ends
    async for data in content.iter_any():
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*held, lines[0]])
            held.clear()
        held.append(rest)
        for line in lines:
            if line.startswith(_DATA) and line != _DONE:
                for choice in _chunk(line[len(_DATA) :]).choices:
                    if choice.delta.content:
                        yield TextDelta(0, choice.delta.content)
                    elif choice.delta.reasoning_content:
                        yield ReasoningDelta(0, choice.delta.reasoning_content)
                    for call in choice.delta.tool_calls or ():
                        yield ToolInputDelta(call.index, "", call.function.arguments)
