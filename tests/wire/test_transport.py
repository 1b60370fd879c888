"""The transport against a scripted service: what is sent, what comes back, what goes wrong."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import json
import logging
import pickle
import socket
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, override

import aiohttp
import axio.testing
import axio.transport
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from axio.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from axio.events import (
    IterationEnd,
    IterationStart,
    ProviderEvent,
    ReasoningDelta,
    TextDelta,
    ToolInputDelta,
    ToolUseStart,
)
from axio.exceptions import StreamError
from axio.messages import Message
from axio.models import Capability, ModelRegistry, ModelSpec
from axio.testing import assert_stream_contract
from axio.tool import Tool
from axio.types import StopReason, Usage
from rich.console import Console
from rich.traceback import Traceback
from tests.asking import text_of

from axio_transport_openai import (
    OPENAI_MODELS,
    NebiusTransport,
    OpenAICompatibleTransport,
    OpenAITransport,
    OpenRouterTransport,
    PricedUsage,
    errors,
)
from axio_transport_openai.catalogue import CHAT
from axio_transport_openai.dialect import Dialect
from axio_transport_openai.http import body as http_body
from axio_transport_openai.retry import Budget
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.testing import (
    DONE,
    Exchange,
    Service,
    answer,
    call,
    drops_after,
    embeds,
    finish,
    hangs_up,
    lists,
    opening,
    refuses,
    repeats,
    says,
    sends,
    stalls,
    streams,
    text,
    usage,
    writes,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from axio.events import StreamEvent
    from tests.rules import Json

    from axio_transport_openai.testing import Exchange
    from axio_transport_openai.testing.reply import Reply

KEY = "sk-test-0123456789abcdef"


def hello() -> list[Message]:
    return [Message("user", [TextBlock("hello")])]


def transport(
    service: Service,
    session: aiohttp.ClientSession,
    **settings: Json,
) -> OpenAITransport:
    given: dict[str, Any] = {"base_url": service.base_url, "api_key": KEY, "session": session}
    return OpenAITransport(**given | {"max_retries": 3, "retry_base_delay": 0.001} | settings)


async def collected(transport: OpenAITransport, *tools: Tool[Any]) -> list[StreamEvent]:
    return [event async for event in transport.stream(hello(), list(tools), "Be brief.")]


async def until_it_fails(
    transport: OpenAITransport,
) -> tuple[list[StreamEvent], errors.APIError]:
    """What came before the failure, and that."""
    events: list[StreamEvent] = []
    stream = transport.stream(hello(), [], "")
    try:
        while True:
            events.append(await anext(stream))
    except StopAsyncIteration:
        pytest.fail("it did not fail")
    except errors.APIError as failure:
        return events, failure


async def test_an_answer_streams_as_events_and_ends_once(session: aiohttp.ClientSession) -> None:
    async with Service(says("Hel", "lo", thoughts=["hm"], tokens=(11, 7))) as service:
        events = await collected(transport(service, session))

    assert_stream_contract(events)
    assert text_of(events) == "Hello"
    assert [e.delta for e in events if isinstance(e, ReasoningDelta)] == ["hm"]
    assert isinstance(events[-1], IterationEnd)
    assert events[-1].stop_reason is StopReason.end_turn
    assert events[-1].usage == Usage(11, 7)


async def test_pieces_of_a_thought_stand_in_tags_where_the_dialect_says_so(
    session: aiohttp.ClientSession,
) -> None:
    dialect = Dialect(thoughts_wrapped=True)
    answer = says("<reasoning>h</reasoning>", "<reasoning>m</reasoning>", "Hello")
    async with Service(answer, answer) as service:
        events = await collected(transport(service, session, dialect=dialect))
        others = await collected(transport(service, session))

    assert text_of(events) == "Hello"
    assert "".join(e.delta for e in events if isinstance(e, ReasoningDelta)) == "hm"
    assert text_of(others) == "<reasoning>h</reasoning><reasoning>m</reasoning>Hello"


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(201, id="created"),
        pytest.param(203, id="changed"),
        pytest.param(246, id="Portkey, of one that failed a check and is given all the same"),
        pytest.param(299, id="the last of them"),
    ],
)
async def test_an_answer_may_come_with_another_status_of_success(
    session: aiohttp.ClientSession, status: int
) -> None:
    async with Service(streams(*answer("ok"), status=status)) as service:
        assert text_of(await collected(transport(service, session))) == "ok"


@pytest.mark.parametrize("status", [202, 204, 205, 206])
async def test_a_success_without_an_answer_is_none(
    session: aiohttp.ClientSession, status: int
) -> None:
    async with Service(sends(b"", status=status)) as service:
        with pytest.raises(errors.BadRequest, match=f"answered {status}"):
            await collected(transport(service, session))


async def test_arguments_go_back_as_the_model_wrote_them(session: aiohttp.ClientSession) -> None:
    async with Service(says(calls=[("read", '{ "path" : "x" }')]), says("ok")) as service:
        asked = transport(service, session)
        events = await collected(asked)
        (id,) = (event.tool_use_id for event in events if isinstance(event, ToolUseStart))
        called = Message("assistant", [ToolUseBlock(id, "read", {"path": "x"})])
        history = [*hello(), called, Message("user", [ToolResultBlock(id, "text")])]
        async for _ in asked.with_model(asked.model).stream(history, [], ""):
            pass

    sent: Any = service.requests[-1].json
    assert sent["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{ "path" : "x" }'


async def test_a_proof_that_comes_after_its_call_was_announced_goes_back_with_it(
    session: aiohttp.ClientSession,
) -> None:
    proof = {"google": {"thought_signature": "c2ln"}}
    late = streams(
        opening(),
        call(id="c", name="read", arguments='{"path":"x"}'),
        call(extra_content=proof),
        call(extra_content={}),
        finish("tool_calls"),
        DONE,
    )
    async with Service(late, forever=says("ok")) as service, Service(says("ok")) as other:
        asked = transport(service, session)
        (start,) = (event for event in await collected(asked) if isinstance(event, ToolUseStart))
        called = ToolUseBlock("c", "read", {"path": "x"}, start.signature, start.provider)
        result = Message("user", [ToolResultBlock("c", "text")])
        history = [*hello(), Message("assistant", [called]), result]
        for base_url in (service.base_url, other.base_url):
            asked.base_url = base_url
            async for _ in asked.stream(history, [], ""):
                pass

    sent: Any = service.requests[-1].json
    assert sent["messages"][1]["tool_calls"][0]["extra_content"] == proof
    elsewhere: Any = other.requests[-1].json
    assert "extra_content" not in elsewhere["messages"][1]["tool_calls"][0]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_a_redirect_is_told_and_not_followed(
    session: aiohttp.ClientSession, status: int
) -> None:
    elsewhere = f"https://h/v1/{KEY}?key=another"
    async with Service(refuses(status, headers={"Location": elsewhere})) as service:
        with pytest.raises(errors.BadRequest) as caught:
            await collected(transport(service, session))

    told = ": a redirect to https://h/v1/***, which is not followed; check the base URL"
    assert str(caught.value).endswith(told)
    assert len(service.requests) == 1


async def test_events_come_as_the_service_sends_them(session: aiohttp.ClientSession) -> None:
    async with Service(stalls(*answer("one", "two")[:2])) as service:
        stream = transport(service, session).stream(hello(), [], "")
        first = [await anext(stream), await anext(stream)]
        await stream.aclose()

    assert isinstance(first[1], TextDelta)


async def test_the_request_holds_what_was_asked_for_and_nothing_else(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("ok")) as service:
        await collected(transport(service, session))

    (request,) = service.requests
    assert request.method == "POST"
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "model": "gpt-4.1-mini",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
        ],
    }


async def test_parallel_tool_calls_arrive_with_their_arguments(
    session: aiohttp.ClientSession,
) -> None:
    async def weather(city: str) -> str:
        return city

    tool: Tool[Any] = Tool(name="weather", description="The weather", handler=weather)
    calls = [("weather", '{"city":"Rome"}'), ("weather", '{"city":"Oslo"}')]
    async with Service(says(calls=calls)) as service:
        events = await collected(transport(service, session), tool)

    starts = [e for e in events if isinstance(e, ToolUseStart)]
    arguments = {e.tool_use_id: "" for e in starts}
    for event in events:
        if isinstance(event, ToolInputDelta):
            arguments[event.tool_use_id] += event.partial_json
    assert [json.loads(found) for found in arguments.values()] == [
        {"city": "Rome"},
        {"city": "Oslo"},
    ]
    assert isinstance(events[-1], IterationEnd)
    assert events[-1].stop_reason is StopReason.tool_use
    assert service.requests[0].json["tools"][0]["function"]["name"] == "weather"


async def test_a_tool_whose_name_no_service_takes_is_called_by_it(
    session: aiohttp.ClientSession,
) -> None:
    async def weather(city: str) -> str:
        return city

    async def calls(exchange: Exchange) -> None:
        body: Any = exchange.request.json
        await says(calls=[(body["tools"][0]["function"]["name"], "{}")])(exchange)

    tool: Tool[Any] = Tool(name="Wetter für morgen", description="", handler=weather)
    async with Service(calls) as service:
        events = await collected(transport(service, session), tool)

    assert [e.name for e in events if isinstance(e, ToolUseStart)] == ["Wetter für morgen"]


@pytest.mark.parametrize(
    ("settings", "field", "value"),
    [
        pytest.param({"temperature": "0.5"}, "temperature", 0.5, id="a number in a string"),
        pytest.param({"max_output_tokens": 7}, "max_tokens", 7, id="the field most servers know"),
        pytest.param({"reasoning_effort": "low"}, "reasoning_effort", "low", id="effort"),
        pytest.param({"extra_params": {"seed": 3}}, "seed", 3, id="an extra parameter"),
        pytest.param({"extra_params": '{"seed": 3}'}, "seed", 3, id="extra parameters as JSON"),
    ],
)
async def test_a_setting_becomes_a_parameter(
    session: aiohttp.ClientSession, settings: dict[str, Any], field: str, value: object
) -> None:
    async with Service(says("ok")) as service:
        await collected(transport(service, session, **settings))

    assert service.requests[0].json[field] == value


async def test_extra_headers_and_query_are_sent_and_win(session: aiohttp.ClientSession) -> None:
    async with Service(says("ok")) as service:
        await collected(
            transport(
                service,
                session,
                extra_headers={"X-Team": "a", "authorization": "Basic b"},
                extra_query={"api-version": "1"},
            )
        )

    (request,) = service.requests
    assert request.headers["x-team"] == "a"
    assert request.headers["authorization"] == "Basic b"
    assert request.query == {"api-version": "1"}


async def test_a_list_is_asked_for_in_the_service_s_way_unless_the_user_has_another(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(forever=sends(b'[{"id": "m"}]')) as service:
        asked = NebiusTransport(base_url=service.base_url, session=session)
        await asked.fetch_models()
        asked.extra_query = {"verbose": "false"}
        await asked.fetch_models()

    assert [request.query for request in service.requests] == [
        {"verbose": "true"},
        {"verbose": "false"},
    ]


async def test_an_answer_is_not_held_back_by_who_would_compress_it(
    session: aiohttp.ClientSession,
) -> None:
    async def compresses(exchange: Exchange) -> None:  # as the middleware of Express does
        asked = exchange.request.headers["accept-encoding"]
        await (stalls() if "gzip" in asked else stalls(opening(), text("Hello")))(exchange)

    async with Service(forever=compresses) as service:
        asked = transport(service, session, max_retries=1, first_event_timeout=0.5)
        stream = asked.stream(hello(), [], "")
        first = [await anext(stream), await anext(stream)]
        await stream.aclose()

    assert text_of(first) == "Hello"


async def test_what_is_no_stream_may_be_compressed_and_a_stream_where_the_user_says_so(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(embeds(lambda _: [1.0]), says("ok")) as service:
        asked = transport(service, session, extra_headers={"accept-encoding": "gzip"})
        await transport(service, session).embed(["a"])
        await collected(asked)

    assert "gzip" in service.requests[0].headers["accept-encoding"]
    assert service.requests[1].headers["accept-encoding"] == "gzip"


async def test_what_changed_since_the_last_request_is_heard_by_the_next(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("ok"), says("ok"), says("ok")) as service:
        headers, query, extra = {"X-Team": "a"}, {"version": "1"}, {"top_p": 0.1}
        settings = {"extra_headers": headers, "extra_query": query, "extra_params": extra}
        asked = transport(service, session, **settings)
        asked.extra_headers, asked.extra_query, asked.extra_params = headers, query, extra
        await collected(asked)
        headers["X-Team"], query["version"], extra["top_p"] = "b", "2", 0.2  # where they stand
        await collected(asked)
        asked.temperature, asked.api_key = 0.5, "sk-other"
        await collected(asked)

    _, second, third = service.requests
    assert (second.headers["x-team"], second.query) == ("b", {"version": "2"})
    assert (second.json["top_p"], "temperature" in second.json) == (0.2, False)
    assert (third.headers["authorization"], third.json["temperature"]) == ("Bearer sk-other", 0.5)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda asked: setattr(asked, "model", ModelSpec("m")), id="the model"),
        pytest.param(lambda asked: setattr(asked, "learnt", {}), id="an equal place to learn in"),
        pytest.param(lambda asked: setattr(asked, "idle_timeout", 600.5), id="a clock"),
        pytest.param(lambda asked: asked.extra_headers.update(a="b"), id="a header"),
        pytest.param(lambda asked: asked.extra_query.update(a="b"), id="a parameter of the query"),
        pytest.param(lambda asked: asked.extra_params.update(a="b"), id="a parameter"),
    ],
)
async def test_what_settings_come_to_is_made_once_until_one_changes(
    session: aiohttp.ClientSession, change: Callable[[OpenAITransport], object]
) -> None:
    asked = OpenAITransport(api_key=KEY, session=session)
    before = asked.client()
    again = asked.client()
    change(asked)

    assert again is before
    assert asked.client() is not before
    assert asked.with_model(asked.model).client() is not asked.client()


async def test_the_cost_is_on_the_usage_in_dollars(session: aiohttp.ClientSession) -> None:
    async with Service(says("ok", tokens=(1_000_000, 500_000))) as service:
        events = await collected(transport(service, session))

    end = events[-1]
    assert isinstance(end, IterationEnd)
    assert isinstance(end.usage, PricedUsage)
    assert end.usage.cost == pytest.approx(0.4 + 0.8)


async def test_the_cost_that_a_service_reports_is_that_of_the_answer(
    session: aiohttp.ClientSession,
) -> None:
    report = {"prompt_tokens": 4, "completion_tokens": 1, "cost": 0.25}
    counted = b'data: {"choices":[],"usage":%b}\n\n' % json.dumps(report).encode()
    async with Service(streams(opening(), text("a"), finish(), counted, DONE)) as service:
        asked = transport(service, session)
        end = (await collected(asked))[-1]

    assert isinstance(end, IterationEnd)
    for used in (end.usage, asked.last_usage):
        assert isinstance(used, PricedUsage)
        assert used.cost == 0.25


async def test_the_last_usage_is_known_after_a_consumer_left(
    session: aiohttp.ClientSession,
) -> None:
    used = {"prompt_tokens": 4, "completion_tokens": 1}
    pieces = [
        opening(),
        text("a"),
        b'data: {"choices":[],"usage":%b}\n\n' % json.dumps(used).encode(),
    ]
    async with Service(stalls(b"".join(pieces))) as service:
        asked = transport(service, session)
        stream = asked.stream(hello(), [], "")
        await anext(stream)
        await stream.aclose()

    assert asked.last_usage == Usage(4, 1)
    assert isinstance(asked.last_usage, PricedUsage)
    assert asked.last_usage.cost == pytest.approx((4 * 0.4 + 1 * 1.6) / 1_000_000)


async def test_what_is_thrown_into_a_stream_that_has_ended_finds_its_end(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("ok")) as service:
        stream = transport(service, session).stream(hello(), [], "")
        assert [event async for event in stream]
        with pytest.raises(StopAsyncIteration):
            await stream.athrow(LookupError())


async def test_a_service_that_is_down_is_asked_again_only_as_often_as_its_successes_allow(
    session: aiohttp.ClientSession,
) -> None:
    busy, most = refuses(503, "busy"), Budget().size
    replies = (*[busy] * (1 + most), says("one"), busy, says("two"))
    async with Service(*replies) as service:
        asked = transport(service, session, max_retries=2 * most, retry_base_delay=0)
        with pytest.raises(errors.ServerFailed):
            await collected(asked)
        heard = [text_of(await collected(asked)) for _ in range(2)]

    assert heard == ["one", "two"]
    assert service.unused == 0


async def test_of_an_answer_that_is_left_no_more_is_waited_for(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(streams(*answer("one", "two"), pause=0.001), says("ok")) as service:
        asked = transport(service, session)
        stream = asked.stream(hello(), [], "")
        await anext(stream)
        await stream.aclose()
        await collected(asked)

    assert len(service.abandoned) == 1
    assert service.connections == 2


async def test_a_stream_into_which_something_was_thrown_gives_no_further_event(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(streams(opening() + text("a") + text("b"))) as service:
        stream = transport(service, session).stream(hello(), [], "")
        await anext(stream)
        with pytest.raises(LookupError):
            await stream.athrow(LookupError())

        assert [event async for event in stream] == []


async def test_a_busy_service_is_asked_again(session: aiohttp.ClientSession) -> None:
    async with Service(refuses(503, "busy"), refuses(429, "busy"), says("ok")) as service:
        events = await collected(transport(service, session))

    assert text_of(events) == "ok"
    assert len(service.requests) == 3
    assert service.requests[0].body == service.requests[2].body


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(400, errors.BadRequest, id="a bad request"),
        pytest.param(401, errors.AuthenticationFailed, id="a bad key"),
        pytest.param(402, errors.QuotaExhausted, id="no money"),
        pytest.param(403, errors.PermissionRefused, id="not allowed"),
        pytest.param(404, errors.NotFound, id="no such model"),
    ],
)
async def test_a_mistake_is_told_in_the_services_words_and_not_repeated(
    session: aiohttp.ClientSession, status: int, kind: type[errors.APIError]
) -> None:
    async with Service(refuses(status, "no such luck", headers={"x-request-id": "r1"})) as service:
        with pytest.raises(kind, match="no such luck") as caught:
            await collected(transport(service, session))

    assert caught.value.status == status
    assert caught.value.request_id == "r1"
    assert isinstance(caught.value, StreamError)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "said", "sent"),
    [(503, "false", 1), (400, "true", 2)],
    ids=["a busy service says no", "a mistake may pass"],
)
async def test_a_service_may_say_itself_whether_to_ask_again(
    session: aiohttp.ClientSession, status: int, said: str, sent: int
) -> None:
    refusal = refuses(status, headers={"x-should-retry": said})
    async with Service(refusal, refusal) as service:
        asked = transport(service, session, max_retries=2)
        with pytest.raises(errors.StatusError):
            await collected(asked)

    assert len(service.requests) == sent


async def test_a_date_that_a_service_asks_to_wait_for_is_counted_from_now(
    session: aiohttp.ClientSession,
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    async with Service(refuses(429, "busy", headers={"Retry-After": later})) as service:
        with pytest.raises(errors.RateLimited) as caught:
            await collected(transport(service, session))

    assert caught.value.retry_after == pytest.approx(600, abs=60)


async def test_a_service_is_left_alone_for_as_long_as_it_asks(
    session: aiohttp.ClientSession,
) -> None:
    busy, loop = refuses(429, "busy", headers={"retry-after-ms": "80"}), asyncio.get_running_loop()
    async with Service(busy, says("ok")) as service:
        began = loop.time()
        await collected(transport(service, session))

    assert loop.time() - began >= 0.08


async def test_nothing_is_repeated_once_an_event_was_given(session: aiohttp.ClientSession) -> None:
    async with Service(drops_after(*answer("Hel", "lo")[:2])) as service:
        events, failure = await until_it_fails(transport(service, session))

    assert isinstance(failure, errors.Interrupted)
    assert text_of(events) == "Hel"
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        pytest.param(
            text("Or").replace(b'"index":0', b'"index":1'), "choice", id="another candidate's"
        ),
        pytest.param(
            opening().replace(b'"delta"', b'"logprobs":{"content":[{}]},"delta"'),
            "logprobs",
            id="logprobs",
        ),
    ],
)
async def test_what_is_beside_the_answer_is_given_though_it_comes_first(
    session: aiohttp.ClientSession, first: bytes, kind: str
) -> None:
    async with Service(streams(first, *answer("Hello"))) as service:
        events = await collected(transport(service, session, extra_params={"n": 2}))

    assert [event.kind for event in events if isinstance(event, ProviderEvent)] == [kind]
    assert isinstance(events[0], IterationStart)
    assert text_of(events) == "Hello"


@pytest.mark.parametrize(("asked", "said"), [(2, "Hello"), (1, "HelloOr")])
async def test_a_choice_that_follows_the_answer_is_another_candidate_s_where_some_were_asked_for(
    session: aiohttp.ClientSession, asked: int, said: str
) -> None:
    other = text("Or").replace(b'"index":0', b'"index":1')
    async with Service(streams(opening(), text("Hello"), other, DONE)) as service:
        events = await collected(transport(service, session, extra_params={"n": asked}))

    assert text_of(events) == said
    assert any(isinstance(event, ProviderEvent) for event in events) is (asked > 1)


async def test_a_break_before_the_first_event_is_repeated(session: aiohttp.ClientSession) -> None:
    async with Service(drops_after(opening()), says("ok")) as service:
        events = await collected(transport(service, session))

    assert text_of(events) == "ok"


async def test_a_429_that_only_the_words_of_a_200_tell_is_waited_out(
    session: aiohttp.ClientSession,
) -> None:
    told = "{'message': \"Error code: 429 - {'error': 'Slow'}\", 'type': 'RateLimitError'}"
    failed: dict[str, Any] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}
    failed["error"] = {"message": told, "type": "dict"}  # as lm-proxy writes it
    refusal = streams(opening(), b"data: %b\n\ndata: [DONE]\n\n" % json.dumps(failed).encode())
    async with Service(refusal, says("Hello")) as service:
        events = await collected(transport(service, session))

    assert text_of(events) == "Hello"


async def test_a_dead_pooled_connection_is_replaced_at_once_and_costs_no_attempt(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    async with Service(says("one"), hangs_up(reset=True), says("two")) as service:
        asked = transport(service, session, max_retries=1, retry_base_delay=60.0)
        await collected(asked)
        events = await collected(asked)

    assert text_of(events) == "two"
    told = f"OpenAI ({service.base_url}) closed an idle connection; replacing it"
    assert [record.getMessage() for record in caplog.records] == [told]


async def test_ten_turns_in_a_row_use_one_connection(session: aiohttp.ClientSession) -> None:
    async with Service(*[says("ok") for _ in range(10)]) as service:
        asked = transport(service, session)
        for _ in range(10):
            await collected(asked)

    assert service.connections == 1


@pytest.mark.parametrize(
    ("settings", "clock", "pieces"),
    [
        pytest.param({"first_event_timeout": 0.05}, "first event", [], id="nothing comes"),
        pytest.param({"idle_timeout": 0.05}, "idle", [opening(), text("a")], id="it falls silent"),
        pytest.param({"total_timeout": 0.1}, "total", [opening(), text("a")], id="it takes long"),
        pytest.param({"total_timeout": 0.1}, "total", [], id="nothing comes in all the time"),
    ],
)
async def test_a_silent_service_is_given_up(
    session: aiohttp.ClientSession, settings: dict[str, Any], clock: str, pieces: list[bytes]
) -> None:
    async with Service(stalls(*pieces)) as service:
        with pytest.raises(errors.Stalled) as caught:
            await collected(transport(service, session, max_retries=1, **settings))

    assert caught.value.clock == clock
    assert [caught.value.limit] == list(settings.values())
    assert caught.value.retryable is (clock != "total")


@pytest.mark.parametrize(
    "clock", ["connect_timeout", "first_event_timeout", "idle_timeout", "total_timeout"]
)
async def test_a_clock_of_zero_has_no_limit(session: aiohttp.ClientSession, clock: str) -> None:
    slow = streams(*answer("Hel", "lo"), pause=0.001)
    async with Service(slow) as service:
        events = await collected(transport(service, session, max_retries=1, **{clock: 0}))

    assert text_of(events) == "Hello"


class Lost(AbstractResolver):
    """Names are looked up for ever."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.sleep(60)
        return []

    @override
    async def close(self) -> None:
        pass


