"""Errors that a 200 carries, and the words with which answers end."""

from __future__ import annotations

from typing import Final

import msgspec
from axio.types import Usage

from axio_transport_openai.testing.body import (
    DONE,
    call,
    chunk,
    event,
    finish,
    opening,
    text,
    usage,
)

from .case import Case, Outcome

__all__ = ["CASES"]

_BEGUN: Final = opening() + text("Hel")
_JSON: Final = "application/json"


def _told(words: str, text: str = "", *, tokens: tuple[int, int] = (0, 0)) -> Outcome:
    """An error of the service's own, after this much text."""
    return Outcome(text, stop="", usage=Usage(*tokens), error="ProviderError", words=words)


def _error(message: str, **more: object) -> bytes:
    return event({"error": {"message": message, **more}})


def _ended(name: str, word: str, stop: str) -> Case:
    body = text("Hello") + finish(word) + DONE
    return Case(name, 30, body, Outcome("Hello", stop=stop, raw=word))


#: What Azure found in the text by then, which it gives without a delta.
_FILTERED: Final = event(
    {
        "id": "",
        "model": "",
        "choices": [
            {
                "index": 0,
                "finish_reason": "content_filter",
                "content_filter_results": {"violence": {"filtered": True}},
                "content_filter_offsets": {"check_offset": 65, "start_offset": 65},
            }
        ],
    }
)
_OPENROUTER: Final = event(
    {
        **chunk({"content": ""}, finish="error"),
        "error": {"code": 502, "message": "Provider disconnected", "metadata": {"provider": "X"}},
    }
)

