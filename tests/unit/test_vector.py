from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING

import pytest
from axio.types import Usage
from hypothesis import given
from hypothesis import strategies as st
from tests.traces import Trace, recordings, traces

from axio_transport_openai import vector
from axio_transport_openai.errors import Interrupted, ProtocolError, ProviderError
from axio_transport_openai.origin import Origin
from axio_transport_openai.testing import embeddings
from axio_transport_openai.vector import Embedded, joined, request

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = Origin("Some service", "http://h/v1")
_float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


def read(body: bytes, count: int, *, dimensions: int | None = None) -> Embedded:
    return vector.read(body, count, ORIGIN, dimensions)


def _body(*rows: object) -> bytes:
    return json.dumps({"object": "list", "data": rows}).encode()


def _row(index: object, *numbers: object) -> dict[str, object]:
    return {"object": "embedding", "index": index, "embedding": numbers}


def test_a_request_asks_for_no_more_than_was_wanted() -> None:
    assert request("m", ["a", "é"]) == '{"model":"m","input":["a","é"]}'.encode()


def test_a_request_may_ask_for_base64_and_for_a_length() -> None:
    assert json.loads(request("m", ["a"], packed=True, dimensions=8)) == {
        "model": "m",
        "input": ["a"],
        "encoding_format": "base64",
        "dimensions": 8,
    }


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_joined() -> None:
    asked = json.loads(request("m", ["a\ud83d", "\ud83d\ude00"]))

    assert asked["input"] == ["a\ufffd", "\U0001f600"]


@given(
    vectors=st.integers(1, 5).flatmap(
        lambda length: st.lists(st.lists(_float32, min_size=length, max_size=length), min_size=1)
    ),
    packed=st.booleans(),
)
def test_what_was_written_is_read_in_either_encoding(
    *, vectors: list[list[float]], packed: bool
) -> None:
    embedded = read(embeddings(vectors, packed=packed), len(vectors))

    assert embedded.vectors == vectors
    assert embedded.usage == Usage(len(vectors), 0)


@given(places=st.permutations(range(5)), packed=st.booleans())
def test_vectors_belong_to_texts_by_index(*, places: list[int], packed: bool) -> None:
    rows = json.loads(embeddings([[float(place)] for place in range(5)], packed=packed))["data"]
    shuffled = _body(*(rows[place] for place in places))

    assert read(shuffled, 5).vectors == [[0.0], [1.0], [2.0], [3.0], [4.0]]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{"embedding": [1]}, {"embedding": [2]}], id="no indices: in their order"),
        pytest.param([_row(None, 1), _row(None, 2)], id="null indices: in their order"),
        pytest.param(  # BerriAI/litellm#25656
            [_row(0, 1), _row(0, 2)], id="LiteLLM: zeros for indices: in their order"
        ),
        pytest.param(  # samfoy/pi-session-search#13
            [{"embedding": [1]}, _row(1, 2)], id="Gemini: no index where it is zero"
        ),
        pytest.param([_row(1, 2), {"embedding": [1]}], id="no index where it is zero, behind"),
        pytest.param([_row("1", 2), _row("0", 1)], id="indices in strings"),
        pytest.param([_row(1.0, 2), _row(0.0, 1)], id="indices with fractions of nothing"),
        pytest.param([{**_row(0, 1), "object": 5}, _row(1, 2)], id="wild types that nobody reads"),
        pytest.param(
            [{"embedding": "AACAPw", "index": 0}, {"embedding": "AAAAQA==", "index": 1}],
            id="base64 without its padding",
        ),
        pytest.param(
            [{"embedding": " AACAPw==\n"}, {"embedding": "AAAAQA=="}], id="base64 with white space"
        ),
        pytest.param(
            [{"index": 0, "embedding": [[1.0]]}, {"index": 1, "embedding": [[2.0]]}],
            id="llama.cpp where the base URL has no /v1",
        ),
    ],
)
def test_odd_spellings_are_read_all_the_same(rows: list[object]) -> None:
    assert read(_body(*rows), 2).vectors == [[1.0], [2.0]]


