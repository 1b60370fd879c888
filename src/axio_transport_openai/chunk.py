"""A chunk of a stream: one struct for each object in it, with only the fields we read."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["THOUGHTS", "Choice", "Chunk", "Delta", "Fragment", "Function", "Head"]

#: The fields of a delta that may hold a thought; the first that does counts.
THOUGHTS: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking")


class Function(msgspec.Struct, gc=False):
    """The function part of a tool call's fragment."""

    name: str | None = None
    arguments: str | None = None
    #: What some services write in place of ``arguments``. The type takes no value but null, so
    #: that a chunk which has one is read leniently, by :mod:`.wire`.
    parameters: None = None


class Fragment(msgspec.Struct, gc=False):
    """A part of one tool call, as one chunk carries it."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    extra_content: object = None
    #: What some services write here, not under ``function``: such a chunk is read leniently too.
    name: None = None
    arguments: None = None

    def untold(self) -> bool:
        """Whether it begins a call, and has nothing else that tells this from others."""
        named = self.function is not None and bool(self.function.name)
        return named and not self.id and self.index is None


class Delta(msgspec.Struct, gc=False):
    """What one chunk adds to a choice."""

    content: str | list[object] | None = None
    tool_calls: list[Fragment] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_text: str | None = None
    thinking: str | None = None
    reasoning_details: list[object] | None = None
    reasoning_opaque: object = None
    thinking_blocks: object = None
    extra_content: object = None
    refusal: str | None = None
    function_call: Function | None = None
    annotations: list[object] | None = None
    images: list[object] | None = None
    audio: object = None

    def says(self) -> bool:
        """Whether it carries anything at all."""
        return bool(self.content or self.tool_calls) or self.thinks() or self.rare()

    def goes_on(self) -> bool:
        """Whether it brings more of an answer: some services send a finish reason too early.

        White space, citations and what has to be sent back may follow an answer that is over.
        """
        content = self.content.strip() if isinstance(self.content, str) else self.content
        calls = self.tool_calls or self.function_call
        return bool(content or calls or self.refusal or self.images or self.audio) or self.thinks()

    def number_calls(self, *, untold: bool = False) -> None:
        """Give the calls of a whole message their places as indices, where they have none.

        Of a delta only ``untold`` ones are told apart so: each has its name, and none an id.
        """
        calls = self.tool_calls or ()
        if len(calls) <= 1 or (untold and not all(map(Fragment.untold, calls))):
            return
        for number, fragment in enumerate(calls):
            if fragment.index is None:
                fragment.index = number

    def thinks(self) -> bool:
        """Whether it carries reasoning as a text, under any of its names."""
        return bool(
            self.reasoning_content or self.reasoning or self.reasoning_text or self.thinking
        )

    def rare(self) -> bool:
        """Whether it carries anything that few answers do."""
        return bool(
            self.reasoning_details
            or self.refusal
            or self.function_call
            or self.annotations
            or self.images
            or self.audio
            or self.extra_content
            or self.reasoning_opaque
            or self.thinking_blocks
        )


class Choice(msgspec.Struct, gc=False):
    """One candidate's part of a chunk."""

    index: int = 0
    delta: Delta | None = None
    #: A whole message, where nothing is streamed; some services end a stream with one.
    message: Delta | None = None
    finish_reason: str | None = None
    finish: str | None = msgspec.field(default=None, name="finishReason")
    #: The finish reason of the service behind a gateway.
    native: object = msgspec.field(default=None, name="native_finish_reason")
    #: The content in the older form of completions.
    text: str | None = None
    usage: object = None
    logprobs: object = None
    error: object = None


class Chunk(msgspec.Struct, gc=False):
    """One object of the stream, or a whole completion."""

    choices: list[Choice] | None = None
    usage: object = None
    error: object = None
    x_groq: object = None
    timings: object = None
    #: What the answer is drawn from, by Perplexity and others, in full in each chunk.
    citations: object = None
    search_results: object = None
    #: Whether this was read leniently, and so may hold half a surrogate pair.
    wild: bool = False


class Head(Chunk, gc=False):
    """A chunk with the fields that every chunk repeats, which are read until the answer starts."""

    id: str | None = None
    model: str | None = None
    created: int | float | None = None