async def test_to_connect_is_also_to_look_up_the_name() -> None:
    connector = aiohttp.TCPConnector(resolver=Lost(), limit=0)
    async with asyncio.timeout(20), aiohttp.ClientSession(connector=connector) as session:
        asked = OpenAITransport(
            base_url="http://nowhere.test/v1", session=session, connect_timeout=0.05, max_retries=1
        )
        _, failure = await until_it_fails(asked)

    assert isinstance(failure, errors.Stalled)
    assert (failure.clock, failure.limit) == ("connect", 0.05)


class GivenUp(Lost):
    """A resolver that has a limit of its own."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise TimeoutError


async def test_a_limit_of_another_s_is_not_told_as_ours_where_there_is_none() -> None:
    connector = aiohttp.TCPConnector(resolver=GivenUp())
    async with aiohttp.ClientSession(connector=connector) as session:
        asked = OpenAITransport(
            base_url="http://nowhere.test/v1", session=session, connect_timeout=0, max_retries=1
        )
        _, failure = await until_it_fails(asked)

    assert isinstance(failure, errors.ConnectionFailed)
    assert failure.retryable


class Cancelled(Lost):
    """A resolver that others cancel."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise asyncio.CancelledError


async def test_what_others_cancelled_is_not_told_as_a_session_that_is_closed() -> None:
    connector = aiohttp.TCPConnector(resolver=Cancelled())
    async with aiohttp.ClientSession(connector=connector) as session:
        asked = OpenAITransport(base_url="http://nowhere.test/v1", session=session)
        with pytest.raises(asyncio.CancelledError):
            await collected(asked)


