from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from axio.events import (
    Citation,
    IterationEnd,
    IterationStart,
    ProviderEvent,
    ReasoningDelta,
    ReasoningSignature,
    Refusal,
    TextDelta,
    ToolInputDelta,
    ToolUseStart,
)
from axio.types import StopReason, Usage
from hypothesis import given
from hypothesis import strategies as st
from tests.played import Played, play
from tests.strategies import Fragmented, bytewise, cut, fragmentations, streams

from axio_transport_openai import errors, hold, sse
from axio_transport_openai.origin import Origin
from axio_transport_openai.turn import Turn
from axio_transport_openai.wire import MOST_DOCUMENTS

if TYPE_CHECKING:
    from axio.events import StreamEvent

_KEY = "sk-0123456789"
_ORIGIN = Origin("S", "https://h/v1", _KEY)


def _played(body: bytes, *, several: bool = False) -> Played:
    """The body played whole, which must be as it is played a byte, or a line, at a time."""
    played = play([body], _ORIGIN, several=several)
    for pieces in (bytewise(body), body.splitlines(keepends=True)):
        assert play(pieces, _ORIGIN, several=several).said == played.said
    return played


def _data(*payloads: object) -> bytes:
    """Events; texts are payloads as they are, all else is written as JSON."""
    return b"".join(
        b"data: %b\n\n" % (found if isinstance(found, str) else json.dumps(found)).encode()
        for found in payloads
    )


def _choice(**choice: object) -> dict[str, object]:
    return {"id": "c1", "choices": [choice]}


def _chunk(finish: str | None = None, **delta: object) -> dict[str, object]:
    return _choice(delta=delta, finish_reason=finish)


def _call(**fragment: object) -> dict[str, object]:
    return _chunk(tool_calls=[fragment])


def _error(**fields: object) -> dict[str, object]:
    return {"error": {"message": "no", **fields}}


_DONE = b"data: [DONE]\n\n"
_HI = _chunk(content="hi")
_STOP = _chunk("stop")
_GOOD = _data(_HI, _STOP) + _DONE
_ONE = {"prompt_tokens": 1, "completion_tokens": 1}
_COUNTED = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
_F = {"name": "f", "arguments": "{}"}
_FLAT = {"id": "x", "type": "function"}


def test_an_answer_begins_says_something_and_ends() -> None:
    counted = {"choices": [], "usage": _COUNTED, "model": "ignored"}
    opening = _chunk(role="assistant", content="") | {"model": "m-1"}
    played = _played(_data(opening, _HI, _STOP, counted) + _DONE)

    assert played.events == [IterationStart(0, "c1", "m-1"), TextDelta(0, "hi")]
    assert played.end == IterationEnd(0, StopReason.end_turn, Usage(11, 7), "stop")


def test_an_answer_all_of_which_was_held_back_begins_like_any_other() -> None:
    played = _played(_data(_chunk(content="<thi"), _STOP) + _DONE)

    assert played.events == [IterationStart(0, "c1", None), TextDelta(0, "<thi")]


def test_a_call_that_only_a_whole_answer_would_settle_is_not_settled_by_a_failure() -> None:
    played = _played(_data(_call(index=0, function=_F), _error()))

    assert played.events == []
    assert isinstance(played.error, errors.ProviderError)


