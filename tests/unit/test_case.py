"""A case of the corpus: what is observed, and how it differs from what is expected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from axio.events import (
    IterationEnd,
    ReasoningDelta,
    Refusal,
    TextDelta,
    ToolInputDelta,
    ToolUseStart,
)
from axio.types import StopReason, Usage

from axio_transport_openai.errors import Interrupted, ProtocolError
from axio_transport_openai.testing.corpus import Case, Outcome, observed

if TYPE_CHECKING:
    from axio.events import StreamEvent

_ANSWERED = Outcome(
    "Hello", "plan", (("f", '{"x":1}'),), "tool_use", "stop", Usage(10, 5), "I can't."
)
_FAILED = Outcome("Hel", stop="", error="APIError", words="sorry", usage=Usage(10, 1))
_RAISED = replace(_FAILED, error="ProtocolError APIError Exception", words="so sorry!")


def _case(expected: Outcome) -> Case:
    return Case("a case", 1, b"", expected)


def test_events_are_observed_as_an_outcome() -> None:
    events: list[StreamEvent] = [
        ReasoningDelta(0, "pl"),
        ReasoningDelta(0, "an"),
        TextDelta(0, "Hel"),
        ToolUseStart(0, "a", "f"),
        ToolUseStart(1, "b", "g"),
        ToolInputDelta(1, "b", "{}"),
        ToolInputDelta(0, "a", '{"x"'),
        ToolInputDelta(0, "a", ":1}"),
        TextDelta(0, "lo"),
        Refusal(0, "no"),
        IterationEnd(0, StopReason.tool_use, Usage(10, 5), "stop"),
    ]

    assert observed(events) == Outcome(
        "Hello",
        "plan",
        (("f", '{"x":1}'), ("g", "{}")),
        "tool_use",
        "stop",
        Usage(10, 5),
        "no",
    )


def test_an_error_is_observed_with_its_bases_and_its_usage() -> None:
    seen = observed([TextDelta(0, "Hel")], Interrupted("cut off", usage=Usage(10, 1)))

    assert (seen.text, seen.stop, seen.usage, seen.words) == ("Hel", "", Usage(10, 1), "cut off")
    assert {"Interrupted", "APIError", "StreamError"} <= set(seen.error.split())


def test_an_error_without_usage_counted_nothing() -> None:
    assert observed([], ProtocolError("x")).usage == observed([], ValueError()).usage == Usage(0, 0)


def test_a_second_end_is_seen() -> None:
    end = IterationEnd(0, StopReason.end_turn, Usage(0, 0))

    assert observed([end, end]).stop == "end_turn and end_turn"


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        pytest.param(_ANSWERED, _ANSWERED, id="an answer"),
        pytest.param(_FAILED, _RAISED, id="an error, by a base of its class"),
        pytest.param(
            replace(_ANSWERED, raw=""),
            replace(_ANSWERED, raw="anything"),
            id="a word not asked for",
        ),
        pytest.param(
            _ANSWERED, replace(_ANSWERED, calls=(("f", ' {"x" : 1}\n'),)), id="arguments as JSON"
        ),
        pytest.param(
            replace(_ANSWERED, calls=(("f", "{}"),)),
            replace(_ANSWERED, calls=(("f", ""),)),
            id="no arguments",
        ),
        pytest.param(
            _FAILED, replace(_RAISED, calls=(("f", "{"),)), id="the calls of an answer that failed"
        ),
    ],
)
def test_what_was_expected_has_no_differences(expected: Outcome, seen: Outcome) -> None:
    assert _case(expected).differences(seen) == []


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        (_ANSWERED, replace(_ANSWERED, text="Hell"), "text is 'Hell', not 'Hello'"),
        (_ANSWERED, replace(_ANSWERED, reasoning=""), "reasoning is '', not 'plan'"),
        (_ANSWERED, replace(_ANSWERED, stop="end_turn"), "stop is 'end_turn', not 'tool_use'"),
        (_ANSWERED, replace(_ANSWERED, raw="eos"), "raw is 'eos', not 'stop'"),
        (_ANSWERED, replace(_ANSWERED, refusal=""), "refusal is '', not \"I can't.\""),
        (_ANSWERED, replace(_ANSWERED, calls=()), "calls is [], not [('f', {'x': 1})]"),
        (
            _ANSWERED,
            replace(_ANSWERED, calls=(("f", "{"),)),
            "calls is [('f', 'no JSON: {')], not [('f', {'x': 1})]",
        ),
        (
            _ANSWERED,
            replace(_ANSWERED, error="ProtocolError APIError", words="what?"),
            "it raised ProtocolError: what?",
        ),
        (
            replace(_FAILED, error="ProviderError"),
            _RAISED,
            "it raised ProtocolError, not ProviderError: so sorry!",
        ),
        (
            replace(_FAILED, words="more"),
            _RAISED,
            "the error does not say 'more' but 'so sorry!'",
        ),
        (_FAILED, replace(_FAILED, error="", words=""), "it raised nothing, not APIError: "),
    ],
)
def test_a_difference_is_told(expected: Outcome, seen: Outcome, told: str) -> None:
    assert _case(expected).differences(seen) == [told]


def test_a_difference_in_usage_is_told() -> None:
    (told,) = _case(_ANSWERED).differences(replace(_ANSWERED, usage=Usage(1, 2)))

    assert told.startswith("usage is ")


def test_a_case_says_who_was_seen_to_do_so() -> None:
    assert "openai-python#498" in _case(_ANSWERED).seen
