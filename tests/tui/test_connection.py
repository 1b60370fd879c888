"""The connection test, and that nothing but Textual is needed for the screens."""

from __future__ import annotations

import subprocess
import sys

import pytest
from axio.models import Capability, ModelSpec
from tests.tui.host import shown, text, until

from axio_transport_openai import OpenAITransport
from axio_transport_openai.saved import Saved
from axio_transport_openai.testing import Exchange, Reply, Service, lists, refuses, says, stalls
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.preset import presets
from axio_transport_openai.tui.probe import Probe, Step, findings
from axio_transport_openai.tui.provider import ProviderEditScreen

CHAT = ModelSpec("m", frozenset({Capability.text, Capability.tool_use}))
CALLS = says(calls=[("ready", "{}")])


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param(
            [lists("m"), says("Hello"), CALLS],
            dict.fromkeys(Step, True),
            id="all is well",
        ),
        pytest.param(
            [refuses(401, "wrong key")],
            {Step.reachable: True, Step.key: False},
            id="the key is wrong",
        ),
        pytest.param(
            [lists("m"), refuses(401, "wrong key")],
            {Step.reachable: True, Step.models: True, Step.key: False},
            id="models are for everybody, answers are not",
        ),
        pytest.param(
            [refuses(404, "no such page"), says("Hello"), CALLS],
            {step: None if step is Step.models else True for step in Step},
            id="there is no list of models",
        ),
        pytest.param(
            [lists(), says("Hello"), CALLS],
            {step: None if step is Step.models else True for step in Step},
            id="the list of models is empty",
        ),
        pytest.param(
            [lists("m"), refuses(404, "no such model")],
            {Step.reachable: True, Step.models: True, Step.streaming: False},
            id="the model is wrong",
        ),
        pytest.param(
            [lists("m"), says("Hello"), says("I am ready!")],
            {step: step is not Step.tools for step in Step},
            id="the model does not call",
        ),
        pytest.param(
            [lists("m"), says("Hello"), refuses(400, "no tools here")],
            {step: step is not Step.tools for step in Step},
            id="tools are refused",
        ),
    ],
)
async def test_each_step_is_told_as_it_went(
    replies: list[Reply], expected: dict[Step, bool | None]
) -> None:
    async with (
        Service(*replies) as service,
        Probe(base_url=service.base_url, api_key="k", model=CHAT, max_retries=1) as probe,
    ):
        found = {finding.step: finding.good async for finding in findings(probe)}

    assert found == expected


async def test_the_services_own_words_are_told() -> None:
    async with (
        Service(refuses(401, "your key has expired")) as service,
        Probe(base_url=service.base_url, api_key="k", model=CHAT, max_retries=1) as probe,
    ):
        told = [finding.said async for finding in findings(probe)]

    assert "your key has expired" in told[-1]


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([refuses(401, "no")], id="of its models"),
        pytest.param([lists("m"), refuses(401, "no")], id="of an answer"),
    ],
)
async def test_where_no_key_is_set_a_refusal_says_that_one_is_wanted(replies: list[Reply]) -> None:
    async with (
        Service(*replies) as service,
        Probe(base_url=service.base_url, api_key="", model=CHAT, max_retries=1) as probe,
    ):
        told = [finding.said async for finding in findings(probe)]

    assert told[-1] == "the service wants a key, and none is set"


async def test_a_model_that_is_not_said_to_use_tools_is_offered_none() -> None:
    speaker = ModelSpec("m", frozenset({Capability.text}))
    async with (
        Service(refuses(404, "no list"), says("Hello")) as service,
        Probe(base_url=service.base_url, api_key="k", model=speaker, max_retries=1) as probe,
    ):
        found = [finding async for finding in findings(probe)]

    assert (found[-1].step, found[-1].good) == (Step.tools, None)
    assert len(service.requests) == 2


async def test_a_service_that_is_not_there_is_told_once() -> None:
    async with Service() as service:
        gone = service.base_url
    async with Probe(base_url=gone, model=CHAT, max_retries=1) as probe:
        found = [finding async for finding in findings(probe)]

    assert [(finding.step, finding.good) for finding in found] == [(Step.reachable, False)]