@given(cut(streams()))
def test_where_a_body_is_cut_does_not_matter(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    expected = play([body]).said

    for way in (pieces, bytewise(body), [b":\n\n", body]):
        assert play(way).said == expected


@given(fragmented=fragmentations(), way=st.sampled_from(["delta", "message"]))
def test_calls_come_out_the_same_however_they_are_fragmented(
    *, fragmented: Fragmented, way: str
) -> None:
    chunks = [_choice(**{way: {"tool_calls": [fragment]}}) for fragment in fragmented.fragments]
    played = play([_data(*chunks, _STOP)])

    assert [(name, json.loads(text or "{}")) for _, name, text in played.calls] == [
        (said.name, json.loads(said.arguments)) for said in fragmented.calls
    ]
    assert played.end
    assert (played.end.stop_reason is StopReason.tool_use) is bool(fragmented.calls)


@pytest.mark.parametrize("arguments", [None, "", "no JSON"])
def test_a_call_without_an_object_is_no_call_that_is_cut_off(arguments: str | None) -> None:
    call = _call(index=0, id="x", function={"name": "f", "arguments": arguments})
    for body in (_data(call), _data(call, _STOP)):
        played = _played(body + _DONE)

        assert played.calls == [("x", "f", arguments or "")]
        assert played.end
        assert played.end.stop_reason is StopReason.tool_use


def test_calls_that_come_in_messages_of_their_own_are_told_by_their_ids() -> None:
    pieces = [("c1", '{"a": fal'), ("c2", '{"b"'), ("c1", "se}"), ("c2", ": 1}")]
    chunks = [
        _choice(message={"tool_calls": [{"id": id, "function": {"name": "f", "arguments": text}}]})
        for id, text in pieces
    ]
    played = play([_data(*chunks, _STOP)])

    assert played.calls == [("c1", "f", '{"a": false}'), ("c2", "f", '{"b": 1}')]


@given(streams())
def test_what_came_before_an_error_in_the_same_read_is_given(body: bytes) -> None:
    body += b"\n\n"
    before = Turn(_ORIGIN).feed(body)

    assert Turn(_ORIGIN).feed(body + _data(_error()))[: len(before)] == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(_GOOD, "hi", id="OpenAI"),
        pytest.param(_GOOD.replace(b"data: ", b"data:"), "hi", id="1: no space after the colon"),
        pytest.param(_GOOD.replace(b"\n\n", b"\n"), "hi", id="2: one newline between events"),
        pytest.param(b"event: x\n\n" + _GOOD, "hi", id="4: an event without data"),
        pytest.param(
            b'data: {"choices":\ndata: [{"delta":\ndata: {"content":"hi"},\n'
            b'data: "finish_reason":"stop"}]}\n\n',
            "hi",
            id="5: JSON in many lines",
        ),
        pytest.param(b": OPENROUTER PROCESSING\n\n" + _GOOD, "hi", id="6: comments"),
        pytest.param(b"\xef\xbb\xbf" + _GOOD.replace(b"\n", b"\r\n"), "hi", id="7: BOM, CR LF"),
        pytest.param(_GOOD.replace(b"\n", b"\r"), "hi", id="7: CR alone"),
        pytest.param(
            _data(_chunk(content="a\u2028b\u0085c"), _STOP), "a\u2028b\u0085c", id="7: no line ends"
        ),
        pytest.param(_data(_HI, _STOP), "hi", id="8: no end mark"),
        pytest.param(_data(_HI, _STOP)[:-1], "hi", id="9: no last blank line"),
        pytest.param(_data(_HI, _STOP)[:-2], "hi", id="9: no last newline"),
        pytest.param(_data(_HI, _STOP, "[DONE]  "), "hi", id="10: end mark with spaces"),
        pytest.param(_data(_HI, _STOP, "[DONE]."), "hi", id="10: end mark with anything behind it"),
        pytest.param(_GOOD + _data(_HI), "hi", id="nothing counts after the end mark"),
        pytest.param(_data(_HI, "[DONE]"), "hi", id="an end mark is an end, after content"),
        pytest.param(
            json.dumps(_choice(message={"content": "hi"}, finish_reason="stop")).encode(),
            "hi",
            id="13: a completion, though a stream was asked for",
        ),
        pytest.param(
            json.dumps(_choice(message={"content": "hi"}, finish_reason="stop"), indent=2).encode(),
            "hi",
            id="13: a completion in lines",
        ),
        pytest.param(
            json.dumps(_choice(message={"content": "hi"}, finish_reason=None)).encode(),
            "hi",
            id="13: a completion without a finish reason is all there is",
        ),
        pytest.param(
            b'data: {"choices":[{"delta":{"content":"\\ud83c"}}]}\n\n'
            b'data: {"choices":[{"delta":{"content":"\\udf0d"},"finish_reason":"stop"}]}\n\n',
            "🌍",
            id="17: a character in two halves",
        ),
        pytest.param(
            _data(_HI).replace(b"hi", b"h\\ud83c") + _data(_HI, _STOP),
            "h\ufffdhi",
            id="half a character, and none that joins it",
        ),
        pytest.param(
            _data(_HI, _chunk(content="<thought>", extra_content={"google": {"thought": True}}))
            + _data(_chunk(content="</thought>ho"), _STOP),
            "hiho",
            id="a thought of nothing amid an answer",
        ),
        pytest.param(_data({"type": "ping"}) + b"event: ping\n\n" + _GOOD, "hi", id="19: pings"),
        pytest.param(b"data: \n\ndata:\n\n" + _GOOD, "hi", id="empty data"),
        pytest.param(_data([]) + _GOOD, "hi", id="an empty list"),
        pytest.param(_data(None, _HI, None, _STOP, None), "hi", id="19: null"),
        pytest.param(
            _data({"choices": [], "prompt_filter_results": [{}], "model": ""}) + _GOOD,
            "hi",
            id="32: a first chunk without choices",
        ),
        pytest.param(
            _data(_choice(delta=None), {"choices": None}, {"id": "c1"}) + _GOOD,
            "hi",
            id="33: no delta, no choices",
        ),
        pytest.param(
            _data(
                _chunk("", role="", content="h"), _chunk("", role="assistant", content="i"), _STOP
            ),
            "hi",
            id="34: empty words",
        ),
        pytest.param(
            _data(_HI, _choice(message={"content": "hi"}, finish_reason="stop")),
            "hi",
            id="35: the whole message again at the end",
        ),
        pytest.param(
            _data(_chunk("stop", content=["h", {"type": "text", "text": "i"}])),
            "hi",
            id="36: content in parts",
        ),
        pytest.param(
            _data(_choice(message={"content": "h"}), _choice(message={"content": "i"}), _STOP),
            "hi",
            id="37: message for delta",
        ),
        pytest.param(_data(_HI, _STOP, _STOP), "hi", id="38: the finish twice"),
        pytest.param(
            _data(_chunk(content="h"), _STOP, _chunk(content="i"), "[DONE]"),
            "hi",
            id="38: content after it, and the end mark",
        ),
        pytest.param(
            _data(_chunk(content="h"), _STOP, _chunk(content="i"), _STOP),
            "hi",
            id="38: content after it, and another one",
        ),
        pytest.param(
            _data(_chunk(content="h"), _STOP, _chunk(content="i")),
            "hi",
            id="38: content after it, and the end of the body",
        ),
        pytest.param(_data(_HI, _STOP) + b"data: [DO", "hi", id="an end mark cut off"),
        pytest.param(_data(_HI, _STOP) + b'data: {"usage":{', "hi", id="counts cut off"),
        pytest.param(_data(_HI, _STOP, "[done]", "x"), "hi", id="a small end mark"),
        pytest.param(_data(_HI, _STOP, "DONE"), "hi", id="an end mark without brackets"),
        pytest.param(_data(_HI, _STOP, "bye"), "hi", id="words after the finish reason"),
        pytest.param(_data(_HI) + b"[DONE]\n", "hi", id="an end mark that is no event"),
        pytest.param(b"   " + _data(_HI) + b"   " + _data(_STOP), "hi", id="white space before it"),
        pytest.param(
            b": PING\n\nretry: 3000\n\n"
            + json.dumps(_choice(message={"content": "hi"}, finish_reason="stop")).encode(),
            "hi",
            id="a completion after heartbeats",
        ),
        pytest.param(
            json.dumps([_chunk(content="h"), _chunk(content="i"), _STOP]).encode(),
            "hi",
            id="a list of chunks",
        ),
        pytest.param(
            _data([_chunk(content="h"), _chunk(content="i"), _STOP]), "hi", id="a list in an event"
        ),
        pytest.param(
            b"\n\n".join(
                json.dumps(chunk).encode()
                for chunk in (_chunk(content="h"), _chunk(content="i"), _STOP)
            ),
            "hi",
            id="a chunk a line",
        ),
        pytest.param(
            json.dumps(
                _choice(
                    delta={"role": "assistant", "content": ""},
                    message={"role": "assistant", "content": "hi"},
                    finish_reason="stop",
                )
            ).encode(),
            "hi",
            id="a message beside a delta that says nothing",
        ),
        pytest.param(
            _data(
                *(
                    _choice(delta={"content": delta}, message={"content": whole})
                    for delta, whole in (("h", "h"), ("i", "hi"))
                ),
                _choice(delta={}, message={"content": "hi"}, finish_reason="stop"),
            ),
            "hi",
            id="the message so far beside each delta",
        ),
        *(
            pytest.param(
                _data(
                    opening,
                    *(
                        _choice(delta={"content": delta}, message={"content": whole})
                        for delta, whole in (("h", "h"), ("", "h"), ("i", "hi"))
                    ),
                    _choice(delta={"content": ""}, message={"content": "hi"}, finish_reason="stop"),
                ),
                "hi",
                id=f"the message so far beside each delta, after {opened}",
            )
            for opened, opening in (
                ("empty ones", _choice(delta={"content": ""}, message={"content": ""})),
                ("a null", _choice(delta={"role": "assistant"}, message={"content": None})),
                ("an empty message", _choice(message={"content": ""})),
            )
        ),
        pytest.param(
            _data(
                *[_choice(message={"content": ""}), _chunk(content="h"), _chunk(content="i")],
                _choice(delta={}, message={"content": "hi"}, finish_reason="stop"),
            ),
            "hi",
            id="an empty message before deltas, and the whole message",
        ),
        *(
            pytest.param(
                _data(_chunk(content=held), _choice(message={"content": whole}), _STOP),
                expected,
                id=f"a message behind {held!r}, which might have begun a tag",
            )
            for held, whole, expected in (
                ("\n", "\n", "\n"),
                ("\n", "\nhi", "\nhi"),
                (" ", "hi", " hi"),
                ("<", "<", "<"),
                ("<think>", "<think>", ""),
            )
        ),
        pytest.param(
            _data(
                _chunk(reasoning="hm"),
                _choice(message={"reasoning": "hm", "content": "hi"}, finish_reason="stop"),
            ),
            "hi",
            id="text that comes in the message at the end only",
        ),
        pytest.param(
            _data(_choice(text="h"), _choice(text="i", finish_reason="stop")), "hi", id="a text"
        ),
        pytest.param(
            _data(_choice(text="h", delta={"content": "h"}), _chunk(content="i"), _STOP),
            "hi",
            id="a text beside a delta",
        ),
        pytest.param(
            _data(
                _HI | {"error": {"message": "", "type": "", "code": None}},
                _STOP | {"error": {}},
            ),
            "hi",
            id="an error of nothing is none",
        ),
        pytest.param(
            _data(_HI, _STOP, {"code": 0, "message": "Success", "choices": [], "usage": _ONE}),
            "hi",
            id="success is no error",
        ),
        pytest.param(
            _data(_HI, _STOP, {"choices": [], "usage": _ONE, "errors": [{"message": "slow"}]}),
            "hi",
            id="what went wrong beside an answer that is whole",
        ),
        pytest.param(
            _data(_HI, _STOP) + b'{"message":"bye"}\n', "hi", id="a line behind the answer"
        ),
        pytest.param(
            _data(
                {"status": "queued", "message": "Place 3"},
                _chunk(content="h"),
                {"detail": "a tool was slow"},
                _chunk(content="i"),
                _STOP,
            ),
            "hi",
            id="what may be a failure, before more of the answer",
        ),
        pytest.param(
            _data(_chunk("null", content="h"), _chunk("None", content="i"), _STOP),
            "hi",
            id="no finish reason in words",
        ),
        pytest.param(_data(_HI, _choice(delta={}, finishReason="STOP")), "hi", id="finishReason"),
        pytest.param(
            _data(_HI, _choice(finish_reason={"type": "stop"})), "hi", id="a reason in an object"
        ),
        pytest.param(
            _data(_HI | {"id": 7, "service_tier": "on_demand", "created": "now"}, _STOP),
            "hi",
            id="40: wild types",
        ),
        pytest.param(
            _data(_chunk(content="hi", tool_calls=None), _chunk(tool_calls=[]), _STOP),
            "hi",
            id="61: null and empty calls",
        ),
        pytest.param(
            _data(_chunk(tool_calls=[{"function": None}], content="hi"), _STOP),
            "hi",
            id="61: a null function",
        ),
        pytest.param(
            _data(_error() | {"error": None}, _HI | {"error": None}, _STOP),
            "hi",
            id="null is no error",
        ),
        pytest.param(
            _data(json.dumps(_HI) + "\n" + json.dumps(_STOP)).replace(b"\n{", b"\ndata: {"),
            "hi",
            id="two documents in one event",
        ),
        pytest.param(
            _data(json.dumps(_chunk(content="h")) + json.dumps(_chunk(content="i")), _STOP) + _DONE,
            "hi",
            id="two documents in one line",
        ),
        pytest.param(
            _data(*(f"data: {json.dumps(found)}" for found in (_HI, _STOP))) + b"data: " + _DONE,
            "hi",
            id="the name of the field twice",
        ),
        pytest.param(
            _data(f"{json.dumps(_HI)}data: {json.dumps(_STOP)}[DONE]", _HI),
            "hi",
            id="two events and the end mark in one line",
        ),
        *(
            pytest.param(
                between.join(
                    json.dumps(chunk, indent=indent).encode()
                    for chunk in (_chunk(content="h"), _chunk(content="i"), _STOP)
                ),
                "hi",
                id=f"chunks with {between!r} between them, indented by {indent}",
            )
            for between, indent in ((b"", None), (b" ", None), (b"\n", 1))
        ),
        pytest.param(
            "\n".join(map(json.dumps, (_HI, _STOP))).encode() + b"\n[DONE]\n" + _data(_HI)[6:],
            "hi",
            id="a document a line, and one behind the mark",
        ),
        pytest.param(b"words\n" + _GOOD, "hi", id="words before the stream"),
    ],
)
def test_a_whole_answer_is_read_however_it_is_sent(body: bytes, expected: str) -> None:
    played = _played(body)

    assert played.text == expected
    assert played.end
    assert played.end.stop_reason is StopReason.end_turn


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        pytest.param(b"", errors.ProtocolError, "answered with nothing", id="15: nothing"),
        pytest.param(
            b"\n\n\n", errors.ProtocolError, "answered with nothing", id="15: blank lines"
        ),
        pytest.param(
            b": waiting\n\n", errors.ProtocolError, "answered with nothing", id="15: comments"
        ),
        pytest.param(
            _DONE, errors.Interrupted, "before the answer was finished", id="15: only done"
        ),
        pytest.param(
            _data(_chunk(role="assistant")) + _DONE,
            errors.Interrupted,
            "before the answer was finished",
            id="15: only a role",
        ),
        *(
            pytest.param(
                _data(_chunk(role="assistant") | {"id": None} | head),
                errors.Interrupted,
                "before the answer was finished",
                id=f"15: only a role, with {name}",
            )
            for name, head in (("a model", {"model": "m"}), ("a date", {"created": 1}))
        ),
        pytest.param(
            b"{}", errors.Interrupted, "before the answer was finished", id="an empty one"
        ),
        pytest.param(
            b'{"promptFeedback": {"blockReason": "OTHER"}}',
            errors.Interrupted,
            """finished; the last it said is '{"promptFeedback": {"blockReason": "OTHER"}}'.""",
            id="in a form of its own",
        ),
        pytest.param(
            b'data: {"status": "no worker is free"}\n\n',
            errors.Interrupted,
            """finished; the last it said is '{"status": "no worker is free"}'.""",
            id="in an event of its own",
        ),
        pytest.param(
            _data(_HI, {"fault": {"faultstring": "Quota violation"}}),
            errors.Interrupted,
            """finished; the last it said is '{"fault": {"faultstring": "Quota violation"}}'.""",
            id="in a form of its own, in the midst of the answer",
        ),
        pytest.param(
            _data(_HI, {"ResponseMetadata": {"Error": {"Message": "No."}}}) + _data(_HI),
            errors.Interrupted,
            "stopped before the answer was finished.",
            id="in a form of its own, and the answer goes on",
        ),
        pytest.param(
            2 * json.dumps(_HI).encode(),
            errors.Interrupted,
            "before the answer was finished",
            id="chunks that run together, and no end",
        ),
        pytest.param(
            json.dumps(_HI).encode() + json.dumps(_STOP).encode()[:-9],
            errors.Interrupted,
            "in the middle of its answer",
            id="chunks that run together, and the last breaks off",
        ),
        pytest.param(
            b"<html><p>Sign in</p></html>",
            errors.ProtocolError,
            "no event stream but '<html><p>Sign in</p></html>'; check the base URL",
            id="14: HTML",
        ),
        pytest.param(b"Bad gateway", errors.ProtocolError, "'Bad gateway'", id="14: words"),
        pytest.param(
            _data(_HI), errors.Interrupted, "stopped before the answer was finished", id="16: cut"
        ),
        pytest.param(
            _data(_HI) + b'data: {"choices":[{"del',
            errors.Interrupted,
            """stopped in the middle of an event: '{"choices":[{"del'""",
            id="16: cut amid an event",
        ),
        pytest.param(
            _data(_HI) + b"dat", errors.Interrupted, "before the answer", id="16: cut amid a name"
        ),
        pytest.param(
            b'{"choices":[{"message":{"cont',
            errors.Interrupted,
            """in the middle of its answer: '{"choices":""",
            id="16: a completion cut off",
        ),
        pytest.param(
            _data('{"choices":[{"delta":{"role":"adata: {"id"'),
            errors.ProtocolError,
            """an event that is not JSON: '{"choices":[{"delta":{"role":"adata: {"id"'""",
            id="3: a line cut in two",
        ),
        pytest.param(
            _data('"words"'), errors.ProtocolError, "an event that is not an object", id="a text"
        ),
        pytest.param(
            _data(_HI, "done"), errors.ProtocolError, "not JSON: 'done'", id="a word amid an answer"
        ),
        pytest.param(
            _data("[" * 99_999), errors.ProtocolError, "JSON nested too deeply", id="brackets"
        ),
        pytest.param(
            _data(_call(index=0, id="x", function={"arguments": '{"a":1}'}), _STOP),
            errors.ProtocolError,
            'sent a tool call with arguments and no name: {"a":1}',
            id="a call without a name",
        ),
        pytest.param(_data(_HI, _error()), errors.ProviderError, ": no", id="22: an error alone"),
        pytest.param(
            _data(_chunk("error", content="") | _error(code=502, metadata={"raw": "up"})),
            errors.ProviderError,
            "no (up)",
            id="20: an error beside a choice",
        ),
        pytest.param(
            _data(_choice(error={"message": "no", "code": 502}, delta={"content": "x"})),
            errors.ProviderError,
            ": no",
            id="21: an error in a choice",
        ),
        pytest.param(
            b"event: error\n" + _data(_error() | {"message": "again"}),
            errors.ProviderError,
            ": no",
            id="23: an event called error",
        ),
        pytest.param(
            b"event: error\n" + _data("out of memory"),
            errors.ProviderError,
            ": out of memory",
            id="23: in words",
        ),
        pytest.param(
            b"event: error\n" + _data({"reason": "x"}), errors.ProviderError, "x", id="23: any JSON"
        ),
        pytest.param(
            b'error: {"code":500,"message":"no"}\n\n', errors.ProviderError, ": no", id="a field"
        ),
        pytest.param(
            _data({"object": "error", "message": "no", "code": 400}),
            errors.ProviderError,
            ": no",
            id="24: vLLM",
        ),
        pytest.param(_data({"object": "error"}), errors.ProviderError, "error", id="24: no words"),
        pytest.param(
            _data({"error": {"reason": "no", "at": 5}}),
            errors.ProviderError,
            '"no"',
            id="other words",
        ),
        pytest.param(
            _data({"error": {"error": {"message": "no"}}}),
            errors.ProviderError,
            ": no",
            id="within",
        ),
        pytest.param(_data({"detail": "no"}), errors.ProviderError, ": no", id="25: FastAPI"),
        pytest.param(
            _data(_HI) + b'{"error":"no"}\n\n' + _data("[DONE]"),
            errors.ProviderError,
            ": no",
            id="no event, and the end mark",
        ),
        pytest.param(
            _data(
                _HI, {"detail": "no"}, {"type": "ping"}, {"choices": [], "usage": _ONE}, "[DONE]"
            ),
            errors.ProviderError,
            ": no",
            id="what may be a failure, and no more of the answer",
        ),
        pytest.param(
            _data(_HI, {"detail": "no"}, _STOP),
            errors.ProviderError,
            ": no",
            id="what may be a failure, and no more than a finish reason",
        ),
        pytest.param(
            _data({"message": "Place 3"}, _HI, _error(), _HI),
            errors.ProviderError,
            ": no",
            id="what may be a failure, before one that is",
        ),
        pytest.param(_data({"error": "no"}), errors.ProviderError, ": no", id="25: a text"),
        pytest.param(
            _data({"error": {"error": {"message": "no"}}, "code": None}),
            errors.ProviderError,
            ": no",
            id="an error in an error",
        ),
        pytest.param(
            _data(_choice(error={"code": 502})),
            errors.ProviderError,
            """: {"error":{"code":502}}""",
            id="an error of no words",
        ),
        pytest.param(
            b'{"code":"c","error":"no"}', errors.ProviderError, ": no", id="26: xAI, as JSON"
        ),
        pytest.param(
            b'[{"error":{"code":400,"message":"no"}}]',
            errors.ProviderError,
            ": no",
            id="27: Gemini",
        ),
        pytest.param(_data([{"error": "no"}]), errors.ProviderError, ": no", id="27: as an event"),
        pytest.param(_data(["no"]), errors.ProviderError, ": no", id="a list of words"),
        pytest.param(
            json.dumps({"id": "c", "choices": None} | _error(metadata={"raw": "up"})).encode(),
            errors.ProviderError,
            "no (up)",
            id="28: choices null",
        ),
        pytest.param(
            _data(_error(code="tool_use_failed", failed_generation="<f>")),
            errors.ProviderError,
            "no (the model wrote: <f>)",
            id="29: Groq",
        ),
        pytest.param(
            _data(_HI, {"choices": [], "x_groq": _error()}),
            errors.ProviderError,
            ": no",
            id="71: Groq",
        ),
        pytest.param(
            _data(_HI, _STOP, _error()), errors.ProviderError, ": no", id="after the finish reason"
        ),
        pytest.param(
            _data(_HI) + json.dumps(_error()).encode(), errors.ProviderError, ": no", id="no event"
        ),
        pytest.param(
            _data(_HI) + json.dumps(_error(), indent=1).encode(),
            errors.ProviderError,
            ": no",
            id="no event, in lines",
        ),
        pytest.param(
            _data(_HI, _STOP) + json.dumps(_error()).encode(),
            errors.ProviderError,
            ": no",
            id="no event, after the finish reason",
        ),
        pytest.param(
            b": PING\n\nretry: 3\n\n" + json.dumps(_error()).encode(),
            errors.ProviderError,
            ": no",
            id="after heartbeats",
        ),
        pytest.param(
            _data(_HI) + b'{"choices":[{"del', errors.Interrupted, "middle", id="no event, cut off"
        ),
        pytest.param(_data(_HI) + b"{}", errors.Interrupted, "before", id="no event, and nothing"),
        pytest.param(
            _data(_chunk(content="h"), _STOP, _chunk(content="i")) + b'data: {"choices":[{"del',
            errors.Interrupted,
            "middle",
            id="38: content after the finish reason, cut off",
        ),
        pytest.param(
            _data(_HI, _STOP, _call(index=0, id="x", function={"name": "f", "arguments": '{"a"'})),
            errors.Interrupted,
            "before",
            id="38: a call after the finish reason, its arguments cut off",
        ),
        pytest.param(
            _data(_chunk("null", content="h")), errors.Interrupted, "before", id="cut after a null"
        ),
        pytest.param(
            json.dumps(_HI).encode() + b"\n" + b'{"choices":[',
            errors.Interrupted,
            "middle",
            id="a chunk a line, cut off",
        ),
        pytest.param(
            json.dumps(_HI).encode() + b"\n" + json.dumps(_HI).encode(),
            errors.Interrupted,
            "before",
            id="a chunk a line, not ended",
        ),
        pytest.param(
            _data(_call(index=0, id="x", function={"name": "f", "arguments": '{"a"'}), "[DONE]"),
            errors.Interrupted,
            "before",
            id="arguments cut off before the end mark",
        ),
        pytest.param(
            _data(
                {"id": "0", "choices": None, "base_resp": {"status_code": 1008, "status_msg": "no"}}
            ),
            errors.ProviderError,
            ": no",
            id="MiniMax",
        ),
        pytest.param(
            json.dumps({"base_resp": {"status_code": 1008, "status_msg": "no"}}).encode(),
            errors.ProviderError,
            ": no",
            id="MiniMax, as JSON",
        ),
        pytest.param(
            _data(_chunk("stop", role="x"), {"message": "no"}),
            errors.ProviderError,
            ": no",
            id="a message after a finish reason that was too early",
        ),
        pytest.param(
            _data(_HI, _STOP, {"code": 500, "msg": "no"}),
            errors.ProviderError,
            ": no",
            id="a status after the finish reason",
        ),
        pytest.param(
            _data({"error_code": 336003, "error_msg": "no"}),
            errors.ProviderError,
            ": no",
            id="Baidu",
        ),
        pytest.param(_data({"code": 500, "msg": "no"}), errors.ProviderError, ": no", id="msg"),
        pytest.param(
            _data({"success": False, "errors": [{"code": 7, "message": "no"}]}),
            errors.ProviderError,
            ": no",
            id="Cloudflare",
        ),
        pytest.param(
            _data({"error": True, "message": "no"}), errors.ProviderError, ": no", id="a truth"
        ),
        pytest.param(
            _data(_chunk("tool_calls")),
            errors.ProtocolError,
            "no tool call that can be read",
            id="57: no call, and nothing else",
        ),
        pytest.param(
            _data(_HI, _call(id="x", type="custom"), _chunk("tool_calls")),
            errors.ProtocolError,
            "no tool call that can be read",
            id="a call that is none, beside words",
        ),
        *(
            pytest.param(
                _data(_HI, _chunk(word)),
                errors.ProviderError,
                f"ended with '{word}'",
                id=f"30: {word}",
            )
            for word in (
                *("error", "network_error", "insufficient_system_resource"),
                "function_call_filter: MALFORMED_FUNCTION_CALL",
            )
        ),
    ],
)
def test_anything_else_is_one_error_that_says_what_came(
    body: bytes, kind: type[errors.APIError], told: str
) -> None:
    played = _played(body)

    assert type(played.error) is kind
    assert str(played.error).startswith("S (https://h/v1) ")
    assert told in str(played.error)


