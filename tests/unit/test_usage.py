from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import pytest
from axio.models import ModelSpec
from axio.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.usage import PricedUsage, priced, read_timings, read_usage


def _usage(
    input: int, output: int, *, read: int = 0, written: int = 0, reasoning: int = 0
) -> Usage:
    return Usage(
        input,
        output,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            _usage(11, 7),
            id="OpenAI",
        ),
        pytest.param(
            {
                "prompt_tokens": 11,
                "completion_tokens": 7,
                "total_tokens": 18,
                "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            _usage(11, 7, read=4, reasoning=3),
            id="OpenAI, in detail",
        ),
        pytest.param(
            {"input_tokens": 11, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 4}},
            _usage(11, 7, read=4),
            id="the names of another endpoint",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "prompt_cache_hit_tokens": 4}
            | {"prompt_cache_miss_tokens": 7},
            _usage(11, 7, read=4),
            id="DeepSeek",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "cached_tokens": 4},
            _usage(11, 7, read=4),
            id="Moonshot",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "num_cached_tokens": 4}
            | {"prompt_token_details": {"cached_tokens": 0}},
            _usage(11, 7, read=4),
            id="Mistral",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"prompt_token_details": {"cached_tokens": 4, "cache_creation_tokens": 2}}
            | {"output_tokens_details": {"reasoning_tokens": 3}},
            _usage(11, 7, read=4, written=2, reasoning=3),
            id="other names of the details and of what was written",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"prompt_tokens_details": {"cached_tokens": 4, "cache_creation_input_tokens": 2}},
            _usage(11, 7, read=4, written=2),
            id="Alibaba",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            | {"cache_read_input_tokens": 4, "cache_creation_input_tokens": 2},
            _usage(11, 7, read=4, written=2),
            id="Anthropic behind a gateway, inside",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 24}
            | {"cache_read_input_tokens": 4, "cache_creation_input_tokens": 2},
            _usage(17, 7, read=4, written=2),
            id="Anthropic behind a gateway, outside by the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 30}
            | {"completion_tokens_details": {"reasoning_tokens": 12}},
            _usage(11, 19, reasoning=12),
            id="xAI: reasoning outside by the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            | {"completion_tokens_details": {"reasoning_tokens": 7}},
            _usage(11, 7, reasoning=7),
            id="reasoning inside by the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"completion_tokens_details": {"reasoning_tokens": 12}},
            _usage(11, 19, reasoning=12),
            id="reasoning outside, for it is more",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"completion_tokens_details": {"reasoning_tokens": 7}},
            _usage(11, 7, reasoning=7),
            id="reasoning that is all of it is inside",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            | {"completion_tokens_details": {"reasoning_tokens": 12}},
            _usage(11, 7, reasoning=7),
            id="Baseten: more reasoning than there was",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "reasoning_tokens": 3},
            _usage(11, 7, reasoning=3),
            id="reasoning beside the counts",
        ),
        pytest.param(
            {"prompt_tokens": 33, "completion_tokens": 7163, "total_tokens": 7196}
            | {"citation_tokens": 20016, "num_search_queries": 18, "reasoning_tokens": 73997},
            _usage(33, 81160, reasoning=73997),
            id="Perplexity: more reasoning beside the counts than in the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"prompt_tokens_details": {"cached_tokens": 40}},
            _usage(51, 7, read=40),
            id="xAI: more from the cache than in the prompt is beside it",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"cache_read_input_tokens": 8, "cache_creation_input_tokens": 8},
            _usage(27, 7, read=8, written=8),
            id="more read and written than in the prompt is beside it",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7}
            | {"cache_read_input_tokens": 8, "cache_creation_input_tokens": 3},
            _usage(11, 7, read=8, written=3),
            id="as much read and written as in the prompt is all of it",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
            | {"cache_read_input_tokens": 8, "cache_creation_input_tokens": 8},
            _usage(10, 7, read=8, written=2),
            id="but not where the total says otherwise",
        ),
        pytest.param(
            {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623},
            _usage(20, 603, reasoning=405),
            id="Gemini: thoughts in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 34}
            | {"cache_read_input_tokens": 4, "cache_creation_input_tokens": 2}
            | {"completion_tokens_details": {"reasoning_tokens": 10}},
            _usage(17, 17, read=4, written=2, reasoning=10),
            id="all slices outside by the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 24}
            | {"cache_read_input_tokens": 4, "cache_creation_input_tokens": 2}
            | {"completion_tokens_details": {"reasoning_tokens": 3}},
            _usage(17, 7, read=4, written=2, reasoning=3),
            id="outside by the total, beside reasoning inside",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 30}
            | {"completion_tokens_details": {"reasoning_tokens": 3}},
            _usage(11, 7, reasoning=3),
            id="a total that is no sum of these",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 30}
            | {"prompt_tokens_details": {"cached_tokens": 4}},
            _usage(11, 19, read=4, reasoning=12),
            id="thoughts in the total only, beside what was cached",
        ),
        pytest.param(
            {"prompt_tokens": 4, "completion_tokens": 635, "total_tokens": 3264}
            | {"prompt_audio_seconds": 203},
            _usage(2629, 635),
            id="Mistral: sound in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 4, "completion_tokens": 635, "total_tokens": 664}
            | {"prompt_audio_seconds": 1},
            _usage(29, 635),
            id="Mistral: a second of it",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            | {"cached_tokens": 40, "cache_write_tokens": 2},
            _usage(11, 7, read=11),
            id="more from a cache than the total has room for",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 19},
            _usage(11, 8, reasoning=1),
            id="one token in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 30}
            | {"prompt_audio_seconds": None},
            _usage(11, 19, reasoning=12),
            id="no sound at all",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 1030}
            | {"cache_read_input_tokens": 1000, "cache_creation_input_tokens": 500},
            _usage(1010, 20, read=1000, written=10),
            id="only what was read outside by the total",
        ),
        pytest.param(
            {"prompt_tokens": 600, "completion_tokens": 20, "total_tokens": 1125}
            | {"cache_read_input_tokens": 400, "cache_creation_input_tokens": 500}
            | {"completion_tokens_details": {"reasoning_tokens": 5}},
            _usage(1100, 25, read=400, written=500, reasoning=5),
            id="what was written outside by the total, and reasoning",
        ),
        pytest.param(
            {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 10},
            _usage(10, 0),
            id="nothing but a total is the prompt",
        ),
        pytest.param(
            {"completion_tokens": 0, "total_tokens": 10},
            _usage(10, 0),
            id="also where the prompt is not named",
        ),
        pytest.param(
            {"prompt_tokens": 0, "completion_tokens": 7, "total_tokens": 18},
            _usage(11, 7),
            id="a prompt of nothing is the rest of the total",
        ),
        pytest.param(
            {"prompt_tokens": 11, "completion_tokens": 0, "total_tokens": 30},
            _usage(11, 19, reasoning=19),
            id="Gemini: nothing but thoughts",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 150}
            | {"completion_tokens_details": {"audio_tokens": 30, "text_tokens": 20}},
            _usage(100, 50),
            id="spoken output in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 150}
            | {"prompt_tokens_details": {"audio_tokens": 10, "image_tokens": 20}},
            _usage(130, 20),
            id="sound and pictures of the prompt in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 150}
            | {"prompt_tokens_details": {"audio_tokens": 40, "image_tokens": 30}},
            _usage(130, 20),
            id="pictures of the prompt in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 150}
            | {"prompt_tokens_details": {"audio_tokens": 10, "video_tokens": 30}},
            _usage(130, 20),
            id="video of the prompt in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 150}
            | {"completion_tokens_details": {"audio_tokens": 5}},
            _usage(100, 50, reasoning=30),
            id="thoughts in the total only, beside spoken output",
        ),
        pytest.param(
            {"prompt_tokens": 54, "completion_tokens": 13, "total_tokens": 97}
            | {"guardrails_tokens": 30},
            _usage(54, 13),
            id="Snowflake: what its guard has read in the total too",
        ),
        pytest.param(
            {"prompt_tokens": 54, "completion_tokens": 13, "total_tokens": 117}
            | {"guardrails_tokens": 30},
            _usage(54, 33, reasoning=20),
            id="thoughts in the total only, beside what a guard has read",
        ),
        pytest.param(
            {"completion_tokens": 5, "total_tokens": 15},
            _usage(10, 5),
            id="the prompt by the total",
        ),
        pytest.param(
            {"prompt_tokens": None, "input_tokens": 11, "completion_tokens": 7},
            _usage(11, 7),
            id="a null beside another name",
        ),
        pytest.param(
            {"prompt_tokens": 0, "completion_tokens": 0, "input_tokens": 11, "output_tokens": 7},
            _usage(11, 7),
            id="a zero beside another name",
        ),
        pytest.param({"prompt_tokens": 11}, _usage(11, 0), id="only the prompt"),
        pytest.param({"completion_tokens": 7}, _usage(0, 7), id="only the completion"),
        pytest.param(
            {"prompt_tokens": 11, "total_tokens": 18}, _usage(11, 7), id="the rest by the total"
        ),
        pytest.param({"prompt_tokens": 11, "total_tokens": 4}, _usage(11, 0), id="a total too low"),
        pytest.param(
            {"prompt_tokens": "11", "completion_tokens": 7.0, "total_tokens": "18"},
            _usage(11, 7),
            id="strings and floats",
        ),
        pytest.param(
            {"prompt_tokens": None, "completion_tokens": "many"}, _usage(0, 0), id="no numbers"
        ),
        pytest.param(
            {"prompt_tokens": -1, "completion_tokens": True}, _usage(0, 0), id="no counts"
        ),
        pytest.param(
            {"prompt_tokens": math.inf, "completion_tokens": "9" * 5000}, _usage(0, 0), id="endless"
        ),
        pytest.param(
            {"prompt_tokens": 1, "completion_tokens": 2, "prompt_tokens_details": None}
            | {"completion_tokens_details": [1]},
            _usage(1, 2),
            id="details that are none",
        ),
        pytest.param({}, None, id="empty"),
        pytest.param({"total_tokens": 5}, None, id="only a total"),
        pytest.param(None, None, id="null"),
        pytest.param("11", None, id="a text"),
        pytest.param([1], None, id="a list"),
    ],
)
def test_every_service_s_counts_become_axio_s(reported: object, expected: Usage | None) -> None:
    assert read_usage(reported) == expected


