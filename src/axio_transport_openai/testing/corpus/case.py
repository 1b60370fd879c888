"""One wire case: the bytes that a service sends, and what they mean."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from axio.events import (
    IterationEnd,
    ReasoningDelta,
    Refusal,
    TextDelta,
    ToolInputDelta,
    ToolUseStart,
)
from axio.types import Usage

from axio_transport_openai.testing.reply import drops_after, sends, stalls, streams

from .peculiarity import PECULIARITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axio.events import StreamEvent

    from axio_transport_openai.testing.reply import Reply

__all__ = ["Case", "Outcome", "observed"]

#: How the body comes: whole, compressed, held open after its last byte, or broken off there.
type Way = Literal["whole", "gzip", "held", "dropped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer: what was said before it ended, and how it ended."""

    text: str = ""
    reasoning: str = ""
    #: Name and arguments of each call; the arguments are compared as JSON.
    calls: tuple[tuple[str, str], ...] = ()
    #: The stop reason, in axio's word; empty where the answer ends in an error.
    stop: str = "end_turn"
    #: The service's own word for it; compared where it is given.
    raw: str = ""
    usage: Usage = field(default_factory=lambda: Usage(0, 0))
    #: What the model said in declining.
    refusal: str = ""
    #: The name of the error's class, or of a base of it; empty where there is none.
    error: str = ""
    #: Of an expectation: what the error's message must hold. Of an observation: the message.
    words: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A body as services were seen to send it, and what a client must make of it."""

    name: str
    #: The peculiarity it shows, by its number in :data:`~.peculiarity.PECULIARITIES`.
    shows: int
    body: bytes = field(repr=False)
    expected: Outcome
    way: Way = "whole"
    status: int = 200
    content_type: str = "text/event-stream"
    #: How many candidates were asked for, as the parameter ``n``.
    candidates: int = 1

    @property
    def seen(self) -> str:
        """Who sends such a thing, and where that is told."""
        return PECULIARITIES[self.shows]

    @property
    def reply(self) -> Reply:
        """The case as the reply of a :class:`~axio_transport_openai.testing.Service`."""
        if self.way == "held":
            return stalls(self.body)
        if self.way == "dropped":
            return drops_after(self.body)
        if self.status != HTTPStatus.OK:
            return sends(self.body, status=self.status, content_type=self.content_type)
        return streams(self.body, content_type=self.content_type, gzip=self.way == "gzip")

    def differences(self, outcome: Outcome) -> list[str]:
        """How this outcome differs from the one expected; empty where it does not."""
        wanted = self.expected
        pairs: dict[str, tuple[object, object]] = {
            "text": (outcome.text, wanted.text),
            "reasoning": (outcome.reasoning, wanted.reasoning),
            "stop": (outcome.stop, wanted.stop),
            "usage": (outcome.usage, wanted.usage),
            "refusal": (outcome.refusal, wanted.refusal),
        }
        if wanted.raw:
            pairs["raw"] = (outcome.raw, wanted.raw)
        if not wanted.error:  # the calls of an answer that failed are nobody's to make
            pairs["calls"] = (_read(outcome.calls), _read(wanted.calls))
        told = [
            f"{what} is {is_!r}, not {ought!r}"
            for what, (is_, ought) in pairs.items()
            if is_ != ought
        ]
        return told + _mistaken(outcome, wanted)


def observed(events: Iterable[StreamEvent], error: BaseException | None = None) -> Outcome:
    """The outcome of an answer that came as these events, and ended in this error if in any."""
    said: dict[type[StreamEvent], list[str]] = {TextDelta: [], ReasoningDelta: [], Refusal: []}
    calls: dict[str, tuple[str, list[str]]] = {}
    ends: list[IterationEnd] = []
    for event in events:
        match event:
            case TextDelta(delta=text) | ReasoningDelta(delta=text) | Refusal(text=text):
                said[type(event)].append(text)
            case ToolUseStart(tool_use_id=call, name=name):
                calls[call] = name, []
            case ToolInputDelta(tool_use_id=call, partial_json=part):
                calls[call][1].append(part)
            case IterationEnd():
                ends.append(event)
            case _:
                continue
    usage = ends[-1].usage if ends else getattr(error, "usage", None)
    return Outcome(
        text="".join(said[TextDelta]),
        reasoning="".join(said[ReasoningDelta]),
        calls=tuple((name, "".join(parts)) for name, parts in calls.values()),
        stop=" and ".join(end.stop_reason for end in ends),
        raw=ends[-1].raw if ends else "",
        usage=usage or Usage(0, 0),
        refusal="".join(said[Refusal]),
        error=" ".join(base.__name__ for base in type(error).__mro__) if error else "",
        words=str(error) if error else "",
    )


def _mistaken(outcome: Outcome, wanted: Outcome) -> list[str]:
    """How the error differs."""
    if not wanted.error:
        return [f"it raised {outcome.error.split()[0]}: {outcome.words}"] if outcome.error else []
    if wanted.error not in outcome.error.split():
        raised = outcome.error.partition(" ")[0] or "nothing"
        return [f"it raised {raised}, not {wanted.error}: {outcome.words}"]
    if wanted.words not in outcome.words:
        return [f"the error does not say {wanted.words!r} but {outcome.words!r}"]
    return []


def _read(calls: Iterable[tuple[str, str]]) -> list[tuple[str, object]]:
    return [(name, _json(arguments)) for name, arguments in calls]


def _json(arguments: str) -> object:
    """The arguments as axio's agent reads them: none at all are an empty object."""
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return f"no JSON: {arguments}"
