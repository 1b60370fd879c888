from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec
import pytest
from axio.events import (
    AudioOutput,
    Citation,
    ImageOutput,
    ProviderEvent,
    ProviderOutput,
    ReasoningDelta,
    ReasoningSignature,
    Refusal,
    TextDelta,
    ToolInputDelta,
    ToolUseStart,
)
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import contents, cut, halves

from axio_transport_openai.answer import Answer
from axio_transport_openai.call import Nameless
from axio_transport_openai.chunk import Choice, Delta, Fragment, Function
from axio_transport_openai.surrogate import whole

if TYPE_CHECKING:
    from axio.events import StreamEvent


def _events(*deltas: Delta, broken: bool = False) -> list[StreamEvent]:
    """What these deltas say, to the end; ``broken`` ones may hold half a character."""
    answer = Answer("h", None)
    if broken:
        answer.expect_halves()
    events: list[StreamEvent] = []
    for delta in deltas:
        answer.take(delta, events)
    answer.flush(events)
    answer.settle("seed", events)
    return events


def _call(index: int | None, id: str | None, name: str | None, arguments: str) -> Delta:
    return Delta(tool_calls=[Fragment(index, id, Function(name, arguments))])


def _form(form: str) -> ReasoningSignature:
    return ReasoningSignature(0, "", id=form, provider="h")


def _text(text: str) -> Delta:
    return Delta(content=text)