async def test_what_a_service_refuses_and_can_do_without_is_no_failure() -> None:
    async def reply(exchange: Exchange) -> None:
        refused = refuses(400, "Extra inputs are not permitted, field: 'stream_options'")
        answer = CALLS if "tools" in exchange.request.json else says("Hello")
        await (refused if "stream_options" in exchange.request.json else answer)(exchange)

    async with (
        Service(lists("m"), forever=reply) as service,
        Probe.of(OpenAITransport(base_url=service.base_url, model=CHAT)) as probe,
    ):
        assert [finding.good async for finding in findings(probe)] == [True] * len(Step)


async def test_a_service_that_fails_is_asked_once() -> None:
    async with (
        Service(lists("m"), forever=refuses(503, "busy")) as service,
        Probe.of(OpenAITransport(base_url=service.base_url, model=CHAT)) as probe,
    ):
        found = [(finding.step, finding.good) async for finding in findings(probe)]

    assert found[-1] == (Step.streaming, False)
    assert len(service.requests) == 2


async def test_without_a_model_the_first_that_chats_is_asked() -> None:
    async with (
        Service(lists("first", "second"), says("Hello"), CALLS) as service,
        Probe(base_url=service.base_url, model=ModelSpec(""), max_retries=1) as probe,
    ):
        assert [finding.good async for finding in findings(probe)] == [True] * len(Step)

    assert service.requests[1].json["model"] == "first"


_EMBEDS = {"id": "e", "architecture": {"modality": "text->embedding"}}


async def test_a_listed_model_that_embeds_is_not_asked_to_talk() -> None:
    async with Service(lists(_EMBEDS, "m"), says("Hello"), CALLS) as service:
        probe = Probe(base_url=service.base_url, model=ModelSpec(""), max_retries=1)
        async with probe:
            told = {finding.step: finding.said async for finding in findings(probe)}

    assert told[Step.streaming] == "m"


async def test_a_model_of_the_providers_that_embeds_is_not_asked_to_talk() -> None:
    embeds = ModelSpec("e", frozenset({Capability.embedding}))
    async with Service(lists("e", "m"), says("Hello"), CALLS) as service:
        provider = Saved("mine", service.base_url, models=(embeds, CHAT))
        async with ProviderEditScreen.probe_of(provider) as probe:
            told = {finding.step: finding.said async for finding in findings(probe)}

    assert told[Step.streaming] == "m"


async def test_what_a_service_has_to_say_at_length_can_be_read_to_its_end_by_keys() -> None:
    said = "It failed. " * 120
    async with Service(refuses(400, said), refuses(400, f"{said}That is all.")) as service:
        probe = Probe(base_url=service.base_url, api_key="k", model=CHAT, max_retries=1)
        async with shown(ConnectionScreen(probe)) as (host, pilot):
            await until(pilot, lambda: "It failed." in text(host.screen))
            await until(pilot, lambda: "Close" in text(host.screen))
            assert "Tools work" not in text(host.screen)
            await pilot.press("shift+tab", "end")

            await until(pilot, lambda: "Tools work not tried" in text(host.screen))
            assert "Close" in text(host.screen)


async def test_leaving_cancels_the_test() -> None:
    async with Service(lists("m"), stalls()) as service:
        screen = ConnectionScreen(Probe(base_url=service.base_url, model=CHAT, max_retries=1))
        async with shown(screen) as (host, pilot):
            await until(pilot, lambda: len(service.requests) == 2)
            await pilot.press("escape")
            await until(pilot, lambda: not host.screen.has_class("axio-openai"))
            await service.vacated()


async def test_what_is_being_asked_is_told_meanwhile() -> None:
    async with Service(lists("m"), stalls()) as service:
        screen = ConnectionScreen(Probe(base_url=service.base_url, model=CHAT, max_retries=1))
        async with shown(screen) as (host, pilot):
            await until(pilot, lambda: "Models found 1" in text(host.screen))

            assert "Key accepted asking" in text(host.screen)
            assert text(host.screen).count("asking") == 1


def test_a_preset_can_be_asked_as_it_stands() -> None:
    names = [preset.name for preset in presets()]

    assert len(set(names)) == len(names) >= 11
    assert all(
        preset.base_url.startswith(("local:", "http://localhost:", "https://"))
        for preset in presets()
    )


def test_without_textual_one_sentence_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['textual'] = None; import axio_transport_openai.tui"
    ended = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, check=False
    )

    assert ended.stderr.splitlines()[-1] == (
        'ImportError: The settings screens need Textual: pip install "axio-transport-openai[tui]".'
    )
