"""L3: L2, handed what a transport is handed: axio's messages and tools.

The plainest walk that makes the wire's dicts of them. It looks at nothing, mends nothing and
remembers nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from axio.blocks import ContentBlock, ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message
from axio.tool import Tool

from benchmarks.client import Own, Take, Wire
from benchmarks.clients import agent
from benchmarks.clients.decoding import Decoding

__all__ = ["Walking", "walked"]

_encode: Final = msgspec.json.Encoder().encode


class Walking(Decoding):
    """The limit of what a transport sends."""

    def message(self, wire: Wire) -> Own:
        return agent.message(wire)

    def tool(self, wire: Wire) -> Own:
        return agent.tool(wire)

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        await super().chat([*walked(messages)], [*map(_told, tools)], take)


def _told(tool: Tool[None]) -> Wire:
    function = {"name": tool.name, "description": tool.description}
    return {"type": "function", "function": function | {"parameters": tool.schema.copy()}}


def walked(messages: Sequence[Message]) -> Iterator[Wire]:
    """The messages as the wire has them."""
    for message in messages:
        calls: list[Wire] = []
        said: list[ContentBlock] = []
        for block in message.content:
            if isinstance(block, ToolResultBlock):
                yield {"role": "tool", "tool_call_id": block.tool_use_id, "content": block.content}
            elif isinstance(block, ToolUseBlock):
                calls.append(_call(block))
            else:
                said.append(block)
        if calls:
            yield {"role": message.role, "content": _content(said), "tool_calls": calls}
        elif said:
            yield {"role": message.role, "content": _content(said)}


def _content(blocks: Sequence[ContentBlock]) -> str | list[Wire] | None:
    match blocks:
        case []:
            return None
        case [TextBlock(text)]:
            return text
        case _:
            return [*map(_part, blocks)]


def _call(block: ToolUseBlock) -> Wire:
    function = {"name": block.name, "arguments": _encode(block.input).decode()}
    return {"id": block.id, "type": "function", "function": function}


def _part(block: ContentBlock) -> Wire:
    match block:
        case TextBlock(text):
            return {"type": "text", "text": text}
        case ImageBlock(media_type, data):
            url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
            return {"type": "image_url", "image_url": {"url": url}}
        case _:
            raise TypeError(block)