def test_of_an_answer_that_only_ends_with_a_failure_the_words_are_ours() -> None:
    error = _played(_data(_HI, _chunk("network_error"))).error

    assert error
    assert "the answer ended with 'network_error'" in str(error)
    assert (error.said, error.code) == ("", "network_error")


@pytest.mark.parametrize(
    ("native", "told"),
    [
        pytest.param("MALFORMED_FUNCTION_CALL", "'error: MALFORMED_FUNCTION_CALL'", id="a cause"),
        pytest.param("ERROR", "'error'", id="the same"),
        pytest.param("STOP", "'error'", id="an ordinary end"),
        pytest.param(None, "'error'", id="null"),
        pytest.param("null", "'error'", id="a word for null"),
        pytest.param({}, "'error'", id="a wild one"),
    ],
)
def test_of_an_answer_that_ends_with_a_failure_a_gateway_tells_the_cause(
    native: object, told: str
) -> None:
    ended = {"delta": {}, "finish_reason": "error", "native_finish_reason": native}
    error = _played(_data(_HI, {"choices": [ended]})).error

    assert error
    assert str(error).endswith(f"the answer ended with {told}")
    assert error.code == "error"


def test_a_failure_is_not_taken_back_by_an_end_of_an_answer_that_says_nothing() -> None:
    error = _played(_data(_chunk("error"), _STOP)).error

    assert error
    assert error.code == "error"


