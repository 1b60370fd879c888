"""``axio-openai ask``: one question to a model, its answer as it comes, and what it took."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final, NoReturn

import click
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.events import (
    Error,
    IterationEnd,
    ReasoningDelta,
    Refusal,
    SessionEndEvent,
    TextDelta,
    ToolUseStart,
)
from axio.types import StopReason, Usage

from .run import run
from .service import service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from axio.events import StreamEvent

    from axio_transport_openai.transport import OpenAITransport

__all__ = ["ask"]

#: What is said of an answer that did not come to its end.
_CUT: Final = {
    StopReason.max_tokens: "The answer is cut: it has as many tokens as it may have",
    StopReason.context_window_exceeded: "The answer is cut: the model's context window is full",
    StopReason.repetition: "The answer is cut: it repeats itself",
    StopReason.refusal: "The answer was refused",
}


@click.command(short_help="Ask a service, or where none is named a model on this machine.")
@click.argument("prompt", nargs=-1, required=True)
@click.option("--model", help="The service's model; without a service, a GGUF file.")
@click.option(
    "--system",
    default="You are a helpful assistant.",
    show_default=True,
    help="The system prompt.",
)
@click.option(
    "--base-url",
    envvar="OPENAI_BASE_URL",
    show_envvar=True,
    help="The service's address; OpenAI's if only a key is given.",
)
@click.option("--api-key", envvar="OPENAI_API_KEY", show_envvar=True, help="The service's key.")
def ask(
    prompt: tuple[str, ...],
    model: str | None,
    system: str,
    base_url: str | None,
    api_key: str | None,
) -> None:
    """Ask the service that has this address and key, or where neither is given, a local model.

    A prompt of - is read from standard input.

    Thoughts go to standard error, and so do the last lines, which say where an answer is cut, and
    what it took. A refusal ends the command with status 1.
    """
    question = _piped() if prompt == ("-",) else " ".join(prompt)
    if not question.strip():
        raise click.UsageError("The question is empty: there is nothing to ask.")
    run(_ask(question, system, service(model, base_url, api_key)))


def _piped() -> str:
    """What comes on standard input; nothing where that is closed."""
    given = b"" if sys.stdin is None else sys.stdin.buffer.read()
    return given.decode(errors="replace").strip()


async def _ask(
    prompt: str, system: str, service: AbstractAsyncContextManager[OpenAITransport]
) -> None:
    async with service as transport:
        # No tool is offered: a model that calls one all the same hears so, but not for ever.
        agent = Agent(system=system, tools=[], transport=transport, max_iterations=3)
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
    #: Why it ended, and in the service's own word where that is another.
    stopped: StopReason = StopReason.end_turn
    said: str = ""
    #: The tool that was called last; none is offered.
    called: str = ""
    usage: Usage = field(default_factory=lambda: Usage(0, 0))

    def take(self, event: StreamEvent) -> None:
        """Show an event, or raise the error that it is."""
        match event:
            case TextDelta(delta=text) | Refusal(text=text):
                if self.thinking:
                    click.echo("", err=True)
                self._show(text)
            case ReasoningDelta(delta=text):
                self._show(click.style(text, dim=True), thought=True)
            case ToolUseStart(name=name):
                self.called = name
            case Error(exception=error):
                self._fail(error)
            case IterationEnd(raw=raw):
                self.said = raw
            case SessionEndEvent(stop_reason=stopped, total_usage=usage):
                self.stopped, self.usage = stopped, usage
            case _:
                pass

    def _fail(self, error: BaseException) -> NoReturn:
        """End the line, and raise the error.

        Raises:
            ClickException: The model was asked as often as it may be, and called tools each time.
        """
        click.echo("", nl=self.first is not None, err=self.thinking)
        if self.called and isinstance(error, RuntimeError):
            why = f"The model does not answer, but calls {self.called!r} again and again"
            raise click.ClickException(f"{why}; no tool was offered to it.") from error
        raise error

    def _show(self, text: str, *, thought: bool = False) -> None:
        self.thinking, self.last = thought, monotonic()
        if self.first is None:
            self.first = self.last
        # Nothing is taken out of an answer, wherever it goes; colours are for a terminal only.
        click.echo(text, nl=False, err=thought, color=None if thought else True)

    def close(self) -> None:
        """End the line, and say where the answer is not whole, and what it took.

        Raises:
            Exit: It is a refusal.
        """
        click.echo("", err=self.thinking)
        if self.stopped is not StopReason.end_turn:
            cut = _CUT.get(self.stopped, "The answer is not whole")
            click.echo(f"{cut} ({self.said})." if self.said else f"{cut}.", err=True)
        click.echo(click.style(", ".join(self._figures()), dim=True), err=True)
        if self.stopped is StopReason.refusal:
            raise click.exceptions.Exit(1)

    def _figures(self) -> Iterator[str]:
        tokens = self.usage.output_tokens
        if tokens:
            yield f"{self.usage.input_tokens} tokens in, {tokens} out"
        if self.first is not None:
            yield f"{self.first - self.asked:.2f} s to the first"
            # The first is there when the clock of the others starts.
            if tokens > 1 and self.last > self.first:
                yield f"{(tokens - 1) / (self.last - self.first):.0f} tokens/s"
