"""A chunk of nothing but text, as nearly all of an answer are."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

__all__ = ["OTHERWISE", "decode_text"]

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


#: A chunk that carries a text and nothing else, as nearly all of a stream do. The decoder itself
#: looks whether there is anything else, so that no field is looked at twice.
decode_text: Final = msgspec.json.Decoder(_TextChunk).decode
#: What it raises where there is.
OTHERWISE: Final = (ValueError, RecursionError)
