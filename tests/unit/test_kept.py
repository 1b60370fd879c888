from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import msgspec
import pytest
from axio.events import ProviderOutput, ReasoningDelta
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import cuts

from axio_transport_openai.chunk import Delta
from axio_transport_openai.kept import Kept
from axio_transport_openai.lenient import objects
from axio_transport_openai.reasoning import DETAILS
from axio_transport_openai.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator


def _details(*details: object) -> Delta:
    return Delta(reasoning_details=list(details))


def _kept(*deltas: Delta) -> dict[str, object]:
    kept = Kept()
    for delta in deltas:
        kept.add(delta)
    outputs = kept.outputs("h")
    assert all(output.provider == "h" for output in outputs)
    assert all(list(output.data) == [output.kind] for output in outputs)
    return {output.kind: output.data[output.kind] for output in outputs}


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        pytest.param(
            [{"type": "t", "text": "wh", "index": 0}, {"type": "t", "text": "y", "index": 0}],
            [{"type": "t", "text": "why", "index": 0}],
            id="texts are joined",
        ),
        pytest.param(
            [{"summary": "wh"}, {"summary": "y"}, {"data": "a"}, {"data": "b"}],
            [{"summary": "why", "data": "ab"}],
            id="summaries and sealed data too",
        ),
        pytest.param(
            [{"text": "a\ud83d"}, {"text": "\ude00b"}, {"text": "c\ud83d"}],
            [{"text": "a\U0001f600bc\ufffd"}],
            id="halves of a character too",
        ),
        pytest.param(
            [{"text": "a", "index": 0}, {"text": "b", "index": 1}],
            [{"text": "a", "index": 0}, {"text": "b", "index": 1}],
            id="not those of different places",
        ),
        pytest.param(
            [{"text": "a", "type": "x"}, {"data": "b", "type": "y"}],
            [{"text": "a", "type": "x"}, {"data": "b", "type": "y"}],
            id="nor of different types",
        ),
        pytest.param(
            [{"text": "a", "id": "x"}, {"text": "b", "id": "y"}],
            [{"text": "a", "id": "x"}, {"text": "b", "id": "y"}],
            id="nor of different ids",
        ),
        pytest.param(
            [{"text": "a", "id": None}, {"text": "b", "id": "y"}, {"text": "c"}],
            [{"text": "abc", "id": "y"}],
            id="an id that is missing is no other",
        ),
        pytest.param(
            [{"text": "a", "signature": ""}, {"text": "b"}, {"signature": "s"}],
            [{"text": "ab", "signature": "s"}],
            id="the signature comes last, without a text",
        ),
        pytest.param(
            [{"text": "a", "signature": None}, {"text": "b", "signature": ""}],
            [{"text": "ab"}],
            id="no signature is none",
        ),
        pytest.param(
            [{"text": "a", "signature": "s"}, {"text": "b", "signature": ""}],
            [{"text": "ab", "signature": "s"}],
            id="an empty signature takes none away",
        ),
        pytest.param(
            [{"text": "a", "format": None}, {"text": "b", "format": "f"}, {"format": None}],
            [{"text": "ab", "format": "f"}],
            id="null takes nothing away",
        ),
        pytest.param(
            [{"text": "a", "format": "f"}, {"text": None}],
            [{"text": "a", "format": "f"}],
            id="nor does a null text",
        ),
        pytest.param(
            [{"text": "a", "format": None}, {"text": "b"}],
            [{"text": "ab", "format": None}],
            id="null alone stays",
        ),
        pytest.param(
            [{"text": "a", "n": 1}, {"n": 2}], [{"text": "a", "n": 2}], id="the last wins"
        ),
        pytest.param(["a", None, {"text": "b"}], [{"text": "b"}], id="what is no detail is none"),
    ],
)
def test_details_are_put_together_from_their_fragments(
    details: list[object], expected: list[object]
) -> None:
    assert _kept(*map(_details, details)) == {DETAILS: expected}
    assert _kept(_details(*details)) == {DETAILS: expected}


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=4), st.data())
def test_where_details_are_cut_does_not_matter(texts: list[str], data: st.DataObject) -> None:
    whole: list[object] = [
        {"type": "reasoning.text", "index": index, "text": text} for index, text in enumerate(texts)
    ]
    pieces = [
        {"type": "reasoning.text", "index": index, "text": piece}
        for index, text in enumerate(texts)
        for piece in data.draw(cuts(text))
    ]

    assert _kept(*map(_details, pieces)) == {DETAILS: whole}


@pytest.mark.parametrize(
    ("field", "name"), [(DETAILS, "data"), (DETAILS, "text"), ("thinking_blocks", "thinking")]
)
def test_a_text_in_pieces_is_joined_once_at_the_end(field: str, name: str) -> None:
    kept = Kept()
    piece = "x" * 1000
    for _ in range(1000):
        kept.add(msgspec.convert({field: [{"type": "thinking", name: piece}]}, Delta))
    longest = max(len(held) for held in _texts_in(kept))
    (output,) = kept.outputs("h")

    assert longest == len(piece)
    assert output.data[field] == [{"type": "thinking", name: piece * 1000}]