_A = '{"a":1}'
_DATA = base64.b64encode(b"\x89PNG").decode()
_PNG = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_DATA}"}}


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([Delta(), _text("")], [], id="empty deltas"),
        pytest.param(
            [_text("a"), _text("b")], [TextDelta(0, "a"), TextDelta(0, "b")], id="text as it comes"
        ),
        pytest.param([_text("x" * 99)], [TextDelta(0, "x" * 99)], id="a long text"),
        pytest.param(
            [Delta(content=["a", {"text": "b"}])],
            [TextDelta(0, "a"), TextDelta(0, "b")],
            id="parts",
        ),
        pytest.param(
            [_text("<think>why</think>so")],
            [ReasoningDelta(0, "why"), _form("<think>"), TextDelta(0, "so")],
            id="a thought in tags",
        ),
        pytest.param(
            [_text("<th"), _text("ink>wh"), _text("y</thi"), _text("nk>so")],
            [ReasoningDelta(0, "wh"), _form("<think>"), ReasoningDelta(0, "y"), TextDelta(0, "so")],
            id="a thought in tags, cut anywhere",
        ),
        pytest.param([_text("<thi")], [TextDelta(0, "<thi")], id="a tag that only began"),
        pytest.param(
            [Delta(reasoning_content="wh"), Delta(reasoning_content="y"), _text("so")],
            [
                ReasoningDelta(0, "wh"),
                _form("reasoning_content"),
                ReasoningDelta(0, "y"),
                TextDelta(0, "so"),
            ],
            id="a thought in a field of its own",
        ),
        pytest.param(
            [Delta(reasoning="why", reasoning_content="why", content="so")],
            [ReasoningDelta(0, "why"), _form("reasoning_content"), TextDelta(0, "so")],
            id="a thought in two fields, before the text of its delta",
        ),
        pytest.param(
            [Delta(reasoning="a"), _text("b"), Delta(reasoning="c")],
            [
                ReasoningDelta(0, "a"),
                _form("reasoning"),
                TextDelta(0, "b"),
                ReasoningDelta(0, "c"),
                _form("reasoning"),
            ],
            id="a thought again after text is labelled again",
        ),
        pytest.param(
            [Delta(reasoning="a"), Delta(reasoning_text="b")],
            [
                ReasoningDelta(0, "a"),
                _form("reasoning"),
                ReasoningDelta(0, "b"),
                _form("reasoning_text"),
            ],
            id="and when its form changes",
        ),
        pytest.param(
            [Delta(reasoning="a"), _call(0, "x", "f", _A), Delta(reasoning="b")],
            [
                ReasoningDelta(0, "a"),
                _form("reasoning"),
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", _A),
                ReasoningDelta(0, "b"),
            ],
            id="but not after a call",
        ),
        pytest.param(
            [
                Delta(
                    content=[
                        {"type": "thinking", "thinking": [{"type": "text", "text": "why"}]},
                        {"type": "text", "text": "so"},
                        {"type": "thinking", "thinking": ""},
                        "",
                    ]
                )
            ],
            [ReasoningDelta(0, "why"), _form("thinking"), TextDelta(0, "so")],
            id="Mistral's thoughts",
        ),
        pytest.param(
            [_text("\n"), Delta(content=[{"type": "text", "text": "hi"}])],
            [TextDelta(0, "\nhi")],
            id="white space, then parts",
        ),
        pytest.param(
            [_text("<"), Delta(content=[{"type": "thinking", "thinking": "why"}, "so"])],
            [TextDelta(0, "<"), ReasoningDelta(0, "why"), _form("thinking"), TextDelta(0, "so")],
            id="what a thinking part interrupts was no tag",
        ),
        pytest.param(
            [Delta(content=[{"type": "text", "text": "<think>why</think>so"}])],
            [ReasoningDelta(0, "why"), _form("<think>"), TextDelta(0, "so")],
            id="a thought in tags in a part",
        ),
        pytest.param(
            [Delta(content=[{"type": "reasoning", "text": "why"}, "so"])],
            [ReasoningDelta(0, "why"), TextDelta(0, "so")],
            id="a thought that goes back nowhere",
        ),
        pytest.param(
            [Delta(reasoning="why", reasoning_details=[{"text": "why"}])],
            [
                ReasoningDelta(0, "why"),
                _form("reasoning_details"),
                ProviderOutput(
                    "h", "reasoning_details", {"reasoning_details": [{"text": "why"}]}, 0
                ),
            ],
            id="OpenRouter's details go back whole",
        ),
        pytest.param([Delta(refusal="no")], [Refusal(0, "no")], id="a refusal"),
        pytest.param(
            [
                Delta(function_call=Function("f", '{"a"')),
                Delta(function_call=Function(None, ":1}")),
            ],
            [("start", "f"), ("args", _A)],
            id="function_call",
        ),
        pytest.param([Delta(function_call=Function("", ""))], [], id="an empty function_call"),
        pytest.param(
            [
                Delta(
                    tool_calls=[Fragment(0, "x", Function("f", piece))],
                    function_call=Function("f", piece),
                )
                for piece in ('{"a"', ":1}")
            ],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", '{"a"'),
                ToolInputDelta(0, "x", ":1}"),
            ],
            id="a call in both forms is one",
        ),
        pytest.param(
            [Delta(annotations=[{"url": "u"}], images=[_PNG], content="x")],
            [
                TextDelta(0, "x"),
                Citation(0, url="u", raw={"url": "u"}),
                ImageOutput(0, b"\x89PNG", "image/png"),
            ],
            id="citations and pictures",
        ),
        pytest.param(
            [Delta(content=[_PNG, {"type": "file", "x": 1}])],
            [
                ImageOutput(0, b"\x89PNG", "image/png"),
                ProviderEvent("openai", "file", {"type": "file", "x": 1}, 0),
            ],
            id="a picture among the parts",
        ),
        pytest.param(
            [Delta(audio={"data": "YWI="}), Delta(audio={"data": "Y2Q=", "transcript": "t"})],
            [
                ProviderEvent("openai", "audio", {"transcript": "t"}, 0),
                AudioOutput(0, b"abcd", "audio/pcm"),
            ],
            id="sound, whole at the end",
        ),
        pytest.param(
            [_text("\n\n"), _call(0, "x", "f", _A)],
            [TextDelta(0, "\n\n"), ToolUseStart(0, "x", "f"), ToolInputDelta(0, "x", _A)],
            id="white space before a call comes before it",
        ),
        pytest.param(
            [_text("<thi"), Delta(reasoning="why"), _text("nk>")],
            [
                TextDelta(0, "<thi"),
                ReasoningDelta(0, "why"),
                _form("reasoning"),
                TextDelta(0, "nk>"),
            ],
            id="what a thought interrupts was no tag",
        ),
        pytest.param(
            [_text("<thi"), Delta(refusal="no")],
            [TextDelta(0, "<thi"), Refusal(0, "no")],
            id="nor what a refusal interrupts",
        ),
        pytest.param(
            [_text("<think>a</th"), _call(0, "x", "f", _A), _text("ink>b")],
            [
                ReasoningDelta(0, "a"),
                _form("<think>"),
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", _A),
                TextDelta(0, "b"),
            ],
            id="a closing tag goes on after a call",
        ),
        pytest.param(
            [Delta(reasoning="why"), _text("<think>a</think>so")],
            [
                ReasoningDelta(0, "why"),
                _form("reasoning"),
                ReasoningDelta(0, "a"),
                _form("<think>"),
                TextDelta(0, "so"),
            ],
            id="a tag after a thought in a field is still a tag",
        ),
        pytest.param(
            [_call(0, "x", "f", _A), _text("<think>a</think>so")],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", _A),
                ReasoningDelta(0, "a"),
                _form("<think>"),
                TextDelta(0, "so"),
            ],
            id="and after a call",
        ),
        pytest.param(
            [_text("<think>a"), Delta(content="b", reasoning="c")],
            [
                ReasoningDelta(0, "a"),
                _form("<think>"),
                ReasoningDelta(0, "c"),
                _form("reasoning"),
                ReasoningDelta(0, "b"),
                _form("<think>"),
            ],
            id="both kinds of thought at once",
        ),
        pytest.param(
            [_text("<"), Delta(images=[_PNG])],
            [TextDelta(0, "<"), ImageOutput(0, b"\x89PNG", "image/png")],
            id="what may begin a tag is text before an image",
        ),
        pytest.param(
            [_text("<think"), Delta(function_call=Function("f", _A)), _text(">so")],
            [TextDelta(0, "<think"), TextDelta(0, ">so"), ("start", "f"), ("args", _A)],
            id="and before a call in the older form",
        ),
        pytest.param(
            [_text("I"), _text("I am")],
            [TextDelta(0, "I"), TextDelta(0, "I am")],
            id="what may be all of it again is given where the answer ends",
        ),
    ],
)
def test_what_an_answer_says_is_given_in_the_order_in_which_it_came(
    deltas: list[Delta], expected: list[object]
) -> None:
    found = _events(*deltas)

    assert [_short(event) for event in found] == [_short(event) for event in expected]


