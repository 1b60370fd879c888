"""A short question to a transport, the text of what comes back, and a caller that is busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from axio.blocks import TextBlock
from axio.events import TextDelta
from axio.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axio.events import StreamEvent

    from axio_transport_openai import OpenAITransport
    from axio_transport_openai.stream import EventStream

__all__ = ["HI", "answered", "ask", "compute", "text_of"]

#: A conversation that begins.
HI: Final = [Message("user", [TextBlock("Hi")])]


def ask(
    transport: OpenAITransport, messages: list[Message] | None = None, system: str = ""
) -> EventStream:
    """The events of the answer to these messages, or to a greeting."""
    return transport.stream(messages or HI, [], system)


async def answered(
    transport: OpenAITransport, messages: list[Message] | None = None, system: str = ""
) -> str:
    """The text of the answer."""
    return text_of([event async for event in ask(transport, messages, system)])


def text_of(events: Iterable[StreamEvent]) -> str:
    """The text in these events."""
    return "".join(event.delta for event in events if isinstance(event, TextDelta))


def compute(seconds: float) -> None:
    """What a program does between two awaits; nothing else of its loop runs meanwhile."""
    time.sleep(seconds)
