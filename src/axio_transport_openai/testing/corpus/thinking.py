"""Reasoning, in the forms and places in which models and services put it beside the content."""

from __future__ import annotations

from typing import Final

from axio_transport_openai.testing.body import DONE, call, chunk, event, finish, reasoning, text

from .case import Case, Outcome

__all__ = ["CASES"]

_ENDED: Final = finish() + DONE
_ANSWER: Final = text("Hello") + _ENDED
_THOUGHT: Final = Outcome("Hello", "plan")


def _details(*details: dict[str, object], **delta: object) -> bytes:
    return event(chunk({**delta, "reasoning_details": list(details)}))


def _part(*thoughts: str) -> bytes:
    """A thinking part, its thoughts in texts of their own."""
    thinking = [{"type": "text", "text": thought} for thought in thoughts]
    return event(chunk({"content": [{"type": "thinking", "thinking": thinking}]}))


CASES: Final = (
    Case("reasoning_content", 62, reasoning("pl") + reasoning("an") + _ANSWER, _THOUGHT),
    Case(
        "reasoning_content beside empty content",
        62,
        event(chunk({"content": "", "reasoning_content": "plan"}))
        + event(chunk({"content": "Hello", "reasoning_content": ""}))
        + _ENDED,
        _THOUGHT,
    ),
    Case(
        "reasoning_content null, content null",
        62,
        event(chunk({"content": None, "reasoning_content": "plan"}))
        + event(chunk({"content": "Hello", "reasoning_content": None}))
        + _ENDED,
        _THOUGHT,
    ),
    Case(
        "reasoning and text in one chunk",
        62,
        event(chunk({"reasoning_content": "plan", "content": "Hello"})) + _ENDED,
        _THOUGHT,
    ),
    Case("reasoning", 63, reasoning("plan", field="reasoning") + _ANSWER, _THOUGHT),
    Case(
        "reasoning before a call",
        63,
        reasoning("plan", field="reasoning")
        + call(id="a", name="f", arguments="{}")
        + finish("tool_calls"),
        Outcome("", "plan", calls=(("f", "{}"),), stop="tool_use"),
    ),
    Case(
        "reasoning between texts",
        63,
        text("One ") + reasoning("plan", field="reasoning") + text("two") + _ENDED,
        Outcome("One two", "plan"),
    ),
    Case(
        "the same thought in two fields",
        64,
        event(chunk({"reasoning": "pl", "reasoning_content": "pl"}))
        + event(chunk({"reasoning": "an", "reasoning_content": "an"}))
        + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "two fields, the first of them empty",
        64,
        event(chunk({"reasoning_content": "", "reasoning": "plan"})) + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "the same thought in a field and in tags",
        64,
        event(chunk({"reasoning_content": "pl", "content": "<think>\npl"}))
        + event(chunk({"reasoning_content": "an", "content": "an</think>Hel"}))
        + text("lo")
        + _ENDED,
        _THOUGHT,
    ),
    Case(
        "the same thought in a field and in tags, with what may begin a tag in it",
        64,
        text("<think>")
        + b"".join(
            event(chunk({"reasoning_content": part, "content": part}))
            for part in ("a", " <", " b", "\n", " </", "p>")
        )
        + text("</think>Hello")
        + _ENDED,
        Outcome("Hello", "a < b\n </p>"),
    ),
    Case(
        "a thought in a field, and another in tags",
        64,
        event(chunk({"reasoning_content": "pl", "content": "<think>an"}))
        + text("</think>Hello")
        + _ENDED,
        _THOUGHT,
    ),
    Case("reasoning_text", 65, reasoning("plan", field="reasoning_text") + _ANSWER, _THOUGHT),
    Case(
        "reasoning_text and what it stands for",
        65,
        event(chunk({"reasoning_text": "plan", "reasoning_opaque": "b3BhcXVl"})) + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "details in pieces",
        66,
        _details({"type": "reasoning.text", "text": "pl", "index": 0, "format": "x"})
        + _details({"type": "reasoning.text", "text": "an", "index": 0, "format": "x"})
        + _details({"type": "reasoning.text", "signature": "c2ln", "index": 0})
        + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "details and the same thought beside them",
        66,
        _details({"type": "reasoning.text", "text": "plan", "index": 0}, reasoning="plan")
        + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "a summary",
        66,
        _details({"type": "reasoning.summary", "summary": "plan", "index": 0}) + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "an encrypted thought",
        66,
        _details({"type": "reasoning.encrypted", "data": "ZW5j", "id": "r1", "index": 0}) + _ANSWER,
        Outcome("Hello"),
    ),
    Case(
        "details of other types",
        66,
        _details({"type": "reasoning.text", "text": None, "index": "0"}) + _ANSWER,
        Outcome("Hello"),
    ),
    Case("thinking parts", 67, _part("pl") + _part("a", "n") + _ANSWER, _THOUGHT),
    Case(
        "a thinking part in words",
        67,
        event(chunk({"content": [{"type": "thinking", "thinking": "plan"}]})) + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "content in parts, one of them a thought",
        36,
        event(
            chunk(
                {
                    "content": [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "plan"}]},
                        {"type": "text", "text": "Hello"},
                    ]
                }
            )
        )
        + _ENDED,
        _THOUGHT,
    ),
    Case(
        "all of the answer so far with each chunk",
        83,
        reasoning("I")
        + reasoning("I think")
        + reasoning("I think so")
        + text("H")
        + text("Hel")
        + text("Hello")
        + text("Hello")
        + finish()
        + DONE,
        Outcome("Hello", "I think so"),
    ),
)