def _texts_in(found: object) -> Iterator[str]:
    """The texts that this holds, however deep."""
    for held in gc.get_referents(found):
        if isinstance(held, str):
            yield held
        elif isinstance(held, dict | list) or type(held).__module__ == Kept.__module__:
            yield from _texts_in(held)


def test_all_letters_of_what_goes_on_count_as_held() -> None:
    kept, count = Kept(), Tally().count
    kept.add(_details({"text": "so"}))
    delta = {"reasoning_details": [{"text": "x" * 1000}]}
    payload = msgspec.json.encode({"choices": [{"index": 0, "delta": delta}]})
    before = kept.held

    for _ in range(100):
        assert kept.go_on("reasoning_details", payload, count) == ReasoningDelta(0, "x" * 1000)
    assert kept.held - before >= 100 * 1000


def test_a_detail_without_its_text_is_none_that_goes_on() -> None:
    kept = Kept()
    kept.add(Delta(reasoning="so", reasoning_details=[{"text": "so", "index": 0}]))
    delta = {"reasoning_content": "so", "reasoning_details": [{"index": 0}]}
    payload = msgspec.json.encode({"choices": [{"index": 0, "delta": delta}]})

    assert kept.go_on("reasoning_content", payload, Tally().count) is None


def test_the_fields_of_a_detail_keep_their_order() -> None:
    detail = {"type": "t", "text": "why", "format": "f", "index": 0}
    [found] = objects(_kept(_details(detail), _details(detail))[DETAILS])

    assert list(found) == list(detail)


def test_what_a_service_needs_back_whole_is_kept_as_it_came() -> None:
    found = _kept(
        Delta(reasoning_opaque="o1", thinking_blocks=[{"a": 1}], reasoning_details=[{"text": "t"}]),
        Delta(reasoning_opaque="o2", extra_content={"google": {}}),
    )

    assert found == {
        DETAILS: [{"text": "t"}],
        "thinking_blocks": [{"a": 1}],
        "reasoning_opaque": "o2",
        "extra_content": {"google": {}},
    }


@pytest.mark.parametrize(
    ("extra", "kept"),
    [
        pytest.param({"google": {"thought": True}}, {}, id="nothing but a mark"),
        pytest.param(
            {"vertex": {"thought": True, "thought_signature": "s"}, "seen": 1},
            {"extra_content": {"vertex": {"thought_signature": "s"}, "seen": 1}},
            id="a mark beside a proof",
        ),
        pytest.param(
            {"google": {"thought": False}},
            {"extra_content": {"google": {"thought": False}}},
            id="no mark",
        ),
        pytest.param("thought", {"extra_content": "thought"}, id="no object"),
    ],
)
def test_that_content_was_a_thought_is_not_sent_back(
    extra: object, kept: dict[str, object]
) -> None:
    assert _kept(Delta(content="why", extra_content=extra)) == kept


def test_a_mark_does_not_take_the_place_of_a_proof() -> None:
    proof = {"google": {"thought_signature": "s"}}
    mark = Delta(content="why", extra_content={"google": {"thought": True}})

    assert _kept(Delta(extra_content=proof), mark) == {"extra_content": proof}


def test_nothing_is_kept_of_an_answer_without_structured_reasoning() -> None:
    assert Kept().outputs("h") == []
    assert _kept(Delta(content="x", reasoning="y"), _details()) == {}


def test_what_is_kept_goes_to_the_service_that_said_it() -> None:
    kept = Kept()
    kept.add(_details({"text": "t"}))

    assert kept.outputs("h:80") == [ProviderOutput("h:80", DETAILS, {DETAILS: [{"text": "t"}]}, 0)]


def test_the_chunk_that_was_read_is_not_changed() -> None:
    first: dict[str, object] = {"text": "a", "signature": None}
    _kept(_details(first), _details({"text": "b"}))

    assert first == {"text": "a", "signature": None}


def _block(thinking: str, signature: str = "") -> dict[str, object]:
    return {"type": "thinking", "thinking": thinking, "signature": signature}


_REDACTED = {"type": "redacted_thinking", "data": "d"}


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        pytest.param([_block("why", "s")], [_block("why", "s")], id="a whole block"),
        pytest.param(
            [_block("wh"), _block("y"), _block("", "s")],
            [_block("why", "s")],
            id="a block in pieces, its signature last",
        ),
        pytest.param(
            [_block("a"), _block("", "s"), _block("b"), _block("", "t")],
            [_block("a", "s"), _block("b", "t")],
            id="a signature ends its block",
        ),
        pytest.param(
            [_block("a", "s"), _REDACTED, _REDACTED, _block("b", "t")],
            [_block("a", "s"), _REDACTED, _REDACTED, _block("b", "t")],
            id="what was redacted stands alone",
        ),
        pytest.param(
            [_block("a"), _REDACTED, _block("b")],
            [_block("a"), _REDACTED, _block("b")],
            id="what was redacted ends a block",
        ),
    ],
)
def test_thinking_blocks_are_put_together_too(
    blocks: list[dict[str, object]], expected: list[dict[str, object]]
) -> None:
    found = _kept(*(Delta(thinking_blocks=[block]) for block in blocks))

    assert found == {"thinking_blocks": expected}
