"""Server-sent events and HTTP as services write them."""

from __future__ import annotations

import json
from typing import Final

from axio.types import Usage

from axio_transport_openai.testing import body
from axio_transport_openai.testing.body import (
    DONE,
    answer,
    call,
    chunk,
    completion,
    event,
    finish,
    opening,
    reasoning,
    text,
    usage,
)

from .case import Case, Outcome

__all__ = ["CASES"]

_HELLO: Final = opening() + text("Hel") + text("lo") + finish()
_WHOLE: Final = _HELLO + DONE
_SAID: Final = Outcome("Hello")
_PING: Final = b": OPENROUTER PROCESSING\n\n"


def _bare(payload: object) -> bytes:
    """An event of one line and one line end."""
    return event(payload)[:-1]


_SINGLE: Final = b"".join(_bare(chunk({"content": part})) for part in ("Hel", "lo"))
_LONG: Final = "long " * 80_000
_GRIN: Final = "\U0001f600"


def _halves(*fields: tuple[str, str]) -> bytes:
    """Chunks whose texts are written in ASCII, so that they may hold half a character."""
    written = (json.dumps(chunk({field: part})) for field, part in fields)
    return b"".join(map(event, written))


CASES: Final = (
    Case("the usual stream", 8, _HELLO + usage() + DONE, Outcome("Hello", usage=Usage(10, 5))),
    Case("no space after the colon", 1, _WHOLE.replace(b"data: ", b"data:"), _SAID),
    Case("two spaces after the colon", 1, _WHOLE.replace(b"data: ", b"data:  "), _SAID),
    Case(
        "one line end between events", 2, _SINGLE + _bare(chunk(finish="stop")) + DONE[:-1], _SAID
    ),
    Case(
        "one CRLF between events",
        2,
        (_SINGLE + _bare(chunk(finish="stop")) + DONE[:-1]).replace(b"\n", b"\r\n"),
        _SAID,
    ),
    Case("one line end and no end mark", 2, _SINGLE + _bare(chunk(finish="stop")), _SAID),
    Case(
        "one line end before an error",
        2,
        _SINGLE + body.error("it broke").join((b"data: ", b"\n")),
        Outcome("Hello", stop="", error="ProviderError", words="it broke"),
    ),
    Case(
        "an event in the middle of another's JSON",
        3,
        text("Hel") + b'data: {"choices":[{"delta":{"role":"adata: {"id":"x"}\n\n' + _WHOLE,
        Outcome("Hel", stop="", error="ProtocolError", words="adata:"),
    ),
    Case(
        "an event that is no JSON",
        3,
        text("Hel") + event("upstream hiccup"),
        Outcome("Hel", stop="", error="ProtocolError", words="upstream hiccup"),
    ),
    Case(
        "an event's name in a block of its own",
        4,
        b"event: message\n\n" + _WHOLE.replace(b"data: {", b"event: chunk\n\ndata: {"),
        _SAID,
    ),
    Case("named events", 4, _WHOLE.replace(b"data: {", b"event: chunk\ndata: {"), _SAID),
    Case(
        "JSON over several data lines",
        5,
        b'data: {"choices": [\ndata:   {"index": 0,\ndata: "delta": {"content": "Hello"}}]\n'
        b"data: }\n\n" + finish() + DONE,
        _SAID,
    ),
    Case("comments between events", 6, _PING + _WHOLE.replace(b"\n\n", b"\n\n" + _PING), _SAID),
    Case("comments inside events", 6, _WHOLE.replace(b"data: {", b":\n: wait\ndata: {"), _SAID),
    Case("comments only", 6, _PING * 3, Outcome(stop="", error="ProtocolError")),
    Case("CRLF", 7, _WHOLE.replace(b"\n", b"\r\n"), _SAID),
    Case("CR alone", 7, _WHOLE.replace(b"\n", b"\r"), _SAID),
    Case("every line end in turn", 7, _WHOLE.replace(b"}\n\n", b"}\r\n\r", 2), _SAID),
    Case("a byte order mark", 7, b"\xef\xbb\xbf" + _WHOLE, _SAID),
    Case(
        "line separators inside the text",
        7,
        text("a\u2028b\u2029c\x85d\x0be") + finish() + DONE,
        Outcome("a\u2028b\u2029c\x85d\x0be"),
    ),
    Case(
        "fields that nobody reads",
        7,
        _WHOLE.replace(b"data: {", b"id: 7\nretry: 10\nfoo: bar\nfoo\ndata: {"),
        _SAID,
    ),
    Case("no end mark", 8, _HELLO, _SAID),
    Case("no end mark after the usage", 8, _HELLO + usage(), Outcome("Hello", usage=Usage(10, 5))),
    Case("the last event without a blank line", 9, _HELLO[:-1], _SAID),
    Case("the last event without a line end", 9, _HELLO[:-2], _SAID),
    Case("the end mark without a line end", 9, _WHOLE[:-2], _SAID),
    Case("an end mark with white space", 10, _HELLO + b"data: [DONE]  \n\n", _SAID),
    Case("an end mark without white space", 10, _HELLO + b"data:[DONE]\n\n", _SAID),
    Case("an end mark after CRLF", 10, _HELLO + b"data: [DONE]\r\n\r\n", _SAID),
    Case("a body held open after the end mark", 11, _WHOLE, _SAID, way="held"),
    Case("text after the end mark", 11, _WHOLE + text(" and more"), _SAID),
    Case(
        "silence in the middle",
        12,
        opening() + text("Hel"),
        Outcome("Hel", stop="", error="Stalled"),
        way="held",
    ),
    Case(
        "silence before the first event",
        12,
        b"",
        Outcome(stop="", error="Stalled"),
        way="held",
    ),
    Case(
        "a completion as JSON",
        13,
        completion("Hello"),
        Outcome("Hello", usage=Usage(10, 5)),
        content_type="application/json",
    ),
    Case(
        "a completion as JSON in an event stream",
        13,
        completion("Hello"),
        Outcome("Hello", usage=Usage(10, 5)),
    ),
    Case(
        "a completion as JSON with an end mark",
        13,
        completion("Hello") + b"data: [DONE]\n\n",
        Outcome("Hello", usage=Usage(10, 5)),
    ),
    Case(
        "a completion as JSON on many lines",
        13,
        json.dumps(json.loads(completion("Hello")), indent=2).encode(),
        Outcome("Hello", usage=Usage(10, 5)),
        content_type="application/json",
    ),
    Case(
        "a completion as JSON that thinks and calls",
        13,
        completion(
            None,
            reason="tool_calls",
            reasoning_content="plan",
            tool_calls=[
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        ),
        Outcome(
            reasoning="plan",
            calls=(("f", '{"x":1}'), ("g", "{}")),
            stop="tool_use",
            usage=Usage(10, 5),
        ),
        content_type="application/json",
    ),
    Case(
        "half a completion as JSON",
        13,
        completion("Hello")[:-40],
        Outcome(stop="", error="Interrupted"),
        content_type="application/json",
    ),
    Case(
        "a page of HTML",
        14,
        b"<!DOCTYPE html><html><title>Sign in</title></html>",
        Outcome(stop="", error="ProtocolError", words="Sign in"),
        content_type="text/html",
    ),
    Case(
        "a sentence",
        14,
        b"upstream connect error or disconnect/reset before headers",
        Outcome(stop="", error="ProtocolError", words="upstream connect error"),
        content_type="text/plain",
    ),
    Case("nothing", 15, b"", Outcome(stop="", error="ProtocolError")),
    Case("the end mark alone", 15, DONE, Outcome(stop="", error="APIError")),
    Case("a role and the end mark", 15, opening() + DONE, Outcome(stop="", error="APIError")),
    Case(
        "counts and the end mark",
        15,
        usage() + DONE,
        Outcome(stop="", error="APIError", usage=Usage(10, 5)),
    ),
    Case("text and the end mark", 16, text("Hello") + DONE, _SAID),
    Case(
        "an end before the answer's",
        16,
        opening() + text("Hel"),
        Outcome("Hel", stop="", error="Interrupted"),
    ),
    Case(
        "a break before the answer's end",
        16,
        opening() + text("Hel"),
        Outcome("Hel", stop="", error="Interrupted"),
        way="dropped",
    ),
    Case(
        "an end inside an event",
        16,
        text("Hel") + text("lo")[:-20],
        Outcome("Hel", stop="", error="Interrupted"),
    ),
    Case(
        "an end inside the arguments of a call",
        16,
        text("Hel") + call(id="a", name="f", arguments='{"x":'),
        Outcome("Hel", stop="", error="Interrupted"),
    ),
    Case(
        "an end after the reasoning",
        16,
        reasoning("plan"),
        Outcome(reasoning="plan", stop="", error="Interrupted"),
    ),
    Case(
        "a character in two halves",
        17,
        _halves(("content", "a\ud83d"), ("content", "\ude00b")) + finish() + DONE,
        Outcome(f"a{_GRIN}b"),
    ),
    Case(
        "a character in two halves in the reasoning",
        17,
        _halves(("reasoning", "\ud83d"), ("reasoning", "\ude00"), ("content", "a")) + finish(),
        Outcome("a", _GRIN),
    ),
    Case(
        "half a character at the end",
        17,
        _halves(("content", "a\ud83d")) + finish() + DONE,
        Outcome("a\ufffd"),
    ),
    Case(
        "half a character before another",
        17,
        _halves(("content", "a\ude00"), ("content", "b")) + finish() + DONE,
        Outcome("a\ufffdb"),
    ),
    Case(
        "a compressed body",
        18,
        b"".join(answer("Hello")),
        Outcome("Hello", usage=Usage(10, 5)),
        way="gzip",
    ),
    Case("a very long line", 18, text(_LONG) + finish() + DONE, Outcome(_LONG)),
    Case(
        "pings with data",
        19,
        event({"type": "ping"}, name="ping") + text("Hello") + event({"type": "ping"}) + finish(),
        _SAID,
    ),
    Case("pings without data", 19, b"event: ping\n\ndata:\n\ndata: \n\n" + _WHOLE, _SAID),
    Case("an empty object", 19, event({}) + _WHOLE, _SAID),
    Case(
        "chunks that are numbered as choices",
        86,
        b"".join(event(chunk({"content": part}, index=at)) for at, part in enumerate("Hello"))
        + event(chunk({"content": ""}, finish="stop", index=5)),
        _SAID,
    ),
    Case("two chunks in one line", 85, _WHOLE.replace(b"}\n\ndata: {", b"}{", 2), _SAID),
    Case("the field's name twice", 85, _WHOLE.replace(b"data: ", b"data: data: "), _SAID),
    Case("null between events", 19, _WHOLE.replace(b"data: ", b"data: null\n\ndata: "), _SAID),
)
