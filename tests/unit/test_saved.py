from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from axio.models import Capability, ModelSpec
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.saved import Saved, SavedError, checked, restored

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODEL = ModelSpec(
    "llama3.2", frozenset({Capability.text, Capability.tool_use}), 4_096, 131_072, 0.5, 1.5
)
_SAVED = Saved("localai", "http://localhost:8080/v1", "sk-secret", (_MODEL,))
_WRITTEN = {
    "id": "llama3.2",
    "context_window": 131072,
    "max_output_tokens": 4096,
    "capabilities": ["text", "tool_use"],
    "input_cost": 0.5,
    "output_cost": 1.5,
}


def test_the_keys_are_the_specifications_in_its_order() -> None:
    assert json.dumps(_SAVED.to_dict()) == json.dumps(
        {
            "name": "localai",
            "base_url": "http://localhost:8080/v1",
            "api_key": "sk-secret",
            "models": [_WRITTEN],
        }
    )


def test_an_active_model_that_is_listed_is_saved_by_its_id() -> None:
    saved = replace(_SAVED, models=(replace(_MODEL, id="other"), _MODEL), model=_MODEL)

    assert saved.to_dict()["model"] == "llama3.2"
    assert checked(saved.to_dict()).model == _MODEL


def test_an_active_model_without_an_id_is_none() -> None:
    saved = replace(_SAVED, model=ModelSpec(""))

    assert saved.to_dict() == _SAVED.to_dict()


@pytest.mark.parametrize(
    "active",
    [
        pytest.param(replace(_MODEL, id="another"), id="another one"),
        pytest.param(replace(_MODEL, input_cost=9.0), id="with another price"),
    ],
)
def test_an_active_model_that_is_not_listed_is_saved_whole(active: ModelSpec) -> None:
    saved = replace(_SAVED, model=active)

    assert saved.to_dict()["model"] == {
        **_WRITTEN,
        "id": active.id,
        "input_cost": active.input_cost,
    }
    assert checked(saved.to_dict()).model == active


def test_an_active_model_known_only_by_its_id_is_kept_and_can_call_tools() -> None:
    assert checked({"model": "maker/model:nitro"}).model == ModelSpec(
        "maker/model:nitro", frozenset({Capability.text, Capability.tool_use})
    )


def test_a_word_that_stands_for_no_model_yet_is_none() -> None:
    placeholder = "<not initialized: call fetch_models() first>"

    assert checked({"model": placeholder}).model is None
    assert checked({"model": placeholder, "models": [{"id": placeholder}]}).model is not None


def test_settings_are_saved_beside_the_specifications_keys_and_never_over_them() -> None:
    settings = {"max_retries": 3, "idle_timeout": None, "name": "evil", "models": 5}
    written = replace(_SAVED, settings=settings).to_dict()

    assert written == {**_SAVED.to_dict(), "max_retries": 3, "idle_timeout": None}


_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_specs = st.builds(
    ModelSpec,
    id=_words.filter(bool),
    capabilities=st.frozensets(st.sampled_from(Capability)),
    max_output_tokens=st.integers(1, 10**12),
    context_window=st.integers(1, 10**12),
    input_cost=st.floats(0, 1e11),
    output_cost=st.floats(0, 1e11),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(0, 1) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=8,
)


@given(
    saved=st.builds(
        Saved,
        name=_words,
        base_url=_words,
        api_key=_words,
        models=st.lists(_specs, unique_by=lambda model: model.id, max_size=3).map(tuple),
        model=st.none() | _specs,
        settings=st.dictionaries(st.just("x_").flatmap(lambda x: _words.map(x.__add__)), _json),
    )
)
def test_what_was_saved_is_what_is_restored(saved: Saved) -> None:
    written = json.dumps(saved.to_dict())

    assert checked(json.loads(written)) == saved


@given(_json, _json, _json)
def test_keys_that_nobody_knows_are_kept(top: object, of_model: object, of_active: object) -> None:
    found = {
        "name": "n",
        "base_url": "",
        "api_key": "",
        "models": [{**_WRITTEN, "future": of_model}],
        "model": {**_WRITTEN, "id": "active", "future": of_active},
        "future": top,
    }

    assert checked(found).to_dict() == found


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"name": None, "base_url": None, "api_key": None}, id="null texts"),
        pytest.param({"models": None, "model": None}, id="null models"),
        pytest.param({"models": [], "model": ""}, id="no models"),
    ],
)
def test_what_was_not_said_is_the_default(found: Mapping[str, object]) -> None:
    assert checked(found) == Saved()


def test_a_model_of_which_only_the_id_is_said_can_chat_and_call_tools() -> None:
    sparse = {"id": "m", "capabilities": None, "input_cost": None}

    assert checked({"models": [sparse]}).models == (
        ModelSpec("m", frozenset({Capability.text, Capability.tool_use})),
    )


