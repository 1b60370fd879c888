"""Chunks whose JSON is not quite like OpenAI's."""

from __future__ import annotations

from typing import Final

from axio.types import Usage

from axio_transport_openai.testing.body import (
    DONE,
    call,
    chunk,
    event,
    finish,
    opening,
    reasoning,
    text,
    usage,
)

from .case import Case, Outcome

__all__ = ["CASES"]

_ENDED: Final = finish() + DONE
_SAID: Final = Outcome("Hello")


def _chunk(**keys: object) -> bytes:
    """A chunk with these keys changed or added."""
    return event({**chunk(), **keys})


def _choice(**keys: object) -> dict[str, object]:
    return {"index": 0, **keys}


def _of(**keys: object) -> bytes:
    """A chunk of one choice, which has these keys."""
    return _chunk(choices=[_choice(**keys)])


def _message(**message: object) -> bytes:
    """A chunk with a message in place of a delta."""
    return _of(message={"role": "assistant", **message})


_CALL: Final = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}

CASES: Final = (
    Case(
        "a first chunk about the prompt",
        32,
        _chunk(choices=[], model="", prompt_filter_results=[{"prompt_index": 0}])
        + text("Hello")
        + _ENDED,
        _SAID,
    ),
    Case("a null delta", 33, _of(delta=None) + text("Hello") + _ENDED, _SAID),
    Case(
        "a null delta at the end",
        33,
        text("Hello") + _of(delta=None, finish_reason="stop") + DONE,
        _SAID,
    ),
    Case("no delta", 33, text("Hello") + _of(content_filter_offsets={"x": 1}) + _ENDED, _SAID),
    Case("null choices", 33, _chunk(choices=None) + text("Hello") + _ENDED, _SAID),
    Case("no choices", 33, event({"id": "x"}) + text("Hello") + _ENDED, _SAID),
    Case("a null choice", 33, _chunk(choices=[None]) + text("Hello") + _ENDED, _SAID),
    Case(
        "one choice outside a list",
        33,
        _chunk(choices=_choice(delta={"content": "Hello"})) + _ENDED,
        _SAID,
    ),
    Case(
        "null content",
        33,
        event(chunk({"role": "assistant", "content": None})) + text("Hello") + _ENDED,
        _SAID,
    ),
    Case(
        "an empty word for the end in each chunk",
        34,
        b"".join(event(chunk({"content": part}, finish="")) for part in ("Hel", "lo")) + _ENDED,
        _SAID,
    ),
    Case("an empty role", 34, event(chunk({"role": "", "content": "Hello"})) + _ENDED, _SAID),
    Case(
        "a role in each chunk",
        34,
        b"".join(event(chunk({"role": "assistant", "content": part})) for part in ("Hel", "lo"))
        + event(chunk({"role": "assistant", "content": ""}, finish="stop")),
        _SAID,
    ),
    Case(
        "the whole message again at the end",
        35,
        text("Hel") + text("lo") + _message(content="Hello") + _ENDED,
        _SAID,
    ),
    Case(
        "the whole message again beside the last delta",
        35,
        text("Hel")
        + text("lo")
        + _of(delta={}, message={"content": "Hello"}, finish_reason="stop"),
        _SAID,
    ),
    Case(
        "the same reasoning twice, which a model may think",
        35,
        reasoning("ha") + reasoning("ha") + text("no") + text("no") + _ENDED,
        Outcome("nono", "haha"),
    ),
    Case(
        "content in parts",
        36,
        event(chunk({"content": [{"type": "text", "text": "Hel"}]}))
        + event(chunk({"content": [{"type": "text", "text": "lo"}]}))
        + _ENDED,
        _SAID,
    ),
    Case("a part that is a string", 36, event(chunk({"content": ["Hel", "lo"]})) + _ENDED, _SAID),
    Case(
        "a part outside a list",
        36,
        event(chunk({"content": {"type": "text", "text": "Hello"}})) + _ENDED,
        _SAID,
    ),
    Case(
        "a part that says nothing",
        36,
        event(chunk({"content": [{"type": "text", "text": "Hello"}]}))
        + event(chunk({"content": [{"type": "text", "text": None}]}))
        + _ENDED,
        _SAID,
    ),
    Case("a message for a delta", 37, _message(content="Hello") + _ENDED, _SAID),
    Case(
        "a message for a delta that ends the answer",
        37,
        _of(message={"content": "Hello"}, finish_reason="stop"),
        _SAID,
    ),
    Case(
        "a message for a delta that calls",
        37,
        _message(
            content="",
            tool_calls=[
                _CALL,
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        )
        + finish("tool_calls"),
        Outcome(calls=(("f", "{}"), ("g", "{}")), stop="tool_use"),
    ),
    Case(
        "an end with a hyphen in it",
        30,
        text("Hello") + finish("content-filter") + DONE,
        Outcome("Hello", stop="refusal", raw="content-filter"),
    ),
    Case("an end told twice", 38, text("Hello") + finish() + finish() + DONE, _SAID),
    Case(
        "counts after the end",
        38,
        text("Hello") + finish() + usage() + DONE,
        Outcome("Hello", usage=Usage(10, 5)),
    ),
    Case("text after the end", 38, text("Hel") + finish() + text("lo") + DONE, _SAID),
    Case(
        "text beside the end",
        38,
        text("Hel") + event(chunk({"content": "lo"}, finish="stop")) + DONE,
        _SAID,
    ),
    Case(
        "two candidates",
        39,
        event(chunk({"content": "Hel"}))
        + event(chunk({"content": "XX"}, index=1))
        + event(chunk({"content": "lo"}))
        + event(chunk(finish="length", index=1))
        + _ENDED,
        _SAID,
    ),
    Case(
        "two candidates in one chunk",
        39,
        _chunk(
            choices=[
                {"index": 1, "delta": {"content": "XX"}, "finish_reason": "stop"},
                {"index": 0, "delta": {"content": "Hello"}, "finish_reason": None},
            ]
        )
        + _ENDED,
        _SAID,
    ),
    Case(
        "only the other candidate ended",
        39,
        text("Hel") + event(chunk(finish="stop", index=1)),
        Outcome("Hel", stop="", error="Interrupted"),
        candidates=2,
    ),
    Case(
        "a thought in a choice of its own",
        82,
        event(chunk({"reasoning_content": "plan"}))
        + event(chunk({"content": "Hel"}, index=1))
        + event(chunk({"content": "lo"}, index=1))
        + event(chunk(finish="stop", index=1))
        + DONE,
        Outcome("Hello", "plan"),
    ),
    Case(
        "a message in two choices, beside another's",
        82,
        _chunk(
            choices=[
                {"index": 0, "message": {"content": "Hello"}, "finish_reason": "stop"},
                {"index": 1, "message": {"content": "Hi"}, "finish_reason": "length"},
                {"index": 2, "message": {"tool_calls": [_CALL]}, "finish_reason": "tool_calls"},
            ]
        ),
        Outcome("Hello", calls=(("f", "{}"),), stop="tool_use"),
    ),
    Case(
        "words and keys nobody knows",
        40,
        event(chunk({"content": "Hello", "mood": 1}, service_tier="on_demand", x={"y": [None]}))
        + _ENDED,
        _SAID,
    ),
    Case(
        "ids and dates of other types",
        40,
        _chunk(id=7, created="now", model=None, choices=[_choice(delta={"content": "Hello"})])
        + _ENDED,
        _SAID,
    ),
    Case(
        "an index of another type",
        40,
        _chunk(choices=[{"index": None, "delta": {"content": "Hel"}}])
        + _chunk(choices=[{"index": "0", "delta": {"content": "lo"}}])
        + _ENDED,
        _SAID,
    ),
    Case(
        "numbers for text",
        40,
        event(chunk({"content": 4})) + event(chunk({"content": "2"})) + _ENDED,
        Outcome("42"),
    ),
    Case(
        "truths for text",
        81,
        text('{"so": ') + event(chunk({"content": True})) + text("}") + _ENDED,
        Outcome('{"so": true}'),
    ),
    Case(
        "truths for a piece of arguments",
        81,
        call(id="a", name="f", arguments='{"x":')
        + event(chunk({"tool_calls": [{"index": 0, "function": {"arguments": False}}]}))
        + call(arguments="}")
        + finish("tool_calls")
        + DONE,
        Outcome(calls=(("f", '{"x":false}'),), stop="tool_use"),
    ),
    Case(
        "a refusal by the model",
        41,
        opening() + event(chunk({"refusal": "I ca"})) + event(chunk({"refusal": "n't."})) + _ENDED,
        Outcome(stop="refusal", refusal="I can't."),
    ),
    Case(
        "log probabilities, annotations and sound",
        41,
        _of(delta={"content": "Hel"}, logprobs={"content": [{"token": "a"}]})
        + event(
            chunk(
                {
                    "content": "lo",
                    "annotations": [{"type": "url_citation", "url_citation": {"url": "http://x"}}],
                    "audio": {"id": "a", "data": "AAA=", "transcript": "Hello"},
                }
            )
        )
        + _ENDED,
        _SAID,
    ),
)
