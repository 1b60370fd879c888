"""What the benchmark asks of a client; each adapter in :mod:`benchmarks.clients` is one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, Literal, Self

__all__ = [
    "EMBEDDER",
    "KEY",
    "MODEL",
    "SYSTEM",
    "Client",
    "Encoding",
    "Own",
    "Take",
    "Unsupported",
    "Wire",
]

#: A message or a tool as JSON, in the words of the chat completions API.
type Wire = dict[str, Any]
#: A client's own message or tool.
type Own = Any
#: Where a client puts each piece of text or of arguments, as it comes.
type Take = Callable[[Any], object]
type Encoding = Literal["float", "base64"]

MODEL: Final = "gpt-4.1-mini"
EMBEDDER: Final = "text-embedding-3-small"
KEY: Final = "sk-benchmark"
SYSTEM: Final = "You are a careful assistant."


class Unsupported(Exception):
    """The client cannot do this at all, which is no failure."""


class Client(ABC):
    """One client, asking one base URL; ``async with`` opens and closes it.

    What :meth:`message` and :meth:`tool` make is what a program holds anyway, so it is never
    measured. Connections must not be limited, and nothing may be tried again.
    """

    #: Whether it hands on bytes undecoded.
    raw: ClassVar[bool] = False
    #: Whether it hands on thoughts, which services send in a field that OpenAI does not have.
    thinks: ClassVar[bool] = False

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *failure: object) -> None: ...

    def message(self, wire: Wire) -> Own:
        """The client's own message that says the same."""
        return wire

    def tool(self, wire: Wire) -> Own:
        """The client's own tool that is the same."""
        return wire

    @abstractmethod
    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        """Stream one answer into ``take``."""

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        """The vectors of these texts, sent in this encoding.

        Raises:
            Unsupported: The client cannot ask for it, or leaves it to another that takes part.
        """
        raise Unsupported("no embeddings of its own")