def test_what_a_gateway_calls_an_end_that_is_no_failure_is_not_told() -> None:
    ended = {"delta": {}, "finish_reason": "stop", "native_finish_reason": "end_turn"}
    end = _played(_data(_HI, {"choices": [ended]})).end

    assert end
    assert end.raw == "stop"


@pytest.mark.parametrize(
    ("body", "retryable"),
    [
        pytest.param(_data(_HI), True, id="cut"),
        pytest.param(_data(_HI) + b'data: {"a', True, id="cut amid an event"),
        pytest.param(b'{"choices":', True, id="cut amid a document"),
        pytest.param(_data("no JSON"), True, id="no JSON"),
        pytest.param(_data(_chunk("error")), True, id="a failure of the service's own"),
        pytest.param(_data(_error(code=502)), True, id="an error that may pass"),
        pytest.param(_data(_error(code=400)), False, id="an error that will not"),
        pytest.param(
            _data({**_error(code="queue_exceeded"), "status_code": 429}),
            True,
            id="an error with its status beside it, as Cerebras sends it",
        ),
        pytest.param(
            _data({"error": "no", "error_type": "overloaded"}),
            True,
            id="an error with its name beside it, as text-generation-inference sends it",
        ),
        pytest.param(
            _data({**_error(code="queue_exceeded"), "status_code": 429, "id": 7}),
            True,
            id="the same in a chunk of wild types",
        ),
        pytest.param(
            _data({**_error(code="queue_exceeded"), "http_status_code": 429}),
            True,
            id="the same under another name",
        ),
        pytest.param(
            _data([{**_error(code="queue_exceeded"), "status_code": 429}, {"id": "1"}]),
            True,
            id="the same in a list",
        ),
        pytest.param(b"<html>", False, id="HTML"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_an_error_says_whether_to_ask_again(body: bytes, *, retryable: bool) -> None:
    played = _played(body)

    assert played.error
    assert played.error.retryable is retryable


def test_an_error_carries_what_came_before_it_and_what_it_cost() -> None:
    played = _played(_data(_HI | {"usage": _ONE}, _error(code=502), _HI | {"usage": _COUNTED}, _HI))

    assert played.events == [IterationStart(0, "c1", None), TextDelta(0, "hi")]
    assert isinstance(played.error, errors.ProviderError)
    assert (played.error.said, played.error.status) == ("no", 502)
    assert played.error.usage == Usage(11, 7)


def test_only_the_first_failure_counts() -> None:
    played = _played(_data(_error(code=502), "no JSON") + _data({"error": "another"}))

    assert played.error
    assert played.error.status == 502


def test_nothing_behind_a_failure_is_given_however_the_body_is_cut() -> None:
    failed = _chunk(content=" you") | {"x_groq": _error()}
    body = _data(_HI, _HI, failed, _HI, _STOP)
    byte_for_byte = [body[at : at + 1] for at in range(len(body))]

    assert _played(body).text == play(byte_for_byte).text == "hihi you"
    assert isinstance(_played(body).error, errors.ProviderError)


def test_a_failure_from_outside_the_body_counts_unless_there_was_one() -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_HI) + b"data: {")
    turn.fail(errors.ConnectionFailed("gone"))
    turn.fail(errors.ConnectionFailed("again"))

    assert turn.failure is not None
    assert turn.close() == []
    with pytest.raises(errors.ConnectionFailed, match="gone"):
        turn.end(turn.tally.usage)


def test_what_was_held_back_is_given_before_a_failure_too() -> None:
    played = _played(_data(_chunk(content="<thi"), _error()))

    assert played.text == "<thi"
    assert played.error


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(f"bad {_KEY}", "'bad ***'", id="the key"),
        pytest.param("a\x1b[31mb", "'a [31mb'", id="control characters"),
        pytest.param("x" * 10**6, f"'{'x' * 300}...'", id="all of it"),
        pytest.param("x" * 295 + _KEY, f"'{'x' * 295}***'", id="a part of the key"),
    ],
)
def test_what_cannot_be_read_is_shown_without(words: str, shown: str) -> None:
    for body in (_data(words), words.encode(), b"event: x\ndata: " + words.encode()):
        assert shown in str(_played_whole(body).error)


