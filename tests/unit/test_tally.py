from __future__ import annotations

import pytest
from axio.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.tally import Tally
from axio_transport_openai.usage import read_usage


def _report(input: object, output: object, **more: object) -> dict[str, object]:
    return {"prompt_tokens": input, "completion_tokens": output, **more}


_READ_AND_WRITTEN = {"cached_tokens": 4, "cache_write_tokens": 2}
_TIMED = {"prompt_n": 4, "predicted_n": 7, "cache_n": 9}


@pytest.mark.parametrize(
    ("reports", "expected", "counts"),
    [
        pytest.param([], None, None, id="none"),
        pytest.param([None, {}, "x"], None, None, id="what is none"),
        pytest.param([_report(11, 0)], Usage(11, 0), 0, id="the first"),
        pytest.param([_report(0, 0)], Usage(0, 0), 0, id="nothing but zeros"),
        pytest.param([_report(1, 1), _report(11, 7)], Usage(11, 7), 1, id="the last"),
        pytest.param(
            [_report(11, 1, **_READ_AND_WRITTEN), _report(0, 7, reasoning_tokens=3)],
            Usage(11, 7, cache_read_tokens=4, cache_write_tokens=2, reasoning_tokens=3),
            1,
            id="the prompt first, the rest later",
        ),
        pytest.param(
            [_report(11, 7, reasoning_tokens=3), _report(12, 0)],
            Usage(12, 7, reasoning_tokens=3),
            1,
            id="the prompt again",
        ),
        pytest.param([_report(11, 7), _report(0, 0)], Usage(11, 7), 0, id="zeros at the end"),
        pytest.param([_report(11, 7), {}], Usage(11, 7), 0, id="nothing at the end"),
        pytest.param(
            [_report(11, 7, reasoning_tokens=3), _report(12, 8)], Usage(12, 8), 1, id="no slices"
        ),
        pytest.param([_report(11, 7), _report("12", 8.0)], Usage(12, 8), 1, id="other numbers"),
        pytest.param([_report([], 8), _report(0, 9)], Usage(0, 9), 1, id="what is no number"),
    ],
)
def test_the_last_report_counts_for_what_it_tells(
    reports: list[object], expected: Usage | None, counts: int | None
) -> None:
    tally = Tally()
    for report in reports:
        tally.count(report)

    assert tally.usage == expected
    assert tally.reported == (None if counts is None else reports[counts])


_number = st.sampled_from([0, 1, 7, 12, -1, 2.0, "3", None, True])
_reports = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens"]),
        _number,
    ),
)
_timings = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(["prompt_n", "predicted_n", "cache_n"]), _number)
)


@given(st.lists(st.tuples(_reports, _timings)))
def test_whoever_asks_in_between_changes_nothing(
    chunks: list[tuple[dict[str, object] | None, dict[str, object] | None]],
) -> None:
    asked, left = Tally(), Tally()
    for report, timings in chunks:
        for tally in (asked, left):
            tally.count(report)
            tally.time(timings)
        assert asked.usage is asked.usage

    assert asked.usage == left.usage
    assert asked.reported is left.reported


@pytest.mark.parametrize(
    ("timings", "expected"),
    [
        pytest.param([_TIMED], Usage(13, 7, cache_read_tokens=9), id="once"),
        pytest.param([{**_TIMED, "predicted_n": 1}, _TIMED], Usage(13, 7, cache_read_tokens=9)),
        pytest.param([_TIMED, None], Usage(13, 7, cache_read_tokens=9), id="and nothing"),
        pytest.param(
            [_TIMED, {"prompt_n": 4}], Usage(13, 7, cache_read_tokens=9), id="and those of a prompt"
        ),
        pytest.param(["x"], None, id="none"),
    ],
)
def test_timings_count_where_nothing_is_reported(
    timings: list[object], expected: Usage | None
) -> None:
    tally = Tally()
    for timed in timings:
        tally.time(timed)

    assert tally.usage == expected


def test_timings_give_way_to_a_report_and_complete_it() -> None:
    tally = Tally()
    tally.time(_TIMED)
    tally.count(_report(0, 8))
    tally.time({**_TIMED, "predicted_n": 1})

    assert tally.usage == Usage(13, 8, cache_read_tokens=9)


def test_a_full_report_takes_the_place_of_timings() -> None:
    tally = Tally()
    tally.time(_TIMED)
    tally.count(_report(11, 8))

    assert tally.usage == read_usage(_report(11, 8))