def _short(event: object) -> object:
    """The event, or what is not made up of it."""
    if isinstance(event, ToolUseStart) and event.tool_use_id.startswith("call_"):
        return ("start", event.name)
    if isinstance(event, ToolInputDelta) and event.tool_use_id.startswith("call_"):
        return ("args", event.partial_json)
    return event


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({"reasoning": "", "reasoning_details": []}, id="OpenRouter"),
        pytest.param({"refusal": "", "annotations": [], "images": []}, id="lists and texts"),
        pytest.param({"audio": {}, "extra_content": {}}, id="objects"),
        pytest.param({"function_call": {"name": None, "arguments": None}}, id="a call of nulls"),
        pytest.param({"tool_calls": []}, id="calls"),
    ],
)
@pytest.mark.parametrize(
    "pieces", [("\n", "<think>why</think>so"), ("<th", "ink>why</", "think>so")]
)
def test_empty_fields_beside_content_do_not_part_a_tag(
    pieces: tuple[str, ...], beside: dict[str, object]
) -> None:
    events = _events(*(msgspec.convert({"content": piece} | beside, Delta) for piece in pieces))

    assert (_said(events, ReasoningDelta), _said(events, TextDelta)) == ("why", "so")


def test_a_whole_message_s_calls_are_told_apart_by_their_place() -> None:
    answer = Answer("h", None)
    events: list[StreamEvent] = []
    calls = [Fragment(function=Function("f", _A)), Fragment(function=Function("f", _A))]
    found = answer.delta_of(Choice(message=Delta(content="x", tool_calls=calls)))
    assert found
    answer.take(found, events)
    answer.settle("seed", events)

    assert [call.name for call in answer.calls] == ["f", "f"]
    assert [event.index for event in events if isinstance(event, ToolUseStart)] == [0, 1]


@pytest.mark.parametrize(
    ("id", "index", "expected"),
    [
        pytest.param(None, None, 2, id="neither"),
        pytest.param("", None, 2, id="an empty id"),
        pytest.param("a", None, 1, id="one id"),
        pytest.param(None, 0, 1, id="one index"),
    ],
)
def test_equal_calls_in_one_chunk_are_one_where_their_id_or_their_index_says_so(
    id: str | None, index: int | None, expected: int
) -> None:
    again = [Fragment(index, id, Function("f", _A)), Fragment(index, id, Function("f", _A))]
    starts = [one for one in _events(Delta(tool_calls=again)) if isinstance(one, ToolUseStart)]

    assert len(starts) == expected


