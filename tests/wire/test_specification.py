"""Every example of the specification, as it stands there."""

from __future__ import annotations

import pytest
from tests.examples import run

_AGENT = """
import asyncio
import aiohttp
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.events import TextDelta
from axio_transport_openai import OpenAITransport, OPENAI_MODELS

async def main() -> None:
    async with aiohttp.ClientSession() as session:
        transport = OpenAITransport(
            api_key="sk-...",
            model=OPENAI_MODELS["gpt-4.1-mini"],
            session=session,
        )
        agent = Agent(system="You are a helpful assistant.", tools=[], transport=transport)
        ctx = MemoryContextStore()
        async for event in agent.run_stream("What is 2 + 2?", ctx):
            if isinstance(event, TextDelta):
                print(event.delta, end="", flush=True)
        print()

asyncio.run(main())
"""

_LOCAL = """
from axio.models import ModelSpec, Capability
from axio_transport_openai import OpenAITransport

transport = OpenAITransport(
    api_key="ollama",                        # any non-empty string
    model=ModelSpec(id="llama3.2", capabilities=frozenset({Capability.text})),
    base_url="http://localhost:11434/v1",
)
"""

_STUB = """
import asyncio
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.testing import StubTransport, make_text_response
from axio.events import TextDelta, SessionEndEvent

agent = Agent(
    system="",
    tools=[],
    transport=StubTransport([make_text_response("Why did the chicken cross the road?")]),
)

async def main() -> None:
    ctx = MemoryContextStore()
    async for event in agent.run_stream("Tell me a joke", ctx):
        match event:
            case TextDelta(delta=text):
                print(text, end="", flush=True)
            case SessionEndEvent(total_usage=usage):
                print(f"\\n[{usage.input_tokens}in / {usage.output_tokens}out tokens]")

asyncio.run(main())
"""

_SERIALISATION = """
session = None
from axio_transport_openai import OpenAITransport
transport = OpenAITransport()
# Serialise
data = transport.to_dict()   # -> {"name": ..., "base_url": ..., "api_key": ..., "models": [...]}

# Restore
transport = OpenAITransport.from_dict(data, session=session)
print(list(data)[:4], len(transport.models))
"""

_NEBIUS = """
session = None
from axio_transport_openai.nebius import NebiusTransport

transport = NebiusTransport(
    api_key="...",          # or set NEBIUS_API_KEY
    session=session,
)
print(transport.name, transport.base_url, transport.model.id)
"""

_OPENROUTER = """
session = None
from axio_transport_openai.openrouter import OpenRouterTransport

transport = OpenRouterTransport(
    api_key="...",          # or set OPENROUTER_API_KEY
    session=session,
)
print(transport.name, transport.base_url, transport.model.id)
"""

_CUSTOM = """
session = None
from axio.models import ModelSpec, ModelRegistry, Capability
from axio_transport_openai.custom import OpenAICompatibleTransport

transport = OpenAICompatibleTransport(
    name="localai",
    base_url="http://localhost:8080/v1",
    api_key="",
    models=ModelRegistry([
        ModelSpec(
            id="llama3.2",
            context_window=131_072,
            max_output_tokens=4_096,
            capabilities=frozenset({Capability.text, Capability.tool_use}),
        )
    ]),
    session=session,
)
print(transport.name, transport.model.id)
"""


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        pytest.param(_AGENT, "2 + 2 is 4.\n", id="an agent"),
        pytest.param(_LOCAL, "", id="a local model"),
        pytest.param(
            _STUB, "Why did the chicken cross the road?\n[10in / 5out tokens]\n", id="events"
        ),
        pytest.param(
            _SERIALISATION,
            "['name', 'base_url', 'api_key', 'models'] 15\n",
            id="serialisation",
        ),
        pytest.param(
            _NEBIUS,
            "Nebius AI Studio https://api.tokenfactory.nebius.com/v1"
            " deepseek-ai/DeepSeek-V3-0324\n",
            id="nebius",
        ),
        pytest.param(
            _OPENROUTER,
            "OpenRouter https://openrouter.ai/api/v1 google/gemini-2.5-pro-preview\n",
            id="openrouter",
        ),
        pytest.param(_CUSTOM, "localai llama3.2\n", id="a custom provider"),
    ],
)
async def test_the_example_works_unchanged(code: str, printed: str) -> None:
    assert await run(code) == printed
