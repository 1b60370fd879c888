"""The fast path: chunks that go on with what is under way, as nearly all of an answer do.

Each of the flows here takes a chunk of one thing and nothing else: more of a text, of a thought, of
a call's arguments. The types of the chunks take no other value, so that the decoder itself finds
anything else; such a chunk is not for the flow, and is looked at field by field.
"""

# Without postponed annotations: msgspec 0.21.0 does not know the parameters of a generic struct in
# them.
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec
from axio.events import ReasoningDelta, TextDelta

from .chunk import THOUGHTS

__all__ = [
    "FIELDS",
    "Count",
    "Flow",
    "Known",
    "more_arguments",
    "more_blocks",
    "more_details",
    "tagged_thought",
    "text",
    "thinking_part",
]

#: Takes a report of tokens.
type Count = Callable[[dict[str, object]], object]
#: The event of a chunk, whose report of tokens is counted; None where it is not for this flow.
type Flow[Event] = Callable[[bytes, Count], Event | None]

#: The longest text, in characters, that is likely to come again.
_SHORT: Final = 16
#: How many short deltas of a kind are kept, to be given again.
_MOST: Final = 8192
#: What the decoder raises of a chunk that is not for its flow.
_OTHERWISE: Final = (ValueError, RecursionError)

type _Blank = Literal[""] | None
type _Empty = tuple[()] | None
#: The fields of a delta, with what they hold where they say nothing.
_NOTHING: Final[Mapping[str, object]] = {
    "content": _Blank,
    "tool_calls": _Empty,
    "reasoning_content": _Blank,
    "reasoning": _Blank,
    "reasoning_text": _Blank,
    "thinking": _Blank,
    "reasoning_details": _Empty,
    "reasoning_opaque": None,
    "thinking_blocks": None,
    "extra_content": None,
    "refusal": _Blank,
    "function_call": None,
    "annotations": _Empty,
    "images": _Empty,
    "audio": None,
}


class _Choice[T](msgspec.Struct, gc=False):
    delta: T
    index: Literal[0] = 0
    message: None = None
    finish_reason: _Blank = None
    finish: _Blank = msgspec.field(default=None, name="finishReason")
    usage: None = None
    logprobs: dict[str, None] | None = None
    error: None = None


class _Chunk[T](msgspec.Struct, gc=False):
    choices: tuple[_Choice[T]]
    usage: dict[str, object] | None = None
    error: None = None
    x_groq: None = None
    timings: None = None
    citations: _Empty = None
    search_results: _Empty = None


class _Function(msgspec.Struct, gc=False):
    arguments: str
    name: _Blank = None
    parameters: None = None


class _Fragment(msgspec.Struct, gc=False):
    """More of the arguments of one call, which is told by its index or not at all."""

    function: _Function
    index: int | None = None
    id: _Blank = None
    extra_content: None = None
    name: None = None
    arguments: None = None


class _Words(msgspec.Struct, gc=False):
    text: str


class _Thinking(msgspec.Struct, gc=False):
    """A part of a content that is a thought."""

    type: Literal["thinking"]
    thinking: tuple[_Words]


class Known[Event](dict[str, Event]):
    """Events by their text: most short ones repeat earlier ones, and those are one object."""

    def __init__(self, event: Callable[[int, str], Event]) -> None:
        """Begin with none."""
        super().__init__()
        #: Makes an event.
        self.event = event

    def __missing__(self, text: str) -> Event:
        """The event of a text that was not seen yet, or is forgotten."""
        if len(self) >= _MOST:
            self.clear()
        made = self[text] = self.event(0, text)
        return made


_thoughts: Final = Known(ReasoningDelta)


