from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from axio_transport_openai.dialect import OPENAI, Dialect
from axio_transport_openai.setting import READERS, chosen, usable
from axio_transport_openai.transport import OpenAITransport

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUTS = ("connect_timeout", "first_event_timeout", "idle_timeout", "total_timeout")


def _read(name: str, value: object) -> object:
    return READERS[name](name, value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("max_retries", 3, 3, id="a count"),
        pytest.param("max_retries", "3", 3, id="a count as text"),
        pytest.param("max_retries", 3.0, 3, id="a count with a point"),
        pytest.param("max_retries", 0, 0, id="none"),
        pytest.param("retry_base_delay", "0.5", 0.5, id="seconds as text"),
        pytest.param("max_retry_wait", 2, 2.0, id="seconds"),
        *(pytest.param(name, "9", 9.0, id=name) for name in _TIMEOUTS),
        *(pytest.param(name, "", None, id=f"no {name}") for name in _TIMEOUTS),
        pytest.param("temperature", None, None, id="no temperature"),
        pytest.param("temperature", "0", 0.0, id="a temperature"),
        pytest.param("max_output_tokens", "100", 100, id="tokens"),
        pytest.param("max_output_tokens", "", None, id="no limit"),
        pytest.param("max_output_tokens", None, None, id="no limit either"),
        pytest.param("dimensions", 8, 8, id="dimensions"),
        pytest.param("reasoning_effort", " high ", "high", id="a word"),
        pytest.param("reasoning_effort", "  ", None, id="a word of spaces"),
        pytest.param("reasoning_effort", None, None, id="no word"),
        pytest.param("debug", "Yes", True, id="yes"),
        pytest.param("debug", True, True, id="true"),
        pytest.param("debug", 1, True, id="one"),
        pytest.param("debug", "on", True, id="on"),
        pytest.param("debug", "0", False, id="zero"),
        pytest.param("debug", " OFF ", False, id="off"),
        pytest.param("debug", "", False, id="an empty variable"),
        pytest.param("extra_params", {"top_p": 0.5}, {"top_p": 0.5}, id="parameters"),
        pytest.param("extra_params", '{"top_p": 0.5}', {"top_p": 0.5}, id="parameters as JSON"),
        pytest.param("extra_params", "", {}, id="no parameters"),
        pytest.param("extra_params", {1: 2}, {"1": 2}, id="names are strings"),
        pytest.param("extra_headers", {"a": 1}, {"a": "1"}, id="headers are strings"),
        pytest.param("extra_query", '{"a": true}', {"a": "true"}, id="a query too"),
        pytest.param("dialect", None, None, id="no dialect"),
        pytest.param("dialect", OPENAI, OPENAI, id="a dialect"),
        pytest.param("dialect", OPENAI.to_dict(), OPENAI, id="a dialect as it is saved"),
        pytest.param("dialect", json.dumps(OPENAI.to_dict()), OPENAI, id="a dialect as JSON"),
        pytest.param("learnt", {"m": OPENAI.to_dict()}, {"m": OPENAI}, id="dialects"),
        pytest.param(
            "learnt", {"m": OPENAI, "n": OPENAI.to_dict()}, {"m": OPENAI, "n": OPENAI}, id="both"
        ),
        pytest.param("learnt", {"m": None}, {}, id="no dialects"),
    ],
)
def test_settings_are_read_as_people_give_them(name: str, value: object, expected: object) -> None:
    found = _read(name, value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        pytest.param("max_retries", "many", "a number, at least 0, not 'many'", id="words"),
        pytest.param("max_retries", -1, "at least 0, not -1", id="negative"),
        pytest.param("max_retries", 1.5, "a whole number, not 1.5", id="a fraction"),
        pytest.param("max_retries", True, "a number, at least 0, not True", id="a truth"),
        pytest.param("max_retries", None, "not None", id="nothing"),
        pytest.param("max_retries", "1e999", "not '1e999'", id="endless"),
        pytest.param("max_retries", 10**400, "a number", id="beyond all numbers"),
        pytest.param("retry_base_delay", math.nan, "not nan", id="NaN"),
        pytest.param("retry_base_delay", math.inf, "not inf", id="infinite"),
        pytest.param("retry_base_delay", "", "not ''", id="empty"),
        pytest.param("retry_base_delay", [1], r"not \[1\]", id="a list"),
        pytest.param("max_output_tokens", 0, "at least 1, not 0", id="no tokens"),
        pytest.param("dimensions", "0", "at least 1, not '0'", id="no dimensions"),
        pytest.param("temperature", -0.1, "at least 0, not -0.1", id="below zero"),
        pytest.param("reasoning_effort", 5, "a word, not 5", id="no word"),
        pytest.param("debug", "perhaps", "true or false, not 'perhaps'", id="perhaps"),
        pytest.param("debug", None, "true or false, not None", id="neither"),
        pytest.param("debug", 2, "true or false, not 2", id="two"),
        pytest.param("extra_params", "[1]", "a mapping of names to values, not list", id="list"),
        pytest.param("extra_params", "{", "a JSON object: ", id="half of one"),
        pytest.param("extra_params", " ", "a JSON object: ", id="a space"),
        pytest.param("extra_params", "[" * 100_000, "a JSON object: ", id="an abyss"),
        pytest.param("extra_params", "\ud83d", "a JSON object: ", id="half a character"),
        pytest.param("extra_headers", 5, "a mapping of names to values, not int", id="number"),
        pytest.param("extra_headers", {"a": None}, "must hold strings, not None", id="no header"),
        pytest.param("extra_headers", {"a": b"sk"}, "strings, not bytes", id="a header of bytes"),
        pytest.param("extra_query", '{"a": [1]}', "strings, not list", id="a list in a query"),
        pytest.param("dialect", "[]", "a mapping", id="a list for a dialect"),
        pytest.param("dialect", {"stream_options": "x"}, "not a dialect: ", id="no dialect"),
        pytest.param("dialect", replace(OPENAI, audio="loud"), "Invalid enum", id="no choice"),
        pytest.param("dialect", {"name_pattern": "["}, "unterminated", id="no pattern"),
        pytest.param("dialect", {"id_pattern": "a{99999999999}"}, "too large", id="no count"),
        pytest.param("learnt", {"m": 5}, "a mapping", id="no dialects"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_with_what_is_wrong(
    name: str, value: object, told: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{name}.* {told}"):
        _read(name, value)


_DEFAULTS = vars(OpenAITransport())
_odd = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=4,
)


@given(st.sampled_from(sorted(READERS)), _odd)
def test_a_value_is_read_or_refused_and_reading_it_again_changes_nothing(
    name: str, value: object
) -> None:
    found, problems = usable({name: value})

    assert len(found) + len(problems) == 1
    assert all(problem.startswith(name) for problem in problems)
    assert usable(found) == (found, [])


@given(st.sampled_from(sorted(READERS)), _odd)
@example("max_output_tokens", 100.0)
@example("debug", 1)
def test_a_setting_is_the_same_whether_it_is_given_or_set_later(
    name: str,
    value: object,
) -> None:
    made = OpenAITransport()
    given, _ = usable({name: value})
    with suppress(ValueError):
        setattr(made, name, value)

    assert repr(getattr(made, name)) == repr(given.get(name, _DEFAULTS[name]))


def test_dialects_that_were_learnt_are_shared() -> None:
    learnt: Mapping[str, Dialect] = {"m": OPENAI}

    assert _read("learnt", learnt) is learnt


def test_a_mapping_that_was_given_is_not_held_on_to() -> None:
    given_params = {"top_p": 0.5}

    assert _read("extra_params", given_params) is not given_params


@dataclass
class _Settings:
    """Some settings, with defaults of each kind."""

    max_retries: int = 10
    retry_base_delay: float = 5.0
    temperature: float | None = None
    extra_params: dict[str, object] = field(default_factory=dict)
    dialect: Dialect | None = None
    learnt: dict[str, Dialect] = field(default_factory=dict)
    api_key: str = "secret"


def test_only_what_is_not_the_default_is_saved_and_how_it_retries() -> None:
    always = {"max_retries": 10, "retry_base_delay": 5.0}

    assert chosen(_Settings()) == always
    assert chosen(_Settings(temperature=0.0, extra_params={"a": 1})) == always | {
        "temperature": 0.0,
        "extra_params": {"a": 1},
    }


def test_what_is_saved_can_be_written_as_json_and_read_back() -> None:
    changed = OPENAI.with_changes({"stream_options": not OPENAI.stream_options})
    settings = _Settings(3, 0.5, 0.5, {"a": {"b": [1]}}, changed, {"m": changed})
    found, problems = usable(json.loads(json.dumps(chosen(settings))))

    assert problems == []
    assert found | {"api_key": settings.api_key} == vars(settings)


def test_settings_that_cannot_be_used_are_told_and_the_others_used() -> None:
    found, problems = usable(
        {"max_retries": "3", "temperature": "hot", "debug": "perhaps", "unknown": 1}
    )

    assert found == {"max_retries": 3}
    assert problems == [
        "temperature must be a number, at least 0, not 'hot'",
        "debug must be true or false, not 'perhaps'",
    ]


def test_every_setting_of_a_transport_has_a_reader_that_takes_its_default() -> None:
    transport = OpenAITransport()
    known = {found.name for found in fields(transport)}

    assert known >= READERS.keys()
    for name in READERS:
        assert _read(name, getattr(transport, name)) == getattr(transport, name)
