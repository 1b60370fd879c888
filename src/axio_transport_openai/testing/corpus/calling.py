"""Tool calls: which call a fragment belongs to, and the names and ids of calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from axio_transport_openai.testing.body import (
    DONE,
    answer,
    call,
    chunk,
    event,
    finish,
    text,
)

from .case import Case, Outcome

__all__ = ["CASES"]

_ENDED: Final = finish("tool_calls") + DONE
_ONE: Final = Outcome(calls=(("f", '{"x":1}'),), stop="tool_use", raw="")
_TWO: Final = Outcome(calls=(("f", '{"x":1}'), ("g", '{"y":2}')), stop="tool_use")
_TWICE: Final = Outcome(calls=(("f", '{"x":1}'), ("f", '{"x":2}')), stop="tool_use")


def _fragments(*fragments: dict[str, object]) -> bytes:
    """A chunk with several fragments of calls, exactly as given."""
    return event(chunk({"tool_calls": list(fragments)}))


def _fragment(name: str, arguments: str, **more: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


CASES: Final = (
    Case(
        "two calls at once",
        43,
        b"".join(answer(calls=[("f", {"x": 1}), ("g", {"y": 2})], tokens=None)),
        _TWO,
    ),
    Case("no index", 42, call(None, id="a", name="f", arguments='{"x":1}') + _ENDED, _ONE),
    Case(
        "no index, two calls",
        42,
        call(None, id="a", name="f", arguments='{"x":1}')
        + call(None, id="b", name="g", arguments='{"y":2}')
        + _ENDED,
        _TWO,
    ),
    Case(
        "no index, two calls in one chunk",
        42,
        _fragments(_fragment("f", '{"x":1}', id="a"), _fragment("g", '{"y":2}', id="b")) + _ENDED,
        _TWO,
    ),
    Case(
        "no index, in pieces",
        42,
        call(None, id="a", name="f", arguments="")
        + call(None, arguments='{"x"')
        + call(None, arguments=":1}")
        + _ENDED,
        _ONE,
    ),
    Case(
        "null for an index",
        42,
        _fragments(_fragment("f", '{"x":1}', id="a", index=None)) + _ENDED,
        _ONE,
    ),
    Case(
        "index 0 for every call",
        43,
        call(id="a", name="f", arguments='{"x":1}')
        + call(id="b", name="g", arguments='{"y":2}')
        + _ENDED,
        _TWO,
    ),
    Case(
        "index 0 for every call, in pieces",
        43,
        call(id="a", name="f", arguments="")
        + call(arguments='{"x":')
        + call(arguments="1}")
        + call(id="b", name="g", arguments='{"y":')
        + call(arguments="2}")
        + _ENDED,
        _TWO,
    ),
    Case(
        "index 0 for every call, in one chunk",
        43,
        _fragments(
            _fragment("f", '{"x":1}', id="a", index=0), _fragment("g", '{"y":2}', id="b", index=0)
        )
        + _ENDED,
        _TWO,
    ),
    Case(
        "index 0 for every call, of one function",
        43,
        call(id="a", name="f", arguments='{"x":1}')
        + call(id="b", name="f", arguments='{"x":2}')
        + _ENDED,
        _TWICE,
    ),
    Case(
        "no id and one index, two documents of one function",
        44,
        call(name="f", arguments='{"x":1}{"x":2}') + _ENDED,
        _TWICE,
    ),
    Case(
        "no id and one index, two functions",
        44,
        call(name="f", arguments='{"x":1}') + call(name="g", arguments='{"y":2}') + _ENDED,
        _TWO,
    ),
    Case(
        "no id and one index, two functions in pieces",
        44,
        call(name="f", arguments='{"x"')
        + call(arguments=":1}")
        + call(name="g", arguments='{"y"')
        + call(arguments=":2}")
        + _ENDED,
        _TWO,
    ),
    Case("an empty id", 45, call(id="", name="f", arguments='{"x":1}') + _ENDED, _ONE),
    Case(
        "an empty id for each of two calls",
        45,
        call(0, id="", name="f", arguments='{"x":1}')
        + call(1, id="", name="g", arguments='{"y":2}')
        + _ENDED,
        _TWO,
    ),
    Case(
        "null for an id",
        45,
        _fragments(_fragment("f", '{"x":1}', id=None, index=0)) + _ENDED,
        _ONE,
    ),
    Case("no id", 45, call(name="f", arguments='{"x"') + call(arguments=":1}") + _ENDED, _ONE),
    Case(
        "a number for an id",
        45,
        _fragments(_fragment("f", '{"x":1}', id=7, index=0)) + _ENDED,
        _ONE,
    ),
    Case(
        "one id for two calls",
        46,
        call(0, id="a", name="f", arguments='{"x":1}')
        + call(1, id="a", name="g", arguments='{"y":2}')
        + _ENDED,
        _TWO,
    ),
    Case(
        "one id for two calls, in pieces",
        46,
        call(0, id="a", name="f", arguments='{"x":')
        + call(1, id="a", name="g", arguments='{"y":')
        + call(0, arguments="1}")
        + call(1, arguments="2}")
        + _ENDED,
        _TWO,
    ),
    Case(
        "the id in each chunk",
        47,
        call(id="a", name="f", arguments='{"x"') + call(id="a", arguments=":1}") + _ENDED,
        _ONE,
    ),
    Case(
        "another id in each chunk",
        47,
        call(id="a", name="f", arguments='{"x"') + call(id="b", arguments=":1}") + _ENDED,
        _ONE,
    ),
    Case(
        "the name in each chunk",
        48,
        call(id="a", name="read_file", arguments='{"x"')
        + call(name="read_file", arguments=":1}")
        + _ENDED,
        Outcome(calls=(("read_file", '{"x":1}'),), stop="tool_use"),
    ),
    Case(
        "the name and the id in each chunk",
        48,
        call(id="a", name="f", arguments="")
        + call(id="a", name="f", arguments='{"x"')
        + call(id="a", name="f", arguments=":1}")
        + _ENDED,
        _ONE,
    ),
    Case(
        "the name in pieces",
        49,
        call(id="a", name="get_") + call(name="weather") + call(arguments='{"x":1}') + _ENDED,
        Outcome(calls=(("get_weather", '{"x":1}'),), stop="tool_use"),
    ),
    Case(
        "the name in pieces, each with the id",
        49,
        call(id="a", name="get_", arguments="")
        + call(id="a", name="weather", arguments='{"x":1}')
        + _ENDED,
        Outcome(calls=(("get_weather", '{"x":1}'),), stop="tool_use"),
    ),
    Case(
        "an empty name later",
        50,
        call(id="a", name="f", arguments="") + call(name="", arguments='{"x":1}') + _ENDED,
        _ONE,
    ),
    Case(
        "an empty name and an empty id later",
        50,
        call(id="a", name="f") + call(id="", name="", arguments='{"x":1}') + _ENDED,
        _ONE,
    ),
    Case("the name late", 50, call(id="a") + call(name="f", arguments='{"x":1}') + _ENDED, _ONE),
    Case(
        "the name after the arguments",
        50,
        call(id="a", arguments='{"x":1}') + call(name="f") + _ENDED,
        _ONE,
    ),
    Case("the id late", 50, call(name="f") + call(id="a", arguments='{"x":1}') + _ENDED, _ONE),
    Case(
        "a call without a name",
        50,
        call(id="a", arguments='{"x":1}') + _ENDED,
        Outcome(stop="", error="ProtocolError"),
    ),
    Case(
        "the first index is 1",
        54,
        call(1, id="a", name="f", arguments='{"x"') + call(1, arguments=":1}") + _ENDED,
        _ONE,
    ),
    Case(
        "indices with a gap",
        54,
        call(0, id="a", name="f", arguments='{"x":1}')
        + call(5, id="b", name="g", arguments='{"y":2}')
        + _ENDED,
        _TWO,
    ),
    Case(
        "a negative index",
        54,
        call(-1, id="a", name="f", arguments='{"x"') + call(-1, arguments=":1}") + _ENDED,
        _ONE,
    ),
    Case(
        "calls by turns",
        43,
        call(0, id="a", name="f", arguments="")
        + call(1, id="b", name="g", arguments="")
        + call(1, arguments='{"y":')
        + call(0, arguments='{"x":')
        + call(1, arguments="2}")
        + call(0, arguments="1}")
        + _ENDED,
        _TWO,
    ),
    Case(
        "text before, between and after calls",
        43,
        text("One ")
        + call(0, id="a", name="f", arguments='{"x":1}')
        + text("two ")
        + call(1, id="b", name="g", arguments='{"y":2}')
        + text("three")
        + _ENDED,
        Outcome("One two three", calls=_TWO.calls, stop="tool_use"),
    ),
    Case(
        "calls in a choice of their own",
        82,
        text("Hello")
        + call(id="c", name="f", arguments='{"x":1}').replace(b'"index":0', b'"index":1', 1)
        + finish()
        + event(chunk(finish="tool_calls", index=1))
        + DONE,
        replace(_ONE, text="Hello"),
    ),
)
