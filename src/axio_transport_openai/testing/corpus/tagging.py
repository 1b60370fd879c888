"""Reasoning within the content: between tags, and marked as what it is."""

from __future__ import annotations

from typing import Final

from axio.types import Usage

from axio_transport_openai.testing.body import (
    DONE,
    call,
    chunk,
    completion,
    event,
    finish,
    text,
)

from .case import Case, Outcome

__all__ = ["CASES"]

_ENDED: Final = finish() + DONE
_ANSWER: Final = text("Hello") + _ENDED
_THOUGHT: Final = Outcome("Hello", "plan")


def _said(*parts: str) -> bytes:
    """Content in these parts, one chunk each."""
    return b"".join(map(text, parts)) + _ENDED


def _marked(thought: str) -> bytes:
    """Content that Google marks as a thought."""
    return event(chunk({"content": thought, "extra_content": {"google": {"thought": True}}}))


CASES: Final = (
    Case("tags", 68, _said("<think>plan</think>Hello"), _THOUGHT),
    Case("tags cut everywhere", 68, _said(*"<think>plan</think>Hello"), _THOUGHT),
    Case("tags in pieces", 68, _said("<th", "ink>pl", "an</th", "ink>Hel", "lo"), _THOUGHT),
    Case("white space before the tag", 68, _said("\n ", "<think>plan</think>Hello"), _THOUGHT),
    Case(
        "white space around the thought is the model's own",
        68,
        _said("<think>\n", "plan\n", "</think>", "\n\nHello"),
        Outcome("\n\nHello", "\nplan\n"),
    ),
    Case("an empty thought", 68, _said("<think></think>", "Hello"), Outcome("Hello")),
    Case(
        "a thought of white space before a call",
        68,
        text("<think>\n\n</think>\n\n")
        + call(id="a", name="f", arguments="{}")
        + finish("tool_calls")
        + DONE,
        Outcome("\n\n", "\n\n", calls=(("f", "{}"),), stop="tool_use"),
    ),
    Case("a closing tag alone", 68, _said("</think>", "Hello"), Outcome("Hello")),
    Case(
        "a thought that does not end",
        68,
        text("<think>pl") + text("an") + finish("length") + DONE,
        Outcome("", "plan", stop="max_tokens", raw="length"),
    ),
    Case(
        "a thought that ends inside its closing tag",
        68,
        text("<think>plan</thi") + finish("length") + DONE,
        Outcome("", "plan</thi", stop="max_tokens"),
    ),
    Case(
        "tags in the answer",
        68,
        _said("Use <think> and ", "</think>."),
        Outcome("Use <think> and </think>."),
    ),
    Case(
        "tags after the thought",
        68,
        _said("<think>plan</think>A <think>tag</think>."),
        Outcome("A <think>tag</think>.", "plan"),
    ),
    Case("what is nearly a tag", 68, _said("<", "thinking>no"), Outcome("<thinking>no")),
    Case("the beginning of a tag, and the end", 68, _said("<thin"), Outcome("<thin")),
    Case("a comparison", 68, _said("<", " 3"), Outcome("< 3")),
    Case(
        "content marked as a thought, in tags that its marks do not end",
        79,
        _marked("<thought>pl") + _marked("an") + text("</thought>Hel") + text("lo") + _ENDED,
        _THOUGHT,
    ),
    Case(
        "content marked as a thought, without tags",
        79,
        _marked("pl") + _marked("an") + _ANSWER,
        _THOUGHT,
    ),
    Case(
        "content marked as a thought, in the tags of others",
        79,
        _marked("<think>plan") + text("</think>Hello") + _ENDED,
        _THOUGHT,
    ),
    Case(
        "thoughts marked again and again",
        79,
        _marked("<thought>pl")
        + text("</thought>Hel")
        + text("l")
        + _marked("<thought>")
        + _marked("an")
        + text("</thought>o")
        + _ENDED,
        _THOUGHT,
    ),
    Case(
        "content marked as a thought before a call",
        79,
        _marked("<thought>plan")
        + event(
            chunk(
                {
                    "content": "</thought>",
                    "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}],
                }
            )
        )
        + finish("stop"),
        Outcome("", "plan", calls=(("f", "{}"),), stop="tool_use"),
    ),
    Case(
        "a whole message marked for the thought in it",
        79,
        completion(
            "<thought>plan\n</thought>Hello",
            extra_content={"google": {"thought": True, "thought_signature": "c2ln"}},
        ),
        Outcome("Hello", "plan\n", usage=Usage(10, 5)),
        content_type="application/json",
    ),
    Case(
        "the tags of marked thoughts without a mark",
        79,
        _said("<thought>plan</thought>Hello"),
        Outcome("<thought>plan</thought>Hello"),
    ),
)
