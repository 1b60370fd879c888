from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai import flow
from axio_transport_openai.chunk import Choice, Chunk, Delta, Fragment, Function, Head
from axio_transport_openai.lenient import is_list, is_object
from axio_transport_openai.tally import Tally
from axio_transport_openai.wire import (
    Malformed,
    decode_chunk,
    documents,
    encode,
    plain,
    torn,
    written,
)


def _chunk(**fields: object) -> Chunk:
    return decode_chunk(json.dumps(fields).encode(), head=True)


def _delta(**fields: object) -> Delta:
    """The delta of a chunk with these fields."""
    choices = _chunk(choices=[{"delta": fields}]).choices
    assert choices
    assert choices[0].delta
    return choices[0].delta


def _fragment(**fields: object) -> Fragment:
    fragments = _delta(tool_calls=[fields]).tool_calls
    assert fragments
    return fragments[0]


def test_a_common_chunk_is_read_into_its_struct() -> None:
    chunk = _chunk(
        id="c1",
        object="chat.completion.chunk",
        created=1,
        model="m",
        system_fingerprint="ignored",
        choices=[{"index": 0, "delta": {"role": "assistant", "content": "hi"}}],
    )

    assert chunk == Head(
        id="c1",
        created=1,
        model="m",
        choices=[Choice(delta=Delta(content="hi"))],
    )


