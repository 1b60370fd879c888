from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from axio.events import ReasoningDelta, TextDelta
from axio.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai import flow
from axio_transport_openai.errors import APIError
from axio_transport_openai.flow import Known
from axio_transport_openai.origin import Origin
from axio_transport_openai.tally import Tally
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from axio_transport_openai.flow import Flow

_NAMES = {"f": "f", "fetch": "fetch"}
_TEXTS = [
    *("so", "so it is", "so it is, and more", " ", "<", "<think>", "</think>", "", None),
    *("\ud83d", "\ude00"),
]
_ARGUMENTS = ["{", '{"a":', ' "b', "c", " ", "}", '"}', "{}", "null", "", "e" * 70, "\ud83d", None]
_FIELDS = ["reasoning_content", "reasoning", "reasoning_text", "thinking"]


def _payload(delta: object, **beside: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None} | beside
    return json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode()


def _played(payloads: Iterable[bytes], *, at_once: bool = False) -> list[object]:
    """The events of these payloads, whether the answer was over then, and how it ended."""
    turn = Turn(Origin(), _NAMES)
    told: list[object] = []
    rows = [b"data: %b\n\n" % one for one in chain(payloads, [_payload({}, finish_reason="stop")])]
    for row in [b"".join(rows)] if at_once else rows:
        told += [*turn.feed(row), turn.finished]
        if turn.done:
            break
    told += turn.close()
    try:
        told.append(turn.end(turn.tally.usage))
    except APIError as error:
        told.append(str(error))
    return told


def _looked_at(payload: bytes) -> bytes:
    """The same chunk as no flow takes it: an error that is empty says nothing."""
    return payload[:-1] + b', "error": {}}' if b"choices" in payload else payload


_FRAGMENTS = st.fixed_dictionaries(
    {
        "function": st.fixed_dictionaries(
            {"arguments": st.sampled_from(_ARGUMENTS)},
            optional={"name": st.sampled_from(["f", "fetch", "", None])},
        )
    },
    optional={
        "id": st.sampled_from(["c1", "c2", "", None]),
        "index": st.sampled_from([0, 0, 0, 1, None]),
    },
)


def _more(argument: str | None, index: int) -> dict[str, object]:
    return {"tool_calls": [{"index": index, "function": {"arguments": argument}}]}


_C = {"arguments": "c"}


def _named(name: str, argument: str) -> dict[str, object]:
    return {"tool_calls": [{"index": 0, "function": {"name": name, "arguments": argument}}]}


def _one(field: str) -> st.SearchStrategy[dict[str, object]]:
    return st.sampled_from(_TEXTS).map(lambda text: {field: text})


def _detailed(text: str | None, detail: dict[str, object], field: str) -> dict[str, object]:
    """A thought with a detail beside it; in no field, it is in the detail alone."""
    beside = {field: text} if field else {}
    return {**beside, "reasoning_details": [{"type": "reasoning.text", "text": text} | detail]}


def _blocked(text: str | None, block: dict[str, object], field: str) -> dict[str, object]:
    """A thought with a block beside it."""
    beside = {field: text} if field else {}
    return {**beside, "thinking_blocks": [{"type": "thinking", "thinking": text} | block]}


_DETAILS: list[dict[str, object]] = [
    {},
    {},
    {"index": 0},
    {"index": 1},
    {"id": "d"},
    {"format": None},
    {"signature": ""},
    {"signature": "s"},
    {"type": "reasoning.summary"},
    {"summary": "so"},
    {"data": None},
    {"text": 5},
    {"more": {"a": [1]}},
    {"text": 5, "": "so"},
]
_BLOCKS: list[dict[str, object]] = [
    {},
    {},
    {"signature": None},
    {"signature": ""},
    {"signature": "s"},
    {"type": "redacted_thinking", "data": "so"},
    {"type": None},
    {"text": "so"},
    {"thinking": 5},
    {"signature": "s", "": "so"},
    {"more": {"a": [1]}},
]
_THOUGHT = st.sampled_from(["reasoning", "reasoning", "reasoning_content", "thinking", ""])
_HEAD: dict[str, object] = {
    "index": 0,
    "id": "c1",
    "function": {"name": "f", "arguments": '{"a":"'},
}
_ANY = st.fixed_dictionaries(
    {},
    optional={
        "content": st.sampled_from(_TEXTS),
        "reasoning": st.sampled_from(_TEXTS),
        "tool_calls": st.lists(_FRAGMENTS, max_size=2),
        "function_call": st.just({"name": "f", "arguments": "{"}),
        "refusal": st.just("No"),
    },
)
_PARTS: list[dict[str, object]] = [
    {},
    {},
    {"closed": True},
    {"type": "text", "text": "so"},
    {"thinking": "so"},
    {"thinking": [{"type": "text"}]},
    {"thinking": [{"text": "so"}]},
    {"thinking": [{"type": "text", "text": "so"}] * 2},
    {"thinking": []},
]