def test_the_other_base64_alphabet_is_read_too() -> None:
    expected = [-0.0008999999845400453, -1.9999998807907104]

    assert read(_body({"embedding": "-u1ruv___78="}), 1).vectors == [expected]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([_row(0, 1)], "1 of them for 2 texts", id="too few"),
        pytest.param([_row(n, 1) for n in range(3)], "3 of them for 2 texts", id="too many"),
        pytest.param([_row(1, 1), _row(1, 2)], "twice or out of range", id="an index twice"),
        pytest.param([_row(0, 1), _row(2, 2)], "twice or out of range", id="an index too high"),
        pytest.param([_row(-2, 1), _row(0, 2)], "twice or out of range", id="a negative index"),
        pytest.param([_row(0, 1), _row(None, 2)], "twice or out of range", id="an index missing"),
        pytest.param(
            [_row(0, 1), _row("9" * 5000, 2)], "no whole number in row 1", id="an endless index"
        ),
        pytest.param([_row(0, 1), _row(0.5, 2)], "no whole number in row 1", id="half an index"),
        pytest.param(
            [_row("b", 1), _row("a", 2)], "no whole number in row 0", id="words for indices"
        ),
        pytest.param(
            [_row(*[False], 1), _row(0, 2)], "no whole number in row 0", id="a truth for one"
        ),
        pytest.param([_row(0, 1), _row(1, 1, 2)], "different lengths, 1 to 2", id="lengths"),
        pytest.param([_row(0), _row(1)], "vectors without numbers", id="empty vectors"),
        pytest.param([_row(0, 1), _row(1, None)], "other than numbers in row 1", id="null"),
        pytest.param([_row(0, 1), _row(1, "2")], "other than numbers in row 1", id="a string"),
        pytest.param([_row(0, *[True]), _row(1, 2)], "other than numbers in row 0", id="a truth"),
        pytest.param([_row(0, 1), _row(1, math.nan)], "not finite in row 1", id="NaN"),
        pytest.param(
            [_row(0, 1), _row(1, 10**400)], "not finite in row 1", id="beyond all numbers"
        ),
        pytest.param([_row(0, 1), {"embedding": None}], "no vector in row 1", id="null vector"),
        pytest.param([_row(0, 1), {"index": 1}], "no vector in row 1", id="no vector"),
        pytest.param([None, None], "no vector in row 0", id="null rows"),
        pytest.param([[1.0], [2.0]], "no vector in row 0", id="bare vectors"),
        pytest.param([{"embedding": [[1.0], [2.0]]}] * 2, "other than numbers", id="of tokens"),
        pytest.param([{"embedding": "!"}] * 2, "no base64", id="no base64"),
        pytest.param([{"embedding": "A"}] * 2, "no base64", id="a single character"),
        pytest.param([{"embedding": "é"}] * 2, "no base64", id="no ASCII"),
        pytest.param([{"embedding": "AAA="}] * 2, "holds no float32s", id="half a number"),
        pytest.param([{"embedding": ""}] * 2, "without numbers", id="empty base64"),
    ],
)
def test_what_is_not_the_vectors_asked_for_is_a_protocol_error(
    rows: list[object], told: str
) -> None:
    with pytest.raises(ProtocolError, match=told) as caught:
        read(_body(*rows), 2)
    assert caught.value.status == 200


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_packed_number_that_is_not_finite_is_a_protocol_error(value: float) -> None:
    body = embeddings([[0.5, value, 1.0]], packed=True)

    with pytest.raises(ProtocolError, match="not finite"):
        read(body, 1)


def test_the_largest_float32_is_a_number() -> None:
    largest = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]

    assert read(embeddings([[largest, -largest]], packed=True), 1).vectors == [[largest, -largest]]


@pytest.mark.parametrize("packed", [False, True])
def test_the_length_asked_for_is_the_length_that_comes(*, packed: bool) -> None:
    body = embeddings([[1.0, 2.0]], packed=packed)

    assert read(body, 1, dimensions=2).vectors == [[1.0, 2.0]]
    with pytest.raises(ProtocolError, match="vectors of 2 numbers, not 3"):
        read(body, 1, dimensions=3)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b"[ERROR] upstream failed", id="words in brackets"),
        pytest.param(b"{oops}", id="words in braces"),
        pytest.param(b'{"data": null}', id="data: null"),
    ],
)
def test_what_is_no_list_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="asked for embeddings and sent a body"):
        read(body, 1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"data": [', id="cut off"),
        pytest.param(embeddings([[0.5, 1.5]])[:-1], id="before its last byte"),
        pytest.param(b'{"data": [{"embedding": [0.5, -', id="amid a number"),
        pytest.param(b'{"data": [{"embedding": [NaN, 1.5, ', id="behind NaN"),
        pytest.param(b"[" * 100_000, id="in an abyss"),
        pytest.param(b'{"data": ' + b"[" * 100_000, id="in an abyss within"),
    ],
)
def test_what_breaks_off_may_be_asked_for_again(body: bytes) -> None:
    with pytest.raises(Interrupted, match="asked for embeddings and stopped in the mid") as caught:
        read(body, 1)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        pytest.param({"prompt_tokens": 8, "total_tokens": 8}, Usage(8, 0), id="OpenAI"),
        pytest.param({"total_tokens": 8}, Usage(8, 0), id="Voyage"),
        pytest.param(
            {"prompt_tokens": 0, "total_tokens": 8}, Usage(8, 0), id="a zero beside the total"
        ),
        pytest.param(
            {"prompt_tokens": 6, "completion_tokens": 0, "total_tokens": 8},
            Usage(8, 0),
            id="a total with more than the prompt",
        ),
        pytest.param({"total_tokens": None}, None, id="null"),
        pytest.param({}, None, id="none"),
    ],
)
def test_what_the_texts_counted_is_known_by_the_total_too(
    reported: dict[str, object], expected: Usage | None
) -> None:
    body = json.dumps({"data": [_row(0, 1)], "usage": reported}).encode()

    assert read(body, 1).usage == expected