def test_a_chunk_with_calls_and_all_else_is_read_into_its_struct() -> None:
    call = {"index": 1, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    chunk = _chunk(
        choices=[{"delta": {"tool_calls": [call], "refusal": "no"}, "finish_reason": "stop"}],
        usage={"prompt_tokens": 1},
        error=None,
        x_groq={"id": "r"},
        timings={},
    )
    fragment = Fragment(1, "c", Function("f", "{}"))

    assert chunk == Head(
        choices=[
            Choice(delta=Delta(tool_calls=[fragment], refusal="no"), finish_reason="stop"),
        ],
        usage={"prompt_tokens": 1},
        x_groq={"id": "r"},
        timings={},
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"id": 7}, Head(id="7"), id="an id that is a number"),
        pytest.param({"id": ["x"]}, Head(), id="an id that is a list"),
        pytest.param({"id": True}, Head(), id="an id that is a truth"),
        pytest.param({"model": 4.5}, Head(model="4.5"), id="a model that is a number"),
        pytest.param({"created": "12"}, Head(created=12.0), id="created as text"),
        pytest.param({"created": "noon"}, Head(), id="created in words"),
        pytest.param({"created": [1]}, Head(), id="created as a list"),
        pytest.param({"choices": "none"}, Head(), id="choices that are text"),
        pytest.param({"choices": [None, 1]}, Head(), id="choices that are no objects"),
        pytest.param({"choices": {"index": 1}}, Head(choices=[Choice(1)]), id="a lone choice"),
        pytest.param(
            {"choices": [{"index": None}]},
            Head(choices=[Choice()]),
            id="a null index is the first",
        ),
        pytest.param({"choices": [{"index": "1"}]}, Head(choices=[Choice(1)]), id="index as text"),
        pytest.param({"choices": [{"index": "a"}]}, Head(choices=[Choice()]), id="index in words"),
        pytest.param({"choices": [{"index": 1e999}]}, Head(choices=[Choice()]), id="endless index"),
        pytest.param(
            {"choices": [{"delta": "x"}]},
            Head(choices=[Choice(delta=Delta(content="x"))]),
            id="delta as text",
        ),
        pytest.param({"choices": [{"delta": []}]}, Head(choices=[Choice()]), id="delta as a list"),
        pytest.param(
            {"choices": [{"message": "x"}]},
            Head(choices=[Choice(message=Delta(content="x"))]),
            id="message as text",
        ),
        pytest.param(
            {"choices": [{"finish_reason": 1}]},
            Head(choices=[Choice(finish_reason="1")]),
            id="finish as a number",
        ),
        pytest.param(
            {"id": 7, "usage": [1], "error": "e", "x_groq": 2, "timings": 3}
            | {"object": "o", "model": "m", "created": 8},
            Head(None, [1], "e", 2, 3, id="7", model="m", created=8),
            id="the others are kept",
        ),
        pytest.param(
            {"choices": [{"index": "0", "usage": 1, "logprobs": 2, "error": 3}]},
            Head(choices=[Choice(0, usage=1, logprobs=2, error=3)]),
            id="the others of a choice are kept",
        ),
    ],
)
def test_a_wild_type_in_a_chunk_is_coerced(fields: dict[str, object], expected: Head) -> None:
    chunk = _chunk(**fields)

    assert chunk.wild
    chunk.wild = False
    chunk.choices = chunk.choices or None
    assert chunk == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"content": 5}, Delta(content="5"), id="content as a number"),
        pytest.param(
            {"content": {"type": "text", "text": "a"}},
            Delta(content=[{"type": "text", "text": "a"}]),
            id="content as one part",
        ),
        pytest.param({"content": {}}, Delta(), id="content as an empty object"),
        pytest.param({"content": True}, Delta(content="true"), id="content as a truth"),
        pytest.param(
            {"reasoning_content": 5}, Delta(reasoning_content="5"), id="reasoning_content"
        ),
        pytest.param({"reasoning": {"a": 1}}, Delta(), id="reasoning as an object"),
        pytest.param(
            {"reasoning": {"content": "why"}}, Delta(reasoning="why"), id="reasoning in an object"
        ),
        pytest.param(
            {"reasoning_content": [{"type": "text", "text": "wh"}, "y"]},
            Delta(reasoning_content="why"),
            id="reasoning in parts",
        ),
        pytest.param(
            {"thinking": [{"type": "t", "summary": [{"text": ["why"]}]}]},
            Delta(thinking="why"),
            id="thinking in parts of parts",
        ),
        pytest.param({"thinking": [[[[["deep"]]]]]}, Delta(thinking=""), id="thinking too deep"),
        pytest.param(
            {"reasoning_details": {"text": "why"}},
            Delta(reasoning_details=[{"text": "why"}]),
            id="details as one object",
        ),
        pytest.param({"reasoning_text": 5}, Delta(reasoning_text="5"), id="reasoning_text"),
        pytest.param({"reasoning_details": "x"}, Delta(), id="details as text"),
        pytest.param({"refusal": 5}, Delta(refusal="5"), id="refusal"),
        pytest.param({"function_call": "f"}, Delta(), id="function_call as text"),
        pytest.param(
            {"function_call": {"name": 1, "arguments": {}}},
            Delta(function_call=Function("1", "{}")),
            id="function_call with an object",
        ),
        pytest.param({"annotations": {}}, Delta(), id="annotations as an object"),
        pytest.param({"images": "x"}, Delta(), id="images as text"),
        pytest.param({"tool_calls": "x"}, Delta(), id="tool_calls as text"),
        pytest.param({"tool_calls": [None, "x"]}, Delta(), id="tool_calls of no objects"),
        pytest.param(
            {"refusal": 5, "content": [1], "reasoning_details": [{"a": 2}], "annotations": [3]}
            | {"images": [4], "audio": 6, "extra_content": 7, "reasoning_opaque": 8}
            | {"thinking_blocks": 9, "reasoning": "r", "reasoning_content": "c"},
            Delta(
                refusal="5",
                content=[1],
                reasoning_details=[{"a": 2}],
                annotations=[3],
                images=[4],
                audio=6,
                extra_content=7,
                reasoning_opaque=8,
                thinking_blocks=9,
                reasoning="r",
                reasoning_content="c",
            ),
            id="the others are kept",
        ),
    ],
)
def test_a_wild_type_in_a_delta_is_coerced(fields: dict[str, object], expected: Delta) -> None:
    delta = _delta(**fields)
    delta.tool_calls = delta.tool_calls or None

    assert delta == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"index": "1"}, Fragment(1), id="index as text"),
        pytest.param({"index": 1.0}, Fragment(1), id="index with a point"),
        pytest.param({"index": "one"}, Fragment(), id="index in words"),
        pytest.param({"index": False}, Fragment(), id="index as a truth"),
        pytest.param({"id": 7}, Fragment(id="7"), id="id as a number"),
        pytest.param({"function": "f"}, Fragment(), id="function as text"),
        pytest.param({"function": {"name": 7}}, Fragment(function=Function("7")), id="name"),
        pytest.param({"id": 7, "extra_content": 1}, Fragment(id="7", extra_content=1), id="extra"),
        pytest.param(
            {"function": {"arguments": {"a": "é", "b": [1, 2]}}},
            Fragment(function=Function(arguments='{"a":"é","b":[1,2]}')),
            id="arguments as an object",
        ),
        pytest.param(
            {"function": {"arguments": [1]}},
            Fragment(function=Function(arguments="[1]")),
            id="arguments as a list",
        ),
        pytest.param(
            {"function": {"arguments": 5}}, Fragment(function=Function(arguments="5")), id="number"
        ),
        pytest.param(
            {"function": {"arguments": False}},
            Fragment(function=Function(arguments="false")),
            id="as a truth",
        ),
        pytest.param(
            {"function": {"name": "f", "parameters": {"a": 1}, "description": None}},
            Fragment(function=Function("f", '{"a":1}')),
            id="arguments under the name that a tool has them by",
        ),
        pytest.param(
            {"function": {"arguments": {"a": 1}, "parameters": {"b": 1}}},
            Fragment(function=Function(arguments='{"a":1}')),
            id="under both names",
        ),
    ],
)
def test_a_wild_type_in_a_call_is_coerced(fields: dict[str, object], expected: Fragment) -> None:
    assert _fragment(**fields) == expected


