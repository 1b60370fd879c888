"""axio's agent on the transport on a real llama.cpp."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from itertools import takewhile
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from axio.agent import Agent
from axio.blocks import TextBlock
from axio.context import MemoryContextStore
from axio.events import (
    Error,
    IterationEnd,
    ReasoningDelta,
    SessionEndEvent,
    StreamEvent,
    TextDelta,
    ToolInputDelta,
    ToolResult,
    ToolUseStart,
)
from axio.messages import Message
from axio.testing import assert_stream_contract
from axio.tool import Tool
from axio.types import StopReason

from axio_transport_openai import Dialect, OpenAITransport
from axio_transport_openai.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ContextOverflow,
    ServerFailed,
)
from axio_transport_openai.local import LocalServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.live

#: Longer than any of it takes on a busy machine, so that a stall is a failure and not a hang.
_PATIENCE = 60.0
#: Much less than it takes to write a story to its end.
_LEAVING = 5.0
#: Many times what a short answer takes.
_STALL = 10.0
_QUESTION = "What is the capital of France?"
_WEATHER = "Get the current weather in a city: Paris?"


def at(server: LocalServer) -> dict[str, Any]:
    return {
        "base_url": server.base_url,
        "api_key": server.api_key,
        "model": server.model,
        "max_retries": 1,
    }


class Checked:
    """A transport of whose every whole stream the contract is checked."""

    def __init__(self, transport: OpenAITransport) -> None:
        self._transport = transport
        self.model = transport.model
        self.last_usage = transport.last_usage
        self.checked = 0

    async def stream(
        self, messages: list[Message], tools: list[Tool[Any]], system: str
    ) -> AsyncIterator[StreamEvent]:
        events: list[StreamEvent] = []
        async with aclosing(self._transport.stream(messages, tools, system)) as stream:
            async for event in stream:
                events.append(event)
                yield event
        assert_stream_contract(events)
        self.checked += 1


async def run(
    transport: OpenAITransport,
    prompt: str,
    *tools: Tool[Any],
    context: MemoryContextStore | None = None,
) -> list[StreamEvent]:
    checked = Checked(transport)
    agent = Agent(system="", tools=list(tools), transport=checked, max_iterations=4)
    async with asyncio.timeout(_PATIENCE):
        stream = agent.run_stream(prompt, context or MemoryContextStore())
        events = [event async for event in stream]
    errors = [event.exception for event in events if isinstance(event, Error)]
    if errors:
        raise errors[0]
    assert checked.checked == len(of(IterationEnd, events))
    return events


def of[T](kind: type[T], events: list[StreamEvent]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def said(text: str) -> list[Message]:
    return [Message(role="user", content=[TextBlock(text)])]


def city_tool(name: str, description: str, asked: list[str]) -> Tool[Any]:
    async def answer(city: str) -> str:
        asked.append(city)
        return "It is sunny, 21 degrees."

    return Tool(name=name, handler=answer, description=description)


async def test_a_tool_may_take_a_value_of_several_types(server: LocalServer) -> None:
    async def count(words: list[str | None]) -> str:
        return str(len(words))

    words = {"type": "array", "items": {"type": ["string", "null"]}}
    schema = MappingProxyType({"type": "object", "properties": {"words": words}})
    tool: Tool[Any] = Tool("count", count, "Count words.", schema=schema)
    async with OpenAITransport(**at(server), max_output_tokens=8) as transport:
        await run(transport, _QUESTION, tool)

    assert transport.learnt == {}


async def test_a_tool_may_take_a_list_or_nothing(server: LocalServer) -> None:
    async def count(words: list[str] | None = None) -> str:
        return str(len(words or []))

    words = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
    schema = MappingProxyType({"type": "object", "properties": {"words": words}})
    tool: Tool[Any] = Tool("count", count, "Count words.", schema=schema)
    async with OpenAITransport(**at(server), max_output_tokens=8) as transport:
        events = await run(transport, _QUESTION, tool)

    assert of(IterationEnd, events)


async def test_an_answer_comes_in_pieces_and_is_counted(server: LocalServer) -> None:
    async with OpenAITransport(**at(server)) as subject:
        events = await run(subject, _QUESTION)

    pieces = of(TextDelta, events)
    assert len(pieces) > 1
    assert "".join(piece.delta for piece in pieces).strip()
    [end] = of(SessionEndEvent, events)
    assert end.stop_reason is StopReason.end_turn
    assert end.total_usage.input_tokens > 0
    assert end.total_usage.output_tokens >= len(pieces)


async def test_the_same_question_has_the_same_answer_whenever_it_is_asked(
    server: LocalServer,
) -> None:
    answers = set()

    async with OpenAITransport(**at(server)) as subject:
        for time in ("", "[2026-01-31 08:15:00 UTC] ", "[2031-12-01 23:59:59 CEST] "):
            stream = subject.stream(said(f"{time}{_QUESTION}"), [], "")
            events = [event async for event in stream]
            assert_stream_contract(events)
            answers.add("".join(piece.delta for piece in of(TextDelta, events)))

    assert len(answers) == 1


async def test_a_streamed_call_runs_a_real_function(server: LocalServer) -> None:
    asked: list[str] = []
    weather = city_tool("get_weather", "Get the current weather in a city", asked)

    async with OpenAITransport(**at(server)) as subject:
        events = await run(subject, _WEATHER, weather)

    assert asked == ["Paris"]
    [start] = of(ToolUseStart, events)
    pieces = of(ToolInputDelta, events)
    assert len(pieces) > 1
    assert {piece.tool_use_id for piece in pieces} == {start.tool_use_id}
    assert [result.tool_use_id for result in of(ToolResult, events)] == [start.tool_use_id]
    ends = [end.stop_reason for end in of(IterationEnd, events)]
    assert ends == [StopReason.tool_use, StopReason.end_turn]
    assert "".join(piece.delta for piece in of(TextDelta, events)).strip()


async def test_two_calls_in_one_answer_run_both_functions(parallel_server: LocalServer) -> None:
    weather: list[str] = []
    time: list[str] = []
    tools = [
        city_tool("get_weather", "Get the current weather in a city", weather),
        city_tool("get_time", "Get the current time in a city", time),
    ]

    async with OpenAITransport(**at(parallel_server)) as subject:
        events = await run(subject, "Call all tools for Paris.", *tools)

    assert (weather, time) == (["Paris"], ["Paris"])
    first = list(takewhile(lambda event: not isinstance(event, IterationEnd), events))
    starts = of(ToolUseStart, first)
    assert [start.name for start in starts] == ["get_weather", "get_time"]
    assert len({start.tool_use_id for start in starts}) == 2
    assert len({start.index for start in starts}) == 2
    results = {result.tool_use_id for result in of(ToolResult, events)}
    assert results == {start.tool_use_id for start in starts}


async def test_thoughts_come_before_the_answer_and_apart_from_it(
    thinking_server: LocalServer,
) -> None:
    async with OpenAITransport(**at(thinking_server)) as subject:
        events = await run(subject, _QUESTION)

    kinds = [type(event) for event in events if isinstance(event, ReasoningDelta | TextDelta)]
    assert set(kinds) == {ReasoningDelta, TextDelta}
    assert kinds == sorted(kinds, key=lambda kind: kind is TextDelta)
    assert "think>" not in "".join(piece.delta for piece in of(TextDelta, events))


async def test_an_answer_cut_at_its_limit_says_so(server: LocalServer) -> None:
    async with OpenAITransport(**at(server), max_output_tokens=3) as subject:
        events = await run(subject, _QUESTION)

    [end] = of(IterationEnd, events)
    assert end.stop_reason is StopReason.max_tokens
    assert end.usage.output_tokens == 3


async def test_embeddings_are_the_same_in_either_encoding(server: LocalServer) -> None:
    texts = ["The sea is blue.", "A cat sleeps.", "The sea is blue."]
    answers = []

    for packed in (True, False):
        dialect = Dialect(base64_embeddings=packed)
        async with OpenAITransport(**at(server), dialect=dialect) as subject:
            answers.append(await subject.embed(texts))

    packed_vectors, plain_vectors = answers
    assert len(plain_vectors) == len(texts)
    assert plain_vectors[0] == pytest.approx(plain_vectors[2], abs=1e-3)
    assert plain_vectors[0] != pytest.approx(plain_vectors[1], abs=1e-3)
    for packed_vector, plain_vector in zip(packed_vectors, plain_vectors, strict=True):
        assert packed_vector == pytest.approx(plain_vector, abs=1e-3)


async def test_a_wrong_key_is_refused(server: LocalServer) -> None:
    async with OpenAITransport(**at(server) | {"api_key": "wrong"}) as subject:
        with pytest.raises(AuthenticationFailed) as raised:
            await run(subject, _QUESTION)

    assert raised.value.status == 401
    assert not raised.value.retryable


async def test_a_model_that_is_still_loading_is_worth_another_try() -> None:
    server = LocalServer()
    await server.start()
    refused: list[ServerFailed] = []
    try:
        async with OpenAITransport(**at(server)) as subject, asyncio.timeout(_PATIENCE):
            while not refused:
                try:
                    await run(subject, _QUESTION)
                except ConnectionFailed:  # it does not listen yet
                    pass
                except ServerFailed as error:
                    refused.append(error)
    finally:
        await server.stop()

    assert refused[0].status == 503
    assert refused[0].retryable


async def test_an_answer_waits_for_a_model_that_is_still_loading() -> None:
    server = LocalServer()
    await server.start()
    try:
        settings = {"max_retries": 200, "retry_base_delay": 0.01}
        async with OpenAITransport(**at(server) | settings) as subject:
            events = await run(subject, _QUESTION)
    finally:
        await server.stop()

    assert of(TextDelta, events)


async def test_a_text_beyond_the_window_is_told_from_other_refusals(server: LocalServer) -> None:
    async with OpenAITransport(**at(server)) as subject:
        with pytest.raises(ContextOverflow) as raised:
            await run(subject, "word " * 2 * server.model.context_window)

    assert raised.value.limit == server.model.context_window
    assert raised.value.asked
    assert raised.value.asked > server.model.context_window
    assert not raised.value.retryable


async def test_a_consumer_that_leaves_early_stops_the_server(server: LocalServer) -> None:
    async with OpenAITransport(**at(server)) as subject:
        async with aclosing(subject.stream(said("Write a story."), [], "")) as stream:
            first = await anext(stream)
            assert await busy(server)
        async with asyncio.timeout(_LEAVING):
            while await busy(server):
                pass

    assert not isinstance(first, IterationEnd)


async def test_a_consumer_that_is_cancelled_stops_the_server(server: LocalServer) -> None:
    begun = asyncio.Event()

    async def consume(subject: OpenAITransport) -> None:
        async for _ in subject.stream(said("Write a story."), [], ""):
            begun.set()

    async with OpenAITransport(**at(server)) as subject:
        task = asyncio.create_task(consume(subject))
        await begun.wait()
        assert await busy(server)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(_LEAVING):
            while await busy(server):
                pass


async def test_eight_turns_on_one_session_do_not_stall(server: LocalServer) -> None:
    context = MemoryContextStore()
    seconds: list[float] = []

    async with aiohttp.ClientSession() as session:
        subject = OpenAITransport(**at(server), session=session, max_output_tokens=16)
        for city in ("Paris", "Rome", "Oslo", "Lima", "Cairo", "Delhi", "Quito", "Seoul"):
            begun = monotonic()
            events = await run(subject, f"Where is {city}?", context=context)
            seconds.append(monotonic() - begun)
            assert of(TextDelta, events)

    assert max(seconds) < _STALL


async def busy(server: LocalServer) -> bool:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    address = server.base_url.removesuffix("/v1") + "/slots"
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as reply:
        return any(slot["is_processing"] for slot in await reply.json())