def test_an_error_with_a_200_says_what_the_service_said() -> None:
    with pytest.raises(ProviderError, match="gave up"):
        read(b'{"error": {"message": "gave up"}}', 1)


def test_an_error_names_the_service() -> None:
    with pytest.raises(ProtocolError, match=r"^Some service \(http://h/v1\) was asked"):
        read(_body(), 1)


def test_nothing_asked_is_nothing_read() -> None:
    assert read(_body(), 0, dimensions=8).vectors == []


def test_requests_are_joined_in_order() -> None:
    parts = [Embedded([[1.0], [2.0]], None, None), Embedded([[3.0]], None, None)]

    assert joined(parts, ORIGIN) == [[1.0], [2.0], [3.0]]
    assert joined([], ORIGIN) == []


def test_requests_that_brought_different_lengths_do_not_join() -> None:
    parts = [Embedded([[1.0]], None, None), Embedded([[1.0, 2.0]], None, None)]

    with pytest.raises(ProtocolError, match="different lengths"):
        joined(parts, ORIGIN)


def test_usage_comes_with_what_the_service_wrote_of_it() -> None:
    reported = {"prompt_tokens": 7, "total_tokens": 7, "cost": 1.4e-07}
    body = json.dumps({"data": [_row(0, 1)], "usage": reported}).encode()
    embedded = read(body, 1)

    assert embedded.usage == Usage(7, 0)
    assert embedded.reported == reported


def test_where_only_all_tokens_are_counted_they_are_the_texts() -> None:
    reported = {"total_tokens": 15}
    body = json.dumps({"data": [_row(0, 1)], "usage": reported}).encode()

    assert read(body, 1).usage == Usage(15, 0)
    assert read(body, 1).reported == reported


@given(st.binary(max_size=64), st.integers(1, 3))
def test_no_bytes_raise_anything_else(body: bytes, count: int) -> None:
    with pytest.raises((Interrupted, ProtocolError, ProviderError)):
        read(body, count)


@pytest.mark.parametrize("trace", traces("embeddings"))
def test_a_recorded_answer_is_read_as_expected(trace: Trace) -> None:
    expected = trace.expected
    if any(math.isnan(row["norm"]) for row in expected["rows"]):
        # Perplexity packs int8s where it is not asked for float32s, which the trace reads them as.
        with pytest.raises(ProtocolError, match="not finite"):
            read(trace.body, expected["count"])
        return
    embedded = read(trace.body, expected["count"])

    assert embedded.usage == Usage(expected["usage"]["prompt"], 0)
    for found, row in zip(embedded.vectors, expected["rows"], strict=True):
        assert len(found) == row["dims"]
        assert found[:4] == row["first"]
        assert found[-2:] == row["last"]
        assert math.hypot(*found) == pytest.approx(row["norm"])


@pytest.mark.parametrize("path", recordings("*/emb_*.response.raw"))
def test_a_local_servers_answer_is_vectors_or_one_of_our_errors(path: Path) -> None:
    recorded = path.name.removesuffix(".response.raw")
    status = json.loads((path.parent / f"{recorded}.meta.json").read_bytes())["status"]
    asked = json.loads((path.parent / f"{recorded}.request.json").read_bytes())
    if " 200 " not in status:
        with pytest.raises((ProtocolError, ProviderError)):
            read(path.read_bytes(), 1)
        return
    texts = asked["body"]["input"]
    embedded = read(path.read_bytes(), len(texts) if isinstance(texts, list) else 1)

    assert {len(vector) for vector in embedded.vectors} == {576}
    assert embedded.usage is not None
    assert embedded.usage.input_tokens > 0
