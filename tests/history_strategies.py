"""Histories as axio may hold them, and many that it should not."""

from __future__ import annotations

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
from axio.messages import Message
from hypothesis import strategies as st

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect
from axio_transport_openai.known import KNOWN

if TYPE_CHECKING:
    from axio.blocks import ContentBlock

PROVIDER = "api.example.com"
SIGNED = '{"google":{"thought_signature":"c2lnbmVk"}}'

#: Few, so that they meet again: reused, empty, too long, in no pattern.
IDS = ("c1", "c2", "", "call_0", "functions.read:0", "x" * 70, "a b!", "123456789", '\0"\ud83c')
NAMES = ("read", "get weather", "9lives", "мир", "a.b/c", "n" * 80, "read_", '\0"\ud83c')

texts = st.sampled_from(
    ["", " ", "\n\n", "Hello.", "Read the file.", "é № 🌍", "\ud83c", "<think>no</think>"]
) | st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
inputs = st.dictionaries(
    texts, scalars | st.lists(scalars, max_size=2) | st.dictionaries(texts, scalars, max_size=2)
)
media: st.SearchStrategy[ImageBlock | AudioBlock | VideoBlock] = st.one_of(
    st.builds(ImageBlock, st.sampled_from(["image/png", 'image/\0"\ud83c']), st.just(b"png")),
    st.builds(AudioBlock, st.just("audio/wav"), st.just(b"wav")),
    st.builds(VideoBlock, st.just("video/mp4"), st.just(b"mp4")),
)
text_blocks = st.builds(TextBlock, texts)
reasoning = st.builds(
    ReasoningBlock,
    text=texts,
    id=st.sampled_from(["", "reasoning_content", "reasoning", "thinking", "<think>"]),
    provider=st.sampled_from(["", PROVIDER, "another.example.com"]),
    signature=st.sampled_from(["", "proof"]),
)
provided = st.builds(
    ProviderBlock,
    provider=st.sampled_from(["", PROVIDER, "another.example.com"]),
    kind=st.just("reasoning_details"),
    data=st.just({"reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}),
)
calls = st.builds(
    ToolUseBlock,
    id=st.sampled_from(IDS),
    name=st.sampled_from(NAMES),
    input=inputs,
    signature=st.sampled_from(["", "proof", SIGNED, '{"a":NaN}']),
    provider=st.sampled_from(["", PROVIDER, "another.example.com"]),
)
results = st.builds(
    ToolResultBlock,
    tool_use_id=st.sampled_from(IDS),
    content=texts | st.lists(text_blocks | media, max_size=3),
    is_error=st.booleans(),
)
blocks: st.SearchStrategy[ContentBlock] = st.one_of(
    text_blocks, media, reasoning, provided, calls, results
)

_described = st.fixed_dictionaries(
    {}, optional={"title": st.just("T"), "description": st.just("d"), "default": scalars}
)
_leaves = st.sampled_from(
    [
        {},
        {"type": "string"},
        {"type": ["integer", "null"]},
        {"type": ["array", "string"]},
        {"enum": ["a", "b"]},
        {"enum": ["a", None]},
        {"const": 1},
        {"type": "integer", "enum": [1, 2]},
        {"type": ["string", "number", "null"], "enum": ["a", 1, None]},
        {"enum": [1, 2.5, True, "a", None]},
        {"type": "array"},
        {"type": "array", "items": True},
        {"type": "array", "prefixItems": [{"type": "string"}, True], "items": False},
        {"type": "object", "properties": {"path": False}, "required": ["path"]},
        {"type": "integer", "anyOf": [{"minimum": 1}, {"maximum": -1}]},
        {"$ref": "#/$defs/Node"},
        {"$ref": "#/$defs/Nowhere"},
    ]
)
#: Names that are keywords too.
_parameters = st.sampled_from(["path", "title", "items", "type", "$ref"])


def _branches(inner: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(
        lambda key, some: {key: some},
        st.sampled_from(["anyOf", "anyOf", "oneOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=2),
    )


def _nested(inner: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(
        st.builds(lambda a: {"type": "array", "items": a}, inner),
        _branches(inner),
        st.builds(
            lambda a, b: {"type": "object", "properties": a, "additionalProperties": False} | b,
            st.dictionaries(_parameters, inner, max_size=3),
            st.just({}) | _branches(inner | st.just({"required": ["path"]})),
        ),
    )


_fragments = st.recursive(st.builds(lambda a, b: a | b, _leaves, _described), _nested, max_leaves=5)
#: Schemas of tools as MCP servers and pydantic write them, a recursive one among the definitions.
schemas = st.builds(
    lambda properties, node, branches: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": {
            "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}} | node}
        },
        **branches,
    },
    st.dictionaries(_parameters, _fragments, max_size=3),
    st.dictionaries(st.just("value"), _fragments, max_size=1),
    st.just({}) | _branches(_fragments),
)


def messages_of(role: str, block: st.SearchStrategy[ContentBlock]) -> st.SearchStrategy[Message]:
    return st.builds(Message, st.just(role), st.lists(block, max_size=4))


#: Anything anywhere.
wild_messages = st.one_of(
    messages_of("user", blocks), messages_of("assistant", blocks), messages_of("system", blocks)
)
histories = st.lists(wild_messages, max_size=8)


@st.composite
def turns(draw: st.DrawFn) -> list[Message]:
    """What one turn of an agent adds: what the model said, and what the user or tools answer."""
    spoken: list[ContentBlock] = draw(st.lists(reasoning | provided, max_size=2))
    spoken.append(TextBlock(draw(st.sampled_from(["Let me see.", "Done.", "é № 🌍"]))))
    made = draw(st.lists(calls, max_size=3))
    made = [ToolUseBlock(f"{c.id}{n}", c.name, c.input) for n, c in enumerate(made)]
    answers: list[ContentBlock] = [
        ToolResultBlock(call.id, draw(results).content, draw(st.booleans())) for call in made
    ]
    answers += draw(st.lists(media, max_size=1))
    if not answers or draw(st.booleans()):
        answers.append(TextBlock("Go on."))
    return [Message("assistant", [*spoken, *made]), Message("user", answers)]


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """A history as an agent makes it, up to the user's or the tools' last word."""
    opening = [Message("user", [TextBlock("Hello.")])]
    return opening + [message for turn in draw(st.lists(turns(), max_size=4)) for message in turn]


#: Services known beforehand, and any other.
dialects = st.sampled_from([COMPATIBLE, OPENAI, *KNOWN.values()]) | st.builds(
    Dialect,
    system_anywhere=st.booleans(),
    user_first=st.booleans(),
    prefill=st.booleans(),
    calls_together=st.booleans(),
    images=st.booleans(),
    images_in_results=st.booleans(),
    audio=st.sampled_from(["", "input_audio"]),
    video=st.sampled_from(["", "video_url"]),
)
