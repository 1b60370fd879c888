"""A service that refuses one thing after another, in each way that services say so."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from axio.blocks import ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.events import IterationEnd
from axio.messages import Message
from axio.models import ModelSpec

from axio_transport_openai import OpenAITransport, errors
from axio_transport_openai.dialect import Dialect
from axio_transport_openai.testing import (
    Service,
    hangs_up,
    opening,
    refuses,
    says,
    sends,
    streams,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from axio.events import StreamEvent

    from axio_transport_openai.testing import Exchange, Reply

#: What is asked for, and how many requests it takes to learn that none of it is known: what
#: belongs together is left out at once.
_ASKED: dict[str, Any] = {
    "temperature": 0.5,
    "max_output_tokens": 64,
    "reasoning_effort": "low",
    "extra_params": {"top_p": 0.9, "seed": 7, "parallel_tool_calls": False, "user": "u"},
}
_REFUSED = ("temperature", "top_p", "seed", "user", "reasoning_effort", "stream_options")

_PHRASES = [
    pytest.param("Unsupported parameter: '{}' is not supported with this model.", id="OpenAI"),
    pytest.param("Unrecognized request argument supplied: {}", id="OpenAI, of old"),
    pytest.param("Unknown parameter: '{}'.", id="OpenAI, of what it never heard of"),
    pytest.param("property '{}' is unsupported", id="Groq"),
    pytest.param("body -> {}: Extra inputs are not permitted", id="pydantic"),
    pytest.param("Extra inputs are not permitted, field: '{}', value: 1", id="Fireworks"),
    pytest.param(
        'Invalid JSON payload received. Unknown name "{}": Cannot find field.', id="Gemini"
    ),
    pytest.param("Argument not supported on this model: {}", id="xAI"),
    pytest.param("unknown field `{}`, expected one of `model`, `messages`", id="serde"),
    pytest.param("{}: this field is not allowed", id="a gateway"),
]


def _strict(phrase: str, bodies: list[bytes]) -> Reply:
    """A service that refuses the first thing it does not know, as an error body or FastAPI does."""

    async def reply(exchange: Exchange) -> None:
        sent: Mapping[str, object] = exchange.request.json
        bodies.append(exchange.request.body)
        unknown = next((name for name in _REFUSED if name in sent), None)
        await (says("ok") if unknown is None else refuses(400, phrase.format(unknown)))(exchange)

    return reply


async def _turn(transport: OpenAITransport) -> list[StreamEvent]:
    messages = [Message("user", [TextBlock("hello")])]
    return [event async for event in transport.stream(messages, [], "")]


@pytest.mark.parametrize("phrase", _PHRASES)
async def test_one_refusal_after_another_is_healed_and_the_next_turn_needs_none(
    phrase: str,
) -> None:
    bodies: list[bytes] = []
    async with (
        Service(forever=_strict(phrase, bodies)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, **_ASKED)
        first = await _turn(asked)
        learnt = len(bodies)
        second = await _turn(asked.with_model(asked.model))

    assert isinstance(first[-1], IterationEnd)
    assert isinstance(second[-1], IterationEnd)
    assert learnt <= len(_REFUSED) + 1
    assert len(bodies) == learnt + 1
    kept = json.loads(bodies[-1])
    assert kept.keys() & set(_REFUSED) == set()
    assert kept["max_tokens"] == 64


@pytest.mark.parametrize(
    ("knows", "other"),
    [
        pytest.param("max_tokens", "max_completion_tokens", id="the old one"),
        pytest.param("max_completion_tokens", "max_tokens", id="the new one"),
    ],
)
async def test_a_limit_is_obeyed_by_a_service_that_knows_only_one_name_for_it(
    knows: str, other: str
) -> None:
    async def reply(exchange: Exchange) -> None:
        refused = f"Unsupported parameter: '{other}' is not supported. Use '{knows}' instead."
        await (refuses(400, refused) if other in exchange.request.json else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, max_output_tokens=5)
        await _turn(asked)
        await _turn(asked)

    assert service.requests[-1].json[knows] == 5
    assert len(service.requests) <= 3


def _nothing_said(status: int) -> Callable[[], Reply]:
    return lambda: sends(b"", status=status)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_refusal_without_a_word_is_answered_with_a_plainer_request(status: int) -> None:
    async def reply(exchange: Exchange) -> None:
        plain = "temperature" not in exchange.request.json
        await (says("ok") if plain else _nothing_said(status)())(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        events = await _turn(
            OpenAITransport(base_url=service.base_url, session=session, temperature=0.5)
        )

    assert isinstance(events[-1], IterationEnd)


async def test_what_is_left_of_a_window_for_one_conversation_is_no_limit_for_others() -> None:
    async def reply(exchange: Exchange) -> None:
        sent: Any = exchange.request.json
        prompt = len(sent["messages"][0]["content"])
        said = (
            f"This model's maximum context length is 1000 tokens. However, you requested"
            f" {sent['max_tokens']} output tokens and your prompt contains at least {prompt} input"
            " tokens."
        )
        fits = prompt + sent["max_tokens"] <= 1000
        await (says("ok") if fits else refuses(400, said))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, max_output_tokens=900)
        for length in (900, 10, 900, 500):
            messages = [Message("user", [TextBlock("x" * length)])]
            async for _ in asked.stream(messages, [], ""):
                pass

    limits = [request.json["max_tokens"] for request in service.requests]
    assert limits == [900, 50, 500, 500, 50, 500]


async def test_of_an_edit_that_holds_for_one_conversation_nothing_is_learnt() -> None:
    async def reply(exchange: Exchange) -> None:
        missed = "messages.1.content.0: a final assistant message must start with a thinking block"
        thinks = "reasoning_effort" in exchange.request.json
        await (refuses(400, missed) if thinks else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, reasoning_effort="high")
        await _turn(asked)

    assert len(service.requests) == 2
    assert asked.learnt == {}


async def test_what_was_learnt_of_one_model_holds_beside_what_was_learnt_of_others() -> None:
    unknown = {"one": "seed", "two": "top_p", "three": "user"}

    async def reply(exchange: Exchange) -> None:
        name = unknown[exchange.request.json["model"]]
        refused = refuses(400, f"Unknown parameter: '{name}'.")
        await (refused if name in exchange.request.json else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, **_ASKED)
        for model in [*unknown, *unknown]:
            await _turn(asked.with_model(ModelSpec(id=model)))

    sent = [request.json["model"] for request in service.requests]
    assert sent == ["one", "one", "two", "two", "three", "three", "one", "two", "three"]
    for request, refused in zip(service.requests[-3:], unknown.values(), strict=True):
        assert set(unknown.values()) - set(request.json) == {refused}


async def test_what_one_service_refused_is_asked_of_another() -> None:
    refusal = refuses(400, "Unknown parameter: 'seed'.")
    async with (
        Service(refusal, says("ok")) as one,
        Service(says("ok")) as other,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=one.base_url, session=session, extra_params={"seed": 7})
        await _turn(asked)
        asked.base_url = other.base_url
        await _turn(asked)

    assert ["seed" in request.json for request in one.requests] == [True, False]
    assert "seed" in other.requests[0].json


async def test_a_dialect_that_is_set_wins_over_what_was_learnt_in_another() -> None:
    async def reply(exchange: Exchange) -> None:
        sent: Any = exchange.request.json
        refused = refuses(400, "Unknown parameter: 'seed'.")
        await (refused if "seed" in sent and "max_tokens" in sent else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, **_ASKED)
        await _turn(asked)
        for dialect in (Dialect(limit_field="max_completion_tokens"), None):
            asked.dialect = dialect
            await _turn(asked)

    said = ["seed" in request.json for request in service.requests]
    limits = ["max_completion_tokens" in request.json for request in service.requests]
    assert said == [True, False, True, False]
    assert limits == [False, False, True, False]


_SEEN = [
    Message("user", [TextBlock("Look."), ImageBlock("image/png", b"png")]),
    Message("assistant", [ToolUseBlock("call_0", "read", {})]),
    Message("user", [ToolResultBlock("call_0", "text")]),
]


async def test_an_edit_after_which_a_service_says_the_same_is_not_remembered() -> None:
    async def reply(exchange: Exchange) -> None:
        sent: Any = exchange.request.json
        silent = any(message["content"] is None for message in sent["messages"])
        said = "Invalid value for 'content': expected a string, got null."
        await (refuses(400, said) if silent else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session)
        for _ in range(2):
            async for _ in asked.stream(_SEEN, [], ""):
                pass

    assert [*asked.learnt.values()] == [Dialect(empty_content="empty")]
    assert service.requests[-1].json["messages"][0]["content"][1]["type"] == "image_url"


async def test_an_edit_that_changes_nothing_is_not_remembered() -> None:
    async def reply(exchange: Exchange) -> None:
        said = "Bedrock doesn't support tool calling without `tools=` param specified."
        offered = "tools" in exchange.request.json
        await (says("ok") if offered else refuses(400, said))(exchange)

    dialect = Dialect(images_in_results=True)
    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, dialect=dialect)
        async for _ in asked.stream(_SEEN, [], ""):
            pass

    assert [*asked.learnt.values()] == [Dialect(images_in_results=True, tools_required=True)]


async def test_what_was_refused_is_not_sent_again_by_way_of_another_edit() -> None:
    async def reply(exchange: Exchange) -> None:
        first = len(service.requests) == 1
        missed = "The reasoning_content in the thinking mode must be passed back to the API."
        unknown = "property 'messages.1.reasoning_content' is unsupported"
        await refuses(400, missed if first else unknown)(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session)
        with pytest.raises(errors.BadRequest):
            async for _ in asked.stream(_SEEN, [], ""):
                pass

    assert len(service.requests) == 2


async def test_an_edit_that_leaves_a_request_as_it_was_is_passed_over() -> None:
    async def reply(exchange: Exchange) -> None:
        first = exchange.request.json["messages"][0]["role"]
        refused = refuses(400, f"invalid message role: {first}")
        await (refused if first == "system" else says("ok"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url, session=session, dialect=Dialect(system_anywhere=True)
        )
        async for _ in asked.stream([Message("user", [TextBlock("hello")])], [], "Be brief."):
            pass

    assert len(service.requests) == 2  # none of them to move a message that stands first


async def test_an_edit_was_not_in_vain_where_the_connection_is_what_fails() -> None:
    refused = refuses(400, "Unknown parameter: 'seed'.")
    gone = hangs_up()
    async with Service(refused, forever=gone) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url, session=session, max_retries=2, extra_params={"seed": 7}
        )
        with pytest.raises(errors.ConnectionFailed) as caught:
            await _turn(asked)

    assert "in vain" not in str(caught.value)


async def test_a_request_is_composed_anew_eight_times_and_not_a_ninth() -> None:
    names = [f"option_{letter}" for letter in "abcdefghij"]

    async def reply(exchange: Exchange) -> None:
        unknown = next(name for name in names if name in exchange.request.json)
        await refuses(400, f"Unknown parameter: '{unknown}'.")(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url,
            session=session,
            max_retries=20,
            extra_params=dict.fromkeys(names, 1),
        )
        with pytest.raises(errors.BadRequest, match="left out option_h") as caught:
            await _turn(asked)

    assert len(service.requests) == 1 + 8
    assert "left out option_i" not in str(caught.value)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(hangs_up(), id="a connection that breaks"),
        pytest.param(streams(opening()), id="an answer that breaks off"),
        pytest.param(streams(b"<html>"), id="something else in place of an answer"),
    ],
)
async def test_a_failure_that_is_no_refusal_changes_nothing_of_the_request(failure: Reply) -> None:
    async with Service(failure, forever=says("ok")) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url, session=session, retry_base_delay=0, **_ASKED
        )
        with suppress(errors.ProtocolError):
            await _turn(asked)
        await _turn(asked)

    assert {request.body for request in service.requests} == {service.requests[0].body}


async def test_healing_keeps_within_the_attempts() -> None:
    bodies: list[bytes] = []
    phrase = "Unsupported parameter: '{}' is not supported with this model."
    async with (
        Service(forever=_strict(phrase, bodies)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, max_retries=2, **_ASKED)
        with pytest.raises(errors.BadRequest, match="Tried in vain"):
            await _turn(asked)

    assert len(bodies) == 2
