from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from axio.events import ToolInputDelta, ToolUseStart
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import TOOLS, Fragmented, Said, fragmentations, run_together

from axio_transport_openai.assembler import Assembler
from axio_transport_openai.call import Nameless
from axio_transport_openai.chunk import Fragment, Function
from axio_transport_openai.wire import decode_chunk, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from axio.events import StreamEvent

_KNOWN = {name: name for name in TOOLS}


def _events(*fragments: Fragment, names: dict[str, str] | None = None) -> list[StreamEvent]:
    assembler = Assembler(names, "h")
    events: list[StreamEvent] = []
    for fragment in fragments:
        assembler.feed(fragment, events)
    assembler.end("seed", events)
    return events


def _called(events: list[StreamEvent]) -> list[Said]:
    """The calls that events tell of, which must tell of each as axio wants it."""
    calls: dict[str, Said] = {}
    places: dict[str, int] = {}
    for event in events:
        if isinstance(event, ToolUseStart):
            assert event.tool_use_id not in calls
            assert event.tool_use_id
            calls[event.tool_use_id] = Said(event.tool_use_id, event.name, "")
            places[event.tool_use_id] = event.index
        else:
            assert isinstance(event, ToolInputDelta)
            assert event.partial_json
            call = calls[event.tool_use_id]
            assert event.index == places[event.tool_use_id]
            text = call.arguments + event.partial_json
            calls[call.id] = Said(call.id, call.name, text)
    assert sorted(places.values()) == list(range(len(places)))
    return list(calls.values())


def _decoded(fragments: list[dict[str, object]]) -> list[Fragment]:
    """The fragments as the wire gives them, each in a chunk of its own."""
    decoded: list[Fragment] = []
    for fragment in fragments:
        payload = encode({"choices": [{"delta": {"tool_calls": [fragment]}}]})
        for choice in decode_chunk(payload).choices or ():
            assert choice.delta
            decoded += choice.delta.tool_calls or ()
    return decoded


def _agree(found: list[Said], expected: list[Said]) -> None:
    """Whether these are the calls; an id that was not sent may be any."""
    assert [(call.name, json.loads(call.arguments or "{}")) for call in found] == [
        (call.name, json.loads(call.arguments)) for call in expected
    ]
    for call, said in zip(found, expected, strict=True):
        assert said.id in {"", call.id}


@given(fragmented=fragmentations(), known=st.booleans())
def test_the_same_calls_come_out_however_they_are_fragmented(
    *, fragmented: Fragmented, known: bool
) -> None:
    fragments = _decoded(fragmented.fragments)
    events = _events(*fragments, names=_KNOWN if known else None)

    _agree(_called(events), fragmented.calls)


@given(run_together())
def test_documents_that_run_together_are_calls_of_their_own(fragmented: Fragmented) -> None:
    events = _events(*_decoded(fragmented.fragments))

    _agree(_called(events), fragmented.calls)


type _Sent = tuple[int | None, str | None, str | None, str | None]


def _of(*sent: _Sent) -> list[Fragment]:
    """Fragments of (index, id, name, arguments)."""
    return [
        Fragment(index=index, id=id, function=Function(name=name, arguments=arguments))
        for index, id, name, arguments in sent
    ]