class Broken(Lost):
    """A resolver that fails in a way of its own."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise self._failure


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        pytest.param(EOFError(), "EOFError", id="without words"),
        pytest.param(ValueError("too early."), "too early", id="in a sentence"),
        pytest.param(RuntimeError("too late"), "too late", id="in words"),
        pytest.param(ValueError("closed for today"), "closed for today", id="as no session"),
    ],
)
async def test_what_a_part_of_a_session_fails_of_is_told_in_its_words(
    failure: Exception, said: str
) -> None:
    connector = aiohttp.TCPConnector(resolver=Broken(failure))
    async with aiohttp.ClientSession(connector=connector) as session:
        asked = OpenAITransport(base_url="http://nowhere.test/v1", session=session)
        with pytest.raises(errors.NotSent) as caught:
            await collected(asked)

    assert str(caught.value).endswith(f"(http://nowhere.test/v1) was not sent: {said}.")


@pytest.mark.parametrize(("limit", "limit_per_host"), [(1, 0), (0, 1)])
async def test_to_wait_for_a_place_in_the_session_is_not_to_connect(
    limit: int, limit_per_host: int
) -> None:
    connector = aiohttp.TCPConnector(limit=limit, limit_per_host=limit_per_host)
    answering = streams(*answer("a", "b"), pause=0.05)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        Service(forever=answering) as service,
    ):
        asked = transport(service, session, connect_timeout=0.05, max_retries=1)
        answers = await asyncio.gather(*[collected(asked) for _ in range(3)])

    assert [text_of(events) for events in answers] == ["ab"] * 3


async def test_a_stream_that_was_closed_gives_nothing_of_what_had_come(
    session: aiohttp.ClientSession,
) -> None:
    at_once = sends(b"".join(answer("a", "b")), content_type="text/event-stream")
    async with Service(at_once) as service:
        stream = transport(service, session).stream(hello(), [], "")
        await anext(stream)
        await stream.aclose()

        with pytest.raises(StopAsyncIteration):
            await anext(stream)


@pytest.mark.parametrize(
    "end", [stalls, drops_after], ids=["whose end does not come", "whose end is cut off"]
)
async def test_a_stream_that_was_closed_beside_an_answer_may_be_closed_again(
    session: aiohttp.ClientSession, end: Callable[..., Reply]
) -> None:
    async with Service(end(b"".join(answer("a", "b")))) as service:
        stream = transport(service, session).stream(hello(), [], "")
        await anext(stream)
        await stream.aclose()
        await stream.aclose()

        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_a_stream_whose_closing_was_cancelled_is_closed(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(stalls(b"".join(answer("a", "b")))) as service:
        stream = transport(service, session).stream(hello(), [], "")
        await anext(stream)
        closing = asyncio.create_task(stream.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await stream.aclose()

        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_the_body_may_stay_open_after_the_answer(session: aiohttp.ClientSession) -> None:
    async with Service(stalls(*answer("ok")), says("again")) as service:
        asked = transport(service, session)
        first, second = await collected(asked), await collected(asked)

    assert (text_of(first), text_of(second)) == ("ok", "again")


_FINISHED = (opening() + text("Hel"), text("lo") + finish(), usage(11, 7))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(_FINISHED, id="an answer"),
        pytest.param((opening() + text("Hello") + finish() + usage(11, 7),), id="in one piece"),
        pytest.param((opening(), finish("content_filter") + usage(11, 7)), id="of nothing"),
    ],
)
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda pieces: stalls(*pieces), id="stays open"),
        pytest.param(
            lambda pieces: repeats(b": ping\n\n", first=pieces, every=0.01), id="pings for ever"
        ),
        pytest.param(lambda pieces: drops_after(*pieces), id="ends without its last chunk"),
        pytest.param(lambda pieces: drops_after(*pieces, b"data: [DO"), id="is cut in the mark"),
        pytest.param(lambda pieces: stalls(*pieces, b'data: {"cho'), id="stalls in an event"),
    ],
)
async def test_a_finished_answer_is_whole_however_its_body_ends(
    monkeypatch: pytest.MonkeyPatch,
    session: aiohttp.ClientSession,
    pieces: tuple[bytes, ...],
    end: Callable[[tuple[bytes, ...]], Reply],
) -> None:
    monkeypatch.setattr(http_body, "_AFTER_ANSWER", 0.1)
    async with Service(end(pieces)) as service:
        events = await collected(transport(service, session))

    assert isinstance(events[-1], IterationEnd)
    assert events[-1].usage == Usage(11, 7)
    assert len(service.requests) == 1


async def test_what_follows_a_finish_reason_after_all_is_waited_for_as_ever(
    monkeypatch: pytest.MonkeyPatch, session: aiohttp.ClientSession
) -> None:
    monkeypatch.setattr(http_body, "_AFTER_ANSWER", 0.1)
    pieces = [opening() + finish(), text("Hel"), *[b": slow\n\n"] * 8, text("lo"), finish()]
    async with Service(streams(*pieces, pause=0.04)) as service:
        events = await collected(transport(service, session))

    assert text_of(events) == "Hello"


_THOUGHT = b'data: {"choices":[{"delta":{"reasoning":"hm"},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize(
    "early", [pytest.param(finish(), id="a role"), pytest.param(_THOUGHT, id="thoughts")]
)
async def test_a_finish_reason_before_the_answer_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, session: aiohttp.ClientSession, early: bytes
) -> None:
    monkeypatch.setattr(http_body, "_AFTER_ANSWER", 0.1)
    pieces = [opening() + early, text("Hello"), finish()]
    async with Service(streams(*pieces, pause=0.3), drops_after(opening() + early)) as service:
        asked = transport(service, session, max_retries=1)
        events = await collected(asked)
        with pytest.raises(errors.Interrupted):
            await collected(asked)

    assert text_of(events) == "Hello"


async def test_an_error_after_the_finish_reason_is_an_error(session: aiohttp.ClientSession) -> None:
    failure = b'data: {"error":{"message":"gave up"}}\n\n'
    async with Service(stalls(*_FINISHED, failure)) as service:
        with pytest.raises(errors.ProviderError, match="gave up"):
            await collected(transport(service, session))


async def test_a_service_that_cannot_be_reached_is_told_by_its_address(
    session: aiohttp.ClientSession,
) -> None:
    async with Service() as service:
        gone = service.base_url
    asked = OpenAITransport(base_url=gone, api_key=KEY, session=session, max_retries=1)
    with pytest.raises(errors.ConnectionFailed, match=r"127\.0\.0\.1"):
        await collected(asked)


async def test_a_session_that_raises_by_itself_changes_nothing() -> None:
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        Service(refuses(503, "busy"), says("ok")) as service,
    ):
        events = await collected(transport(service, session))

    assert text_of(events) == "ok"


@pytest.mark.parametrize("clock", ["first_event_timeout", "total_timeout", "idle_timeout"])
async def test_a_refusal_whose_words_stall_is_still_that_refusal(
    session: aiohttp.ClientSession, clock: str
) -> None:
    words = b'{"error":{"message":"bad key"}}'
    head = b"HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\n"
    async with Service(writes(head, words), forever=hangs_up()) as service:
        with pytest.raises(errors.AuthenticationFailed, match="bad key"):
            await collected(transport(service, session, **{clock: 0.1}))

    assert len(service.requests) == 1


async def test_an_error_inside_the_stream_comes_after_what_was_said(
    session: aiohttp.ClientSession,
) -> None:
    body = opening() + text("Hel") + b'data: {"error":{"message":"gave up"}}\n\n'
    async with Service(streams(body)) as service:
        events, failure = await until_it_fails(transport(service, session))

    assert isinstance(failure, errors.ProviderError)
    assert failure.said == "gave up"
    assert text_of(events) == "Hel"


async def test_a_failed_attempt_is_logged_once_and_without_the_key(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Service(refuses(503, f"bad {KEY}"), says("ok")) as service:
        await collected(transport(service, session))

    ours = [r for r in caplog.records if r.name == "axio_transport_openai"]
    assert [record.levelname for record in ours] == ["WARNING"]
    assert KEY not in caplog.text


async def test_debug_shows_what_is_sent_and_comes_without_the_key(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    async with Service(says(f"the key is {KEY}", "!")) as service:
        await collected(transport(service, session, debug=True))

    assert '"content":"hello"' in caplog.text
    assert "answered 200" in caplog.text
    assert "the key is ***" in caplog.text
    assert KEY not in caplog.text


async def test_debug_shows_the_beginning_of_what_goes_where_without_a_query_or_a_key_in_it(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    long = "x" * 100_000
    async with Service(lists("m"), says(long)) as service:
        asked = OpenRouterTransport(
            base_url=f"{service.url}/{KEY}/v1?version=1", api_key=KEY, session=session, debug=True
        )
        await asked.fetch_models()
        asked.extra_params = {"user": KEY, "note": long}
        await collected(asked)

    told = [record.getMessage() for record in caplog.records]
    sent = f"POST {service.url}/***/v1/chat/completions "
    assert told[0] == f"GET {service.url}/***/v1/models "
    (line,) = (line for line in told if line.startswith(sent))
    assert '"user":"***"' in line
    assert len(line) == len(sent) + 20_000 + len("...")
    came = f"{asked.name} ({service.url}/***/v1) sent "
    lengths = [len(line) for line in told if line.startswith(came)]
    assert max(lengths) == len(came) + 20_000 + len("...")
    assert came not in told
    assert {record.levelname for record in caplog.records} == {"DEBUG"}
    assert "tell" not in {record.funcName for record in caplog.records}
    assert KEY not in caplog.text


async def test_debug_shows_characters_that_come_in_two_reads_and_bytes_that_are_none(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    comment = ": grün".encode()
    async with Service(streams(comment[:5], comment[5:] + b"\xff\n\n", *answer("ok"))) as service:
        assert text_of(await collected(transport(service, session, debug=True))) == "ok"

    assert "sent ün\ufffd" in caplog.text


@pytest.mark.parametrize("heard", [True, False], ids=["logging is set up", "it is not"])
async def test_debug_shows_itself_only_where_logging_is_not_set_up(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    heard: bool,
) -> None:
    monkeypatch.setattr(logging.getLogger("axio_transport_openai"), "propagate", heard)
    async with Service(says(f"the key is {KEY}")) as service:
        await collected(transport(service, session, debug=True))
    shown = capsys.readouterr().err

    assert ('"content":"hello"' in shown) is not heard
    assert ("the key is ***" in shown) is not heard
    assert KEY not in shown


async def test_debug_shows_nothing_where_its_logger_is_turned_off(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("axio_transport_openai")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "disabled", True)
    async with Service(says("ok")) as service:
        await collected(transport(service, session, debug=True))

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("cut", range(1, len(KEY), 5))
async def test_a_key_that_comes_in_two_reads_is_not_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, cut: int
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    body = b"".join(answer(f"the key is {KEY}"))
    place = body.index(KEY.encode()) + cut
    async with Service(streams(body[:place], body[place:])) as service:
        await collected(transport(service, session, debug=True))

    assert "sent ***" in caplog.text
    assert KEY[:7] not in caplog.text
    assert KEY[-7:] not in caplog.text


async def test_a_key_whose_end_never_comes_is_not_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    body = opening() + text(f"the key is {KEY}").partition(KEY[-3:].encode())[0]
    async with Service(drops_after(body)) as service:
        await until_it_fails(transport(service, session, debug=True, max_retries=1))

    assert "sent ***" in caplog.text
    assert KEY[:7] not in caplog.text


def breaks_off(told: bytes) -> Reply:
    """A refusal that promised more than this."""

    async def reply(exchange: Exchange) -> None:
        await exchange.head(401, {}, content_type="text/plain", length=len(told) + 2)
        await exchange.piece(told)
        exchange.close()

    return reply


@pytest.mark.parametrize("before", [b"", b" " * (64 * 1024 - 45)], ids=["broken off", "too long"])
async def test_no_part_of_a_key_shows_where_a_refusal_ends_too_early(
    session: aiohttp.ClientSession, before: bytes
) -> None:
    told = before + f"Incorrect API key provided: {KEY}"[: 45 if before else -2].encode()
    async with Service(breaks_off(told)) as service:
        with pytest.raises(errors.AuthenticationFailed) as caught:
            await collected(transport(service, session))

    assert caught.value.said == "Incorrect API key provided: ***"


async def test_a_refusal_that_breaks_off_within_a_character_is_heard(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(breaks_off("Kein Schlüssel".encode()[:10])) as service:
        with pytest.raises(errors.AuthenticationFailed) as caught:
            await collected(transport(service, session))

    assert caught.value.said == "Kein Schl\ufffd"


async def test_what_begins_like_a_key_shows_where_a_refusal_ends_with_it(
    session: aiohttp.ClientSession,
) -> None:
    told = f"Keys begin with {KEY[:8]}"
    async with Service(sends(told.encode(), status=401)) as service:
        with pytest.raises(errors.AuthenticationFailed) as caught:
            await collected(transport(service, session))

    assert caught.value.said == told


async def test_no_key_shows_where_no_http_is_spoken(session: aiohttp.ClientSession) -> None:
    async with Service(writes(f"{KEY} is no key\r\n\r\n".encode(), close=True)) as service:
        with pytest.raises(errors.ProtocolError, match=r"\*\*\* is no key") as caught:
            await collected(transport(service, session))

    assert KEY not in str(caught.value)


async def test_no_part_of_a_key_shows_where_vectors_are_none(
    session: aiohttp.ClientSession,
) -> None:
    told = b"\0" * 460 + f"What is {KEY}?".encode() + b"x" * 440
    async with Service(sends(told)) as service:
        with pytest.raises(errors.ProtocolError) as caught:
            await transport(service, session).embed(["a"])

    assert caught.value.said == "What is ***"


SECRET = "hunter2hunter2"
BESIDE = {f"extra_{kind}": {"api_key": SECRET} for kind in ("headers", "query", "params")}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"extra_query": {"key": SECRET}}, id="the query"),
        pytest.param({"extra_headers": {"api-key": SECRET}}, id="a header"),
        pytest.param({"extra_headers": {"authorization": f"Basic {SECRET}"}}, id="credentials"),
        pytest.param({"base_url": f"?key={SECRET}"}, id="the query of the address"),
        pytest.param({"extra_params": {"api_key": SECRET}}, id="LiteLLM's parameter"),
        pytest.param(
            {"extra_params": {"data_sources": [{"authentication": {"key": SECRET}}]}},
            id="the key of Azure's search",
        ),
    ],
)
async def test_secrets_beside_the_key_are_neither_shown_nor_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, settings: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG, "axio_transport_openai")
    async with Service(refuses(401, f"The key {SECRET} is none.")) as service:
        address = service.base_url + settings.get("base_url", "")
        asked = transport(service, session, debug=True, **settings | {"base_url": address})
        with pytest.raises(errors.AuthenticationFailed, match=r"The key \*\*\* is none") as caught:
            await collected(asked)

    assert SECRET not in f"{caught.value!r} {caught.value.said} {asked!r}"
    assert SECRET not in caplog.text
    assert "/v1/chat/completions" in caplog.text


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="a refusal"),
        pytest.param({"base_url": "ftp://nowhere"}, id="no base URL"),
        pytest.param({"base_url": "http://127.0.0.1:9/v1"}, id="nobody there"),
        pytest.param({"extra_headers": {"a b": SECRET}}, id="a header that is none"),
        pytest.param({"model": ModelSpec("")}, id="no model"),
    ],
)
async def test_no_frame_of_a_failure_shows_a_secret(
    session: aiohttp.ClientSession, settings: dict[str, Any]
) -> None:
    async with Service(forever=refuses(401, "No.")) as service:
        asked = transport(service, session, **{"max_retries": 1} | BESIDE | settings)
        with pytest.raises(errors.APIError) as caught:
            await collected(asked)

        asked.session = None
        with pytest.raises(errors.NotSent) as unasked:
            await collected(asked)

    frames = [*caught.traceback, *unasked.traceback]
    ours = [entry for entry in frames if "axio_transport_openai" in str(entry.path)]
    shown = [f"{name}={value!r}" for entry in ours for name, value in entry.locals.items()]
    assert shown
    assert [local for local in shown if KEY in local or SECRET in local] == []


def shown_by(error: BaseException | None) -> list[str]:
    """All locals in the frames of an error and of those behind it, but for the tests' own."""
    shown: list[str] = []
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename != __file__:
                shown += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
        error = error.__cause__ or error.__context__
    return shown


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="cancelled"),
        pytest.param({"first_event_timeout": 0.02, "max_retries": 1}, id="given up"),
        pytest.param({"base_url": "http://127.0.0.1:9/v1", "max_retries": 1}, id="nobody there"),
    ],
)
async def test_no_frame_of_a_request_without_a_response_shows_a_secret(
    session: aiohttp.ClientSession, settings: dict[str, Any]
) -> None:
    async with Service(forever=stalls(head=False)) as service:
        asked = transport(service, session, **BESIDE | settings)
        with pytest.raises((errors.APIError, TimeoutError)) as caught:
            async with asyncio.timeout(0.2):
                await collected(asked)

    shown = shown_by(caught.value)
    assert shown
    assert [local for local in shown if KEY in local or SECRET in local] == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f'data: {{"error": {{"message": "{KEY} is no key"}}}}\n\n', id="an event"),
        pytest.param(f'{{"error": {{"message": "{KEY} is no key"}}}}', id="an object"),
        pytest.param(f"<html>{KEY} is no key</html>", id="a page"),
        pytest.param(f'{{"data": ["{KEY}"]}}', id="something else"),
    ],
)
async def test_no_frame_of_a_failure_shows_what_a_service_repeats(
    session: aiohttp.ClientSession, content: str
) -> None:
    async with Service(forever=sends(content.encode())) as service:
        asked = transport(service, session, max_retries=1)
        with pytest.raises(errors.APIError) as unanswered:
            await collected(asked)
        with pytest.raises(errors.APIError) as unembedded:
            await asked.embed(["Hi."])

    for failure in (unanswered.value, unembedded.value):
        shown = shown_by(failure)
        assert shown
        assert [local for local in shown if KEY in local] == []


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, id="refused"), pytest.param({"model": ModelSpec("")}, id="not sent")],
)
async def test_rich_shows_no_secret_of_a_failure(
    session: aiohttp.ClientSession, settings: dict[str, Any]
) -> None:
    async with Service(forever=refuses(401, "No.")) as service:
        with pytest.raises(errors.APIError) as caught:
            await collected(transport(service, session, max_retries=1, **BESIDE | settings))
    failure, ours = caught.value, caught.value.__traceback__
    while ours and ours.tb_frame.f_code.co_filename == __file__:
        ours = ours.tb_next
    console = Console(file=io.StringIO(), width=400, record=True)
    console.print(Traceback.from_exception(type(failure), failure, ours, show_locals=True))

    shown = console.export_text()
    assert "Client(" in shown
    assert [secret for secret in (KEY, SECRET) if secret in shown] == []


