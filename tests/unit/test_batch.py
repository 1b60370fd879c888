from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.batch import batches, fewer
from axio_transport_openai.errors import BadRequest


@given(st.lists(st.text(max_size=12)), st.integers(1, 5), st.integers(1, 30))
def test_batches_hold_the_texts_in_order_and_keep_to_the_limits(
    texts: list[str], most: int, size: int
) -> None:
    made = list(batches(texts, most, size))

    assert [text for batch in made for text in batch] == texts
    for batch in made:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(len(text.encode()) for text in batch) <= size


@pytest.mark.parametrize(
    ("texts", "most", "size", "expected"),
    [
        pytest.param([], 2048, 300_000, [], id="nothing asked is nothing sent"),
        pytest.param(["", ""], 2048, 300_000, [["", ""]], id="empty texts are texts"),
        pytest.param(["a"] * 5, 2, 99, [["a", "a"], ["a", "a"], ["a"]], id="by count"),
        pytest.param(["aa", "bb", "c"], 9, 4, [["aa", "bb"], ["c"]], id="by bytes"),
        pytest.param(["aa"] * 4, 9, 4, [["aa", "aa"]] * 2, id="each up to the limit"),
        pytest.param(["a", "aaaaa", "a"], 9, 4, [["a"], ["aaaaa"], ["a"]], id="too long"),
        pytest.param(["éé", "a"], 9, 4, [["éé"], ["a"]], id="bytes, not characters"),
        pytest.param(["\ud83d"], 2048, 300_000, [["\ud83d"]], id="half a pair"),
        pytest.param(["\ud83d", "a"], 9, 3, [["\ud83d"], ["a"]], id="which is three bytes"),
    ],
)
def test_texts_go_together_as_far_as_the_limits_allow(
    texts: list[str], most: int, size: int, expected: list[list[str]]
) -> None:
    assert list(batches(texts, most, size)) == expected


def test_ten_thousand_short_texts_need_five_requests() -> None:
    assert [len(batch) for batch in batches(map(str, range(10_000)), 2048)] == [
        *(2048, 2048, 2048, 2048),
        1808,
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(
            "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it"
            " should not be larger than 10.: input.contents",
            10,
            id="DashScope",
        ),
        pytest.param("batch size 50 > maximum allowed batch size 32", 32, id="TEI"),
        pytest.param(
            "* BatchEmbedContentsRequest.requests: at most 40 requests can be in one batch",
            40,
            id="Gemini",
        ),
        pytest.param("Too many inputs. The max number of inputs is 16.", 16, id="Azure"),
        pytest.param(  # topoteretes/cognee#4856
            "40 instance(s) is allowed per prediction. Actual: 50", 40, id="Vertex"
        ),
        pytest.param(
            "Unable to submit request because the input token count is 22326 but the model supports"
            " up to 20000. Reduce the input token count and try again.",
            25,
            id="Vertex, of all their tokens: half of them",
        ),
        pytest.param(
            "Invalid 'input': array too long. Expected an array with maximum length 20, but got an"
            " array with length 50 instead.",
            20,
            id="OpenAI",
        ),
        pytest.param(
            "invalid request: total number of texts must be at most 48 - received 50",
            48,
            id="Cohere",
        ),
        pytest.param("input数组最大不得超过36条", 36, id="Zhipu"),
        pytest.param(
            "input: List should have at most 32 items after validation, not 50", 32, id="pydantic"
        ),
        pytest.param(
            "Too many tokens overall, split into more batches.", 25, id="Mistral: half of them"
        ),
        pytest.param("maximum batch size exceeded: 50 > 32", 25, id="what was asked for: half"),
        pytest.param(
            "The max allowed tokens per submitted batch is 120000. Your batch has 187609 tokens.",
            25,
            id="Voyage: half of them",
        ),
        pytest.param(
            "The max allowed tokens per submitted batch is 8192. Your batch has 9500 tokens.",
            25,
            id="Voyage, of a small model",
        ),
        pytest.param(  # vercel-labs/lat.md#74
            "Requested 375703 tokens, max 300000 tokens per request", 25, id="OpenAI, of tokens"
        ),
        pytest.param(  # aurelio-labs/semantic-router#297
            "Too many tokens in batch. Max is 40 got 17555", 25, id="Mistral, of tokens"
        ),
        pytest.param("TOO_MANY_TOKENS_IN_BATCH", 25, id="a code of tokens"),
        pytest.param("Not enough tokens for this request.", None, id="tokens that are paid for"),
        pytest.param(
            "The batch size limit is 32. Your batch size is 50.", 32, id="Voyage: of so many"
        ),
        pytest.param("batch_size must be <= 16", 16, id="less or equal"),
        pytest.param("No more than 16 documents are allowed.", 16, id="no more than"),
        pytest.param("The array must be no greater than 16.", 16, id="no greater than"),
        pytest.param("This takes up to 16 documents.", 16, id="up to"),
        pytest.param("inputs: at most 16, of at most 32 words each", 16, id="the first of two"),
        pytest.param("input must have at most 512 tokens", None, id="a text too long"),
        pytest.param("dimensions must be at most 16", None, id="another thing"),
        pytest.param("Too many requests: at most 16 per minute.", None, id="requests, not texts"),
        pytest.param("Too many inputs: at most 1024.", None, id="fewer than it would take"),
        pytest.param("array items: at most 1024", None, id="more than was asked for"),
        pytest.param("inputs must be strings", None, id="no word of how many"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_refusal_tells_how_many_texts_a_service_takes(said: str, expected: int | None) -> None:
    for words in (said, said.upper()):
        assert fewer(BadRequest("", said=words, status=400), 50) == expected
        assert fewer(BadRequest("", said=words, status=422), 50) == expected
    assert fewer(BadRequest("", said=said, status=422), 1) is None
    assert fewer(BadRequest("", said=said, status=404), 50) is None


@pytest.mark.parametrize("most", ["1,536", "1536"])
def test_a_number_of_texts_may_be_large_and_have_a_comma(most: str) -> None:
    said = f"Request too large: maximum {most} inputs, got 2,048"

    assert fewer(BadRequest("", said=said, status=400), 2048) == 1536


@pytest.mark.parametrize(
    "said",
    [
        "Too many inputs.",
        "The batch is too large.",
        "The array is too long.",
        "The inputs exceed what is allowed.",
        "Split your documents.",
        "The limit of items was reached.",
        "Invalid batch size.",
    ],
)
def test_a_batch_too_large_is_halved_where_no_number_is_named(said: str) -> None:
    assert fewer(BadRequest("", said=said, status=400), 50) == 25


@pytest.mark.parametrize(
    "said",
    [
        "<html>413 Request Entity Too Large",
        "The body is too large to process.",
        "The input is too large.",
        "",
    ],
)
def test_a_body_too_large_is_halved(said: str) -> None:
    too_large = BadRequest("", said=said, status=413)

    assert fewer(too_large, 50) == 25
    assert fewer(too_large, 1) is None


@pytest.mark.parametrize(
    "said",
    [
        "`inputs` must have less than 512 tokens. Given: 600",
        "The input must have less than 512 tokens.",
        "the input length exceeds the context length",
        "the request exceeds the available context size",
        "larger than the context window",
        "input is too large to process",
        "input (600 tokens) is too large to process. increase the physical batch size",
    ],
)
def test_a_text_too_long_is_too_long_in_a_smaller_batch_too(said: str) -> None:
    assert fewer(BadRequest("", said=said, status=413), 50) is None
    assert fewer(BadRequest("", said=said.upper(), status=413), 50) is None
