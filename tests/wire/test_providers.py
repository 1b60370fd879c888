"""Several providers as one transport."""

from __future__ import annotations

import aiohttp
import pytest
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.models import Capability, ModelRegistry, ModelSpec

from axio_transport_openai.custom import OpenAICompatibleTransport, ProvidersTransport
from axio_transport_openai.testing import Service, embeds, says

CHAT = frozenset({Capability.text, Capability.tool_use})


def provider(
    name: str, service: str, *models: str, **settings: object
) -> OpenAICompatibleTransport:
    found = OpenAICompatibleTransport(
        name, "", service, models=ModelRegistry(ModelSpec(model, CHAT) for model in models)
    )
    for setting, value in settings.items():
        setattr(found, setting, value)
    return found


def both(here: str = "http://here/v1", there: str = "http://there/v1") -> ProvidersTransport:
    return ProvidersTransport(
        providers=(
            provider("here", here, "one", "both", reasoning_effort="low", idle_timeout=5.0),
            provider("there", there, "org/two:free", "both", extra_headers={"X-Team": "a"}),
        )
    )


def test_each_model_has_its_providers_name_before_it() -> None:
    ids = ["here:one", "here:both", "there:org/two:free", "there:both"]

    assert list(both().models.keys()) == ids


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("there:both", "there:both"),
        ("there:org/two:free", "there:org/two:free"),
        ("org/two:free", "there:org/two:free"),
        ("one", "here:one"),
    ],
)
def test_a_provider_may_be_left_out_where_no_other_has_the_model(asked: str, found: str) -> None:
    assert both().resolve_model(asked).id == found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("both", "several providers have a model 'both': here:both, there:both"),
        ("three", "there is no model 'three'"),
        ("here:two", "there is no model 'here:two'"),
        ("", "there is no model ''"),
    ],
)
def test_a_model_that_none_or_several_have_is_not_resolved(asked: str, told: str) -> None:
    with pytest.raises(KeyError) as caught:
        both().resolve_model(asked)

    assert caught.value.args == (told,)


def test_a_model_brings_its_providers_settings_and_leaves_those_that_were_chosen() -> None:
    transport = both()
    transport.temperature = 0.5
    there = transport.with_model(transport.models["there:both"])
    back = there.with_model(there.models["here:one"])

    assert (transport.base_url, transport.reasoning_effort) == ("http://here/v1", "low")
    assert (there.base_url, there.reasoning_effort) == ("http://there/v1", None)
    assert there.extra_headers == {"X-Team": "a"}
    assert (there.temperature, there.idle_timeout) == (0.5, 600.0)
    assert (back.base_url, back.reasoning_effort, back.idle_timeout) == (
        "http://here/v1",
        "low",
        5.0,
    )
    assert (back.temperature, back.extra_headers) == (0.5, {})


async def test_each_provider_is_asked_for_its_model_by_its_own_name() -> None:
    async with (
        Service(says("Hello")) as here,
        Service(embeds(lambda _: [0.5])) as there,
        aiohttp.ClientSession() as session,
    ):
        transport = both(here.base_url, there.base_url)
        transport.session = session
        said = await Agent("", transport=transport).run("Hi", MemoryContextStore())
        other = transport.with_model(transport.resolve_model("org/two:free"))
        vectors = await other.embed(["text"])

    assert said == "Hello"
    assert vectors == [[0.5]]
    assert here.requests[0].json["model"] == "one"
    assert there.requests[0].json["model"] == "org/two:free"
    assert there.requests[0].headers["x-team"] == "a"


async def test_requests_to_one_provider_share_a_client_and_another_provider_has_its_own() -> None:
    async with aiohttp.ClientSession() as session:
        transport = both()
        transport.session = session
        first = transport.client()
        again = transport.client()
        other = transport.with_model(transport.models["there:both"]).client()
        transport.base_url = "http://moved/v1"
        moved = transport.client()

    assert again is first
    assert (first.model.id, first.origin.base_url) == ("one", "http://here/v1")
    assert (moved.model.id, moved.origin.base_url) == ("one", "http://moved/v1")
    assert (other.model.id, other.origin.base_url) == ("both", "http://there/v1")


async def test_models_are_there_after_every_reload() -> None:
    transport = both()
    for _ in range(2):
        transport.models.clear()
        await transport.fetch_models()

    assert len(transport.models) == 4
    assert transport.model.id == "here:one"