_NAMES = (
    *("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"),
    *("cached_tokens", "num_cached_tokens", "prompt_cache_hit_tokens", "reasoning_tokens"),
    *("cache_creation_input_tokens", "cache_write_tokens", "cache_read_input_tokens"),
)
_number = st.one_of(
    st.integers(-5, 40), st.floats(), st.none(), st.sampled_from(["7", "x", "1e999", True])
)
_counts = st.dictionaries(st.sampled_from(_NAMES), _number)
_reports = st.builds(
    lambda counts, details: counts | details,
    _counts,
    st.dictionaries(
        st.sampled_from(["prompt_tokens_details", "completion_tokens_details"]),
        st.one_of(_counts, _number),
    ),
)


@given(_reports)
def test_no_report_breaks_axio_s_rule(reported: dict[str, object]) -> None:
    usage = read_usage(reported)

    if usage is not None:
        assert usage.uncached_input_tokens >= 0
        assert usage.answer_tokens >= 0


@pytest.mark.parametrize(
    ("timings", "expected"),
    [
        pytest.param(
            {"prompt_n": 4, "predicted_n": 7, "cache_n": 9, "predicted_ms": 1.5},
            _usage(13, 7, read=9),
            id="llama.cpp",
        ),
        pytest.param({"prompt_n": 4, "predicted_n": 7}, _usage(4, 7), id="without a cache"),
        pytest.param({"prompt_n": 4}, None, id="amid the prompt"),
        pytest.param({}, None, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_timings_stand_in_for_usage(timings: object, expected: Usage | None) -> None:
    assert read_timings(timings) == expected


_MODEL = ModelSpec(id="m", input_cost=2.0, output_cost=10.0)
_FREE = ModelSpec(id="m")
_SPENT = Usage(1_000_000, 100_000)


@pytest.mark.parametrize(
    ("reported", "model", "expected"),
    [
        pytest.param({"cost": 0.25}, _MODEL, 0.25, id="OpenRouter's word counts"),
        pytest.param({"cost": 0}, _MODEL, 0.0, id="nothing is a price"),
        pytest.param({"cost": "0.25"}, _FREE, 0.25, id="as text"),
        pytest.param({"cost": {"total_cost": 0.25}}, _FREE, 0.25, id="Perplexity"),
        pytest.param({"estimated_cost": 0.25}, _FREE, 0.25, id="DeepInfra"),
        pytest.param({"cost": None, "estimated_cost": 0.25}, _FREE, 0.25, id="the first there is"),
        pytest.param({"cost_in_usd_ticks": 2_500_000_000}, _FREE, 0.25, id="xAI's ticks"),
        pytest.param(
            {"cost": 0.05, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}},
            _MODEL,
            0.25,
            id="OpenRouter's fee, and what the user's own provider takes",
        ),
        pytest.param(
            {"cost": 0.25, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.25}},
            _MODEL,
            0.25,
            id="OpenRouter's word, and what it pays for it",
        ),
        pytest.param(
            {"cost": 0.25, "is_byok": True, "cost_details": {"upstream_inference_cost": None}},
            _MODEL,
            0.25,
            id="OpenRouter's fee, and nobody knows what else",
        ),
        pytest.param({"cost": 0.25, "is_byok": True}, _MODEL, 0.25, id="its fee alone"),
        pytest.param({"cost": -1}, _MODEL, 3.0, id="a negative one is none"),
        pytest.param({"cost": math.nan}, _MODEL, 3.0, id="NaN is none"),
        pytest.param({}, _MODEL, 3.0, id="else by the model's prices"),
        pytest.param(None, _MODEL, 3.0, id="nothing reported"),
        pytest.param({}, ModelSpec(id="m", output_cost=10.0), 1.0, id="only the output costs"),
        pytest.param({}, ModelSpec(id="m", input_cost=2.0), 2.0, id="only the input costs"),
    ],
)
def test_a_usage_has_its_cost_in_dollars(
    reported: object, model: ModelSpec, expected: float
) -> None:
    usage = priced(_SPENT, reported, model)

    assert isinstance(usage, PricedUsage)
    assert usage.cost == pytest.approx(expected)
    assert usage == _SPENT


def test_without_a_price_there_is_no_cost() -> None:
    assert priced(_SPENT, {}, _FREE) is _SPENT


def test_the_counts_of_a_priced_usage_are_those_that_were_priced() -> None:
    usage = _usage(11, 7, read=4, written=2, reasoning=3)

    assert dataclasses.asdict(priced(usage, {"cost": 1}, _FREE)) == {
        **dataclasses.asdict(usage),
        "cost": 1.0,
    }


def test_sums_keep_the_cost_of_what_was_priced() -> None:
    one = PricedUsage(1, 2, cost=0.5)
    plain = _usage(10, 20, read=3)

    for total in (one + plain, plain + one, sum([one, plain], Usage(0, 0))):
        assert isinstance(total, PricedUsage)
        assert total == _usage(11, 22, read=3)
        assert total.cost == 0.5
    assert (one + one).cost == 1.0


def test_a_priced_usage_equals_a_plain_one_of_the_same_counts() -> None:
    one, plain = PricedUsage(1, 2, cost=0.5), Usage(1, 2)

    assert one == plain
    assert plain == one
    assert hash(one) == hash(plain)
    assert one == PricedUsage(1, 2, cost=0.7)
    assert one != Usage(1, 3)
    assert one != (1, 2)


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(lambda usage: pickle.loads(pickle.dumps(usage)), id="pickled"),
        pytest.param(copy.copy, id="copied"),
        pytest.param(dataclasses.replace, id="replaced"),
    ],
)
def test_a_copy_of_a_priced_usage_costs_as_much(copied: object) -> None:
    assert callable(copied)
    usage = copied(PricedUsage(1, 2, cost=0.5))

    assert (usage, usage.cost) == (Usage(1, 2), 0.5)
