"""What an agent on axio holds: the wire's messages and tools as axio's."""

from __future__ import annotations

import base64
import json
from types import MappingProxyType

from axio.blocks import ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message
from axio.tool import Tool

from benchmarks.client import Wire

__all__ = ["message", "tool"]


def message(wire: Wire) -> Message:
    """A message as axio has it."""
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


def tool(wire: Wire) -> Tool[None]:
    """A tool as axio has it."""
    told = wire["function"]
    return Tool(
        name=told["name"],
        description=told["description"],
        handler=_nothing,
        context=None,
        schema=MappingProxyType(told["parameters"]),
    )


async def _nothing() -> str:
    return ""


def _block(part: Wire) -> TextBlock | ImageBlock:
    if part["type"] == "text":
        return TextBlock(part["text"])
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return ImageBlock(head.removeprefix("data:"), base64.b64decode(data))
