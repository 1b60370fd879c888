"""What the user asks, as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect
from axio_transport_openai.errors import NotSent
from axio_transport_openai.options import Options, described, effort_from, efforts, parameters

if TYPE_CHECKING:
    from tests.rules import Json

QUIET = Dialect(stream_options=False)


def asked(dialect: Dialect = QUIET, *, tools: bool = True, **options: Json) -> dict[str, Any]:
    found = parameters(Options(**options), dialect, tools=tools)
    assert found.pop("stream") is True
    return found


@pytest.mark.parametrize(
    ("dialect", "options", "expected"),
    [
        pytest.param(QUIET, {}, {}, id="nothing"),
        pytest.param(
            COMPATIBLE, {}, {"stream_options": {"include_usage": True}}, id="the usage, always"
        ),
        pytest.param(QUIET, {"temperature": 0}, {"temperature": 0}, id="a temperature of zero"),
        pytest.param(
            QUIET,
            {"extra_params": {"top_p": 0.5, "seed": None}},
            {"top_p": 0.5},
            id="more, no null",
        ),
        pytest.param(
            COMPATIBLE, {"extra_params": {"stream_options": None}}, {}, id="None takes away"
        ),
        pytest.param(
            QUIET,
            {"temperature": 1, "extra_params": {"temperature": 0.5}},
            {"temperature": 0.5},
            id="extra parameters win",
        ),
        pytest.param(QUIET, {"extra_params": {"tools": []}}, {}, id="tools come beside it"),
        pytest.param(
            Dialect(stream_options=False, dropped=("temperature",)),
            {"temperature": 1},
            {},
            id="a parameter that is refused",
        ),
    ],
)
def test_what_was_asked_is_what_is_sent(
    dialect: Dialect, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert asked(dialect, **options) == expected


@pytest.mark.parametrize("parameter", ["messages", "model", "stream"])
def test_what_is_ours_to_say_cannot_be_overruled(parameter: str) -> None:
    with pytest.raises(NotSent, match=parameter):
        asked(extra_params={parameter: "x"})


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        pytest.param({}, {"max_output_tokens": 9}, {"max_tokens": 9}, id="the old name"),
        pytest.param(
            {"limit_field": "max_completion_tokens"},
            {"max_output_tokens": 9},
            {"max_completion_tokens": 9},
            id="the new name",
        ),
        pytest.param(
            {"limit_field": "max_completion_tokens"},
            {"extra_params": {"max_tokens": 9}},
            {"max_completion_tokens": 9},
            id="an extra parameter by the other name",
        ),
        pytest.param(
            {},
            {"extra_params": {"max_tokens": 9, "max_completion_tokens": None}},
            {"max_tokens": 9},
            id="the new name taken away",
        ),
        pytest.param({"limit_cap": 5}, {"max_output_tokens": 9}, {"max_tokens": 5}, id="too many"),
        pytest.param({"limit_cap": 5}, {}, {}, id="a bound asks for nothing"),
        pytest.param({"limit_default": 7}, {}, {"max_tokens": 7}, id="a default"),
        pytest.param(
            {"limit_default": 7}, {"max_output_tokens": 9}, {"max_tokens": 9}, id="no default"
        ),
        pytest.param(
            {"limit_default": 7}, {"extra_params": {"max_tokens": None}}, {}, id="taken away"
        ),
    ],
)
def test_the_limit_goes_by_the_name_the_dialect_knows(
    changes: dict[str, Any], options: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert asked(QUIET.with_changes(changes), **options) == expected


@pytest.mark.parametrize(
    ("changes", "effort", "expected"),
    [
        pytest.param({}, "high", {"reasoning_effort": "high"}, id="a word"),
        pytest.param({"effort": "reasoning"}, "low", {"reasoning": {"effort": "low"}}, id="object"),
        pytest.param(
            {"effort": "reasoning"}, "2048", {"reasoning": {"max_tokens": 2048}}, id="tokens"
        ),
        pytest.param(
            {"effort": "thinking"}, "high", {"thinking": {"type": "enabled"}}, id="a switch, on"
        ),
        pytest.param(
            {"effort": "thinking"}, "none", {"thinking": {"type": "disabled"}}, id="a switch, off"
        ),
        pytest.param(
            {"effort": "thinking"},
            "2048",
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            id="a switch with tokens",
        ),
        pytest.param(
            {"effort": "thinking", "efforts": ["high", "max"]},
            "low",
            {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
            id="a switch with a word",
        ),
        pytest.param(
            {"effort": "thinking", "efforts": ["high", "max"]},
            "none",
            {"thinking": {"type": "disabled"}},
            id="a switch off needs no word",
        ),
        pytest.param(
            {"effort": "thinking", "efforts": ["high", "max"]},
            "2048",
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            id="nor does one with tokens",
        ),
        pytest.param(
            {"effort": "enable_thinking", "efforts": ["high", "max"]},
            "high",
            {"enable_thinking": True},
            id="nor does a truth",
        ),
        pytest.param(
            {"effort": "enable_thinking"}, "high", {"enable_thinking": True}, id="a truth"
        ),
        pytest.param(
            {"effort": "enable_thinking"},
            "512",
            {"enable_thinking": True, "thinking_budget": 512},
            id="a truth with tokens",
        ),
        pytest.param(
            {"effort": "chat_template_kwargs"},
            "off",
            {"chat_template_kwargs": {"enable_thinking": False}},
            id="for the template",
        ),
        pytest.param({}, "off", {"reasoning_effort": "none"}, id="off"),
        pytest.param(
            {"effort": "reasoning"}, "0", {"reasoning": {"effort": "none"}}, id="no tokens"
        ),
        pytest.param(
            {"efforts": ["minimal", "high"]},
            "False",
            {"reasoning_effort": "minimal"},
            id="the least",
        ),
        pytest.param({"effort": ""}, "high", {}, id="no way to ask"),
        pytest.param(
            {"efforts": ["low", "medium"]}, "max", {"reasoning_effort": "medium"}, id="the nearest"
        ),
        pytest.param(
            {"efforts": ["low", "high"]}, "medium", {"reasoning_effort": "high"}, id="the greater"
        ),
        pytest.param(
            {"efforts": ["none", "default"]}, "high", {"reasoning_effort": "default"}, id="some"
        ),
        pytest.param(
            {"efforts": ["none", "default"]}, "none", {"reasoning_effort": "none"}, id="none of it"
        ),
        pytest.param({"efforts": ["low"]}, "hard", {"reasoning_effort": "hard"}, id="a new word"),
    ],
)
def test_the_effort_has_the_form_the_dialect_knows(
    changes: dict[str, Any], effort: str, expected: dict[str, Any]
) -> None:
    dialect = QUIET.with_changes(changes)

    assert asked(dialect, reasoning_effort=effort) == expected
    assert asked(dialect, extra_params={"reasoning_effort": effort}) == expected


@pytest.mark.parametrize(
    ("form", "effort", "expected"),
    [
        pytest.param("reasoning", 2048, {"reasoning": {"max_tokens": 2048}}, id="tokens"),
        pytest.param("reasoning_effort", 2048, {"reasoning_effort": 2048}, id="tokens as they are"),
        pytest.param("thinking", 0, {"thinking": {"type": "disabled"}}, id="no tokens"),
        pytest.param("thinking", {"a": 1}, {"reasoning_effort": {"a": 1}}, id="another form"),
        pytest.param("thinking", None, {}, id="none asked for"),
    ],
)
def test_an_effort_that_is_no_word_is_not_lost(
    form: str, effort: object, expected: dict[str, Any]
) -> None:
    dialect = QUIET.with_changes({"effort": form})

    assert asked(dialect, extra_params={"reasoning_effort": effort}) == expected


def test_what_a_template_is_told_further_is_told_beside_the_effort() -> None:
    dialect = QUIET.with_changes({"effort": "chat_template_kwargs"})
    further: dict[str, Any] = {"chat_template_kwargs": {"custom": 1}}
    both = asked(dialect, reasoning_effort="none", extra_params=further)

    assert both == {"chat_template_kwargs": {"enable_thinking": False, "custom": 1}}
    assert asked(dialect, extra_params=further) == further


@pytest.mark.parametrize(
    ("changes", "choice", "expected"),
    [
        pytest.param({}, "required", "required", id="taken"),
        pytest.param({"forced_tools": False}, "required", "auto", id="not taken"),
        pytest.param({"forced_tools": False}, {"type": "function"}, "auto", id="not even one"),
        pytest.param({"forced_tools": False}, "none", "none", id="none is not forced"),
    ],
)
def test_tools_are_forced_only_where_they_may_be(
    changes: dict[str, Any], choice: object, expected: object
) -> None:
    extra = {"tool_choice": choice}

    assert asked(QUIET.with_changes(changes), extra_params=extra) == {"tool_choice": expected}


def test_without_tools_nothing_is_said_of_them() -> None:
    extra = {"tool_choice": "auto", "parallel_tool_calls": False}

    assert asked(tools=False, extra_params=extra) == {}


@pytest.mark.parametrize(
    ("words", "dialect", "expected"),
    [
        pytest.param(" High ", OPENAI, "high", id="a word"),
        pytest.param("default", OPENAI, None, id="the service's own"),
        pytest.param("", OPENAI, None, id="nothing"),
        pytest.param("off", OPENAI, "none", id="another word for none"),
        pytest.param("2048", Dialect(effort="reasoning"), "2048", id="tokens"),
        pytest.param("on", Dialect(effort="enable_thinking"), "on", id="a switch"),
        pytest.param("max", Dialect(efforts=("high", "max")), "max", id="one it knows"),
        pytest.param(
            "off", Dialect(effort="thinking", efforts=("high", "max")), "none", id="not at all"
        ),
    ],
)
def test_a_users_words_name_an_effort(words: str, dialect: Dialect, expected: str | None) -> None:
    assert effort_from(words, dialect) == expected


@pytest.mark.parametrize(
    ("words", "dialect", "told"),
    [
        pytest.param("2048", OPENAI, "Choose default, none, minimal", id="tokens it cannot count"),
        pytest.param("hard", Dialect(effort="thinking"), "none, on or a number", id="a new word"),
        pytest.param("high", Dialect(effort=""), "^This service cannot", id="no way to ask"),
        pytest.param("off", Dialect(efforts=("low",)), "'off'. Choose default, low", id="no off"),
    ],
)
def test_words_that_name_none_are_told_what_there_is(
    words: str, dialect: Dialect, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        effort_from(words, dialect)


def test_the_effort_is_described() -> None:
    low = Dialect(efforts=("low", "high"))

    assert described("low", low) == "Reasoning effort: low. Choose default, low, high."
    assert described(None, low) == "Reasoning effort: default. Choose default, low, high."
    assert described(None, Dialect(effort="")) == "This service cannot be told how hard to think."


def test_every_effort_can_be_asked_for_by_its_word() -> None:
    for dialect in (OPENAI, Dialect(effort="reasoning"), Dialect(effort="enable_thinking")):
        assert [effort_from(word, dialect) for word in efforts(dialect)] == list(efforts(dialect))