def _played_whole(body: bytes) -> Played:
    return play([body], _ORIGIN)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(_data(_error(code=_KEY) | {"message": _KEY}), id="an error"),
        pytest.param(_data({"detail": f"a\x1b\n{_KEY}"}), id="a detail"),
        pytest.param(
            _data(_call(index=0, function={"arguments": f"\x1b{_KEY}"}), _STOP), id="a call"
        ),
        pytest.param(_data(_chunk(f"error{_KEY}")), id="a finish reason"),
    ],
)
def test_no_message_holds_the_key_or_shapes_a_terminal(body: bytes) -> None:
    played = _played_whole(body)
    told = f"{played.error}{played.error and played.error.said}{played.error and played.error.code}"

    assert "0123456789" not in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("stop", StopReason.end_turn),
        ("eos", StopReason.end_turn),
        ("eos_token", StopReason.unknown),
        ("end_turn", StopReason.end_turn),
        ("normal", StopReason.end_turn),
        *(
            (word, StopReason.end_turn)
            for word in ("end", "stop_sequence", "complete", "completed")
        ),
        ("tool_calls", StopReason.end_turn),
        ("tool_use", StopReason.end_turn),
        ("function_call", StopReason.end_turn),
        ("length", StopReason.max_tokens),
        ("max_tokens", StopReason.max_tokens),
        ("model_length", StopReason.max_tokens),
        ("max_output_tokens", StopReason.max_tokens),
        ("MAX_TOKENS", StopReason.max_tokens),
        ("STOP", StopReason.end_turn),
        (" stop\n", StopReason.end_turn),
        ("tool_call", StopReason.end_turn),
        ("TOOL_CALLS", StopReason.end_turn),
        ("SAFETY", StopReason.refusal),
        ("content_filter: RECITATION", StopReason.refusal),
        ("content_filter", StopReason.refusal),
        ("content-filter", StopReason.refusal),
        ("content_filtered", StopReason.refusal),
        ("guardrail_intervened", StopReason.refusal),
        ("sensitive", StopReason.refusal),
        ("safety", StopReason.refusal),
        ("blocklist", StopReason.refusal),
        ("prohibited_content", StopReason.refusal),
        ("spii", StopReason.refusal),
        ("refusal", StopReason.refusal),
        ("model_context_window_exceeded", StopReason.context_window_exceeded),
        ("abort", StopReason.cancelled),
        ("cancelled", StopReason.cancelled),
        ("whatever", StopReason.unknown),
    ],
)
def test_a_finish_reason_is_put_into_axio_s_words_and_kept(word: str, expected: StopReason) -> None:
    end = _played(_data(_HI, _chunk(word))).end

    assert end
    assert end.stop_reason is expected
    assert (end.raw or end.stop_reason) == word


@pytest.mark.parametrize(
    ("chunks", "expected", "raw"),
    [
        pytest.param(
            [_call(index=0, id="x", function=_F), _STOP], "tool_use", "stop", id="56: stop"
        ),
        pytest.param(
            [_chunk("stop", tool_calls=[{"index": 0, "id": "x", "function": _F}])],
            *("tool_use", "stop"),
            id="56: stop, with the calls in the last chunk",
        ),
        pytest.param(
            [_call(index=0, id="x", function=_F), "[DONE]"], "tool_use", "", id="no finish reason"
        ),
        pytest.param(
            [_call(index=0, id="x", function=_F), _chunk("eos_token")],
            *("tool_use", "eos_token"),
            id="text-generation-inference",
        ),
        pytest.param(
            [_call(index=0, id="x", function=_F), _chunk("tool-calls")],
            *("tool_use", "tool-calls"),
            id="with a hyphen",
        ),
        pytest.param([_HI, _chunk("tool_calls")], "end_turn", "tool_calls", id="57: no call"),
        pytest.param(
            [_call(index=0, id="x", function=_F), _chunk("tool_use")],
            "tool_use",
            "",
            id="axio's word",
        ),
        pytest.param(
            [_call(index=0, id="x", function=_F), _chunk("length")],
            "max_tokens",
            "length",
            id="length",
        ),
        pytest.param([_chunk(refusal="no"), _STOP], "refusal", "stop", id="41: a refusal"),
        pytest.param([_HI, _STOP, _chunk("length")], "end_turn", "stop", id="38: the first counts"),
        pytest.param(
            [_HI, _STOP, _chunk(content="\n"), _chunk("length")],
            *("end_turn", "stop"),
            id="38: the first counts, whatever is blank",
        ),
        pytest.param(
            [_STOP, _HI, _chunk("length")], "max_tokens", "length", id="before anything, none does"
        ),
        pytest.param(
            [_HI, _chunk("tool_calls"), _call(index=0, id="x", function=_F)],
            *("tool_use", "tool_calls"),
            id="38: a call after it",
        ),
    ],
)
def test_what_an_answer_holds_says_whether_tools_are_to_run(
    chunks: list[object], expected: str, raw: str
) -> None:
    end = _played(_data(*chunks)).end

    assert end
    assert (end.stop_reason.value, end.raw) == (expected, raw)


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(
            [
                _HI,
                _choice(
                    message={"tool_calls": [_FLAT | {"function": _F}]}, finish_reason="tool_calls"
                ),
            ],
            id="a message",
        ),
        pytest.param(
            [
                _HI,
                _choice(
                    delta={},
                    message={"content": "hi", "tool_calls": [{"id": "x", "function": _F}]},
                    finish_reason="tool_calls",
                ),
            ],
            id="a message beside an empty delta",
        ),
        pytest.param(
            [_HI, _choice(message={"function_call": _F}, finish_reason="function_call")],
            id="the older form",
        ),
        pytest.param([_HI, _call(**_FLAT, **_F), _chunk("tool_calls")], id="a call without layers"),
        pytest.param(
            [
                _HI,
                _call(index=0, id="x", function=_F),
                _choice(
                    message={"tool_calls": [{"id": "x", "function": _F}]}, finish_reason="stop"
                ),
            ],
            id="deltas and a message again",
        ),
    ],
)
def test_calls_are_found_wherever_they_are_and_made_once(chunks: list[object]) -> None:
    played = _played(_data(*chunks))

    assert played.text == "hi"
    assert [call[1:] for call in played.calls] == [("f", "{}")]
    assert played.end
    assert played.end.stop_reason is StopReason.tool_use


def test_a_refusal_by_the_service_is_no_word_of_the_model() -> None:
    played = _played(_data(_HI, _chunk("content_filter")))

    assert played.events[-1] == Refusal(0, spoken=False, category="content_filter")


def test_a_refusal_by_the_service_is_not_taken_back_by_what_comes_after_it() -> None:
    played = _played(_data(_HI, _chunk("content_filter"), _chunk("stop", content="!"), _STOP))

    assert played.text == "hi!"
    assert played.end
    assert (played.end.stop_reason, played.end.raw) == (StopReason.refusal, "content_filter")


def test_a_refusal_by_the_model_is_its_own_words() -> None:
    played = _played(_data(_chunk(refusal="I "), _chunk(refusal="won't"), _STOP))

    assert played.events[1:] == [Refusal(0, "I "), Refusal(0, "won't")]


def test_another_candidate_that_was_asked_for_does_not_mix_in() -> None:
    played = _played(
        _data(
            {"choices": [{"index": 1, "delta": {"content": "X"}}, {"delta": {"content": "h"}}]},
            _choice(index=1, delta={"content": "Y"}, finish_reason="length"),
            _chunk(content="i"),
            _STOP,
        ),
        several=True,
    )

    assert played.text == "hi"
    assert played.end
    assert played.end.stop_reason is StopReason.end_turn