CASES: Final = (
    Case(
        "an error beside a choice", 20, _BEGUN + _OPENROUTER, _told("Provider disconnected", "Hel")
    ),
    Case(
        "an error beside a choice, and the end mark",
        20,
        _BEGUN + _OPENROUTER + DONE,
        _told("Provider disconnected", "Hel"),
    ),
    Case(
        "an error beside the last of the text",
        20,
        _BEGUN
        + event(chunk({"content": "lo"}, finish="error", error={"code": 429, "message": "Slow"})),
        _told("Slow", "Hello"),
    ),
    Case(
        "an error whose reason stands beside it",
        20,
        _error("Provider returned error", code=429, metadata={"raw": "m is rate-limited upstream"}),
        _told("m is rate-limited upstream"),
    ),
    Case(
        "an error that is null",
        20,
        event(chunk({"content": "Hello"}, error=None)) + event(chunk(finish="stop", error=None)),
        Outcome("Hello"),
    ),
    Case(
        "an error after the counts",
        20,
        _BEGUN + usage() + _error("gave up"),
        _told("gave up", "Hel", tokens=(10, 5)),
    ),
    Case(
        "an error after the answer had ended",
        20,
        _BEGUN + finish() + _error("gave up") + DONE,
        _told("gave up", "Hel"),
    ),
    Case(
        "an error inside a choice",
        21,
        _BEGUN
        + event(
            {"choices": [{"index": 0, "error": {"code": 524, "message": "Upstream idle timeout"}}]}
        ),
        _told("Upstream idle timeout", "Hel"),
    ),
    Case(
        "an error and nothing else", 22, _error("invalid model", code="x"), _told("invalid model")
    ),
    Case(
        "an error in the middle",
        22,
        _BEGUN + _error("out of memory"),
        _told("out of memory", "Hel"),
    ),
    Case("an error and the end mark", 22, _BEGUN + _error("gone") + DONE, _told("gone", "Hel")),
    Case(
        "an error as JSON",
        22,
        msgspec.json.encode({"error": {"message": "bad request", "type": "t", "param": None}}),
        _told("bad request"),
        content_type=_JSON,
    ),
    Case(
        "an event called error",
        23,
        _BEGUN
        + event(
            {"error": {"message": "Compute error."}, "message": "Compute error."}, name="error"
        ),
        _told("Compute error.", "Hel"),
    ),
    Case(
        "an event called error with words for data",
        23,
        event("the model crashed", name="error"),
        _told("the model crashed"),
    ),
    Case(
        "an object called error",
        24,
        event({"object": "error", "message": "too many tokens", "code": 400}),
        _told("too many tokens"),
    ),
    Case(
        "an object called error in the middle",
        24,
        _BEGUN
        + event({"object": "error", "message": "aborted", "type": "InternalError", "param": None}),
        _told("aborted", "Hel"),
    ),
    Case("a detail", 25, event({"detail": "Model not loaded"}), _told("Model not loaded")),
    Case(
        "details of a validation",
        25,
        msgspec.json.encode(
            {"detail": [{"loc": ["body", "messages"], "msg": "field required", "type": "missing"}]}
        ),
        _told("body.messages: field required"),
        content_type=_JSON,
    ),
    Case("an error in words", 25, _BEGUN + event({"error": "no slots"}), _told("no slots", "Hel")),
    Case(
        "a code and an error in words",
        26,
        msgspec.json.encode({"code": "The service is overloaded", "error": "Try again later"}),
        _told("Try again later"),
        content_type=_JSON,
    ),
    Case(
        "a list of one error",
        27,
        msgspec.json.encode([{"error": {"code": 400, "message": "Bad key", "status": "INVALID"}}]),
        _told("Bad key"),
        content_type=_JSON,
    ),
    Case(
        "a list of one error as an event",
        27,
        _BEGUN + event([{"error": {"code": 503, "message": "Overloaded"}}]),
        _told("Overloaded", "Hel"),
    ),
    Case(
        "a completion without choices and with an error",
        28,
        msgspec.json.encode(
            {
                "id": "gen-1",
                "object": "chat.completion",
                "choices": None,
                "provider": "X",
                "error": {
                    "message": "Provider returned error",
                    "code": 502,
                    "metadata": {"raw": "content too large", "provider_name": "X"},
                },
            }
        ),
        _told("content too large"),
        content_type=_JSON,
    ),
    Case(
        "a call that the service could not read",
        29,
        _error(
            "Failed to call a function.",
            type="invalid_request_error",
            code="tool_use_failed",
            failed_generation="<function=f>{broken",
        ),
        _told("<function=f>{broken"),
    ),
    Case("ended: error", 30, text("Hel") + finish("error") + DONE, _told("error", "Hel")),
    Case(
        "ended: network_error",
        30,
        text("Hel") + finish("network_error"),
        _told("network_error", "Hel"),
    ),
    Case(
        "ended: insufficient_system_resource",
        30,
        text("Hel") + finish("insufficient_system_resource") + DONE,
        _told("insufficient_system_resource", "Hel"),
    ),
    _ended("ended: stop", "stop", "end_turn"),
    _ended("ended: length", "length", "max_tokens"),
    _ended("ended: content_filter", "content_filter", "refusal"),
    Case(
        "ended: stop, and then content_filter",
        80,
        text("Hello") + finish("stop") + _FILTERED + DONE,
        Outcome("Hello", stop="refusal", raw="content_filter"),
    ),
    Case(
        "ended: content_filter, and then stop",
        80,
        text("Hello") + _FILTERED + finish("stop") + DONE,
        Outcome("Hello", stop="refusal", raw="content_filter"),
    ),
    _ended("ended: sensitive", "sensitive", "refusal"),
    _ended("ended: abort", "abort", "cancelled"),
    _ended("ended: eos", "eos", "end_turn"),
    _ended("ended: end", "end", "end_turn"),
    _ended(
        "ended: model_context_window_exceeded",
        "model_context_window_exceeded",
        "context_window_exceeded",
    ),
    _ended("ended: a word nobody knows", "tired", "unknown"),
    Case(
        "ended: tool_use",
        30,
        call(id="a", name="f", arguments="{}") + finish("tool_use") + DONE,
        Outcome(calls=(("f", "{}"),), stop="tool_use"),
    ),
    Case(
        "ended: length, before a word of the answer",
        30,
        opening() + finish("length") + DONE,
        Outcome(stop="max_tokens", raw="length"),
    ),
    Case(
        "ended: stop, before a word of the answer",
        30,
        opening() + finish("stop") + DONE,
        Outcome(),
    ),
    Case(
        "ended: an empty word, and the end mark",
        30,
        event(chunk({"content": "Hello"}, finish="")) + DONE,
        Outcome("Hello"),
    ),
    Case(
        "ended: an empty word, and nothing more",
        30,
        event(chunk({"content": "Hello"}, finish="")),
        Outcome("Hello", stop="", error="Interrupted"),
    ),
    *(
        Case(
            f"a {status} without a word",
            31,
            b"",
            Outcome(stop="", error="BadRequest", words=str(status)),
            status=status,
            content_type="",
        )
        for status in (400, 413, 422)
    ),
)
