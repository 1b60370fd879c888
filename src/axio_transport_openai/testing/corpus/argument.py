"""Tool calls: their arguments, what is null in them, and how an answer with calls ends."""

from __future__ import annotations

import json
from typing import Final

from axio_transport_openai.testing.body import DONE, call, chunk, event, finish, opening, text

from .case import Case, Outcome

__all__ = ["CASES"]

_ENDED: Final = finish("tool_calls") + DONE
_ONE: Final = Outcome(calls=(("f", '{"x":1}'),), stop="tool_use")
_TWO: Final = Outcome(calls=(("f", '{"x":1}'), ("g", '{"y":2}')), stop="tool_use")
_NONE: Final = Outcome(calls=(("f", "{}"),), stop="tool_use")
_NAMED: Final = call(id="a", name="f")
_SIGNED: Final = {"google": {"thought_signature": "c2lnbmVk"}}
_NESTED: Final = '{"x":{"y":"}{"}}'
_LONG: Final = json.dumps({"x": "long " * 60_000})


def _given(arguments: object) -> bytes:
    """A whole call with these arguments, exactly as given."""
    function = {"name": "f", "arguments": arguments}
    return event(chunk({"tool_calls": [{"index": 0, "id": "a", "function": function}]}))


def _older(**function: str) -> bytes:
    """A fragment of a call in the older form."""
    return event(chunk({"function_call": function}))