_DELTAS: list[dict[str, object]] = [
    {"content": "text"},
    {"content": "<think>why"},
    {"reasoning_content": "why"},
    {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"a"'}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
    {"function_call": {"name": "f", "arguments": "{}"}},
    {"refusal": "no"},
]


@given(st.lists(st.tuples(st.sampled_from(_DELTAS), st.sampled_from([0, 1, 2]), st.booleans())))
def test_other_candidates_that_were_asked_for_change_nothing_wherever_they_come(
    drawn: list[tuple[dict[str, object], int, bool]],
) -> None:
    chunks = [
        _choice(index=index, delta=delta, finish_reason="length" if ends and index else None)
        for delta, index, ends in drawn
    ]
    own = [chunk for chunk, (_, index, _) in zip(chunks, drawn, strict=True) if not index]
    mixed, alone = (
        play([_data(_HI, *some, _STOP) + _DONE], several=True) for some in (chunks, own)
    )
    events: list[StreamEvent] = [
        event for event in mixed.events if not isinstance(event, ProviderEvent)
    ]

    assert replace(mixed, events=events).said == alone.said


def _numbered(first: int, *chunks: dict[str, object]) -> bytes:
    """Chunks whose choices are numbered from this on."""
    return _data(*(_choice(index=at, **chunk) for at, chunk in enumerate(chunks, first)))


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param([{"content": "hi"}], id="one text"),
        pytest.param([{"content": "h"}, {"content": "i"}], id="two"),
        pytest.param([{"content": "h"}, {"content": ""}, {"content": "i"}], id="an empty one"),
        pytest.param([{"role": "assistant"}, {"content": "h"}, {"content": "i"}], id="a role"),
        pytest.param(
            [{"reasoning": "why"}, {"reasoning": "?"}, {"content": "h"}, {"content": "i"}],
            id="thoughts",
        ),
    ],
)
def test_an_answer_whose_chunks_are_numbered_as_candidates_are_is_whole(
    first: int, deltas: list[dict[str, object]]
) -> None:
    chunks: list[dict[str, object]] = [{"delta": delta} for delta in deltas]
    beside: list[dict[str, object]] = [*chunks[:-1], {**chunks[-1], "finish_reason": "stop"}]
    apart: list[dict[str, object]] = [
        *chunks,
        {"delta": {"content": ""}, "finish_reason": "stop"},
    ]

    for body in (_numbered(first, *beside), _numbered(first, *apart)):
        played = _played(body + _DONE)
        assert (played.text, played.end and played.end.raw) == ("hi", "stop")
        assert not any(isinstance(event, ProviderEvent) for event in played.events)


def test_beside_the_answer_there_may_be_other_news() -> None:
    logprobs = {"content": [{"token": "hi", "logprob": -0.1}]}
    other = _choice(index=1, delta={"content": "X"}, finish_reason="stop")
    spoken = _choice(delta={"content": "hi"}, logprobs=logprobs, finish_reason="stop")
    played = _played(_data(other, spoken), several=True)
    candidate, told = [event for event in played.events if isinstance(event, ProviderEvent)]

    assert (candidate.kind, candidate.index) == ("choice", 1)
    assert candidate.data["delta"]["content"] == "X"
    assert candidate.data["finish_reason"] == "stop"
    assert told == ProviderEvent("openai", "logprobs", {"logprobs": logprobs}, 0)


@pytest.mark.parametrize(
    "empty",
    [
        pytest.param({"content": None, "refusal": None}, id="Azure, Snowflake"),
        pytest.param({"tokens": None, "text_offset": None}, id="Novita"),
        pytest.param({"content": []}, id="lists"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_choice_whose_logprobs_are_empty_says_no_more_than_without(empty: object) -> None:
    played = _played(_data(*[_choice(delta={"content": "hi "}, logprobs=empty)] * 5, _STOP) + _DONE)

    assert (played.text, played.end and played.end.raw) == ("hi " * 5, "stop")
    assert not any(isinstance(event, ProviderEvent) for event in played.events)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param([_HI, _STOP], None, id="none"),
        pytest.param(
            [_HI, _STOP, {"choices": [], "usage": _COUNTED}], Usage(11, 7), id="at the end"
        ),
        pytest.param([_HI, _STOP | {"usage": _COUNTED}], Usage(11, 7), id="in the last chunk"),
        pytest.param(
            [_HI | {"usage": _ONE}, _STOP | {"usage": _COUNTED}],
            Usage(11, 7),
            id="69: in each chunk",
        ),
        pytest.param(
            [
                _HI | {"usage": {"prompt_tokens": 11, "completion_tokens": 1}},
                _STOP | {"usage": {"prompt_tokens": 0, "completion_tokens": 7}},
            ],
            Usage(11, 7),
            id="78: a zero takes nothing back",
        ),
        pytest.param(
            [
                _HI | {"usage": _COUNTED},
                _STOP | {"usage": {"prompt_tokens": 0, "completion_tokens": 0}},
            ],
            Usage(11, 7),
            id="78: zeros at the end are none",
        ),
        pytest.param(
            [_HI | {"usage": _COUNTED}, _STOP | {"usage": None}, {"usage": {}}],
            Usage(11, 7),
            id="78: null at the end is none",
        ),
        pytest.param(
            [_choice(delta={"content": "hi"}, usage=_COUNTED, finish_reason="stop")],
            Usage(11, 7),
            id="70: in the choice",
        ),
        pytest.param([_HI, _STOP | {"x_groq": {"usage": _COUNTED}}], Usage(11, 7), id="71: Groq"),
        pytest.param(
            [_HI, _STOP, {"x_groq": {"usage": _COUNTED}}],
            Usage(11, 7),
            id="71: Groq, without choices",
        ),
        pytest.param([_HI, _STOP | {"x_groq": "x"}], None, id="71: Groq, and nothing in it"),
        pytest.param(
            [_HI, _STOP | {"timings": {"prompt_n": 4, "predicted_n": 7, "cache_n": 7}}],
            Usage(11, 7, cache_read_tokens=7),
            id="76: llama.cpp's timings",
        ),
        pytest.param(
            [_HI | {"usage": _COUNTED}, _STOP | {"timings": {"prompt_n": 1, "predicted_n": 1}}],
            Usage(11, 7),
            id="76: timings beside usage",
        ),
    ],
)
def test_the_last_report_of_tokens_counts_wherever_it_is(
    chunks: list[object], expected: Usage | None
) -> None:
    played = _played(_data(*chunks))

    assert played.usage == expected
    assert played.end
    assert played.end.usage == (expected or Usage(0, 0))


_FOUND = {"title": "T", "url": "u", "snippet": "s", "date": None}
_SOURCE = Citation(0, title="T", url="u", raw=_FOUND)
_ADDRESSES = [Citation(0, url=url, raw={"url": url}) for url in ("u", "v")]
_MADE = {"type": "url_citation", "url_citation": {"url": "w"}}


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param([_HI, _STOP | {"citations": ["u", "v"]}], _ADDRESSES, id="addresses"),
        pytest.param(
            [_HI | {"citations": ["u"]}, _HI, _STOP | {"citations": ["u", "v"]}],
            _ADDRESSES,
            id="in each chunk",
        ),
        pytest.param([_HI | {"citations": ["u", "v"]}, _STOP], _ADDRESSES, id="only in the first"),
        pytest.param(
            [_HI, _HI | {"citations": ["u", "v"]}, _HI, _STOP], _ADDRESSES, id="beside a text"
        ),
        pytest.param(
            [_HI, _STOP, {"choices": [], "citations": ["u", "v"]}], _ADDRESSES, id="behind it"
        ),
        pytest.param(
            [_HI, _STOP | {"citations": ["u"], "search_results": [_FOUND]}],
            [_SOURCE],
            id="with their titles",
        ),
        pytest.param(
            [_HI, _STOP | {"search_results": [_FOUND]}], [_SOURCE], id="nothing but with titles"
        ),
        pytest.param(
            [_HI, _STOP | {"citations": ["u"], "search_results": []}],
            _ADDRESSES[:1],
            id="nothing but addresses",
        ),
        pytest.param(
            [_HI, _chunk(annotations=[_MADE]), _STOP | {"citations": ["w"]}],
            [Citation(0, url="w", raw=_MADE)],
            id="once where they are made in the answer",
        ),
        pytest.param([_HI, _STOP | {"citations": "u"}], [], id="no list"),
        pytest.param([_HI, _STOP | {"citations": [None, 5, "u"]}], _ADDRESSES[:1], id="odd ones"),
        pytest.param(
            [_HI, _STOP | {"citations": ["u"], "id": 5}], _ADDRESSES[:1], id="in a wild chunk"
        ),
    ],
)
def test_what_the_answer_is_drawn_from_is_cited_once_and_last(
    chunks: list[object], expected: list[Citation]
) -> None:
    played = _played(_data(*chunks))

    assert [event for event in played.events if isinstance(event, Citation)] == expected
    assert played.events[len(played.events) - len(expected) :] == expected
    assert played.end


def test_the_last_report_that_counts_anything_is_kept_as_it_came() -> None:
    turn = Turn(_ORIGIN)
    nothing = dict.fromkeys(_COUNTED, 0)
    turn.feed(_data(_HI | {"usage": {**_COUNTED, "cost": 0.5}}, _STOP | {"usage": nothing}))

    assert turn.tally.reported == {**_COUNTED, "cost": 0.5}


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param(
            [_HI | {"model": "m", "created": 1}, _HI | {"id": "c2", "model": "n", "created": 2}],
            IterationStart(0, "c1", "m"),
            id="the first of each",
        ),
        pytest.param(
            [_chunk(role="assistant") | {"id": "", "model": ""}, _HI | {"model": "m"}],
            IterationStart(0, "c1", "m"),
            id="the first that is not empty",
        ),
        pytest.param([_HI | {"id": None, "model": "m"}], IterationStart(0, None, "m"), id="no id"),
        pytest.param([_HI | {"id": None}], TextDelta(0, "hi"), id="neither"),
    ],
)
def test_an_answer_begins_with_who_gives_it(chunks: list[object], expected: StreamEvent) -> None:
    assert _played(_data(*chunks, _chunk("stop") | {"id": None})).events[0] == expected