def test_a_chunk_that_is_coerced_loses_nothing() -> None:
    said = {"content": "c", "reasoning": "r", "tool_calls": [{"index": 0, "id": "i"}]}
    choice = {"index": 1, "delta": said, "message": said, "finish_reason": "stop", "text": "t"}
    choice |= {"finishReason": "STOP", "native_finish_reason": "n", "usage": 1, "error": 2}
    fields: dict[str, object] = {"id": "i", "model": "m", "created": 1, "choices": [choice]}
    fields |= {"usage": 3, "error": 4, "x_groq": 5, "timings": 6, "citations": 7}
    tame = _chunk(**fields, search_results=8)
    wild = _chunk(**fields, search_results=8, unread=math.nan)

    assert wild.wild
    wild.wild = False
    assert wild == tame


def test_a_lone_call_is_a_list_of_one() -> None:
    assert _delta(tool_calls={"id": "c"}).tool_calls == [Fragment(id="c")]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"choices": None}, id="choices"),
        pytest.param({"choices": [{"delta": None, "message": None}]}, id="delta and message"),
        pytest.param({"choices": [{"finish_reason": None, "logprobs": None}]}, id="finish_reason"),
        pytest.param({"usage": None, "error": None, "x_groq": None}, id="usage and error"),
        pytest.param({"id": None, "model": None, "created": None, "object": None}, id="names"),
        pytest.param({"choices": [{"delta": {"content": None, "tool_calls": None}}]}, id="delta"),
        pytest.param(
            {"choices": [{"delta": {"tool_calls": [{"id": None, "function": None}]}}]}, id="call"
        ),
        pytest.param(
            {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": None}}]}}]},
            id="function",
        ),
    ],
)
def test_null_is_as_good_as_absent_and_nothing_wild(fields: dict[str, object]) -> None:
    assert not _chunk(**fields).wild


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        pytest.param(
            rb'{"choices":[{"delta":{"content":"\ud83d"}}]}', "\ud83d", id="half a surrogate pair"
        ),
        pytest.param(
            b'{"choices":[{"delta":{"content":"a\xff"}}]}', "a\ufffd", id="bytes that are no UTF-8"
        ),
        pytest.param(
            b'{"choices":[{"delta":{"content":"a"},"logprobs":NaN}]}', "a", id="NaN, Infinity"
        ),
        pytest.param(
            b'{"choices":[{"delta":{"content":"a\tb\x00"}}]}',
            "a\tb\x00",
            id="control characters as they are",
        ),
        pytest.param(
            b'\xef\xbb\xbf{"choices":[{"delta":{"content":"a"}}]}', "a", id="a byte order mark"
        ),
    ],
)
def test_what_only_a_lenient_reader_takes_is_read(payload: bytes, content: str) -> None:
    chunk = decode_chunk(payload)

    assert chunk.wild
    assert chunk.choices
    assert chunk.choices[0].delta
    assert chunk.choices[0].delta.content == content


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b'[{"error":{"message":"no"}}]', {"message": "no"}, id="a list of one"),
        pytest.param(b'[null,{"error":"no"}]', "no", id="a list with an object in it"),
        pytest.param(b'["no"]', ["no"], id="a list of words"),
        pytest.param(b"[]", None, id="an empty list"),
    ],
)
def test_a_list_is_an_error(payload: bytes, expected: object) -> None:
    assert decode_chunk(payload).error == expected


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"words", "not JSON", id="words"),
        pytest.param(b'{"choices":[', "not JSON", id="half an object"),
        pytest.param(b"{}{}", "not JSON", id="two objects"),
        pytest.param(b"\xff", "not JSON", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="brackets without end"),
        pytest.param(b'{"a":' * 100_000, "nested too deeply", id="objects without end"),
        pytest.param(b'"words"', "not an object", id="a text"),
        pytest.param(b"1", "not an object", id="a number"),
        pytest.param(b"true", "not an object", id="a truth"),
    ],
)
def test_what_is_no_object_is_malformed_and_says_why(payload: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        decode_chunk(payload)


@pytest.mark.parametrize(
    "whole",
    [
        rb'{"a": [1, -2.5e-3, 10], "b": {"c": "d\" \u00e9 \ud83d\ude00 '
        + "é".encode()
        + rb'", "e": null}}',
        b'[{"a": true}, false, ["x"], 0.25]',
    ],
    ids=["an object", "a list"],
)
def test_json_that_is_cut_off_anywhere_is_torn(whole: bytes) -> None:
    cuts = [whole[:end] for end in range(1, len(whole))]

    assert [cut for cut in cuts if not torn(cut)] == []
    assert not torn(whole)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"a": NaN, "b', id="in a name"),
        pytest.param(b'{"a": NaN, "b": 1.', id="in a number"),
        pytest.param(b'{"a": NaN, "b": "c', id="in a text"),
        pytest.param(b'{"a": "\t", "b', id="behind a control character"),
        pytest.param(b'{"a": NaN, "b": ' + b"9" * 5000 + b', "c', id="behind an endless number"),
        pytest.param(b"[" * 100_000, id="in an abyss"),
        pytest.param(b"[NaN, " + b"[" * 100_000, id="in an abyss behind NaN"),
    ],
)
def test_json_that_only_a_lenient_reader_takes_is_torn_too(payload: bytes) -> None:
    assert torn(payload)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"[ERROR] upstream failed", id="words behind brackets"),
        pytest.param(b"[DONE]", id="a mark"),
        pytest.param(b"{oops}", id="a word in braces"),
        pytest.param(b'{"a": 1} and more', id="words behind an object"),
        pytest.param(b'{"a": 1}1', id="a number behind an object"),
        pytest.param(b'{"a": b, "c": "', id="a word where a value should be"),
        pytest.param(b'{"a": NaN}', id="an object for a lenient reader"),
        pytest.param(b"Bad gateway", id="words"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_was_never_json_is_not_torn(payload: bytes) -> None:
    assert not torn(payload)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b" data: \n", [], id="nothing between them"),
        pytest.param(b'{"a":1}', [b'{"a":1}'], id="one"),
        pytest.param(b'data: {"a":1}\n', [b'{"a":1}'], id="one behind a field's name"),
        pytest.param(b"{}[] {}", [b"{}", b"[]", b"{}"], id="several"),
        pytest.param(b'{"a":"}{"}\ndata:{}', [b'{"a":"}{"}', b"{}"], id="braces in a text"),
        pytest.param(b"{}\n[DONE]", [b"{}", b"[DONE]"], id="an end mark behind one"),
        pytest.param(b'{}{"a":{}', [b"{}", b'{"a":{}'], id="one that breaks off"),
        pytest.param(b"{} 1 {}", [b"{}", b"1 {}"], id="a number behind one"),
        pytest.param(b"words {}", [b"words {}"], id="words"),
        pytest.param(b"{}" + b"[" * 99_999, [b"{}", b"[" * 99_999], id="brackets without end"),
    ],
)
def test_documents_that_run_together_are_told_apart(payload: bytes, expected: list[bytes]) -> None:
    assert documents(payload) == expected