async def test_no_frame_of_an_app_that_is_refused_shows_its_settings(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(forever=refuses(401)) as service:
        saved: dict[str, Any] = {"api_key": KEY, "base_url": service.base_url}
        with pytest.raises(errors.AuthenticationFailed) as caught:
            async with OpenRouterTransport.open_for_app(session=session, **saved):
                pass

    shown = shown_by(caught.value)
    assert shown
    assert [local for local in shown if KEY in local] == []


@dataclass
class Own(OpenAITransport):
    """A service of a user's own."""

    name: str = "Own"


@pytest.mark.parametrize("kind", [OpenAITransport, OpenAICompatibleTransport, Own])
def test_a_representation_shows_an_address_without_its_secrets(
    kind: type[OpenAITransport],
) -> None:
    made = kind(base_url=f"https://me:{SECRET}@h/v1?key={SECRET}", model=ModelSpec("m"))

    assert SECRET not in repr(made)
    assert repr(made).startswith(f"{kind.__name__}(name={made.name!r}, base_url='https://***@h/v1'")
    assert "max_retries=10" in repr(made)


async def test_a_stream_that_is_never_iterated_sends_nothing(
    session: aiohttp.ClientSession,
) -> None:
    async with Service() as service:
        transport(service, session).stream(hello(), [], "")
        gc.collect()

    assert service.requests == []


@pytest.mark.parametrize("closing", [True, False], ids=["closed", "dropped"])
async def test_the_service_sees_a_consumer_leave(
    session: aiohttp.ClientSession, *, closing: bool
) -> None:
    flood = repeats(text("more "), first=(opening(),), every=0.005)
    async with Service(flood) as service:
        stream = transport(service, session).stream(hello(), [], "")
        async for event in stream:
            if isinstance(event, TextDelta):
                break
        if closing:
            await stream.aclose()
        del stream, event
        gc.collect()
        await asyncio.wait_for(service.vacated(), 5)

    assert len(service.abandoned) == 1


async def test_cancelling_a_consumer_ends_its_request(session: aiohttp.ClientSession) -> None:
    come = asyncio.Event()

    async def held(exchange: Exchange) -> None:
        come.set()
        await stalls(opening() + text("a"))(exchange)

    async with Service(held, says("ok")) as service:
        asked = transport(service, session)
        task = asyncio.create_task(collected(asked))
        await come.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        events = await collected(asked)

    assert text_of(events) == "ok"


@pytest.mark.parametrize("session", [None, 5], ids=["none", "a number"])
async def test_without_a_session_the_error_says_what_to_do(
    session: aiohttp.ClientSession | None,
) -> None:
    with pytest.raises(errors.NotSent, match=r"session=aiohttp\.ClientSession"):
        await collected(OpenAITransport(api_key=KEY, session=session))


async def test_as_a_context_it_owns_a_session_and_closes_it() -> None:
    async with (
        Service(says("ok")) as service,
        OpenAITransport(base_url=service.base_url, api_key=KEY) as owner,
    ):
        events = await collected(owner)
        owned = owner.session

    assert text_of(events) == "ok"
    assert owned is not None
    assert owned.closed
    assert owner.session is None


async def test_a_long_header_does_not_keep_an_answer_from_a_session_of_its_own() -> None:
    policy = {"Content-Security-Policy": "connect-src https://example.com; " * 500}
    async with (
        Service(streams(*answer("Hello."), headers=policy)) as service,
        OpenAITransport(base_url=service.base_url, api_key=KEY) as transport,
    ):
        events = await collected(transport)

    assert text_of(events) == "Hello."


async def test_a_session_of_its_own_is_closed_by_the_last_to_leave() -> None:
    async with Service(says("ok"), says("ok")) as service:
        owner = OpenAITransport(base_url=service.base_url, api_key=KEY)
        async with owner:
            owned = owner.session
            async with owner:
                await collected(owner)
            events = await collected(owner)

    assert text_of(events) == "ok"
    assert owned is not None
    assert owned.closed


@pytest.mark.parametrize("cloned", [copy.copy, copy.deepcopy], ids=["a clone", "a deep copy"])
async def test_a_clone_that_is_entered_may_outlast_the_transport_it_was_made_of(
    cloned: Callable[[OpenAITransport], OpenAITransport],
) -> None:
    async with Service(says("one"), says("two"), says("three")) as service:
        async with OpenAITransport(base_url=service.base_url, api_key=KEY) as owner:
            clone = await cloned(owner).__aenter__()
        heard = [text_of(await collected(clone))]
        assert owner.session is None
        async with owner, clone:
            heard += [text_of(await collected(owner)), text_of(await collected(clone))]
        owned = clone.session
        await clone.__aexit__(None, None, None)

    assert heard == ["one", "two", "three"]
    assert owned is not None
    assert owned.closed
    assert clone.session is None


async def test_a_session_of_its_own_takes_as_many_answers_at_once_as_are_asked_for() -> None:
    all_here = asyncio.Barrier(101)  # aiohttp's own limit is 100 connections

    async def together(exchange: Exchange) -> None:
        await all_here.wait()
        await says("ok")(exchange)

    async with (
        Service(forever=together) as service,
        OpenAITransport(base_url=service.base_url, api_key=KEY) as owner,
        asyncio.timeout(20),
    ):
        answers = await asyncio.gather(*(collected(owner) for _ in range(all_here.parties)))

    assert {text_of(events) for events in answers} == {"ok"}


async def test_a_clone_that_was_left_behind_can_be_entered_anew() -> None:
    async with Service(says("ok")) as service:
        async with OpenAITransport(base_url=service.base_url, api_key=KEY) as owner:
            clone = owner.with_model(owner.model)
        async with clone:
            events = await collected(clone)

    assert text_of(events) == "ok"


async def test_a_borrowed_session_stays_open(session: aiohttp.ClientSession) -> None:
    async with Service(says("ok")) as service, transport(service, session) as borrower:
        await collected(borrower)

    assert not session.closed


async def test_a_closed_session_is_told_as_such(session: aiohttp.ClientSession) -> None:
    async with Service() as service:
        asked = transport(service, session)
    await session.close()
    with pytest.raises(errors.NotSent, match="closed"):
        await collected(asked)


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "there"])
def test_a_session_of_another_loop_is_told_as_such(*, ended: bool) -> None:
    async def opened() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def ask(session: aiohttp.ClientSession) -> None:
        asked = OpenAITransport(base_url="http://127.0.0.1:9/v1", session=session)
        async with session:
            with pytest.raises(errors.NotSent, match="sent: its session belongs to another event"):
                await collected(asked)

    with asyncio.Runner() as first:
        session = first.run(opened())
        if ended:
            first.close()
        asyncio.run(ask(session))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"base_url": ""}, "http://", id="an empty URL"),
        pytest.param({"base_url": "localhost:1/v1"}, "http://", id="a URL without scheme"),
        pytest.param({"base_url": "http://h:99999/v1"}, "port", id="a port that is none"),
        pytest.param({"base_url": "http://u:p@h/v1"}, "password", id="a password in the URL"),
        pytest.param(
            {"api_key": "sk-\u043a\u043b\u044e\u0447"}, "API key", id="a key that is no ASCII"
        ),
        pytest.param({"api_key": "sk-a\r\nX-Evil: 1"}, "API key", id="a key with a line break"),
        pytest.param({"model": ModelSpec("")}, "model", id="no model"),
        pytest.param({"model": ModelSpec(" ")}, "model", id="a blank model"),
        pytest.param({"extra_headers": {"a b": "c"}}, "header", id="a header that is none"),
    ],
)
async def test_what_cannot_be_asked_is_told_before_anything_is_sent(
    session: aiohttp.ClientSession, settings: dict[str, Any], told: str
) -> None:
    async with Service() as service:
        given: dict[str, Any] = {"base_url": service.base_url, "api_key": KEY, "session": session}
        with pytest.raises(errors.NotSent, match=told):
            await OpenAITransport(**given | settings).embed(["hello"])
        with pytest.raises(errors.NotSent, match=told) as caught:
            await collected(OpenAITransport(**given | settings))

    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("max_retries", "many", id="a word for a number"),
        pytest.param("max_retries", "2.5", id="half a retry"),
        pytest.param("retry_base_delay", float("nan"), id="no number"),
        pytest.param("retry_base_delay", -1, id="a wait backwards"),
        pytest.param("temperature", "warm", id="a warm temperature"),
        pytest.param("extra_params", "[1]", id="a list for a mapping"),
        pytest.param("extra_params", "{", id="JSON that is none"),
        pytest.param("extra_params", None, id="nothing for a mapping"),
        pytest.param("debug", "perhaps", id="perhaps"),
        pytest.param("name", None, id="no name"),
        pytest.param("name", 5, id="a number for a name"),
        pytest.param("api_key", b"sk", id="a key in bytes"),
        pytest.param("base_url", 5, id="a number for an address"),
        pytest.param("model", None, id="no model"),
        pytest.param("model", 5, id="a number for a model"),
        pytest.param("models", None, id="no models"),
    ],
)
def test_a_bad_setting_is_named_when_the_transport_is_made_or_it_is_set(
    name: str, value: object
) -> None:
    given: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"^{name} must be"):
        OpenAITransport(**given)
    with pytest.raises(ValueError, match=f"^{name} must be"):
        setattr(OpenAITransport(), name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "mine"),
        ("base_url", None),
        ("model", "gpt-4o-mini"),
        ("max_retries", "3"),
        ("temperature", "0.5"),
        ("extra_params", '{"top_p": 0.5}'),
        ("extra_headers", {"X-Team": 7}),
        ("reasoning_effort", ""),
        ("dialect", {"limit_field": "max_completion_tokens"}),
        ("learnt", {"m": {"stream_options": False}}),
        ("debug", "no"),
        ("total_timeout", ""),
    ],
)
def test_a_setting_is_read_the_same_whether_it_is_given_or_set(name: str, value: object) -> None:
    given: dict[str, Any] = {name: value}
    changed = OpenAITransport()
    setattr(changed, name, value)

    assert getattr(changed, name) == getattr(OpenAITransport(**given), name)
    assert changed == OpenAITransport(**given)


