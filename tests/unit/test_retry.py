from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.retry import (
    Budget,
    RetryPolicy,
    asked_wait,
    said_wait,
    should_retry,
)

_NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "middle"),
    [(1, 5.0), (2, 10.0), (3, 20.0), (4, 40.0), (5, 60.0), (9, 60.0)],
)
def test_each_backoff_is_twice_the_last_up_to_a_minute(attempt: int, middle: float) -> None:
    waits = [RetryPolicy(10, 5.0, 120.0).wait(attempt, None) for _ in range(200)]

    spread = [wait / middle for wait in waits if wait is not None]
    assert len(spread) == 200
    assert 0.75 <= min(spread) < 0.9
    assert 1.1 < max(spread) <= 1.25
    assert len(set(waits)) > 100


def test_backoffs_reach_a_minute_however_short_the_first_is() -> None:
    wait = RetryPolicy(100, 1e-6, 120.0).wait(40, None)

    assert wait is not None
    assert wait >= 45


@given(
    attempts=st.integers(0, 10**6),
    attempt=st.integers(1, 10**6),
    base=st.floats(0, 1e6),
)
def test_a_backoff_is_never_longer_than_its_spread_over_a_minute(
    attempts: int, attempt: int, base: float
) -> None:
    wait = RetryPolicy(attempts, base, 120.0).wait(attempt, None)

    assert (wait is None) is (attempt >= attempts)
    assert wait is None or 0 <= wait <= 75


@pytest.mark.parametrize(
    ("attempts", "waits"),
    [
        pytest.param(0, [False], id="none counts as one"),
        pytest.param(1, [False], id="one is sent once"),
        pytest.param(3, [True, True, False], id="three"),
    ],
)
def test_attempts_are_counted_in_all(attempts: int, waits: list[bool]) -> None:
    policy = RetryPolicy(attempts, 5.0, 120.0)

    assert [policy.wait(attempt + 1, None) is not None for attempt in range(len(waits))] == waits
    assert [policy.wait(attempt + 1, 1.0) is not None for attempt in range(len(waits))] == waits


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(0.25, 0.25, id="less than any backoff"),
        pytest.param(120.0, 120.0, id="the longest"),
        pytest.param(120.1, None, id="longer: give up at once"),
        pytest.param(math.inf, None, id="for ever"),
    ],
)
def test_a_service_that_asks_is_waited_for_as_long_as_it_says(
    asked: float, expected: float | None
) -> None:
    assert RetryPolicy(10, 5.0, 120.0).wait(1, asked) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"retry-after": "3"}, 3.0, id="seconds"),
        pytest.param({"retry-after": "0.5"}, 0.5, id="a fraction of one"),
        pytest.param({"retry-after": " 3 "}, 3.0, id="with spaces"),
        pytest.param({"retry-after-ms": "250"}, 0.25, id="milliseconds"),
        pytest.param({"retry-after-ms": "250", "retry-after": "9"}, 0.25, id="they win"),
        pytest.param({"retry-after-ms": "x", "retry-after": "9"}, 9.0, id="unless unreadable"),
        pytest.param({"retry-after-ms": "0", "retry-after": "9"}, 9.0, id="or nothing"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:07 GMT"}, 7.0, id="a date"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 13:00:07 +0100"}, 7.0, id="a zone"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:07 -0000"}, 7.0, id="no zone"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 11:59:59 GMT"}, None, id="a date gone by"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:00 GMT"}, None, id="this moment"),
        pytest.param(
            {"retry-after": "Tue, 23 Nov 2027 12:00:00 GMT"}, 365 * 86_400.0, id="in a year"
        ),
        pytest.param({"retry-after": "Mon, 99 Nov 2026 12:00:07 GMT"}, None, id="no date"),
        pytest.param({"retry-after": f"Mon, 23 Nov {9**99} 12:00:07 GMT"}, None, id="no year"),
        pytest.param({"retry-after": "0"}, None, id="zero"),
        pytest.param({"retry-after": "-5"}, None, id="negative"),
        pytest.param({"retry-after": "nan"}, None, id="NaN"),
        pytest.param({"retry-after": "soon"}, None, id="words"),
        pytest.param({"retry-after": ""}, None, id="empty"),
        pytest.param({"retry-after": "inf"}, math.inf, id="for ever"),
    ],
)
def test_what_a_response_asks_to_wait_is_read_in_every_form(
    headers: dict[str, str], expected: float | None
) -> None:
    assert asked_wait(headers, _NOW) == expected


