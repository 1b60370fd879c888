"""A conversation with faults in its history, on a real llama.cpp: every turn is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from axio.blocks import (
    ContentBlock,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from axio.events import TextDelta, ToolUseStart
from axio.messages import Message
from axio.testing import assert_stream_contract
from axio.tool import Tool

from axio_transport_openai import OpenAITransport

if TYPE_CHECKING:
    from axio_transport_openai.local import LocalServer

pytestmark = pytest.mark.live

#: The smallest picture there is: one grey dot.
_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6368000000820081dd436af40000000049454e44ae426082"
)


async def look(path: str) -> str:
    """Look at a picture."""
    return path


def call(id: str) -> ToolUseBlock:
    return ToolUseBlock(id, "look at it", {"path": "x"})


#: What stands in the history before each of ten questions.
FAULTS: list[list[tuple[str, list[ContentBlock]]]] = [
    [],
    [("assistant", [])],
    [("assistant", [call("c")])],
    [("user", [ToolResultBlock("nobody's", "a result without a call")])],
    [
        ("assistant", [call("d"), call("d")]),
        ("user", [ToolResultBlock("d", [ImageBlock("image/png", _DOT)])]),
    ],
    [("assistant", [ReasoningBlock("Hm."), TextBlock("  ")])],
    [("user", [TextBlock("One more thing.")]), ("user", [TextBlock("And another.")])],
    [("system", [TextBlock("Be brief.")])],
    [("assistant", [call("c")]), ("user", [ToolResultBlock("c", "", is_error=True)])],
    [("assistant", [TextBlock("half a character: \ud83c")])],
]


async def test_every_turn_of_a_faulty_conversation_is_answered(server: LocalServer) -> None:
    messages: list[Message] = []
    tool: Tool[Any] = Tool("look at it", look)
    async with aiohttp.ClientSession() as session:
        transport = OpenAITransport(
            base_url=server.base_url,
            api_key=server.api_key,
            model=server.model,
            session=session,
            max_retries=3,
            max_output_tokens=12,
        )
        for faults in FAULTS:
            messages += [Message(role, blocks) for role, blocks in faults]  # type: ignore[arg-type]
            messages.append(Message("user", [TextBlock("What is the capital of France?")]))
            events = [event async for event in transport.stream(messages, [tool], "Be kind.")]

            assert_stream_contract(events)
            said = "".join(event.delta for event in events if isinstance(event, TextDelta))
            assert said or any(isinstance(event, ToolUseStart) for event in events)
            messages.append(Message("assistant", [TextBlock(said or "I looked.")]))
