"""One streamed answer as an iterator of events.

The request is sent, again where that helps, until anything of the answer has come. From then on
what came is given away and nothing is repeated: the boundary is the end of :func:`opened`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from axio.events import StreamEvent

from . import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from types import TracebackType

    from axio.events import IterationEnd
    from axio.types import Usage

    from .http import Body
    from .turn import Turn

__all__ = ["Asked", "EventStream", "Opening", "Question", "event_batches", "opened"]


#: An iterator at its end, for streams that have no events ready: one will do for all of them.
_NOTHING: Final[Iterator[StreamEvent]] = iter(())


class Opening(NamedTuple):
    """An answer that has begun: its body, its turn, and its first events."""

    body: Body
    turn: Turn
    events: list[StreamEvent]


class Question(Protocol):
    """What is to be asked; it becomes a request when somebody waits for the answer."""

    def asked(self) -> Asked:
        """The request, with the settings as they are then."""
        ...

    def ended(self, used: Usage | None) -> None:
        """Note what the answer used, for it ended or failed, or its reader left."""
        ...


class Asked(Protocol):
    """A request for an answer."""

    def begin(self) -> Awaitable[Opening]:
        """Send it, again where that helps, until the answer has begun."""
        ...

    def end(self, turn: Turn) -> IterationEnd:
        """The event that ends the answer; raises what failed."""
        ...

    def used(self, turn: Turn) -> Usage | None:
        """What the answer used so far; None where nothing was reported."""
        ...


async def opened(body: Body, turn: Turn) -> Opening:
    """The answer in this body, read until anything of it has come.

    Raises:
        APIError: It failed before that. Nothing was given away, so it may be asked for again.
    """
    try:
        while not (turn.done or turn.failure) and (data := await body.read(ending=turn.finished)):
            if (events := turn.feed(data)) or turn.begun:
                return Opening(body, turn, events)
            body.note_held(turn.held)
        await _read_counts(body, turn)
    except errors.APIError as error:
        turn.lose(error)
    events = turn.close()
    if not (events or turn.begun):
        turn.end(turn.tally.usage)
    return Opening(body, turn, events)


async def event_batches(question: Question) -> AsyncGenerator[list[StreamEvent]]:
    """The events of the answer to a question, all of a read at once."""
    body, turn, events = await (asked := question.asked()).begin()
    abandoned = True
    try:
        if events:
            yield events
        del events  # they would be kept while this waits, beside thousands of others
        try:
            while not (turn.done or turn.failure) and (
                data := await body.read(ending=turn.finished)
            ):
                if events := turn.feed(data):
                    yield events
                else:
                    body.note_held(turn.held)
                del data, events
            await _read_counts(body, turn)
        except errors.APIError as error:
            turn.lose(error)
        if events := turn.close():
            yield events
        yield [_end(asked, body, turn)]
        abandoned = False
    finally:
        question.ended(asked.used(turn))
        await _leave(body, turn, hurried=abandoned)


def _end(asked: Asked, body: Body, turn: Turn) -> IterationEnd:
    """The event that ends the answer; its body is not waited for much longer."""
    end = asked.end(turn)
    body.settle()  # whoever sees the end may ask again before this generator is closed
    return end


async def _read_counts(body: Body, turn: Turn) -> None:
    """Read on after a failure, but not for long: some services send the usage after it."""
    if turn.failure is not None:
        body.hurry()
        while not turn.done and (data := await body.read()):
            turn.feed(data)


async def _leave(body: Body, turn: Turn, *, hurried: bool) -> None:
    """Close the body; where the answer is whole, read it to its end to keep the connection."""
    whole = turn.done and turn.failure is None
    turn.failure = None  # which was raised, and holds the frames that hold the turn
    if whole:
        await body.drain(hurried=hurried)
    else:
        body.close()


class EventStream(AsyncGenerator[StreamEvent]):
    """Events one at a time, from batches.

    It has a generator's manners: nothing is sent before it is iterated, ``aclose`` ends it, an
    error ends it, and dropping it closes the connection, for the batches come from a generator.
    """

    __slots__ = ("_batches", "_ready")

    def __init__(self, source: AsyncGenerator[list[StreamEvent]]) -> None:
        """Begin before the first event."""
        self._batches = source
        self._ready = _NOTHING

    async def __anext__(self) -> StreamEvent:
        """The next event."""
        while True:
            for event in self._ready:
                return event
            self._ready = _NOTHING  # an iterator fewer beside each of thousands that wait
            self._ready = iter(await anext(self._batches))

    async def asend(self, value: None) -> StreamEvent:
        """The next event; nothing can be sent in."""
        del value
        return await anext(self)

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> StreamEvent:
        """Raise inside the stream, which ends it."""
        del val, tb
        self._ready = _NOTHING
        self._ready = iter(await self._batches.athrow(typ) or ())  # None where it has ended
        return await anext(self)

    async def aclose(self) -> None:
        """End the stream: its connection is closed, or given back if the answer was whole."""
        self._ready = _NOTHING
        # Not its aclose(): CPython before 3.13 counts a generator that meets an exception in there
        # as running from then on.
        with suppress(GeneratorExit, StopAsyncIteration):
            await self._batches.athrow(GeneratorExit)
