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


async def asked(session: aiohttp.ClientSession, messages: list[Message]) -> None:
    transport = OpenAITransport("n", "k", "http://h/v1", OPENAI_MODELS["gpt-4o"], session=session)
    completion: CompletionTransport = transport
    embedding: EmbeddingTransport = transport
    del completion, embedding
    try:
        async for event in transport.stream(messages, [], ""):
            assert_type(event, StreamEvent)
    except APIError as error:
        assert_type(error.status, int | None)
        assert_type(error.retry_after, float | None)
        assert_type(error.usage, Usage | None)
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