def test_null_is_a_chunk_of_nothing() -> None:
    assert decode_chunk(b"null") == decode_chunk(b"[]")


def test_a_number_beyond_all_counts_is_infinite_and_no_work() -> None:
    assert plain(b'{"a":' + b"9" * 100_000 + b"}") == {"a": math.inf}
    assert plain(b'{"a":' + b"9" * 300 + b"}") == {"a": 10**300 - 1}


def _names(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return kind.__struct_encode_fields__


_FIELDS = [name for kind in (Chunk, Choice, Delta, Fragment, Function) for name in _names(kind)]
_json = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(["\ud83d", "1", "-1", "1e999", 10**400]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(_json)
def test_whatever_is_json_is_a_chunk_or_malformed(found: object) -> None:
    payload = json.dumps(found).encode()

    try:
        chunk = decode_chunk(payload)
    except Malformed:
        assert not isinstance(found, dict)
    else:
        assert isinstance(chunk, Chunk)


@given(_json)
def test_whatever_was_read_can_be_written(found: object) -> None:
    text = written(plain(json.dumps(found).encode()))

    assert isinstance(text, str)
    text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "field",
    [
        *("annotations", "audio", "extra_content", "function_call", "images"),
        *("reasoning_details", "reasoning_opaque", "refusal", "thinking_blocks"),
    ],
)
def test_what_few_answers_carry_is_rare(field: str) -> None:
    delta = Delta()
    nothings: tuple[object, ...] = (None, [], "", {})
    for nothing in nothings:
        setattr(delta, field, nothing)
        assert not delta.rare()

    setattr(delta, field, [1])

    assert delta.rare()


def test_text_calls_and_reasoning_are_not_rare() -> None:
    assert not Delta(content="", tool_calls=[], reasoning="", reasoning_content="").rare()
    assert not Delta(reasoning_text="").rare()


def test_a_chunk_after_the_first_ones_is_not_read_for_what_they_said() -> None:
    chunk = decode_chunk(b'{"id": 7, "model": [], "choices": [{"delta": {"content": "hi"}}]}')

    assert chunk == Chunk(choices=[Choice(delta=Delta(content="hi"))])


def _sole_text(**fields: object) -> str:
    return _text_in(json.dumps(fields).encode())


def _text_in(payload: bytes) -> str:
    found = flow.text(payload, Tally().count)
    return found.delta if found else ""


_HI = {"delta": {"content": "hi"}}


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({}, id="what every chunk has"),
        pytest.param({"usage": None, "error": None}, id="nulls"),
        pytest.param({"obfuscation": "x", "system_fingerprint": 1}, id="what is not read"),
        pytest.param({"id": 7}, id="an id of another type"),
    ],
)
def test_the_text_of_a_chunk_that_is_nothing_else_is_had_at_once(beside: dict[str, object]) -> None:
    choice = _HI | {"index": 0, "finish_reason": None, "logprobs": None}

    assert _sole_text(choices=[choice], **{"id": "c", "model": "m", "created": 1} | beside) == "hi"