def test_numbers_in_strings_are_numbers() -> None:
    sparse = {"id": "m", "context_window": "4096", "max_output_tokens": 10.0, "input_cost": "0.5"}
    (model,) = checked({"models": [sparse]}).models

    assert (model.context_window, model.max_output_tokens, model.input_cost) == (4096, 10, 0.5)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        pytest.param([], "is [], not an object", id="a list"),
        pytest.param(None, "is None, not an object", id="null"),
        pytest.param({"name": 5}, "name is 5: expected str, got int", id="a number for a name"),
        pytest.param(
            {"api_key": ["sk-secret"]}, "api_key is ...: expected str, got array", id="key"
        ),
        pytest.param({"models": 5}, "models is 5, not a list", id="a number for the models"),
        pytest.param({"models": ["m"]}, "models[0] is 'm', not an object", id="a bare id"),
        pytest.param({"models": [{}]}, "models[0].id is missing", id="no id"),
        pytest.param(
            {"models": [{"id": ""}]},
            "models[0].id is '': expected str of length >= 1",
            id="empty id",
        ),
        pytest.param(
            {"models": [{"id": "a"}, {"id": "b", "context_window": "lots"}]},
            "models[1].context_window is 'lots': expected int, got str",
            id="a word for a number",
        ),
        pytest.param(
            {"models": [{"id": "m", "input_cost": "\ud83d"}]},
            r"models[0].input_cost is '\ud83d': ",
            id="half a character for a number",
        ),
        pytest.param(
            {"models": [{"id": "m", "input_cost": -1}]},
            "models[0].input_cost is -1: expected float >= 0.0",
            id="a negative price",
        ),
        pytest.param(
            {"models": [{"id": "m", "output_cost": math.nan}]},
            "models[0].output_cost is nan: expected float >= 0.0",
            id="no price",
        ),
        pytest.param(
            {"models": [{"id": "m", "output_cost": math.inf}]},
            "models[0].output_cost is inf: expected float < 1000000000000.0",
            id="an infinite price",
        ),
        pytest.param(
            {"models": [{"id": "m", "capabilities": "text"}]},
            "models[0].capabilities is 'text': expected array | null, got str",
            id="a word for a list",
        ),
        pytest.param({"model": 5}, "model is 5, not an object", id="a number for the active model"),
        pytest.param({"model": {}}, "model.id is missing", id="an active model without an id"),
    ],
)
def test_a_problem_names_the_entry_and_the_field(found: object, problem: str) -> None:
    _, problems = restored(found)

    assert [told[: len(problem)] for told in problems] == [problem]
    with pytest.raises(SavedError) as caught:
        checked(found)
    assert caught.value.problems == problems
    assert str(caught.value) == problems[0]


def test_what_is_wrong_costs_no_more_than_itself() -> None:
    found = {
        "name": "n",
        "base_url": 7,
        "models": [
            7,
            {"id": "m", "context_window": "lots", "capabilities": ["vision", "visoin"]},
        ],
        "max_retries": "3",
    }
    saved, problems = restored(found)

    assert saved == Saved(
        name="n",
        models=(ModelSpec("m", frozenset({Capability.vision})),),
        settings={"max_retries": "3"},
        beside={"m": {"capabilities": ["visoin"]}},
    )
    assert len(problems) == 3


@pytest.mark.parametrize("length", ["context_window", "max_output_tokens"])
@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0: expected int >= 1"),
        (-1, "-1: expected int >= 1"),
        (10**30, "1000000"),
        (math.inf, "inf"),
    ],
)
def test_a_length_that_no_model_has_is_told_and_counts_as_unsaid(
    length: str, number: float, told: str
) -> None:
    saved = checked({"models": [{"id": "m", length: number}]})

    assert saved.models == (ModelSpec("m", frozenset({Capability.text, Capability.tool_use})),)
    (note,) = saved.notes
    assert note.startswith(f"models[0].{length} is {told}")


def test_a_capability_that_nobody_knows_is_told_and_kept_and_costs_nothing() -> None:
    found = _SAVED.to_dict() | {"models": [_WRITTEN | {"capabilities": ["text", "visoin"]}]}
    saved = checked(found)
    (model,) = saved.models
    seeing = replace(model, capabilities=frozenset({Capability.vision}))

    assert model.capabilities == {Capability.text}
    (note,) = saved.notes
    assert note.startswith("models[0].capabilities has 'visoin', which is none of: text, vision,")
    assert saved.to_dict() == found
    assert replace(saved, models=(seeing,)).to_dict()["models"] == [
        _WRITTEN | {"capabilities": ["vision", "visoin"]}
    ]


@given(st.dictionaries(st.sampled_from(["name", "api_key", "models", "model", "x"]), _json))
def test_anything_is_made_the_best_of(found: dict[str, object]) -> None:
    saved, _ = restored(found)

    assert checked(saved.to_dict()) == saved


def test_a_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(_SAVED)


def test_what_is_saved_can_be_written_by_any_json_encoder() -> None:
    written = replace(_SAVED, model=_MODEL).to_dict()

    assert json.loads(json.dumps(written)) == msgspec.json.decode(msgspec.json.encode(written))