def test_a_model_that_is_given_by_its_id_is_the_one_of_the_models() -> None:
    given: dict[str, Any] = {"model": "gpt-4o-mini"}
    elsewhere: dict[str, Any] = {"model": "own"}

    assert OpenAITransport(**given).model == OPENAI_MODELS["gpt-4o-mini"]
    assert OpenAITransport(**elsewhere).model == ModelSpec("own", CHAT)


@pytest.mark.parametrize("kind", [OpenAITransport, NebiusTransport, OpenAICompatibleTransport])
def test_no_key_and_no_address_are_those_of_the_environment(
    kind: type[OpenAITransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    given: dict[str, Any] = {"api_key": None, "base_url": None}

    assert kind(**given) == kind()


@pytest.mark.parametrize("kind", [OpenAITransport, OpenAICompatibleTransport, NebiusTransport])
def test_by_position_the_key_comes_first_or_the_address(
    kind: type[OpenAITransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("NEBIUS_API_KEY", "sk-env")
    made = kind("mine", api_key="sk-mine", base_url="http://h/v1")

    assert kind("mine", "sk-mine", "http://h/v1") == made
    assert kind("mine", "http://h/v1", "sk-mine") == made
    assert kind("mine", "http://h/v1", "") == kind("mine", api_key="", base_url="http://h/v1")
    assert kind("mine", "http://h/v1") == kind("mine", base_url="http://h/v1")


def test_two_addresses_are_left_where_they_are() -> None:
    made = OpenAITransport(api_key="http://key/", base_url="http://h/v1")

    assert (made.api_key, made.base_url) == ("http://key/", "http://h/v1")


@pytest.mark.parametrize("address", ["http://[::1/v1", "http://[x]/v1"])
async def test_an_address_that_cannot_be_read_is_told_as_such(
    session: aiohttp.ClientSession, address: str
) -> None:
    made = OpenAITransport(base_url=address, api_key=KEY, session=session)
    with pytest.raises(errors.NotSent, match="has a wrong host or port"):
        await collected(made)

    assert made.describe_thinking()
    assert made.supported_thinking_levels(made.model)


def test_numbers_may_come_as_strings() -> None:
    saved: dict[str, Any] = {"max_retries": "3", "retry_base_delay": "0.5", "debug": "true"}
    made = OpenAITransport(**saved)

    assert (made.max_retries, made.retry_base_delay, made.debug) == (3, 0.5, True)


def test_defaults_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env\n")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    made = OpenAITransport()

    assert (made.api_key, made.base_url) == ("sk-env", "http://h/v1")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "")

    assert OpenAITransport().base_url == "https://api.openai.com/v1"


def test_only_openai_takes_openais_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    monkeypatch.delenv("NEBIUS_API_KEY", raising=False)
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    kinds = (NebiusTransport, OpenRouterTransport, OpenAICompatibleTransport)
    made = [kind() for kind in kinds] + [kind.from_dict({"name": "n"}) for kind in kinds]

    assert [t.api_key for t in made] == [""] * 6
    assert not any("http://h" in t.base_url for t in made)


def test_credentials_are_a_key_or_a_server_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "XDG_DATA_HOME"):  # the providers of whoever runs this are not looked at
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NEBIUS_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    assert not OpenAITransport.has_credentials()
    assert not OpenAITransport.has_credentials({"api_key": "  "})
    assert not OpenAITransport.has_credentials({"api_key": None, "base_url": None})
    assert OpenAITransport.has_credentials({"api_key": "sk"})
    assert OpenAITransport.has_credentials({"base_url": "http://localhost:8080/v1"})
    assert not OpenAICompatibleTransport.has_credentials()
    Store().save([Saved("mine", "http://localhost:8080/v1")])
    assert not OpenAICompatibleTransport.has_credentials()
    Store().save([Saved("mine", "http://localhost:8080/v1", models=(ModelSpec("m"),))])
    assert OpenAICompatibleTransport.has_credentials()
    monkeypatch.setenv("NEBIUS_API_KEY", "k")
    assert NebiusTransport.has_credentials()


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        (OpenAITransport, "OPENAI_BASE_URL"),
        (NebiusTransport, "NEBIUS_BASE_URL"),
        (OpenRouterTransport, "OPENROUTER_BASE_URL"),
    ],
)
def test_the_environment_may_say_where_a_service_is(
    service: type[OpenAITransport], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://localhost:8080/v1")

    assert service().base_url == "http://localhost:8080/v1"
    monkeypatch.setenv(variable, "")
    assert service().base_url == service.default_base_url


def test_the_bundled_catalogue_keeps_axios_contract() -> None:
    # The oldest axio that is supported has no such check.
    check = getattr(axio.testing, "assert_static_model_transport_contract", None)
    if check is None:
        pytest.skip("this axio has no contract for a catalogue")

    check(OpenAITransport())


async def test_fetching_openais_models_refills_a_registry_that_was_cleared() -> None:
    made = OpenAITransport()
    made.models.clear()
    await made.fetch_models()

    assert list(made.models.keys()) == list(OPENAI_MODELS.keys())
    made.models.clear()
    assert OPENAI_MODELS


async def test_a_custom_provider_gives_back_the_models_it_was_made_with() -> None:
    spec = ModelSpec("llama3.2", frozenset({Capability.text}))
    made = OpenAICompatibleTransport(name="n", base_url="http://h", models=ModelRegistry([spec]))
    made.models.clear()
    await made.fetch_models()

    assert list(made.models.values()) == [spec]
    assert made.model == spec


@pytest.mark.parametrize("kind", [NebiusTransport, OpenRouterTransport])
async def test_a_listing_service_is_asked_for_its_models(
    session: aiohttp.ClientSession, kind: type[OpenAITransport]
) -> None:
    entry = {"id": kind().model.id, "context_length": 4321}
    async with Service(lists(entry, {"no": "id"}, {"id": "b/c"})) as service:
        made = kind(base_url=service.base_url, api_key=KEY, session=session)
        assert Capability.tool_use in made.model.capabilities
        await made.fetch_models()

    assert list(made.models.keys()) == [made.model.id, "b/c"]
    assert made.model.context_window == 4321
    assert service.requests[0].path == "/v1/models"


async def test_entries_that_cannot_be_read_are_counted_in_one_line(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with Service(lists("a/b", {"no": "id"}, {"id": None})) as service:
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        await made.fetch_models()

    (record,) = [found for found in caplog.records if "axio" in found.name]
    assert "2 models" in record.getMessage()
    assert list(made.models.keys()) == ["a/b"]


_LARGEST = 32 * 2**20
_TOO_LARGE = pytest.raises(errors.ProtocolError, match=f"more than {_LARGEST} bytes")


@pytest.mark.parametrize(("size", "taken"), [(_LARGEST, nullcontext()), (_LARGEST + 1, _TOO_LARGE)])
async def test_a_list_of_models_that_is_larger_than_any_is_not_read(
    session: aiohttp.ClientSession, size: int, taken: AbstractContextManager[object]
) -> None:
    listed = b'{"data": [{"id": "a/b"}]}'.ljust(size)
    async with Service(sends(listed)) as service:
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        with taken:
            await made.fetch_models()


async def test_what_is_left_of_a_list_that_is_too_large_is_not_waited_for(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(sends(b" " * (_LARGEST + 2**20))) as service, asyncio.timeout(5):
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        with _TOO_LARGE:
            await made.fetch_models()
        await service.vacated()


async def test_a_list_that_is_a_part_of_one_is_told_to_be(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    # newo-ether/Agora#41
    listed = [{"id": "a/b"}, {"id": "c/d"}]
    page = {"data": listed, "has_more": True, "first_id": "a/b", "last_id": "c/d"}
    async with Service(sends(json.dumps(page).encode())) as service:
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        await made.fetch_models()

    (record,) = [found for found in caplog.records if "axio" in found.name]
    assert "no more than 2 of its models" in record.getMessage()
    assert list(made.models.keys()) == ["a/b", "c/d"]


@pytest.mark.parametrize("emptied", [False, True], ids=["as it is", "emptied to be reloaded"])
async def test_a_failed_refresh_keeps_what_was_there(
    session: aiohttp.ClientSession, *, emptied: bool
) -> None:
    async with Service(lists("a/b"), sends(b"<html>")) as service:
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        await made.fetch_models()
        if emptied:
            made.models.clear()
        with pytest.raises(errors.ProtocolError):
            await made.fetch_models()

    assert list(made.models.keys()) == ["a/b"]


async def test_a_first_refresh_that_fails_keeps_the_models_it_was_made_with(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(sends(b"<html>")) as service:
        made = OpenRouterTransport(base_url=service.base_url, session=session)
        made.models.clear()
        with pytest.raises(errors.ProtocolError):
            await made.fetch_models()

    assert list(made.models.values()) == [made.model]


def test_a_model_is_resolved_by_its_id_or_a_variant_of_it() -> None:
    made = OpenRouterTransport()

    assert made.resolve_model("google/gemini-2.5-pro-preview").id == "google/gemini-2.5-pro-preview"
    assert made.resolve_model("google/gemini-2.5-pro-preview:nitro").id.endswith(":nitro")
    with pytest.raises(KeyError, match="there is no model 'no/such'"):
        made.resolve_model("no/such")


def test_a_clone_with_another_model_shares_the_rest(session: aiohttp.ClientSession) -> None:
    del session
    made = OpenAITransport(api_key=KEY, max_retries=4)
    clone = made.with_model(OPENAI_MODELS["gpt-4o"])

    assert (clone.model.id, clone.api_key, clone.max_retries) == ("gpt-4o", KEY, 4)
    assert made.model.id == "gpt-4.1-mini"
    assert copy.copy(made).api_key == KEY


@dataclass(slots=True)
class Slotted(OpenAITransport):
    """A service of somebody's own, its settings in slots."""

    name: str = "Slotted"
    region: str = "eu"


@pytest.mark.parametrize(
    "made_of",
    [
        pytest.param(lambda made: made.with_model(made.model), id="with_model"),
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda made: pickle.loads(pickle.dumps(made)), id="pickle"),
    ],
)
def test_a_subclass_with_slots_can_be_cloned(
    made_of: Callable[[OpenAITransport], OpenAITransport],
) -> None:
    made = Slotted(region="us", extra_params={"stop": ["a"]}, max_retries=4)
    clone = made_of(made)
    clone.temperature = 1.0

    assert isinstance(clone, Slotted)
    assert (clone.name, clone.region, clone.max_retries) == ("Slotted", "us", 4)
    assert clone.extra_params == {"stop": ["a"]}
    assert clone.model == made.model
    assert made.temperature is None


def test_a_deep_copy_of_a_subclass_with_slots_has_settings_of_its_own() -> None:
    made = Slotted(extra_params={"stop": ["a"]})

    assert copy.deepcopy(made).extra_params["stop"] is not made.extra_params["stop"]


async def test_texts_become_vectors_in_their_order(session: aiohttp.ClientSession) -> None:
    async with Service(embeds(lambda text: [float(len(text)), 1.0])) as service:
        vectors = await transport(service, session).embed(["a", "bbb", "cc"])

    assert vectors == [[1.0, 1.0], [3.0, 1.0], [2.0, 1.0]]


async def test_no_texts_cost_nothing() -> None:
    assert await OpenAITransport(session=None).embed([]) == []


@pytest.mark.parametrize("kind", [OpenAITransport, OpenAICompatibleTransport])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(["abc"], "not str", id="one text"),
        pytest.param([b"abc"], "not bytes", id="bytes"),
        pytest.param([None], "not NoneType", id="nothing"),
        pytest.param([{"a"}], "not set", id="no order"),
        pytest.param([["a", 1]], r"texts\[1\] is int", id="a number among texts"),
        pytest.param([[None]], r"texts\[0\] is NoneType", id="nothing among texts"),
    ],
)
async def test_what_is_no_list_of_texts_is_refused_before_anything_is_sent(
    kind: type[OpenAITransport], given: list[Any], told: str
) -> None:
    made = kind(base_url="local:", model=ModelSpec("m"))
    with pytest.raises(ValueError, match=rf"^texts must be a list of strings.* {told}"):
        await made.embed(*given)


def test_what_was_saved_is_restored() -> None:
    made = OpenAITransport(
        name="mine",
        api_key=KEY,
        base_url="http://h/v1",
        model=ModelSpec("of-my-own", frozenset({Capability.text}), 5, 10, 0.5, 0.25),
        max_retries=2,
        retry_base_delay=0.5,
        temperature=0.0,
        extra_params={"seed": 1},
    )
    saved = json.loads(json.dumps(made.to_dict()))
    restored = OpenAITransport.from_dict(saved)

    assert restored == made
    assert list(saved)[:4] == ["name", "base_url", "api_key", "models"]


def test_empty_saved_values_fall_back_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    restored = OpenAITransport.from_dict({"api_key": "", "base_url": "", "models": []})

    assert (restored.api_key, restored.base_url) == ("sk-env", "http://h/v1")
    assert list(restored.models.keys()) == list(OPENAI_MODELS.keys())


@pytest.mark.parametrize("blank", ["", " ", "\n"])
@pytest.mark.parametrize("kind", [OpenAITransport, NebiusTransport, OpenAICompatibleTransport])
def test_blank_saved_values_are_the_defaults(
    kind: type[OpenAITransport], blank: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = {known.name for known in fields(OpenAITransport) if known.init}
    restored = kind.from_dict(dict.fromkeys(names - {"models", "session"}, blank))

    assert restored == kind()
    assert not caplog.records


def test_the_key_is_neither_shown_nor_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = OpenAITransport(api_key=KEY, extra_headers={"X-Key": KEY})

    assert KEY not in f"{made!r} {made} {made!s}"
    assert KEY.encode() not in pickle.dumps(OpenAITransport(api_key=KEY))
    assert pickle.loads(pickle.dumps(made)).api_key == ""


def pickled(made: OpenAITransport) -> OpenAITransport:
    copied = pickle.loads(pickle.dumps(made))
    assert isinstance(copied, OpenAITransport)
    return copied


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(KEY, "", id="a key of its own"),
        pytest.param("", "", id="no key"),
        pytest.param("sk-env", "sk-there", id="the environment's"),
    ],
)
def test_only_a_key_of_the_environment_is_taken_from_it_again(
    monkeypatch: pytest.MonkeyPatch, key: str, expected: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env\n")
    dumped = pickle.dumps(OpenAITransport(api_key=key, base_url="http://elsewhere/v1"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-there")

    assert pickle.loads(dumped).api_key == expected


def test_what_is_sent_beside_the_key_is_pickled_with_the_settings() -> None:
    made = OpenAITransport(extra_headers={"X-Key": "a"}, extra_query={"key": "b"})
    copied = pickled(made)

    assert (copied.extra_headers, copied.extra_query) == ({"X-Key": "a"}, {"key": "b"})


def test_a_deep_copy_keeps_the_key_and_the_session_and_has_settings_of_its_own(
    session: aiohttp.ClientSession,
) -> None:
    made = OpenAITransport(api_key=KEY, session=session, extra_params={"stop": ["a"]})
    copied = copy.deepcopy([made, made])

    assert copied[0] is copied[1]
    assert copied[0] == made
    assert (copied[0].api_key, copied[0].session) == (KEY, session)
    assert copied[0].extra_params["stop"] is not made.extra_params["stop"]
    assert copied[0].models is not made.models


async def test_a_deep_copy_can_be_asked(session: aiohttp.ClientSession) -> None:
    async with Service(says("one"), says("two")) as service:
        asked = transport(service, session)
        await collected(asked)
        events = await collected(copy.deepcopy(asked))

    assert text_of(events) == "two"


def discovered() -> axio.transport.TransportCatalog:
    """The transports that axio finds; in the oldest that is supported, finding is for the app."""
    if not hasattr(axio.transport, "discover_transports"):
        pytest.skip("this axio does not look for transports")
    return axio.transport.discover_transports()


def test_axio_discovers_the_four_transports() -> None:
    found = discovered()

    assert found.errors == {}
    ours = {name: entry.cls for name, entry in found.entries.items()}
    assert ours == {
        "openai": OpenAITransport,
        "nebius": NebiusTransport,
        "openrouter": OpenRouterTransport,
        "openai-custom": OpenAICompatibleTransport,
    }


async def test_an_app_opens_a_transport_with_saved_strings(session: aiohttp.ClientSession) -> None:
    entry = discovered().require("openai")
    saved: dict[str, Any] = {"api_key": KEY, "max_retries": "3", "model": "gpt-4o"}
    async with entry.open(session=session, **saved) as opened:
        chosen = entry.select_model(opened, OPENAI_MODELS["gpt-4o-mini"])

    assert opened.model == OPENAI_MODELS["gpt-4o"]
    assert chosen.model.id == "gpt-4o-mini"
    assert entry.format_error(errors.NotSent("a\nb")) == "a b"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param({}, ["a/b", "c/d"], id="none"),
        pytest.param({"model": " "}, ["a/b", "c/d"], id="a blank one"),
        pytest.param({"model": "c/d"}, ["c/d", "a/b"], id="a listed one"),
        pytest.param({"model": "c/d:nitro"}, ["c/d:nitro", "a/b", "c/d"], id="a variant"),
        pytest.param({"model": "new"}, ["new", "a/b", "c/d"], id="one that is not listed"),
    ],
)
async def test_an_app_can_choose_the_model_that_its_settings_name_before_all_others(
    session: aiohttp.ClientSession, chosen: dict[str, Any], expected: list[str]
) -> None:
    async with Service(forever=lists("a/b", {"id": "c/d", "context_length": 9})) as service:
        saved = {"api_key": KEY, "base_url": service.base_url, **chosen}
        async with OpenRouterTransport.open_for_app(session=session, **saved) as opened:
            at_first = list(opened.models.keys())
            opened.models.clear()
            await opened.fetch_models()

    assert at_first == list(opened.models.keys()) == expected
    assert opened.models["c/d"].context_window == 9


async def test_an_opened_transport_keeps_its_models_when_a_reload_fails(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(lists("a/b"), refuses(400, "not now")) as service:
        saved: dict[str, Any] = {"api_key": KEY, "base_url": service.base_url}
        async with OpenRouterTransport.open_for_app(session=session, **saved) as opened:
            opened.models.clear()
            with pytest.raises(errors.BadRequest):
                await opened.fetch_models()

    assert list(opened.models.keys()) == ["a/b"]
    assert opened.max_retries == 10


async def test_a_saved_setting_that_nobody_knows_is_passed_over_with_a_warning(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    saved: dict[str, Any] = {"api_key": KEY, "of_another_version": SECRET, "last_usage": "1"}
    async with OpenAITransport.open_for_app(session=session, **saved) as opened:
        assert opened.api_key == KEY

    assert "of_another_version" in caplog.text
    assert "last_usage" in caplog.text
    assert SECRET not in caplog.text


async def test_blank_saved_values_fall_back_to_the_environment_in_an_app(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    saved = {"api_key": " ", "base_url": "\n"}
    async with OpenAITransport.open_for_app(session=session, **saved) as opened:
        assert (opened.api_key, opened.base_url) == ("sk-env", "http://h/v1")
    restored = OpenAITransport.from_dict(saved)
    assert (restored.api_key, restored.base_url) == ("sk-env", "http://h/v1")


def test_thinking_is_configured_in_words() -> None:
    made = OpenAITransport()

    assert "high" in made.configure_thinking("high")
    assert made.reasoning_effort == "high"
    assert "high" in made.supported_thinking_levels(made.model)
    with pytest.raises(ValueError, match="Choose"):
        made.configure_thinking("very")
    made.configure_thinking("default")
    assert made.reasoning_effort is None


async def test_a_refused_parameter_is_left_out_and_never_sent_again(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    refused = refuses(400, "Unsupported parameter: 'temperature' is not supported with this model.")
    async with Service(refused, says("ok"), says("ok")) as service:
        asked = transport(service, session, temperature=0.5)
        events = await collected(asked)
        await collected(asked.with_model(asked.model))

    assert text_of(events) == "ok"
    assert ["temperature" in request.json for request in service.requests] == [True, False, False]
    ours = [record.getMessage() for record in caplog.records if "axio" in record.name]
    assert len(ours) == 1
    assert "temperature" in ours[0]


@pytest.mark.parametrize("name", ["X-Title", "X-Team"])
async def test_a_refusal_is_understood_though_a_header_holds_a_word_of_it(
    session: aiohttp.ClientSession, name: str
) -> None:
    refused = refuses(400, "Unsupported parameter: temperature")
    async with Service(refused, says("ok")) as service:
        asked = transport(service, session, temperature=0.5, extra_headers={name: "Support"})

        assert text_of(await collected(asked)) == "ok"


async def test_what_was_learnt_is_saved(session: aiohttp.ClientSession) -> None:
    refused = refuses(400, "Unsupported parameter: 'temperature' is not supported with this model.")
    async with Service(refused, says("ok"), says("ok")) as service:
        asked = transport(service, session, temperature=0.5)
        await collected(asked)
        saved = json.loads(json.dumps(asked.to_dict()))
        await collected(OpenAITransport.from_dict(saved, session=session))

    assert "temperature" not in service.requests[-1].json


async def test_what_cannot_be_healed_tells_what_was_tried(session: aiohttp.ClientSession) -> None:
    refused = refuses(400, "Unsupported parameter: 'temperature' is not supported with this model.")
    async with Service(refused, refuses(400, "nothing pleases me")) as service:
        with pytest.raises(
            errors.BadRequest, match=r"nothing pleases me.*Tried in vain.*temperature"
        ):
            await collected(transport(service, session, temperature=0.5))


async def test_embeddings_come_as_numbers_where_base64_is_refused(
    session: aiohttp.ClientSession,
) -> None:
    refused = refuses(400, "Unrecognized request argument supplied: encoding_format")
    async with Service(refused, embeds(lambda text: [1.0, float(len(text))])) as service:
        vectors = await transport(service, session).embed(["ab"])

    assert vectors == [[1.0, 2.0]]
    assert ["encoding_format" in request.json for request in service.requests] == [True, False]


async def test_a_mistake_in_a_500_is_mended_before_it_is_repeated(
    session: aiohttp.ClientSession,
) -> None:
    refused = refuses(500, "Unsupported parameter: 'temperature' is not supported.")
    async with Service(refused, says("ok")) as service:
        await collected(transport(service, session, temperature=0.5, retry_base_delay=60))

    assert len(service.requests) == 2