def test_an_answer_of_nothing_ends_without_a_beginning() -> None:
    played = _played(_data(_STOP))

    assert played.events == []
    assert played.end == IterationEnd(0, StopReason.end_turn, Usage(0, 0), "stop")


def test_an_id_that_was_not_sent_is_the_same_however_the_body_is_cut() -> None:
    chunks = [_HI | {"created": 1}, _call(function=_F) | {"created": 2}, _STOP]
    ((id, name, arguments),) = _played(_data(*chunks)).calls

    assert id.startswith("call_")
    assert (name, arguments) == ("f", "{}")


def test_answers_with_ids_of_their_own_make_up_different_ones() -> None:
    made = [
        play([_data(_call(function=_F) | {"id": id, "created": created}, _STOP)]).calls[0][0]
        for id, created in (("a", 1), ("b", 1), ("a", 2))
    ]

    assert len(set(made)) == 3


def test_tools_are_called_by_the_names_that_axio_knows() -> None:
    turn = Turn(_ORIGIN, {"f": "a tool"})
    events = turn.feed(_data(_call(index=0, id="x", function=_F, extra_content={"g": 1})))

    assert events == [IterationStart(0, "c1", None), ToolUseStart(0, "x", "a tool", '{"g":1}', "h")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("f<|channel|>commentary", "a tool", id="vLLM: vllm-project/vllm#32587"),
        pytest.param("functions.f", "a tool", id="GPT: tontinton/maki#518"),
        pytest.param("functions.f:0", "a tool", id="Kimi: vybestack/llxprt-code#749"),
        pytest.param("default_api:f", "a tool", id="Gemini"),
        pytest.param("f\n", "a tool", id="mlx-lm: ml-explore/mlx-lm#1612"),
        pytest.param(" f", "a tool", id="Kimi: code-yeongyu/oh-my-openagent#1595"),
        pytest.param("f()", "a tool", id="amd/gaia#3742"),
        pytest.param("a tool", "a tool", id="its name in axio"),
        pytest.param("g.f", "g.f", id="either of two"),
        pytest.param("functions.h", "functions.h", id="no tool's"),
        pytest.param("f.h", "f.h", id="another's in a space of that name"),
        pytest.param("functions.f:h:0", "functions.f:h:0", id="another's in such a space, to Kimi"),
        pytest.param("f.f", "a tool", id="its own in a space of that name"),
        pytest.param("ff", "ff", id="a part of a word"),
    ],
)
def test_a_tool_is_found_by_its_name_whatever_is_around_it(written: str, expected: str) -> None:
    turn = Turn(_ORIGIN, {"f": "a tool", "g": "g"})
    events = turn.feed(_data(_call(index=0, id="x", function={"name": written, "arguments": "{}"})))
    events += turn.feed(_data(_STOP)) + turn.close()

    assert [event.name for event in events if isinstance(event, ToolUseStart)] == [expected]


def test_a_call_s_empty_arguments_are_given_at_the_end() -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_call(index=0, id="x", function=_F), _STOP))

    assert turn.close() == [ToolInputDelta(0, "x", "{}")]
    assert [call.name for call in turn.calls] == ["f"]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param([_HI], False, id="amid it"),
        pytest.param([_HI, _STOP], True, id="at its finish reason"),
        pytest.param([_HI, _STOP, {"usage": _ONE}, _STOP], True, id="counts do not go on with it"),
        pytest.param([_HI, _STOP, _HI], False, id="content does"),
        pytest.param([_HI, _STOP, _HI, _STOP], False, id="and nothing is sure from there on"),
        pytest.param([_HI, _chunk("null")], False, id="no word is no reason"),
        pytest.param([_HI, _STOP, _chunk(content="\n")], True, id="blank content does not"),
        pytest.param([_HI, _STOP, _chunk(reasoning="hm")], False, id="thoughts do"),
        pytest.param([_HI, _STOP, _choice(text="x")], False, id="a text does"),
        pytest.param(
            [_choice(message={"content": "h"}), _STOP, _choice(message={"content": "i"})],
            False,
            id="a message in place of a delta does",
        ),
        pytest.param(
            [_HI, _STOP, _choice(message={"content": "hi"})], True, id="the whole message does not"
        ),
        pytest.param([_chunk("stop", role="x", content="")], False, id="too early, beside a role"),
        pytest.param(
            [_chunk("stop", reasoning="hm"), _chunk("stop", reasoning="so")],
            False,
            id="too early, on thoughts",
        ),
        pytest.param(
            [_chunk("stop", content="<think>hm</think>")],
            False,
            id="too early, on thoughts in tags",
        ),
        pytest.param(
            [_chunk(content="<think>hm</think>\n"), _chunk(content="\n"), _HI, _STOP],
            True,
            id="behind thoughts in tags and ends of lines",
        ),
        pytest.param(
            [_chunk(content="\n"), _chunk("stop", content="\nhi")],
            True,
            id="amid what may be all of it again",
        ),
        pytest.param([_chunk("stop", role="x"), _HI], False, id="too early, amid it"),
        pytest.param([_chunk("stop", role="x"), _HI, _STOP], True, id="too early, and in time"),
        pytest.param([_chunk("length", reasoning="hm")], True, id="thoughts that were too long"),
        pytest.param([_chunk("content_filter")], True, id="nothing, for it was filtered"),
        pytest.param([_chunk("stop", refusal="no")], True, id="a refusal"),
        pytest.param([_chunk("stop", audio={"data": "AAAA"})], True, id="sound"),
        pytest.param([_chunk("stop", content=[{"type": "x"}])], True, id="another part"),
        pytest.param(
            [_call(index=0, id="x", function=_F), _chunk("tool_calls")], True, id="a call"
        ),
    ],
)
def test_an_answer_is_finished_when_the_service_says_so(
    chunks: list[object], *, expected: bool
) -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(*chunks))
    turn.lose(errors.Interrupted("broken"))

    assert turn.finished is expected
    assert (turn.failure is None) is expected


def test_what_may_be_a_failure_tells_why_no_more_of_the_answer_came() -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_HI, {"detail": "no"}))
    assert turn.finished  # so that the rest is not waited for as long as for an answer
    turn.lose(errors.Interrupted("broken"))
    turn.close()

    with pytest.raises(errors.ProviderError, match=": no"):
        turn.end(turn.tally.usage)


def test_what_may_be_all_of_it_again_is_given_once_the_answer_is_finished() -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_chunk(content="a"), _chunk(content="ab")))

    assert turn.feed(_data(_STOP)) == [TextDelta(0, "ab")]


def test_a_thought_that_goes_on_from_the_one_before_stays_before_the_text_behind_it() -> None:
    chunks = [
        _chunk(reasoning="a"),
        *(_chunk(content=one) for one in ("so", " it is")),
        _chunk(reasoning="ab"),
        _chunk(content=" then"),
    ]

    events = _played(_data(*chunks, _STOP) + _DONE).events

    said = [event.delta for event in events if isinstance(event, ReasoningDelta | TextDelta)]
    assert said == ["a", "so", " it is", "ab", " then"]


def test_an_answer_is_done_at_its_end_mark_and_not_before() -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_HI, _STOP))

    assert not turn.done

    turn.feed(b"data: [DONE]")

    assert turn.done


@pytest.mark.parametrize("mark", ["[done]", "DONE", " [Done] "])
def test_an_end_mark_in_other_letters_ends_an_answer_that_is_over(mark: str) -> None:
    turn = Turn(_ORIGIN)
    turn.feed(_data(_HI, _STOP, mark))

    assert turn.done


@pytest.mark.parametrize("mark", [" [DONE]", "[DONE] ", "[DONE]."])
def test_an_end_mark_with_something_beside_it_ends_an_answer_without_a_finish(mark: str) -> None:
    played = _played(_data(_HI, mark))

    assert played.events[1:] == [TextDelta(0, "hi")]
    assert not played.error


@pytest.mark.parametrize("blank", [b"data:\n\n", b"data:  \n\n", b"event: error\ndata:  \n\n"])
def test_a_blank_event_says_nothing(blank: bytes) -> None:
    played = _played(_data(_HI) + blank + _data(_STOP) + _DONE)

    assert played.events[1:] == [TextDelta(0, "hi")]
    assert not played.error


def test_counts_behind_the_finish_may_share_their_event() -> None:
    counted = json.dumps({"choices": [], "usage": _COUNTED})
    turn = Turn(_ORIGIN)
    turn.feed(_data(_HI, _STOP, counted + '{"choices":[]}'))

    assert turn.tally.usage