@pytest.mark.parametrize(
    "empty",
    [
        pytest.param({"tool_calls": []}, id="no calls"),
        pytest.param({"reasoning_content": "", "refusal": None}, id="no words"),
        pytest.param({"role": "assistant", "annotations": [], "images": []}, id="no media"),
    ],
)
def test_what_is_empty_beside_a_text_is_nothing(empty: dict[str, object]) -> None:
    choice = {"delta": {"content": "hi", **empty}, "finish_reason": ""}

    assert _sole_text(choices=[choice]) == "hi"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"choices": []}, id="no choice"),
        pytest.param({"choices": None}, id="no choices"),
        pytest.param({"choices": [_HI, _HI]}, id="two choices"),
        pytest.param({"choices": [{"delta": None}]}, id="no delta"),
        pytest.param({"choices": [{"delta": {}}]}, id="nothing"),
        pytest.param({"choices": [{"delta": {"content": None}}]}, id="no content"),
        pytest.param({"choices": [{"delta": {"content": ["hi"]}}]}, id="parts"),
        *(pytest.param({name: {}}, id=name) for name in ("error", "x_groq", "timings")),
        *(pytest.param({name: ["u"]}, id=name) for name in ("citations", "search_results")),
        pytest.param({"usage": [1]}, id="usage that is none"),
    ],
)
def test_a_chunk_with_anything_beside_text_is_looked_at(fields: dict[str, object]) -> None:
    assert _sole_text(**{"choices": [_HI], **fields}) == ""


# Together repeats the delta's content as the choice's text, in every chunk; OpenRouter's native
# reason says nothing without a reason, which is looked at.
_REPEATED = {"delta", "text", "native_finish_reason"}


@pytest.mark.parametrize("field", sorted({*_names(Choice), "index"} - _REPEATED))
def test_a_choice_with_anything_beside_text_is_looked_at(field: str) -> None:
    assert _sole_text(choices=[_HI | {field: 1}]) == ""


@pytest.mark.parametrize("field", sorted(set(_names(Delta)) - {"content"}))
def test_a_delta_with_anything_beside_text_is_looked_at(field: str) -> None:
    assert _sole_text(choices=[{"delta": {"content": "hi", field: {"any": 1}}}]) == ""


@pytest.mark.parametrize("payload", [b"", b"[DONE]", b'{"choices":', b"[" * 100_000, b"\xff"])
def test_what_is_no_chunk_has_no_text(payload: bytes) -> None:
    assert _text_in(payload) == ""


def test_json_is_written_compactly() -> None:
    assert encode({"a": [1, "é"]}) == '{"a":[1,"é"]}'.encode()


def test_objects_and_lists_are_told_apart() -> None:
    assert is_object({})
    assert not is_object([])
    assert is_list([])
    assert not is_list({})
