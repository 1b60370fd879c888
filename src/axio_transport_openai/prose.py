"""Blocks as text that a model can read, where they cannot be sent as what they are."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

from axio.blocks import (
    AudioBlock,
    ImageBlock,
    ProviderBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
)

from .errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message
    from typing_extensions import TypeIs

__all__ = [
    "Media",
    "blank",
    "is_media",
    "named",
    "note",
    "orphan",
    "readable",
    "text_of",
    "unknown",
]

type Media = ImageBlock | AudioBlock | VideoBlock


def is_media(block: ContentBlock) -> TypeIs[Media]:
    """Whether this is something to see or to hear."""
    return isinstance(block, ImageBlock | AudioBlock | VideoBlock)


def blank(block: ContentBlock) -> bool:
    """Whether this is text that says nothing."""
    return isinstance(block, TextBlock) and (not block.text or block.text.isspace())


def text_of(message: Message) -> str:
    """What a message says in words."""
    return "\n\n".join(block.text for block in message.content if isinstance(block, TextBlock))


def named(block: Media) -> str:
    """What a note calls this."""
    kind = block.media_type.partition("/")[0]
    return f"{'A' if kind == 'video' else 'An'} {kind} ({block.media_type})"


def note(block: Media) -> TextBlock:
    """What stands for something that the model can neither see nor hear."""
    return TextBlock(f"[{named(block)}, {len(block.data)} bytes, which this model cannot take.]")


def readable(block: ContentBlock) -> Sequence[ContentBlock]:
    """A block as a user's message may hold it: media as they are, all else as text.

    Raises:
        NotSent: It is of a kind that cannot be sent.
    """
    match block:
        case ImageBlock() | AudioBlock() | VideoBlock():
            return (block,)
        case TextBlock():
            return () if blank(block) else (block,)
        case ReasoningBlock(text=text):
            return (TextBlock(f"[Reasoning: {text}]"),) if text.strip() else ()
        case ProviderBlock(provider=provider, kind=kind):
            return (TextBlock(f"[{kind} of {provider}]"),)
        case ToolUseBlock(name=name, input=arguments):
            shown = json.dumps(arguments, ensure_ascii=False, default=str)
            return (TextBlock(f"[Call of {name}: {shown}]"),)
        case ToolResultBlock():
            return orphan(block)
        case _:
            raise unknown(block)


def orphan(block: ToolResultBlock) -> Sequence[ContentBlock]:
    """A result whose call is not in the history, as what the user says.

    Raises:
        NotSent: It holds a block of a kind that cannot be sent.
    """
    failed = ", which failed" if block.is_error else ""
    head = TextBlock(f"[Result of a call that is not in this conversation{failed}:]")
    content = [TextBlock(block.content)] if isinstance(block.content, str) else block.content
    return (head, *chain.from_iterable(map(readable, content)))


def unknown(block: ContentBlock) -> NotSent:
    """The error for a block of a kind that cannot be sent."""
    told = "which chat completions cannot carry; put it into words, in a TextBlock"
    return NotSent(f"a message holds a {type(block).__name__}, {told}")
