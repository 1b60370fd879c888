"""The fast path: chunks of nothing but text, as nearly all of an answer are, and their events."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from axio.events import TextDelta

__all__ = ["OTHERWISE", "SHORT", "decode_text", "deltas"]

#: The longest text, in characters, that is likely to come again.
SHORT: Final = 16
#: How many short deltas are kept, to be given again.
_KNOWN: Final = 8192


class _Deltas(dict[str, TextDelta]):
    """Deltas by their text: most repeat earlier ones, and those are one object."""

    def __missing__(self, text: str) -> TextDelta:
        if len(self) >= _KNOWN:
            self.clear()
        delta = self[text] = TextDelta(0, text)
        return delta


deltas: Final = _Deltas()

type _Blank = Literal[""] | None
type _Empty = tuple[()] | None


class _Text(msgspec.Struct, gc=False):
    """A delta of nothing but text."""

    content: str
    tool_calls: _Empty = None
    reasoning_content: _Blank = None
    reasoning: _Blank = None
    reasoning_text: _Blank = None
    thinking: _Blank = None
    reasoning_details: _Empty = None
    reasoning_opaque: None = None
    thinking_blocks: None = None
    extra_content: None = None
    refusal: _Blank = None
    function_call: None = None
    annotations: _Empty = None
    images: _Empty = None
    audio: None = None


class _TextChoice(msgspec.Struct, gc=False):
    delta: _Text
    index: Literal[0] = 0
    message: None = None
    finish_reason: _Blank = None
    finish: _Blank = msgspec.field(default=None, name="finishReason")
    usage: None = None
    logprobs: None = None
    error: None = None


class _TextChunk(msgspec.Struct, gc=False):
    choices: tuple[_TextChoice]
    usage: None = None
    error: None = None
    x_groq: None = None
    timings: None = None
    citations: _Empty = None
    search_results: _Empty = None


#: Decodes a chunk that carries a text and nothing else. The types above take no other value, so
#: that the decoder itself finds anything else.
decode_text: Final = msgspec.json.Decoder(_TextChunk).decode
#: What :data:`decode_text` raises of any other chunk.
OTHERWISE: Final = (ValueError, RecursionError)