def test_texts_that_flow_come_out_one_by_one() -> None:
    texts = ["Here", " it", " is", ", which is longer than most,", " it", "."]
    played = _played(_data(*(_chunk(content=text) for text in texts), _STOP) + _DONE)

    assert played.events[1:] == [TextDelta(0, text) for text in texts]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param(
            [_chunk(reasoning="Hm"), _chunk(content="So"), _chunk(reasoning="But")],
            [
                ReasoningDelta(0, "Hm"),
                ReasoningSignature(0, "", id="reasoning", provider="h"),
                TextDelta(0, "So"),
                ReasoningDelta(0, "But"),
                ReasoningSignature(0, "", id="reasoning", provider="h"),
            ],
            id="a thought, and another",
        ),
        pytest.param(
            [
                _chunk(content="<thought>", extra_content={"google": {"thought": True}}),
                _chunk(content="</thought>So"),
            ],
            [TextDelta(0, "So")],
            id="Gemini's mark of one that says nothing",
        ),
    ],
)
def test_what_comes_between_texts_that_flow_is_told_from_them(
    chunks: list[dict[str, object]], expected: list[object]
) -> None:
    texts = [_chunk(content=text) for text in ("Here", " it", " is")]
    played = _played(_data(*texts, *chunks, _STOP) + _DONE)

    assert played.events[4:] == expected


def test_a_source_that_was_cited_is_not_listed_again_at_the_end() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "https://x"}}
    beside = _chunk(reasoning_details=[{"type": "reasoning.encrypted", "data": "d"}])
    told = _chunk(content="hi", annotations=[cited]) | {"citations": ["https://x"]}
    played = _played(_data(told, beside, _STOP) + _DONE)

    assert [event.url for event in played.events if isinstance(event, Citation)] == ["https://x"]


def test_an_answer_that_flows_on_behind_its_finish_is_not_over() -> None:
    turn = Turn(_ORIGIN)
    texts = [_chunk(content=text) for text in ("Here", " it", " is", ".")]
    turn.feed(_data(*texts, _STOP, _chunk(content=" And")))

    assert not turn.finished


def test_what_an_answer_is_drawn_from_need_not_be_told_to_its_end() -> None:
    counted = {"choices": [], "usage": _COUNTED}
    played = _played(_data(_HI | {"citations": ["https://x"]}, _STOP, counted) + _DONE)

    assert [event.url for event in played.events if isinstance(event, Citation)] == ["https://x"]


def test_a_call_that_is_due_and_did_not_come_may_come_the_next_time() -> None:
    played = _played(_data(_chunk("tool_calls")))

    assert played.error
    assert played.error.retryable


def test_whether_anything_came_is_told_before_it_is_given() -> None:
    turn = Turn(_ORIGIN)

    assert not turn.begun
    assert turn.feed(_data(_call(index=0, function={"name": "f"}))) == []
    assert turn.begun


def test_eight_mebibytes_of_one_event_are_read_in_small_pieces() -> None:
    text = "x" * 2**23
    body = _data(_chunk("stop", content=text))
    played = play(body[at : at + 1024] for at in range(0, len(body), 1024))

    assert played.text == text
    assert played.end


def test_what_is_too_large_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 1000)
    turn = Turn(_ORIGIN)
    events = turn.feed(_data(_HI))
    for _ in range(40):
        events += turn.feed(b"data: " + b"x" * 25)
    events += turn.close()

    assert turn.done
    assert events == [IterationStart(0, "c1", None), TextDelta(0, "hi")]
    with pytest.raises(errors.ProtocolError, match="sent too much at once") as caught:
        turn.end(turn.tally.usage)
    assert not caught.value.retryable


def _held_without_end(nth: int) -> dict[str, dict[str, object]]:
    """The nth delta of answers that go on for ever with what is held."""
    begun = {"name": "f", "arguments": '{"a'}
    return {
        "arguments": _call(index=0, function={"name": "f", "arguments": f'{{"a{nth}'}),
        "arguments that go on": _call(
            index=0, id="" if nth else "c", function={"arguments": f"a{nth}" * 40} if nth else begun
        ),
        "objects in one call": _call(
            index=0, function={"name": "f", "arguments": f'{{"a":{nth}}}'}
        ),
        "calls": _call(index=nth, id=f"c{nth}", function={"name": "f", "arguments": "{}"}),
        "a call's names": _call(index=0, function={"name": f"f{nth}" * 20}),
        "a call's ids": _call(index=0, id=f"c{nth}", function={"name": "f", "arguments": "["}),
        "calls in the older form": _chunk(function_call={"name": "f", "arguments": f'{{"a{nth}'}),
        "what proves calls": _call(index=nth, extra_content={"proof": "x" * 99}),
        "sound": _chunk(audio={"data": "AAAA" * 99}),
        "details of reasoning": _chunk(reasoning_details=[{"type": "t", "text": f"so {nth} "}]),
        "items of reasoning": _chunk(reasoning_details=[{"index": nth, "data": [1, {"a": 2}]}]),
        "thinking blocks": _chunk(thinking_blocks=[{"type": "thinking", "thinking": f"{nth} "}]),
    }


@pytest.mark.parametrize("what", [*_held_without_end(0)])
def test_an_answer_that_holds_too_much_is_an_error_at_once(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "MAX_HELD", 10_000)
    turn = Turn(_ORIGIN, {"f": "f"})
    events = turn.feed(_data(_HI))
    most = 0
    for nth in range(1000):
        events += turn.feed(_data(_held_without_end(nth)[what]))
        most = most or (turn.held[0] if turn.failure else 0)
    events += turn.close()

    assert turn.held == (most, 0)
    assert 10_000 < most < 20_000
    assert events[:2] == [IterationStart(0, "c1", None), TextDelta(0, "hi")]
    with pytest.raises(errors.ProtocolError, match="sent too much to hold: the calls") as e:
        turn.end(turn.tally.usage)
    assert not e.value.retryable


def test_what_is_given_as_it_comes_may_be_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "MAX_HELD", 0)
    turn = Turn(_ORIGIN)
    for _ in range(100):
        turn.feed(_data(_chunk(reasoning_content="x" * 99), _chunk(content="x" * 99)))
    turn.feed(_data(_STOP))
    turn.close()

    assert turn.end(turn.tally.usage).stop_reason == StopReason.end_turn


@pytest.mark.parametrize("what", [*_held_without_end(0)])
def test_what_is_held_takes_about_as_much_as_is_counted(what: str) -> None:
    bodies = [_data(_held_without_end(nth)[what]) for nth in range(2000)]
    turn = Turn(_ORIGIN, {"f": "f"})
    tracemalloc.start()
    try:
        for body in bodies:
            turn.feed(body)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert turn.held[0] / 6 < taken < turn.held[0] * 2


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(rb'{"choices":[{"delta":{"content":"\ud800"}}]}', id="half a character"),
        pytest.param(
            rb'{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"\ud800","extra_content":"\ud800",'
            rb'"function":{"name":"\ud800","arguments":"{\"a\":\"\ud800\"}"}}]}}]}',
            id="halves of characters in a call",
        ),
        pytest.param(b'{"choices":[{"index":1e999,"delta":{"content":NaN}}]}', id="numbers"),
        pytest.param(b'{"error":{"code":' + b"9" * 9999 + b"}}", id="an endless number"),
        pytest.param(b'{"error":{"code":"' + b"9" * 9999 + b'"}}', id="endless digits"),
        pytest.param('{"error":{"code":"²"}}'.encode(), id="a digit that is none"),
        pytest.param(b'{"usage":{"prompt_tokens":1e999,"total_tokens":"x"}}', id="usage"),
        pytest.param(b'{"choices":[{"index":5,"delta":{"content":"\\ud800"}}]}', id="a candidate"),
        pytest.param(b'{"choices":[{"logprobs":{"a":' + b"9" * 999 + b"}}]}", id="logprobs"),
        pytest.param(b'{"created":1e999,"id":[],"model":{}}', id="names"),
    ],
)
def test_no_json_is_too_odd_to_be_read(payload: bytes) -> None:
    played = _played(b"data: " + payload + b"\n\n" + _GOOD)

    assert (played.end is None) is (b"error" in payload)


@pytest.mark.parametrize(
    ("line", "end", "told"),
    [
        pytest.param(b"{}\n", b"", "answered with no event stream but '{} {}", id="a body"),
        pytest.param(b"data: []\n", b"\n", "an event that is not JSON: '[] []", id="an event"),
    ],
)
def test_so_many_documents_at_once_that_nothing_else_would_run_are_none(
    line: bytes, end: bytes, told: str
) -> None:
    turn = Turn(_ORIGIN)
    turn.feed(line * (MOST_DOCUMENTS + 1) + end)
    turn.close()

    with pytest.raises(errors.ProtocolError, match=re.escape(told)):
        turn.end(turn.tally.usage)


def test_as_many_documents_as_an_answer_has_are_read() -> None:
    chunk = b'{"choices":[{"delta":{"content":"a"}}]}\n'
    turn = Turn(_ORIGIN)
    turn.feed(chunk * 1000 + b'{"choices":[{"finish_reason":"stop"}]}\n')

    assert sum(isinstance(event, TextDelta) for event in turn.close()) == 1000
    assert turn.end(turn.tally.usage).stop_reason is StopReason.end_turn