def test_a_call_without_a_name_is_an_error() -> None:
    with pytest.raises(Nameless):
        _events(_call(0, "x", None, _A))


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        pytest.param(Delta(), False, id="nothing"),
        pytest.param(Delta(content="", reasoning="", refusal="", tool_calls=[]), False, id="empty"),
        pytest.param(Delta(reasoning_details=[{"data": "sealed"}]), False, id="a sealed thought"),
        pytest.param(Delta(content=[""]), False, id="an empty part"),
        pytest.param(_text("x"), True, id="text"),
        pytest.param(Delta(reasoning="x"), True, id="a thought"),
        pytest.param(_call(0, "x", None, ""), True, id="a call"),
        pytest.param(Delta(refusal="x"), True, id="a refusal"),
        pytest.param(Delta(images=[_PNG]), True, id="a picture"),
        pytest.param(Delta(content=[_PNG]), True, id="a picture among the parts"),
    ],
)
def test_an_answer_has_begun_when_anything_of_it_came(delta: Delta, *, expected: bool) -> None:
    answer = Answer("h", None)
    answer.take(delta, [])

    assert answer.begun is expected
    assert answer.refused is bool(delta.refusal)


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param(
            [_text("a\ud83d"), _text("\ude00b")],
            [TextDelta(0, "a"), TextDelta(0, "😀b")],
            id="text",
        ),
        pytest.param([_text("\ud83d"), _text("\ude00")], [TextDelta(0, "😀")], id="nothing yet"),
        pytest.param([_text("a\ud83d")], [TextDelta(0, "a"), TextDelta(0, "\ufffd")], id="alone"),
        pytest.param(
            [Delta(reasoning="a\ud83d"), Delta(reasoning="\ude00")],
            [ReasoningDelta(0, "a"), _form("reasoning"), ReasoningDelta(0, "😀")],
            id="a thought",
        ),
        pytest.param(
            [Delta(reasoning="a\ud83d")],
            [ReasoningDelta(0, "a"), _form("reasoning"), ReasoningDelta(0, "\ufffd")],
            id="a thought, alone",
        ),
        pytest.param(
            [
                _text("\ud83d"),
                Delta(reasoning="\ud83d"),
                Delta(reasoning="\ude00"),
                _text("\ude00"),
            ],
            [ReasoningDelta(0, "😀"), _form("reasoning"), TextDelta(0, "😀")],
            id="of different texts",
        ),
        pytest.param(
            [Delta(refusal="a\ud83d"), Delta(refusal="\ude00")],
            [Refusal(0, "a"), Refusal(0, "😀")],
            id="a refusal",
        ),
        pytest.param([Delta(refusal="\ud83d")], [Refusal(0, "\ufffd")], id="a refusal, alone"),
        pytest.param(
            [_call(0, "x", "f", '{"a":"\ud83d'), _call(0, None, None, '\ude00"}')],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", '{"a":"'),
                ToolInputDelta(0, "x", '😀"}'),
            ],
            id="arguments",
        ),
        pytest.param(
            [_call(None, "x", "f", '{"a":"\ud83d'), _call(None, None, None, '\ude00"}')],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", '{"a":"'),
                ToolInputDelta(0, "x", '😀"}'),
            ],
            id="arguments without an index",
        ),
        pytest.param(
            [_call(2, "x", "f", '{"a":"\ud83d')],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", '{"a":"'),
                ToolInputDelta(0, "x", "\ufffd"),
            ],
            id="arguments, alone",
        ),
        pytest.param(
            [
                *(_call(0, "x", "f", '{"\ud83d'), _call(1, "y", "g", '{"\ud83d')),
                *(_call(0, None, None, "\ude00"), _call(1, None, None, "\ude00")),
            ],
            [
                ToolUseStart(0, "x", "f"),
                ToolInputDelta(0, "x", '{"'),
                ToolUseStart(1, "y", "g"),
                ToolInputDelta(1, "y", '{"'),
                ToolInputDelta(0, "x", "😀"),
                ToolInputDelta(1, "y", "😀"),
            ],
            id="of different calls",
        ),
    ],
)
def test_halves_of_characters_are_joined_within_their_text(
    deltas: list[Delta], expected: list[StreamEvent]
) -> None:
    assert _events(*deltas, broken=True) == expected


def _said(events: list[StreamEvent], kind: type[TextDelta | ReasoningDelta]) -> str:
    return "".join(event.delta for event in events if isinstance(event, kind))


@given(cut(contents()))
def test_where_content_is_cut_does_not_matter(deltas: list[str]) -> None:
    one = _events(_text("".join(deltas)))
    many = _events(*map(_text, deltas))

    for kind in (TextDelta, ReasoningDelta):
        assert _said(many, kind) == _said(one, kind)


@given(cut(halves()), st.sampled_from([TextDelta, ReasoningDelta]))
def test_where_characters_are_cut_does_not_matter(
    deltas: list[str], kind: type[TextDelta | ReasoningDelta]
) -> None:
    made = (Delta(content=p) if kind is TextDelta else Delta(reasoning=p) for p in deltas)
    events = _events(*made, broken=True)

    assert _said(events, kind) == whole("".join(deltas))


@given(st.lists(st.sampled_from(["a", "b", "<", " "]), min_size=1))
def test_once_text_flows_nothing_of_it_is_held_back(texts: list[str]) -> None:
    answer = Answer("h", None)
    answer.take(_text("so"), [])
    events: list[StreamEvent] = []
    for text in texts:
        answer.take(_text(text), events)

    assert events == [TextDelta(0, text) for text in texts]
