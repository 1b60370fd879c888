"""Dialects as data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect, Edit
from axio_transport_openai.known import KNOWN, dialect_for


@given(st.sampled_from([OPENAI, COMPATIBLE, *KNOWN.values()]))
def test_a_dialect_makes_the_round_trip_through_json(dialect: Dialect) -> None:
    assert Dialect.from_dict(json.loads(json.dumps(dialect.to_dict()))) == dialect


def test_only_what_differs_is_written() -> None:
    assert COMPATIBLE.to_dict() == {}
    assert Dialect(images=False).to_dict() == {"images": False}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"limit_field": "tokens"}, "limit_field"),
        ({"nam_pattern": "[a-z]+"}, "unknown field `nam_pattern`"),
        ({"name_pattern": "[a-z"}, r"'\[a-z' is no regular expression"),
        ({"id_pattern": "a{99999999999}"}, "is no regular expression"),
        ({"id_length": 0}, "id_length must be at least 1, not 0"),
        ({"embedding_batch": 0}, "embedding_batch must be at least 1"),
        ({"limit_cap": -1}, "limit_cap must be at least 1"),
        ({"description_length": -1}, "description_length must be at least 0"),
    ],
)
def test_what_is_no_dialect_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"^not a dialect: .*{told}"):
        Dialect.from_dict(changes)


def test_a_pattern_that_is_none_is_refused_where_a_dialect_is_made() -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        Dialect(name_pattern="[a-z")


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    edit = Edit({"images": False}, "left out images")

    assert edit.apply(OPENAI) == OPENAI.with_changes({"images": False})
    assert edit.apply(OPENAI).system_anywhere


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("https://api.openai.com/v1", OPENAI, id="a host"),
        pytest.param("https://us.api.openai.com/v1", OPENAI, id="its host in a region"),
        pytest.param("https://me.openai.azure.com/openai/v1", OPENAI, id="under a domain"),
        pytest.param("https://openai.azure.com.evil.com/v1", COMPATIBLE, id="not under it"),
        pytest.param(
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
            KNOWN["bedrock-runtime*.amazonaws.com"],
            id="a service with a host in each region",
        ),
        pytest.param("https://a.elb.amazonaws.com/v1", COMPATIBLE, id="a server in the same cloud"),
        pytest.param("https://API.Mistral.AI/v1", KNOWN["api.mistral.ai"], id="in any case"),
        pytest.param("http://localhost:8080/v1", COMPATIBLE, id="unknown"),
        pytest.param("", COMPATIBLE, id="none"),
    ],
)
def test_a_service_is_known_by_its_host(address: str, expected: Dialect) -> None:
    assert dialect_for(address) == expected


@pytest.mark.parametrize(
    ("media_type", "in_result", "expected"),
    [
        pytest.param("image/png", False, True, id="an image"),
        pytest.param("image/png", True, False, id="an image in a result"),
        pytest.param("audio/wav", False, True, id="sound"),
        pytest.param("audio/wav", True, False, id="sound in a result"),
        pytest.param("video/mp4", False, False, id="a video"),
        pytest.param("text/plain", False, False, id="something else"),
    ],
)
def test_a_dialect_knows_what_the_model_takes(
    media_type: str, *, in_result: bool, expected: bool
) -> None:
    assert COMPATIBLE.takes(media_type, in_result=in_result) is expected