_A, _B = '{"a":1}', '{"b":2}'


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param([], [], id="no fragment is no call"),
        pytest.param([(0, "x", "f", _A)], [("x", "f", _A)], id="a call in one fragment"),
        pytest.param(
            [(0, "x", "f", ""), (0, None, None, '{"a"'), (0, None, None, ":1}")],
            [("x", "f", _A)],
            id="OpenAI's way",
        ),
        pytest.param(
            [(0, "x", "f", _A), (1, "y", "g", _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="two calls",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (1, "y", "g", '{"b"'), (0, "", "", ":1}"), (1, "", "", ":2}")],
            [("x", "f", _A), ("y", "g", _B)],
            id="two calls in turns",
        ),
        pytest.param([(0, "x", "f", None)], [("x", "f", "")], id="a call without arguments"),
        pytest.param([(0, "x", "f", "{}")], [("x", "f", "{}")], id="a call with empty ones"),
        pytest.param([(0, "x", "f", "null")], [("x", "f", "")], id="null is no arguments"),
        # Indices
        pytest.param(
            [(1, "x", "f", _A), (2, "y", "g", _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="indices from one",
        ),
        pytest.param(
            [(7, "x", "f", _A), (3, "y", "g", _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="indices with gaps, backwards",
        ),
        pytest.param(
            [(-1, "x", "f", '{"a"'), (-1, None, None, ":1}"), (-1, "y", "g", _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="a negative index for all",
        ),
        pytest.param(
            [(None, "x", "f", '{"a"'), (None, None, None, ":1}"), (None, "y", "g", _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="no index",
        ),
        pytest.param(
            [
                *[(None, "x", "f", '{"a"'), (None, "y", "g", '{"b"')],
                *[(None, "x", None, ":1}"), (None, "y", None, ":2}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="no index, in turns by id",
        ),
        pytest.param(
            [(None, None, "f", _A), (None, None, "g", _B)],
            [("", "f", _A), ("", "g", _B)],
            id="neither index nor id",
        ),
        pytest.param(
            [(None, None, "f", _A), (None, None, "f", _B)],
            [("", "f", _A), ("", "f", _B)],
            id="neither index nor id, one tool",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, "y", "f", _A)],
            [("x", "f", _A), ("y", "f", _A)],
            id="index 0 for all, different ids, equal calls",
        ),
        pytest.param(
            [(0, "x", "f", None), (0, "y", "f", None), (0, "z", "g", None)],
            [("x", "f", ""), ("y", "f", ""), ("z", "g", "")],
            id="index 0 for all, no arguments",
        ),
        pytest.param(
            [
                *[(0, "x", "f", '{"a"'), (0, "y", "g", '{"b"')],
                *[(0, "x", None, ":1}"), (0, "y", None, ":2}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="index 0 for all, in turns by id",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, "y", None, _B), (0, "y", "g", None)],
            [("x", "f", _A), ("y", "g", _B)],
            id="index 0 for all, the name after the arguments",
        ),
        pytest.param(
            [(0, "x", None, _A), (0, "x", "f", None), (0, "y", None, _B), (0, "y", "g", None)],
            [("x", "f", _A), ("y", "g", _B)],
            id="index 0 for all, both names after the arguments",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, "y", "g", ""), (1, None, None, _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="index 0 for all heads, the arguments at their own",
        ),
        pytest.param(
            [
                *[(0, "x", "f", ""), (1, None, None, '{"a"'), (2, None, None, ":1}")],
                *[(0, "y", "g", ""), (1, None, None, '{"b"'), (2, None, None, ":2}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="an index for each fragment of a call",
        ),
        pytest.param(
            [
                *[(1, "x", "f", ""), (0, None, None, '{"a"'), (0, None, None, ":1}")],
                *[(2, "y", "g", ""), (1, None, None, '{"b"'), (1, None, None, ":2}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="arguments one below their head",
        ),
        pytest.param(
            [
                *[(0, "x", "f", '{"a":'), (1, None, None, _B)],
                *[(1, "y", "g", None), (0, None, None, "1}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="arguments before their name, amid another call's",
        ),
        pytest.param(
            [
                *[(0, "x", "f", ""), (0, None, None, '{"a":'), (1, None, None, '{"b"')],
                *[(1, None, None, ":2}"), (1, "y", "g", None), (0, None, None, "1}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="the same, in pieces",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (1, None, None, ":1"), (2, None, None, "}")],
            [("x", "f", _A)],
            id="an index for each fragment, arguments from the first",
        ),
        pytest.param(
            [(0, "x", "f", "null"), (1, None, None, _A)],
            [("x", "f", _A)],
            id="null beside the head, the arguments one above",
        ),
        pytest.param(
            [
                (0, "x", "f", ""),
                (1, None, None, '{"a":'),
                (2, None, None, '{"c":2}'),
                (3, None, None, "}"),
            ],
            [("x", "f", '{"a":{"c":2}}')],
            id="an index for each fragment, one that looks like a document",
        ),
        pytest.param(
            [(None, "x", "f", ""), (0, None, None, '{"a"'), (0, None, None, ":1}")],
            [("x", "f", _A)],
            id="an index that the head lacks",
        ),
        pytest.param(
            [(0, "x", "f", ""), (1, "y", "g", ""), (2, "x", None, _A), (3, "y", None, _B)],
            [("x", "f", _A), ("y", "g", _B)],
            id="arguments at other indices than their heads, and with their ids",
        ),
        pytest.param(
            [(0, "x", "f", None), (1, None, "g", _B)],
            [("x", "f", ""), ("", "g", _B)],
            id="a call without arguments, and one without an id",
        ),
        pytest.param(
            [(0, "x", None, None), (1, None, None, _B), (0, None, "f", _A), (1, "y", "g", None)],
            [("x", "f", _A), ("y", "g", _B)],
            id="arguments before their name, behind a call of which only the id is known",
        ),
        pytest.param(
            [(0, "x", "f", ""), (1, "y", "g", _B), (0, None, None, _A)],
            [("x", "f", _A), ("y", "g", _B)],
            id="arguments that come after another call",
        ),
        # Ids
        pytest.param([(0, "", "f", _A)], [("", "f", _A)], id="an empty id"),
        pytest.param(
            [(0, None, "f", _A), (1, None, "f", _A)],
            [("", "f", _A), ("", "f", _A)],
            id="no ids, equal calls",
        ),
        pytest.param(
            [(0, None, "f", '{"a"'), (0, "x", None, ":1}")], [("x", "f", _A)], id="the id late"
        ),
        pytest.param(
            [(0, None, "f", _A), (0, "x", "f", "")],
            [("x", "f", _A)],
            id="the id after the arguments, the name again",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, "y", None, ":1"), (0, "z", None, "}")],
            [("x", "f", _A)],
            id="an id that changes",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, "y", "f", ":1"), (0, "z", "f", "}")],
            [("x", "f", _A)],
            id="an id that changes, the name in each",
        ),
        pytest.param(
            [(None, "x", "f", '{"a"'), (None, "y", None, ":1}")],
            [("x", "f", _A)],
            id="an id that changes, no index",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, "y", None, ":1}"), (0, "y", None, "\n")],
            [("x", "f", _A)],
            id="an id that changes once, white space behind",
        ),
        pytest.param(
            [(0, "x", None, _A), (0, "y", "f", None)],
            [("x", "f", _A)],
            id="an id that changes, the name behind the arguments",
        ),
        pytest.param(
            [(None, "x", None, '{"a"'), (None, "y", "f", ":1}")],
            [("x", "f", _A)],
            id="an id that changes, no index, the name late",
        ),
        pytest.param(
            [(0, "x", "f", _A), (1, "x", "g", _B)],
            [("x", "f", _A), ("x_2", "g", _B)],
            id="an id that is another's",
        ),
        pytest.param(
            [
                *[(0, "x", "f", '{"a"'), (0, "x", None, ":1}")],
                *[(1, "x", "g", '{"b"'), (1, "x", None, ":2}")],
            ],
            [("x", "f", _A), ("x_2", "g", _B)],
            id="an id that is another's, in each",
        ),
        pytest.param(
            [(0, "x", "f", _A), (1, "x", "g", _B), (1, "x", None, "\n")],
            [("x", "f", _A), ("x_2", "g", _B)],
            id="an id that is another's, in each, white space behind",
        ),
        pytest.param(
            [(None, "x", "f", _A), (None, "x", "g", '{"b"'), (None, "x", None, ":2}")],
            [("x", "f", _A), ("x_2", "g", _B)],
            id="an id that is another's, in each, no index",
        ),
        pytest.param(
            [
                *[(None, "x", "f", _A), (None, "x", "g", _A)],
                *[(None, "x", "g", '{"b"'), (None, "x", "g", ":2}")],
            ],
            [("x", "f", _A), ("x_2", "g", _A), ("x_3", "g", _B)],
            id="an id that is two others', in each, no index",
        ),
        pytest.param(
            [
                *[(None, "x", "f", _A), (None, "x", "f", _B), (None, "y", "g", '{"c"')],
                *[(None, "x", None, _B), (None, "y", None, ":3}")],
            ],
            [("x", "f", _A), ("x_2", "f", _B), ("y", "g", '{"c":3}')],
            id="an id that is another's, no index, whole again amid a third",
        ),
        pytest.param(
            [(0, "x", "f", _A), (1, "x", "f", _A), (2, "x_2", "f", _A)],
            [("x", "f", _A), ("x_2", "f", _A), ("x_2_2", "f", _A)],
            id="an id that we made up before",
        ),
        # Names
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, None, "f", ":1}")],
            [("x", "f", _A)],
            id="the whole name in each",
        ),
        pytest.param(
            [(None, "x", "f", '{"a"'), (None, None, "f", ":1}")],
            [("x", "f", _A)],
            id="the whole name in each, no index",
        ),
        pytest.param(
            [(0, "x", "get_", None), (0, None, "weather", _A)],
            [("x", "get_weather", _A)],
            id="the name in pieces",
        ),
        pytest.param(
            [(0, "x", "get_", None), (0, None, "get_weather", _A)],
            [("x", "get_weather", _A)],
            id="the name so far in each",
        ),
        pytest.param(
            [(0, "x", None, '{"a"'), (0, None, "f", ":1}")], [("x", "f", _A)], id="the name late"
        ),
        pytest.param(
            [(0, None, None, _A), (0, "x", "f", None)],
            [("x", "f", _A)],
            id="name and id after the arguments",
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, "x", "", ":1}")], [("x", "f", _A)], id="an empty name later"
        ),
        pytest.param(
            [(0, "x", None, None), (0, None, "f", _A), (1, "y", None, None)],
            [("x", "f", _A)],
            id="what has neither name nor arguments is no call",
        ),
        # Arguments
        pytest.param(
            [(0, "x", "f", "{}"), (0, None, None, _A)],
            [("x", "f", _A)],
            id="an empty object first",
        ),
        pytest.param(
            [(0, "x", "f", "null"), (0, None, None, _A)], [("x", "f", _A)], id="null first"
        ),
        pytest.param(
            [(0, "x", "f", '{"a"'), (0, None, None, ":1}"), (0, None, None, _A)],
            [("x", "f", _A)],
            id="whole again at the end",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, None, None, '{ "a"'), (0, None, None, ": 1 }\n")],
            [("x", "f", _A)],
            id="whole again, spaced otherwise, in pieces",
        ),
        pytest.param(
            [(0, "x", "f", '{"a":1,"b":2}'), (0, None, None, '{"b":2,"a":1}')],
            [("x", "f", '{"a":1,"b":2}')],
            id="whole again, in another order",
        ),
        pytest.param(
            [
                *[(None, "x", "f", _A), (None, "x", None, _A), (None, "y", "g", '{"b"')],
                *[(None, "x", None, "\n"), (None, "y", None, ":2}")],
            ],
            [("x", "f", _A), ("y", "g", _B)],
            id="whole again, no index, in turns by id",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, None, None, _A), (0, None, None, _A)],
            [("x", "f", _A)],
            id="whole again, twice",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, None, None, '{"a"')],
            [("x", "f", _A)],
            id="whole again, and not ended",
        ),
        pytest.param(
            [(0, "x", "f", _A), (0, None, None, '{"c"')],
            [("x", "f", _A), ("x_2", "f", '{"c"')],
            id="another one that did not end",
        ),
        pytest.param(
            [(0, "x", "f", _A + _B)],
            [("x", "f", _A), ("x_2", "f", _B)],
            id="two documents in one",
        ),
        pytest.param(
            [(0, None, "f", _A + "\n" + _B + _A)],
            [("", "f", _A), ("", "f", _B), ("", "f", _A)],
            id="three documents in one, without an id",
        ),
        pytest.param(
            [(0, None, "f", '{"a":0}{"a":false}')],
            [("", "f", '{"a":0}'), ("", "f", '{"a":false}')],
            id="zero is not false",
        ),
        pytest.param(
            [(0, "x", "f", _A + "{b}")],
            [("x", "f", _A), ("x_2", "f", "{b}")],
            id="a second document that is none",
        ),
        pytest.param(
            [
                (None, "x", "f", _A),
                (None, "x", "f", _B),
                (None, "x_2", "f", '{"c"'),
                (None, "x_2", None, ":3}"),
            ],
            [("x", "f", _A), ("x_2", "f", _B), ("x_2_2", "f", '{"c":3}')],
            id="an id of the service's own that was made for another call already",
        ),
        pytest.param(
            [(0, "x", "f", "no JSON"), (0, None, None, ", at all")],
            [("x", "f", "no JSON, at all")],
            id="what is no JSON is the agent's to refuse",
        ),
        pytest.param(
            [(0, "x", "f", "{'a': 1}"), (0, None, None, "{'a': 1}\n")],
            [("x", "f", "{'a': 1}")],
            id="what is no JSON, whole again at the end",
        ),
    ],
)
def test_calls_are_told_apart_by_whatever_there_is(
    sent: list[_Sent], expected: list[tuple[str, str, str]]
) -> None:
    found = _called(_events(*_of(*sent)))

    assert [(call.name, call.arguments.strip()) for call in found] == [
        said[1:] for said in expected
    ]
    for call, (id, _, _) in zip(found, expected, strict=True):
        assert id in {"", call.id}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(
            [(0, "x", "get", None), (0, None, "_weather", _A)],
            [("x", "get_weather", _A)],
            id="a piece that is a tool's name too",
        ),
        pytest.param(
            [(0, None, "run", None), (0, None, "get_weather", None)],
            [("", "run", ""), ("", "get_weather", "")],
            id="the names of two tools are no pieces of one",
        ),
    ],
)
def test_known_names_tell_a_piece_from_another_call(
    sent: list[_Sent], expected: list[tuple[str, str, str]]
) -> None:
    found = _called(_events(*_of(*sent), names=_KNOWN))

    assert [(call.name, call.arguments) for call in found] == [said[1:] for said in expected]


def test_a_call_is_announced_by_the_name_that_axio_knows() -> None:
    events = _events(*_of((0, "x", "wire_name", _A)), names={"wire_name": "tool name"})

    assert events == [ToolUseStart(0, "x", "tool name"), ToolInputDelta(0, "x", _A)]


@pytest.mark.parametrize(
    ("sent", "names", "expected"),
    [
        pytest.param((0, "x", "run", None), _KNOWN, True, id="a known name"),
        pytest.param((0, "x", "get", None), _KNOWN, False, id="what may be a longer name"),
        pytest.param((0, "x", "ru", None), _KNOWN, False, id="a piece of a name"),
        pytest.param((0, "x", "run", None), {}, False, id="names are not known"),
        pytest.param((0, "x", "ru", '{"'), {}, True, id="arguments end a name"),
        pytest.param((0, None, "run", '{"'), _KNOWN, False, id="no id"),
        pytest.param((0, "x", None, '{"'), _KNOWN, False, id="no name"),
    ],
)
def test_a_call_is_announced_as_soon_as_its_id_and_name_are_known(
    sent: _Sent, names: dict[str, str], *, expected: bool
) -> None:
    events: list[StreamEvent] = []
    Assembler(names).feed(_of(sent)[0], events)

    assert any(isinstance(event, ToolUseStart) for event in events) is expected


def test_calls_are_announced_in_their_order() -> None:
    assembler = Assembler()
    fragments = _of((0, None, "f", _A), (1, "y", "g", _B), (0, "x", None, None))
    given_so_far: list[list[str]] = []
    for fragment in fragments:
        events: list[StreamEvent] = []
        assembler.feed(fragment, events)
        given_so_far.append([e.name for e in events if isinstance(e, ToolUseStart)])

    assert given_so_far == [[], [], ["f", "g"]]


def test_arguments_are_given_as_they_come() -> None:
    assembler = Assembler()
    deltas: list[list[StreamEvent]] = []
    for fragment in _of((0, "x", "f", ""), *((0, None, None, piece) for piece in '{"a":"}"}')):
        deltas.append([])
        assembler.feed(fragment, deltas[-1])

    assert deltas == [
        [],
        [ToolUseStart(0, "x", "f")],
        [ToolInputDelta(0, "x", '{"')],
        *([ToolInputDelta(0, "x", piece)] for piece in 'a":"}"}'),
    ]


def test_arguments_without_a_name_are_an_error_that_shows_them() -> None:
    with pytest.raises(Nameless, match=r'arguments and no name: {"a":1}'):
        _events(*_of((0, "x", None, _A)))


def test_an_index_goes_back_to_its_call_where_it_only_repeated_that() -> None:
    call = Fragment(0, "c", Function("write", '{"a":1}'))
    begun = Fragment(0, function=Function(arguments='{"a"'))
    ended = Fragment(function=Function(arguments=":1}"))
    called = _called(_events(call, begun, ended, Fragment(0, function=Function(arguments=" "))))

    assert called == [Said("c", "write", '{"a":1} ')]


def test_an_id_is_made_up_from_what_the_call_is() -> None:
    def made(seed: str, *sent: _Sent) -> list[str]:
        events: list[StreamEvent] = []
        assembler = Assembler()
        for fragment in _of(*sent):
            assembler.feed(fragment, events)
        assembler.end(seed, events)
        return [event.tool_use_id for event in events if isinstance(event, ToolUseStart)]

    (one,) = made("s", (0, None, "f", _A))

    assert one.startswith("call_")
    assert made("s", (0, None, "f", '{"a"'), (0, None, None, ":1}")) == [one]
    assert made("t", (0, None, "f", _A)) != [one]
    assert made("s", (0, None, "g", _A)) != [one]
    assert made("s", (0, None, "f", _B)) != [one]
    assert made("\ud83d", (0, None, "f", _A))[0].isascii()  # an id of the answer's, cut in two

    first, second = made("s", (0, None, "f", _A), (1, None, "f", _A))

    assert first == one != second
    assert second.startswith("call_")


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        pytest.param({"google": {"s": "é"}}, '{"google":{"s":"é"}}', id="an object"),
        pytest.param({"g": "\ud83d\ude00"}, '{"g":"😀"}', id="a pair in halves"),
        pytest.param({"g": "\ud83d"}, '{"g":"\ufffd"}', id="half a pair"),
        pytest.param({"g": 10**200}, f'{{"g":{10**200}}}', id="a number beyond all"),
    ],
)
def test_what_a_service_wants_back_with_a_call_goes_along(extra: object, expected: str) -> None:
    fragment = _of((0, "x", "f", _A))[0]
    fragment.extra_content = extra
    start = _events(fragment)[0]

    assert start == ToolUseStart(0, "x", "f", expected, "h")


@pytest.mark.parametrize(
    ("begin", "unit"),
    [
        pytest.param('{"a":"', "x" * 8, id="a string"),
        pytest.param('{"a":"', "}{" * 4, id="a string of braces"),
        pytest.param('{"a":[', "{},{},[]", id="a list of objects"),
    ],
)
def test_a_mebibyte_of_arguments_is_read_in_small_fragments(
    measured: Callable[[], int], begin: str, unit: str
) -> None:
    pieces = [begin, *[unit] * (2**20 // len(unit))]
    events = _events(*_of((0, "x", "f", None), *((0, None, None, piece) for piece in pieces)))

    (call,) = _called_whole(events)
    assert call == begin + unit * (2**20 // len(unit))
    assert measured() <= 2 * len(call)  # for a boundary, and for tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{}" * 5000, ["{}"], id="empty ones"),
        pytest.param(_A * 5000, [_A], id="one again and again"),
        pytest.param(
            "".join(f'{{"a":{number}}}' for number in range(5000)),
            [f'{{"a":{number}}}' for number in range(5000)],
            id="one call each",
        ),
    ],
)
@pytest.mark.parametrize("size", [2**20, 8])
def test_thousands_of_documents_in_one_call_are_read(
    text: str, expected: list[str], size: int
) -> None:
    fragments = [(0, None, None, text[at : at + size]) for at in range(0, len(text), size)]
    events = _events(*_of((0, "x", "f", None), *fragments))

    assert _called_whole(events) == expected


def _called_whole(events: list[StreamEvent]) -> list[str]:
    """The arguments of each call, joined once."""
    pieces: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, ToolInputDelta):
            pieces.setdefault(event.tool_use_id, []).append(event.partial_json)
    return ["".join(parts) for parts in pieces.values()]
