"""Messages in few words, for tests of what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message

if TYPE_CHECKING:
    from axio.blocks import ContentBlock

__all__ = ["HELLO", "assistant", "call", "result", "user"]

HELLO: Final = TextBlock("Hello.")


def user(*blocks: ContentBlock) -> Message:
    """What the user says."""
    return Message("user", list(blocks))


def assistant(*blocks: ContentBlock) -> Message:
    """What the assistant says."""
    return Message("assistant", list(blocks))


def call(id: str) -> ToolUseBlock:
    """A call of this id."""
    return ToolUseBlock(id, "read", {"path": "x"})


def result(id: str, content: str = "text") -> ToolResultBlock:
    """The result of the call of this id."""
    return ToolResultBlock(id, content)