CASES: Final = (
    Case("arguments as an object", 51, _given({"x": 1}) + _ENDED, _ONE),
    Case(
        "arguments as an object with objects",
        51,
        _given({"x": {"y": [1, None, "é"]}}) + _ENDED,
        Outcome(calls=(("f", '{"x":{"y":[1,null,"é"]}}'),), stop="tool_use"),
    ),
    Case("arguments as an empty object", 51, _given({}) + _ENDED, _NONE),
    Case("null for arguments", 52, _given(None) + _ENDED, _NONE),
    Case(
        "null for arguments, then some", 52, _given(None) + call(arguments='{"x":1}') + _ENDED, _ONE
    ),
    Case(
        "the word null for arguments, then some",
        52,
        _given("null") + call(arguments='{"x":1}') + _ENDED,
        _ONE,
    ),
    Case("the word null for arguments", 52, _given("null") + _ENDED, _NONE),
    Case("no arguments", 52, _NAMED + _ENDED, _NONE),
    Case("empty arguments", 52, _given("") + _ENDED, _NONE),
    Case(
        "empty arguments, then some",
        52,
        _given("") + call(arguments="") + call(arguments='{"x":1}') + call(arguments="") + _ENDED,
        _ONE,
    ),
    Case("{}, then some", 52, _given("{}") + call(arguments='{"x":1}') + _ENDED, _ONE),
    Case(
        "{}, then some in pieces",
        52,
        _given("{}") + call(arguments='{"x"') + call(arguments=":1}") + _ENDED,
        _ONE,
    ),
    Case(
        "an object without keys, then some",
        52,
        _given({}) + call(arguments='{"x":1}') + _ENDED,
        _ONE,
    ),
    Case(
        "the whole again at the end",
        53,
        _NAMED
        + call(arguments='{"x"')
        + call(arguments=":1}")
        + call(arguments='{"x":1}')
        + _ENDED,
        _ONE,
    ),
    Case(
        "the whole again at the end, with name and id",
        53,
        _NAMED + call(arguments='{"x":1}') + _given('{"x":1}') + _ENDED,
        _ONE,
    ),
    Case(
        "all arguments so far each time",
        84,
        _given("")
        + b"".join(map(_given, ('{"x', '{"x":', '{"x":{', '{"x":{', '{"x":{"y":"}{"', _NESTED)))
        + _given(_NESTED)
        + _ENDED,
        Outcome(calls=(("f", _NESTED),), stop="tool_use"),
    ),
    Case(
        "arguments that hold what they begin with",
        84,
        _NAMED + call(arguments='{"x":') + call(arguments='{"x":1}') + call(arguments="}") + _ENDED,
        Outcome(calls=(("f", '{"x":{"x":1}}'),), stop="tool_use"),
    ),
    Case(
        "arguments that look whole early",
        55,
        _given('{"x":1}') + call(arguments=" ") + call(arguments="\n") + _ENDED,
        _ONE,
    ),
    Case(
        "braces inside strings",
        55,
        _NAMED
        + call(arguments='{"x":"}')
        + call(arguments='{\\"}"')
        + call(arguments="}")
        + _ENDED,
        Outcome(calls=(("f", '{"x":"}{\\"}"}'),), stop="tool_use"),
    ),
    Case(
        "a call, text, and another call",
        55,
        call(0, id="a", name="f", arguments='{"x":1}')
        + text("and")
        + call(1, id="b", name="g", arguments='{"y":2}')
        + _ENDED,
        Outcome("and", calls=_TWO.calls, stop="tool_use"),
    ),
    Case(
        "calls, and stop",
        56,
        _given('{"x":1}') + finish("stop") + DONE,
        Outcome(calls=_ONE.calls, stop="tool_use", raw="stop"),
    ),
    Case(
        "a call beside the end",
        56,
        event(
            chunk(
                {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"x":1}'}}]},
                finish="stop",
            )
        )
        + DONE,
        _ONE,
    ),
    Case(
        "a call that the limit cut",
        56,
        _NAMED + call(arguments='{"x":') + finish("length") + DONE,
        Outcome(calls=(("f", '{"x":'),), stop="max_tokens", raw="length"),
    ),
    Case(
        "calls are told of, and there are none",
        57,
        opening() + text("Hello") + _ENDED,
        Outcome("Hello", raw="tool_calls"),
    ),
    Case(
        "calls are told of, and there is nothing",
        57,
        opening() + event(chunk({"tool_calls": []})) + _ENDED,
        Outcome(stop="", error="ProtocolError", words="no tool call"),
    ),
    Case(
        "the older form",
        58,
        _older(name="f", arguments='{"x":1}') + finish("function_call") + DONE,
        Outcome(calls=_ONE.calls, stop="tool_use", raw="function_call"),
    ),
    Case(
        "the older form in pieces",
        58,
        _older(name="f", arguments="")
        + _older(arguments='{"x"')
        + _older(arguments=":1}")
        + finish("function_call"),
        _ONE,
    ),
    Case(
        "a model's own markup for calls",
        60,
        text("<tool_call>") + text('{"name": "f"}</tool_call>') + finish() + DONE,
        Outcome('<tool_call>{"name": "f"}</tool_call>'),
    ),
    Case(
        "a character in two halves in the arguments",
        17,
        _NAMED
        + b"".join(
            event(
                json.dumps(chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}))
            )
            for part in ('{"x":"\ud83d', '\ude00"}')
        )
        + _ENDED,
        Outcome(calls=(("f", '{"x":"\U0001f600"}'),), stop="tool_use"),
    ),
    Case(
        "long arguments",
        18,
        _NAMED + call(arguments=_LONG) + _ENDED,
        Outcome(calls=(("f", _LONG),), stop="tool_use"),
    ),
    Case(
        "a proof beside the call",
        59,
        call(id="a", name="f", arguments='{"x":1}', extra_content=_SIGNED) + _ENDED,
        _ONE,
    ),
    Case(
        "the opening says null",
        61,
        opening() + event(chunk({"tool_calls": None})) + text("Hello") + finish() + DONE,
        Outcome("Hello"),
    ),
    Case(
        "no calls in a list",
        61,
        event(chunk({"content": "Hello", "tool_calls": []})) + finish(),
        Outcome("Hello"),
    ),
    Case(
        "a null function",
        61,
        call(id="a", name="f", arguments="")
        + event(chunk({"tool_calls": [{"index": 0, "function": None}]}))
        + call(arguments='{"x":1}')
        + _ENDED,
        _ONE,
    ),
    Case(
        "a null call",
        61,
        event(chunk({"tool_calls": [None]})) + call(id="a", name="f", arguments='{"x":1}') + _ENDED,
        _ONE,
    ),
)