def _decoder(
    field: str, kind: object, unread: Iterable[str] = (), beside: Mapping[str, object] = _NOTHING
) -> Callable[[bytes], Any]:
    """Decodes a chunk in which this field, of this kind, is all that is said, or all that counts.

    The ``unread`` fields may say anything, those ``beside`` it what their types take.
    """
    left = beside.keys() - {field, *unread}
    said = ("said", kind, msgspec.field(name=field))
    nothing = [(name, beside[name], None) for name in sorted(left)]
    chunk: Any = _Chunk
    delta = msgspec.defstruct("_Delta", [said, *nothing], gc=False)
    return msgspec.json.Decoder(chunk[delta]).decode


def _taken[T](decode: Callable[[bytes], _Chunk[T]], payload: bytes, count: Count) -> T | None:
    """The delta of a chunk that is for this flow, else None; its report of tokens is counted.

    A chunk that turns out to be none for it is counted again, which changes nothing.
    """
    try:
        chunk = decode(payload)
    except _OTHERWISE:
        return None
    if chunk.usage:
        count(chunk.usage)
    return chunk.choices[0].delta


def _flow[Event: TextDelta | ReasoningDelta](
    field: str, known: Known[Event], unread: Iterable[str] = ()
) -> Flow[Event]:
    decode, event = _decoder(field, str, unread), known.event

    def flow(payload: bytes, count: Count) -> Event | None:
        # This is _taken, without its call: nearly every chunk comes by here.
        try:
            chunk = decode(payload)
        except _OTHERWISE:
            return None
        if chunk.usage:
            count(chunk.usage)
        said: str = chunk.choices[0].delta.said
        if len(said) > _SHORT:
            return event(0, said)
        return known[said] if said else None

    return flow


#: More of a text.
text: Final = _flow("content", Known(TextDelta))
#: More of a thought, by the field that is its form. What is in the fields behind it is not read.
FIELDS: Final = {
    field: _flow(field, _thoughts, THOUGHTS[place:]) for place, field in enumerate(THOUGHTS[:-1], 1)
}


def tagged_thought(payload: bytes, count: Count) -> ReasoningDelta | None:
    """More of a thought between tags in the content; None also of what may be a tag."""
    found = text(payload, count)
    return None if found is None or "<" in found.delta else ReasoningDelta(0, found.delta)


_parts: Final = _decoder("content", tuple[_Thinking])


def thinking_part(payload: bytes, count: Count) -> ReasoningDelta | None:
    """More of a thought that is a part of the content."""
    if (delta := _taken(_parts, payload, count)) is None:
        return None
    said: str = delta.said[0].thinking[0].text
    return ReasoningDelta(0, said) if said else None


_details: Final = _decoder(
    "reasoning_details",
    tuple[dict[str, object]],
    beside={**_NOTHING, "reasoning_content": str | None, "reasoning": str | None},
)


def more_details(payload: bytes, count: Count) -> tuple[str, str, dict[str, object]] | None:
    """More of one detail of a thought: the thought's form, its text beside the detail, and that."""
    if (delta := _taken(_details, payload, count)) is None:
        return None
    if text := delta.reasoning_content:
        return "reasoning_content", text, delta.said[0]
    return "reasoning_details", delta.reasoning or "", delta.said[0]


_blocks: Final = _decoder(
    "thinking_blocks",
    tuple[dict[str, object]],
    beside={**_NOTHING, "reasoning_content": str | None},
)


def more_blocks(payload: bytes, count: Count) -> tuple[str, str, dict[str, object]] | None:
    """The same of a block of a thought: form, text beside it, the block."""
    if (delta := _taken(_blocks, payload, count)) is None:
        return None
    return "reasoning_content", delta.reasoning_content or "", delta.said[0]


_more: Final = _decoder("tool_calls", tuple[_Fragment])


def more_arguments(payload: bytes, count: Count) -> tuple[int | None, str] | None:
    """More of one call's arguments: the index of the call, and the text."""
    if (delta := _taken(_more, payload, count)) is None:
        return None
    fragment: _Fragment = delta.said[0]
    return fragment.index, fragment.function.arguments
