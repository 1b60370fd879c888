"""``axio-openai ask``: one question to a model, its answer as it comes, and what it took."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import click
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.events import Error, ReasoningDelta, SessionEndEvent, TextDelta
from axio.types import Usage

from .run import run
from .service import service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from axio.events import StreamEvent

    from axio_transport_openai.transport import OpenAITransport

__all__ = ["ask"]


@click.command()
@click.argument("prompt", nargs=-1, required=True)
@click.option("--model", help="The service's model; without a service, a GGUF file.")
@click.option("--system", default="You are a helpful assistant.", show_default=True)
@click.option("--base-url", envvar="OPENAI_BASE_URL", show_envvar=True)
@click.option("--api-key", envvar="OPENAI_API_KEY", show_envvar=True)
def ask(
    prompt: tuple[str, ...],
    model: str | None,
    system: str,
    base_url: str | None,
    api_key: str | None,
) -> None:
    """Ask the service that has this address and key, or where neither is given, a local model.

    Thoughts go to standard error, and so does the last line, which says what the answer took.
    """
    run(_ask(" ".join(prompt), system, service(model, base_url, api_key)))


async def _ask(
    prompt: str, system: str, service: AbstractAsyncContextManager[OpenAITransport]
) -> None:
    async with service as transport:
        agent = Agent(system=system, tools=[], transport=transport)
        answer = _Answer(asked=monotonic())
        async with aclosing(agent.run_stream(prompt, MemoryContextStore())) as events:
            async for event in events:
                answer.take(event)
        answer.close()


@dataclass
class _Answer:
    """An answer on its way to the terminal."""

    #: When the question was sent, and when the first and the last piece of the answer came.
    asked: float
    first: float | None = None
    last: float = 0.0
    #: Whether the last piece was a thought.
    thinking: bool = False
    usage: Usage = field(default_factory=lambda: Usage(0, 0))

    def take(self, event: StreamEvent) -> None:
        """Show an event, or raise the error that it is."""
        match event:
            case TextDelta(delta=text):
                if self.thinking:
                    click.echo("", err=True)
                self._show(text)
            case ReasoningDelta(delta=text):
                self._show(click.style(text, dim=True), thought=True)
            case Error(exception=error):
                click.echo("", nl=self.first is not None)
                raise error
            case SessionEndEvent(total_usage=usage):
                self.usage = usage
            case _:
                pass

    def _show(self, text: str, *, thought: bool = False) -> None:
        self.thinking, self.last = thought, monotonic()
        if self.first is None:
            self.first = self.last
        click.echo(text, nl=False, err=thought)

    def close(self) -> None:
        """End the line, and say what the answer took."""
        click.echo("")
        click.echo(click.style(", ".join(self._figures()), dim=True), err=True)

    def _figures(self) -> Iterator[str]:
        tokens = self.usage.output_tokens
        if tokens:
            yield f"{self.usage.input_tokens} tokens in, {tokens} out"
        if self.first is not None:
            yield f"{self.first - self.asked:.2f} s to the first"
            # The first is there when the clock of the others starts.
            if tokens > 1 and self.last > self.first:
                yield f"{(tokens - 1) / (self.last - self.first):.0f} tokens/s"