def _part(text: str | None, part: dict[str, object]) -> dict[str, object]:
    """A thought that is a part of the content."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": text}]}
    return {"content": [thought | part]}


def _runs(
    piece: Callable[[str | None, dict[str, object], str], dict[str, object]],
    kinds: list[dict[str, object]],
) -> st.SearchStrategy[list[dict[str, object]]]:
    """Pieces of a thought: many of one kind, or a few of any."""
    said, beside = st.sampled_from(_TEXTS), (st.sampled_from(kinds), _THOUGHT)
    alike = st.builds(
        lambda texts, *beside: [piece(text, *beside) for text in texts],
        st.lists(said, max_size=6),
        *beside,
    )
    return alike | st.lists(st.builds(piece, said, *beside), max_size=3)


_RUNS = st.one_of(
    *(st.lists(_one(field), max_size=6) for field in ("content", *_FIELDS)),
    st.lists(st.builds(_part, st.sampled_from(_TEXTS), st.sampled_from(_PARTS)), max_size=6),
    _runs(_detailed, _DETAILS),
    _runs(_blocked, _BLOCKS),
    st.lists(st.builds(_more, st.sampled_from(_ARGUMENTS), st.just(0)), max_size=6).map(
        lambda more: [{"tool_calls": [_HEAD]}, *more]
    ),
    st.lists(st.builds(_more, st.sampled_from(_ARGUMENTS), st.integers(0, 1)), max_size=3),
    st.lists(_ANY, max_size=2),
)
_ASIDE = st.one_of(
    st.builds(_payload, _ANY, finish_reason=st.sampled_from(["stop", "tool_calls", ""])),
    st.builds(_payload, _ANY, index=st.sampled_from([0, 1, 2])),
    st.builds(_payload, _ANY, logprobs=st.sampled_from([{"content": None}, {"content": [1]}, {}])),
    st.sampled_from([b"{}", b"[DONE]", b'{"choices": [], "usage": {"prompt_tokens": 9}}']),
    st.just(b'{"code": "1", "message": "no"}'),
)
_REPORTS = st.sampled_from(
    [
        *({}, {"usage": None}, {"usage": {}}, {"usage": "x"}),
        *({"usage": {"prompt_tokens": 9, "completion_tokens": count}} for count in range(3)),
    ]
)


def _counting(run: list[dict[str, object]], reports: list[dict[str, object]]) -> list[bytes]:
    """The payloads of a run, with reports of tokens in as many as there are."""
    payloads = [*map(_payload, run)]
    told = [json.loads(one) | report for one, report in zip(payloads, reports, strict=False)]
    return [*(json.dumps(one).encode() for one in told), *payloads[len(told) :]]


_ROWS = [st.builds(_counting, _RUNS, st.lists(_REPORTS, max_size=6))] * 3
_CHUNKS: st.SearchStrategy[list[bytes]] = st.lists(
    st.one_of(*_ROWS, _ASIDE.map(lambda one: [one])), max_size=6
).map(lambda rows: [*chain.from_iterable(rows)])


@given(_CHUNKS)
def test_a_chunk_that_flows_gives_what_it_gives_when_it_is_looked_at(chunks: list[bytes]) -> None:
    assert _played(chunks) == _played(map(_looked_at, chunks))


@given(_CHUNKS)
def test_what_comes_in_one_read_gives_what_it_gives_in_many(chunks: list[bytes]) -> None:
    apart, at_once = _played(chunks), _played(chunks, at_once=True)

    assert [told for told in at_once if not isinstance(told, bool)] == [
        told for told in apart if not isinstance(told, bool)
    ]


_SO = _payload({"content": "so"})
_HM = _payload({"reasoning": "so"})
_CALL = _payload({"tool_calls": [_HEAD]})
_DETAIL = _payload(_detailed("so", {"index": 0}, "reasoning"))
_TWO: dict[str, object] = {
    "reasoning": "so",
    "reasoning_details": [{"type": "reasoning.text", "text": "so", "index": at} for at in range(2)],
}
_ON = _payload(_more("c", 0))
_FAILED = json.dumps(
    {"choices": [{"delta": {"content": "so"}, "error": "no"}, {"delta": {"content": "so"}}]}
).encode()
_UNTYPED = {"content": [{"thinking": [{"type": "text", "text": "so"}]}]}


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(
            [
                _payload({"content": "so", "reasoning": "so"}),
                _payload({"content": "so it is", "tool_calls": [_HEAD]}),
                _payload({"content": "no", "reasoning": "so it is"}),
                _ON,
            ],
            id="what is held back is earlier than the arguments",
        ),
        pytest.param(
            [
                _payload({"function_call": {"name": "f", "arguments": '{"a": "'}}),
                _ON,
                _payload({"function_call": {"arguments": "d"}}),
            ],
            id="the older form of a call, and then the newer",
        ),
        pytest.param(
            [_payload({"content": text}) for text in ("<think>a", "b</think>", "c", "d")],
            id="the end of a thought in tags",
        ),
        *(
            pytest.param(
                [_payload(_part("so", {})), _payload(_part("so", part)), _payload(_part("so", {}))],
                id=f"a part like {part}",
            )
            for part in _PARTS
        ),
        pytest.param(
            [_payload(_part(text, {})) for text in ("so", "", "\ud83d", "\ude00")],
            id="a part that says nothing, and halves of a character",
        ),
        pytest.param(
            [_payload({"content": text}) for text in ("<think>a", "b<", "c", "</", "d")],
            id="what may be a tag",
        ),
        pytest.param(
            [_payload({"reasoning": "so " * count}) for count in range(1, 4)]
            + [_payload({"reasoning": f"so so so {words}"}) for words in ("it", "it is")],
            id="snapshots of a thought",
        ),
        pytest.param(
            [_HM, _HM, _payload({"reasoning": "so", "reasoning_content": "it"}), _HM],
            id="another field of thoughts, which counts more",
        ),
        pytest.param(
            [_HM, _HM, _payload({"content": " "}), _HM], id="white space between thoughts"
        ),
        pytest.param(
            [_CALL, _ON, _payload(_more('{"a":"c"}', 0)), _ON], id="snapshots of arguments"
        ),
        pytest.param(
            [
                _payload({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}),
                _payload(_more("null", 0)),
            ],
            id="no arguments yet",
        ),
        pytest.param(
            [_CALL, _ON, _payload(_more('"}', 0)), _payload(_more(" ", 0)), _CALL],
            id="white space behind the arguments, and all of them again",
        ),
        pytest.param(
            [
                _CALL,
                _payload(_more('"}', 0)),
                _payload(_more('{"b"', 0)),
                _payload(_more(":2}", 0)),
            ],
            id="arguments of another call behind them, in pieces",
        ),
        pytest.param(
            [_CALL, _payload({"tool_calls": [_HEAD | {"index": 1, "id": "c2"}]}), _ON],
            id="arguments of two calls by turns",
        ),
        pytest.param(
            [_CALL, _ON, _payload({"tool_calls": [_HEAD | {"id": "c2"}]}), _ON],
            id="an id and a name of another call",
        ),
        pytest.param(
            [_CALL, _payload(_more('"}', 0)), _payload(_named("fetch", "c"))], id="another name"
        ),
        pytest.param(
            [
                *(_CALL, _payload(_more('"}', 0))),
                _payload({"tool_calls": [{"index": 0, "id": "c2", "function": _C}]}),
            ],
            id="another id",
        ),
        pytest.param(
            [_CALL, _ON, _payload(_more('"}', 0)), _payload(_more("c", 0)), _CALL],
            id="words behind the arguments",
        ),
        pytest.param(
            [_HM, _HM, _payload({"reasoning": "\ud83d"}), _HM, _HM],
            id="half a character in a thought",
        ),
        pytest.param(
            [_CALL, _ON, _payload(_more("\ud83d", 0)), _ON], id="half a character in arguments"
        ),
        pytest.param([_SO, _SO, b'{"ping": 1}', _SO], id="a ping"),
        pytest.param([_SO, _SO, b'{"error": {"message": "no"}}', _SO], id="a failure"),
        pytest.param([_SO, _SO, b'{"code": "1", "message": "no"}', _SO, _SO], id="a doubtful one"),
        pytest.param(
            [_SO, _SO, _payload({}, finish_reason="stop"), _payload({"content": " "}), _SO, _SO],
            id="a finish that is too early",
        ),
        pytest.param(
            [
                _SO,
                _SO,
                _payload({"content": "no"}, index=1),
                _SO,
                _payload({"content": "no"}, index=2),
            ],
            id="another candidate",
        ),
        pytest.param(
            [
                *(_SO, _SO, _payload({"tool_calls": [_HEAD]}, index=1), _ON),
                *(_payload({"content": "no"}, index=1), _SO),
            ],
            id="a choice with a call",
        ),
        pytest.param(
            [
                _HM,
                _payload({"content": " ", "reasoning": "so"}),
                *(_HM, _HM, _SO),
            ],
            id="white space beside a thought",
        ),
        pytest.param([_payload(_UNTYPED), _payload(_UNTYPED), _SO], id="a part without a type"),
        pytest.param(
            [
                _payload(_part("so", {"thinking": [{"text": "so"}]})),
                _payload(_part("so", {})),
                _payload(_part("so", {"thinking": [{"text": "so"}]})),
            ],
            id="words without a type",
        ),
        pytest.param(
            [_SO, _SO, _FAILED, _SO],
            id="a failure in the first of two choices",
        ),
        pytest.param(
            [
                *(_payload(None, message={"content": "so"}) for _ in range(2)),
                *(_payload({"content": "so"}), _payload({"content": "it is"})),
                _payload(None, message={"content": "so"}),
            ],
            id="messages, deltas, and a message",
        ),
        pytest.param(
            [
                *(_CALL, _payload(_more("c", 1)), _payload(_more('"}', 0)), _ON),
                _payload({"tool_calls": [_HEAD | {"index": 1, "id": "c2"}]}),
            ],
            id="more behind the end of the arguments",
        ),
    ],
)
def test_what_comes_between_chunks_that_flow_is_told_from_them(chunks: list[bytes]) -> None:
    assert _played(chunks) == _played(map(_looked_at, chunks))


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param([_detailed("so", {"index": 1}, "reasoning")] * 3, id="another place"),
        pytest.param([_detailed("so", {"index": 0, "signature": "s"}, "reasoning")], id="a proof"),
        pytest.param(
            [_detailed("so", {"index": 1, "text": text}, "reasoning") for text in (None, "it")],
            id="no text, and then one",
        ),
        pytest.param([_detailed("", {"index": 0}, "reasoning")], id="no words"),
        pytest.param([_detailed("so", {"index": 0, "text": "it"}, "reasoning")], id="another text"),
        pytest.param([_detailed("so", {"summary": "it"}, "reasoning")] * 4, id="two texts"),
        pytest.param([_detailed("so", {"index": 0}, "reasoning_content")], id="another field"),
        pytest.param([_detailed("so", {"index": 0}, ""), {"reasoning": "so"}], id="no field"),
        pytest.param(
            [{"thinking": "it"} | _detailed("so", {"index": 0}, "")], id="a field that counts less"
        ),
        pytest.param([_TWO, _detailed("so", {"index": 0}, "reasoning"), _TWO], id="two details"),
        pytest.param([{"reasoning": "so", "reasoning_details": ["so"]}], id="a text as a detail"),
        pytest.param(
            [{"reasoning": "so", "reasoning_details": [{"": "so"}]}] * 2, id="a text without a name"
        ),
    ],
)
def test_a_detail_of_a_thought_is_kept_as_it_came(deltas: list[dict[str, object]]) -> None:
    chunks = [_DETAIL, _DETAIL, _DETAIL, *map(_payload, deltas), _DETAIL]

    assert _played(chunks) == _played(map(_looked_at, chunks))


_UNSHOWN = {"type": "thinking", "text": "so"}
_BLOCK = _payload(_blocked("so", {"signature": None}, "reasoning_content"))


@pytest.mark.parametrize(
    "deltas",
    [
        *(
            pytest.param([_blocked("so", block, field)] * 2, id=f"{field} and {block}")
            for block in _BLOCKS
            for field in ("reasoning_content", "reasoning", "")
        ),
        pytest.param(
            [
                {"reasoning_content": "so", "thinking_blocks": [_UNSHOWN]},
                {"thinking_blocks": [_UNSHOWN]},
            ],
            id="a text that is not shown",
        ),
        pytest.param(
            [{"reasoning_content": "so", "thinking_blocks": [_UNSHOWN] * 2}] * 2, id="two at once"
        ),
        pytest.param(
            [
                {"reasoning_content": "so", "thinking_blocks": [{"type": "thinking"} | block] * 2}
                for block in ({"thinking": "so", "signature": None}, {"thinking": "it"})
            ],
            id="two like the last one",
        ),
        pytest.param([_blocked("so", {}, "reasoning_content") | {"content": "so"}], id="a text"),
        pytest.param([_detailed("so", {}, "reasoning_content")] * 3, id="details"),
        pytest.param(
            [_detailed("so", {}, "reasoning") | _blocked("so", {}, "")] * 3, id="both at once"
        ),
        pytest.param([{"reasoning_content": "so"}] * 2, id="none"),
    ],
)
def test_a_block_of_a_thought_is_kept_as_it_came(deltas: list[dict[str, object]]) -> None:
    chunks = [_BLOCK, _BLOCK, _BLOCK, *map(_payload, deltas), _BLOCK]

    assert _played(chunks) == _played(map(_looked_at, chunks))


@pytest.mark.parametrize(
    ("flow", "delta"),
    [
        pytest.param(flow.text, {"content": "so", "reasoning_content": ""}, id="text"),
        pytest.param(
            flow.FIELDS["reasoning_content"],
            {"content": None, "reasoning_content": "so", "reasoning": "so"},
            id="a thought in two fields",
        ),
        pytest.param(flow.FIELDS["reasoning"], {"reasoning": "so", "tool_calls": []}, id="one"),
        pytest.param(flow.FIELDS["reasoning_text"], {"reasoning_text": "so"}, id="Copilot's"),
        pytest.param(flow.tagged_thought, {"content": "so"}, id="one in tags"),
        pytest.param(flow.thinking_part, _part("so", {"closed": True}), id="one in a part"),
    ],
)
def test_what_says_one_thing_flows(flow: Flow[TextDelta | ReasoningDelta], delta: object) -> None:
    found = flow(_payload(delta), Tally().count)

    assert found
    assert (found.index, found.delta) == (0, "so")


def test_a_text_beside_empty_logprobs_flows() -> None:
    empty = {"content": None, "refusal": None}

    assert flow.text(_payload({"content": "so"}, logprobs=empty), Tally().count) == TextDelta(
        0, "so"
    )
    assert flow.text(_payload({"content": "so"}, logprobs={"content": [{}]}), Tally().count) is None


@pytest.mark.parametrize(
    ("flow", "delta"),
    [
        pytest.param(flow.text, {"content": "so"}, id="text"),
        pytest.param(flow.tagged_thought, {"content": "so"}, id="a thought in tags"),
        pytest.param(flow.FIELDS["reasoning"], {"reasoning": "so"}, id="one in a field"),
        pytest.param(flow.thinking_part, _part("so", {}), id="one in a part"),
        pytest.param(flow.more_details, _detailed("so", {}, "reasoning"), id="one with details"),
        pytest.param(
            flow.more_blocks, _blocked("so", {}, "reasoning_content"), id="one with blocks"
        ),
        pytest.param(flow.more_arguments, _more("so", 0), id="arguments"),
    ],
)
def test_what_flows_may_report_tokens(flow: Flow[object], delta: object) -> None:
    tally = Tally()
    report = {"prompt_tokens": 9, "completion_tokens": 1}
    chunk = json.loads(_payload(delta)) | {"usage": report}

    assert flow(json.dumps(chunk).encode(), tally.count)
    assert tally.usage == Usage(9, 1)


def test_arguments_without_a_name_or_an_id_flow() -> None:
    fragment = {"id": None, "index": 3, "type": "function", "function": {"arguments": "so"}}

    assert flow.more_arguments(_payload({"tool_calls": [fragment]}), Tally().count) == (3, "so")


@pytest.mark.parametrize("event", [TextDelta, ReasoningDelta])
def test_the_deltas_that_are_shared_stay_few(event: type[TextDelta | ReasoningDelta]) -> None:
    known = Known(event)
    for number in range(20_000):
        assert known[str(number)] == event(0, str(number))
        assert len(known) <= 8192


@pytest.mark.parametrize(
    ("flow", "field"), [(flow.text, "content"), (flow.FIELDS["reasoning"], "reasoning")]
)
@pytest.mark.parametrize(("text", "shared"), [("so", True), ("so it is, " * 9, False)])
def test_a_short_delta_that_comes_again_is_one_object_and_a_long_one_is_not_kept(
    *, flow: Flow[TextDelta | ReasoningDelta], field: str, text: str, shared: bool
) -> None:
    first, _, second = (flow(_payload({field: one}), Tally().count) for one in (text, "and", text))

    assert first == second
    assert (first is second) is shared
