"""The public API, used once each way; it is checked by the type checkers and never run."""

from __future__ import annotations

from typing import assert_type

import aiohttp
from axio.events import StreamEvent
from axio.messages import Message
from axio.models import ModelRegistry, ModelSpec
from axio.transport import CompletionTransport, EmbeddingTransport
from axio.types import Usage

from axio_transport_openai import (
    OPENAI_MODELS,
    APIError,
    Dialect,
    NebiusTransport,
    OpenAICompatibleTransport,
    OpenAITransport,
    OpenRouterTransport,
    PricedUsage,
    ThinkTagParser,
)
from axio_transport_openai.errors import ContextOverflow, Stalled
from axio_transport_openai.local import LocalServer
from axio_transport_openai.testing import Exchange, Reply, Request, Service, answer, refuses, says
from axio_transport_openai.testing.corpus import cases, observed


async def asked(session: aiohttp.ClientSession, messages: list[Message]) -> None:
    transport = OpenAITransport("n", "k", "http://h/v1", OPENAI_MODELS["gpt-4o"], session=session)
    completion: CompletionTransport = transport
    embedding: EmbeddingTransport = transport
    del completion, embedding
    async for event in transport.stream(messages, [], ""):
        assert_type(event, StreamEvent)
    assert_type(await transport.embed(["a"]), list[list[float]])
    assert_type(await transport.fetch_models(), None)
    assert_type(transport.models, ModelRegistry)
    assert_type(transport.with_model(ModelSpec("m")), OpenAITransport)
    assert_type(transport.resolve_model("m"), ModelSpec)
    assert_type(OpenRouterTransport.from_dict({}, session=session), OpenRouterTransport)
    assert_type(NebiusTransport().to_dict(), dict[str, object])
    async with OpenAICompatibleTransport(base_url="http://h/v1") as owner:
        assert_type(owner, OpenAICompatibleTransport)
    parser = ThinkTagParser()
    for kind, text in (*parser.feed("a"), *parser.flush()):
        assert_type(text, str)
        del kind


async def failed(transport: OpenAITransport) -> None:
    try:
        await transport.fetch_models()
    except ContextOverflow as error:
        assert_type((error.limit, error.asked), tuple[int | None, int | None])
    except Stalled as error:
        assert_type((error.clock, error.limit), tuple[str, float])
    except APIError as error:
        assert_type(error.names, frozenset[str])
        assert_type(error.status, int | None)
        assert_type(error.retry_after, float | None)
        assert_type(error.usage, Usage | None)


async def told(transport: OpenAITransport, session: aiohttp.ClientSession) -> None:
    assert_type(transport.last_usage, Usage | None)
    assert_type(PricedUsage(1, 2, cost=0.1) + Usage(3, 4), PricedUsage)
    assert_type(transport.configure_thinking("low"), str)
    assert_type(transport.describe_thinking(), str)
    assert_type(transport.supported_thinking_levels(transport.model), tuple[str, ...])
    assert_type(OpenAITransport(dialect=Dialect(images=False)).dialect, Dialect | None)
    assert_type(OpenAITransport.has_credentials({"api_key": "k"}), bool)
    async with OpenAITransport.open_for_app(session=session, api_key="k") as opened:
        assert_type(opened, OpenAITransport)


def set_up(session: aiohttp.ClientSession) -> OpenAITransport:
    transport = OpenAITransport(
        models=ModelRegistry([ModelSpec("m")]),
        session=session,
        max_retries=3,
        retry_base_delay=1,
        extra_params={"seed": 1, "stop": ["a"], "user": None, "tools": [{"type": "web_search"}]},
        extra_headers={"x-title": "mine"},
        extra_query={"api-version": "1"},
        temperature=0.5,
        max_output_tokens=100,
        reasoning_effort="low",
        dialect=Dialect(limit_field="max_tokens"),
        learnt={"m": Dialect()},
        dimensions=256,
        debug=True,
        connect_timeout=None,
        first_event_timeout=60,
        idle_timeout=0,
        total_timeout=300.0,
        max_retry_wait=10,
    )
    transport.temperature, transport.reasoning_effort = None, "high"
    return transport


async def tested() -> None:
    async def own(exchange: Exchange) -> None:
        await exchange.head(200, {"x-request-id": "1"})
        for event in answer("a", calls=[("look_up", {"word": "b"})]):
            await exchange.piece(event)
        await exchange.end()

    reply: Reply = own
    async with Service(refuses(503), says("Hello", thoughts=["Well"]), forever=reply) as service:
        assert_type(service.base_url, str)
        assert_type(service.requests, list[Request])
    for case in cases():
        assert_type(case.differences(observed([], APIError("a"))), list[str])
    async with LocalServer("model.gguf", template="tools", context_window=4096) as server:
        assert_type(server.model, ModelSpec)