@given(st.text(max_size=30))
def test_no_header_is_too_odd_to_be_read(value: str) -> None:
    wait = asked_wait({"retry-after": value}, _NOW)

    assert wait is None or wait > 0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x-should-retry": "true"}, True),
        ({"x-should-retry": " False "}, False),
        ({"x-should-retry": "perhaps"}, None),
    ],
)
def test_a_service_may_say_itself_whether_to_retry(
    headers: dict[str, str], *, expected: bool | None
) -> None:
    assert should_retry(headers) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # ogkalu2/comic-translate#403
        pytest.param("limit: 20\nPlease retry in 58.821668433s.", 58.821668433, id="Gemini"),
        pytest.param("(TPD): Limit 100000. Please try again in 14m24.5s.", 864.5, id="Groq"),
        pytest.param("Please try again in 1h2m3s. Visit", 3723.0, id="OpenAI"),
        pytest.param("Please retry your request after 20s", 20.0, id="OpenAI, in other words"),
        pytest.param("Please retry after 86400 seconds.", 86_400.0, id="Azure"),
        pytest.param("Please wait 41234 seconds before", 41_234.0, id="GitHub Models"),
        pytest.param("for selected model, Try again in 60 seconds.", 60.0, id="LiteLLM"),
        pytest.param("Try again in 2 days", 172_800.0, id="days"),
        pytest.param("Try again in 1 day", 86_400.0, id="a day"),
        pytest.param("retry in 1 minute", 60.0, id="a minute"),
        pytest.param("retry in 2 mins", 120.0, id="minutes for short"),
        pytest.param("retry in 1 min 30 s", 90.0, id="a minute and more"),
        pytest.param("wait for 1 hour", 3600.0, id="an hour"),
        pytest.param("wait for 2 hours", 7200.0, id="hours"),
        pytest.param("wait for 2 hrs", 7200.0, id="hours for short"),
        pytest.param("retry after 12.123456789012345 seconds", 12.123456789, id="Python's floats"),
        pytest.param("retry in 90000ms", 90.0, id="milliseconds for short"),
        pytest.param("retry after 1790000000 s", None, id="a time of day"),
        pytest.param("retry in 90000 milliseconds", 90.0, id="milliseconds"),
        pytest.param("retry in 10s", 10.0, id="the shortest that counts"),
        pytest.param("Please try again in 9.9s.", None, id="what a backoff waits anyway"),
        pytest.param("Please try again in 120ms.", None, id="less than a second"),
        pytest.param("Please try again later.", None, id="no figure"),
        pytest.param("try again in 15 secs (or 1 min)", 15.0, id="seconds for short"),
        pytest.param("Retry after 30 attempts", None, id="no time"),
        pytest.param("the gateway will retry 3 more times", None, id="no minutes"),
        pytest.param("retry 2 different regions", None, id="no days"),
        pytest.param("try again in 2 months", None, id="nor that long"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_wait_is_read_in_words_too(said: str, expected: float | None) -> None:
    assert said_wait(said) == pytest.approx(expected)


def test_a_budget_is_spent_by_repetitions_and_earned_by_successes() -> None:
    budget = Budget(2)

    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]

    budget.earn()

    assert [budget.spend(), budget.spend()] == [True, False]


def test_a_budget_is_never_more_than_it_was() -> None:
    budget = Budget(2)
    budget.earn()

    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]


def test_a_budget_is_two_hundred_by_default() -> None:
    budget = Budget()

    assert sum(budget.spend() for _ in range(300)) == 200
