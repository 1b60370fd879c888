"""The clients there are, and the environment that each runs in."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from .client import Client

__all__ = ["BASE", "CLIENTS", "OURS", "PEERS", "ROOT", "Entry"]

ROOT: Final = Path(__file__).parent.parent
_PEERS: Final = ROOT / ".bench"

OURS: Final = "ours"
#: What everything is measured in.
BASE: Final = "L2"


@dataclass(frozen=True, slots=True)
class Entry:
    """One client."""

    name: str
    #: ``module:class`` below :mod:`benchmarks.clients`.
    adapter: str
    #: The line with which a program that uses it begins.
    imports: str
    #: The package whose modules are its own making.
    own: str
    #: The distributions whose versions are told.
    parts: tuple[str, ...]
    #: What a peer's environment is made of, names and versions; none for what is in this one.
    requires: str = ""
    #: The workloads that it takes part in, by the beginnings of their names; all, if none is named.
    only: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """Where a peer's environment is."""
        return _PEERS / self.name

    @property
    def python(self) -> Path:
        """The interpreter that has what the adapter imports."""
        return self.home / "bin" / "python" if self.requires else Path(sys.executable)

    def joins(self, workload: str) -> bool:
        """Whether it takes part in this workload."""
        return not self.only or workload.startswith(self.only)

    def load(self) -> type[Client]:
        """The adapter, which only the client's own interpreter can import."""
        module, _, name = self.adapter.partition(":")
        found: type[Client] = getattr(importlib.import_module(f"benchmarks.clients.{module}"), name)
        return found


_AXIO: Final = Entry(
    OURS,
    "transport:Transport",
    "from axio_transport_openai import OpenAITransport",
    "axio_transport_openai",
    ("axio-transport-openai", "axio", "aiohttp", "msgspec"),
)

CLIENTS: Final = {
    entry.name: entry
    for entry in (
        _AXIO,
        Entry(
            BASE,
            "decoding:Decoding",
            "import aiohttp, axio.events, msgspec",
            "benchmarks",
            ("aiohttp", "axio", "msgspec"),
        ),
        Entry(
            "L3",
            "walking:Walking",
            "import aiohttp, axio.events, msgspec",
            "benchmarks",
            ("aiohttp", "axio", "msgspec"),
            only=("request", "history"),
        ),
        Entry("L1", "counting:Counting", "import aiohttp", "benchmarks", ("aiohttp",)),
        replace(_AXIO, name="axio-0.12.2", requires="axio-transport-openai==0.12.2"),
        replace(_AXIO, name="axio-0.6.2", requires="axio-transport-openai==0.6.2"),
        Entry(
            "openai",
            "sdk:OpenAI",
            "from openai import AsyncOpenAI",
            "openai",
            ("openai",),
            "openai==3.54.0",
        ),
        Entry(
            "pydantic-ai",
            "pydantic_model:PydanticAI",
            "from pydantic_ai.models.openai import OpenAIChatModel",
            "pydantic_ai",
            ("pydantic-ai-slim", "openai"),
            "pydantic-ai-slim[openai]==2.68.0",
        ),
        Entry(
            "langchain",
            "langchain_chat:LangChain",
            "from langchain_openai import ChatOpenAI",
            "langchain_openai",
            ("langchain-openai", "openai"),
            "langchain-openai==1.7.3",
        ),
        Entry(
            "litellm",
            "litellm_chat:LiteLLM",
            # Without the setting the import asks the network for prices.
            "import os; os.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'; import litellm",
            "litellm",
            ("litellm", "openai"),
            "litellm==1.106.2 mcp==2.3.0",  # which it imports once there are tools
        ),
    )
}

PEERS: Final = {name: entry for name, entry in CLIENTS.items() if entry.requires}
