"""What a turn makes of a body that comes in these pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from axio.events import ReasoningDelta, TextDelta, ToolInputDelta, ToolUseStart
from axio.testing import assert_stream_contract

from axio_transport_openai import errors
from axio_transport_openai.origin import Origin
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axio.events import IterationEnd, StreamEvent
    from axio.types import Usage


__all__ = ["Played", "play"]


@dataclass(frozen=True)
class Played:
    """The events of an answer, and how it ended: with the one or the other."""

    events: list[StreamEvent]
    end: IterationEnd | None
    error: errors.APIError | None
    usage: Usage | None

    @property
    def text(self) -> str:
        return "".join(event.delta for event in self.events if isinstance(event, TextDelta))

    @property
    def thoughts(self) -> str:
        return "".join(event.delta for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """The id, the name and the arguments of every call, each announced once."""
        calls: dict[str, tuple[str, list[str]]] = {}
        for event in self.events:
            if isinstance(event, ToolUseStart):
                assert event.tool_use_id not in calls
                calls[event.tool_use_id] = (event.name, [])
            elif isinstance(event, ToolInputDelta):
                calls[event.tool_use_id][1].append(event.partial_json)
        return [(id, name, "".join(pieces)) for id, (name, pieces) in calls.items()]

    @property
    def said(self) -> list[object]:
        """All of it in its order, deltas of one text joined: equal for equal answers."""
        said: list[object] = []
        for event in self.events:
            joined = _joined(said[-1], event) if said else None
            if joined is None:
                said.append(event)
            else:
                said[-1] = joined
        failed = self.error and (type(self.error), str(self.error), vars(self.error))
        return [*said, self.end, failed]


def play(
    pieces: Iterable[bytes],
    origin: Origin | None = None,
    *,
    wrapped: bool = False,
    several: bool = False,
) -> Played:
    """Feed a turn as a transport does, until it is done or there are no more pieces."""
    turn = Turn(origin or Origin(), wrapped=wrapped, several=several)
    events: list[StreamEvent] = []
    for piece in pieces:
        events += turn.feed(piece)
        if turn.done:
            break
    events += turn.close()
    assert turn.close() == []
    try:
        end = turn.end(turn.tally.usage)
    except errors.APIError as error:
        return Played(events, None, error, turn.tally.usage)
    assert_stream_contract([*events, end])
    return Played(events, end, None, turn.tally.usage)


def _joined(last: object, event: StreamEvent) -> StreamEvent | None:
    """The two as one, if they are deltas of one text."""
    match last, event:
        case (TextDelta(), TextDelta()):
            return TextDelta(0, last.delta + event.delta)
        case (ReasoningDelta(), ReasoningDelta()):
            return ReasoningDelta(0, last.delta + event.delta)
        case (ToolInputDelta(), ToolInputDelta()) if last.tool_use_id == event.tool_use_id:
            text = last.partial_json + event.partial_json
            return ToolInputDelta(event.index, event.tool_use_id, text)
    return None
