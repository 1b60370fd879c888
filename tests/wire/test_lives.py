"""Whatever services do and readers do: words of one answer, one end or one error, nothing left."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiohttp
from axio.events import IterationEnd
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.asking import answered, ask, text_of

from axio_transport_openai import OpenAITransport, errors
from axio_transport_openai.testing import (
    Service,
    answer,
    closes,
    cut,
    drops_after,
    hangs_up,
    refuses,
    stalls,
    streams,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from axio.events import StreamEvent

    from axio_transport_openai.stream import EventStream
    from axio_transport_openai.testing import Reply

#: Longer than an answer over loopback takes, in seconds, and short enough to wait for.
SILENCE: Final = 0.15
ATTEMPTS: Final = 3
#: What a service may do with the pieces of an answer.
WHOLE: Final[Sequence[Callable[..., Reply]]] = (
    streams,
    lambda *pieces: streams(*pieces, gzip=True),
    lambda *pieces: closes(streams(*pieces)),
    stalls,
)
BROKEN: Final[Sequence[Callable[..., Reply]]] = (
    lambda *pieces: drops_after(*pieces[:-3]),
    lambda *pieces: drops_after(*pieces[: len(pieces) // 2], reset=True),
    lambda *pieces: stalls(*pieces[: len(pieces) // 2]),
    lambda *_: hangs_up(),
    lambda *_: refuses(503),
    lambda *_: closes(refuses(408)),
    lambda *_: refuses(400),
)


@dataclass
class Reader:
    """Who reads a stream, and leaves it in some way."""

    stream: EventStream
    #: After how many events it leaves, if so many come.
    leaves: int
    events: list[StreamEvent] = field(default_factory=list)

    async def read(self) -> None:
        """Read on until it leaves."""
        async for event in self.stream:
            self.events.append(event)
            if len(self.events) == self.leaves:
                break

    async def cancel(self, turns: int) -> None:
        """Read, and be cancelled after so many turns of the loop."""
        reading = asyncio.create_task(self.read())
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        if not reading.cancelled():
            reading.result()


async def is_over(stream: EventStream) -> bool:
    """Whether a stream has ended; where it has, it can be closed as often as one likes."""
    await stream.aclose()
    await stream.aclose()
    return await anext(stream, None) is None


async def usable(transport: OpenAITransport) -> bool:
    """Whether a transport can be asked again, once the service has said all that is scripted."""
    while True:
        with suppress(errors.APIError):
            if await answered(transport) == "again":
                return True


@st.composite
def replies(draw: st.DrawFn) -> tuple[list[Reply], list[str]]:
    """What a service replies, and the texts of its answers."""
    told: list[Reply] = []
    texts: list[str] = []
    for number in range(draw(st.integers(1, ATTEMPTS))):
        words = [f"{number}.{place} " for place in range(draw(st.integers(1, 20)))]
        body = b"".join(answer(*words))
        places = draw(st.sets(st.integers(1, len(body) - 1), max_size=3))
        pieces = cut(body, *sorted(places)) if places else answer(*words)
        told.append(draw(st.sampled_from((*WHOLE, *BROKEN)))(*pieces))
        texts.append("".join(words))
    return told, texts


@given(
    scripted=replies(),
    leaves=st.sampled_from((1, 3, 12, 1000)),
    turns=st.none() | st.integers(0, 60),
)
@settings(max_examples=100)
async def test_every_life_of_a_stream_ends_with_nothing_lost_doubled_or_left(
    scripted: tuple[list[Reply], list[str]], leaves: int, turns: int | None
) -> None:
    told, texts = scripted
    failure: errors.APIError | None = None
    place = aiohttp.TCPConnector(limit=1)  # a connection that is not let go lets nobody else ask
    async with (
        asyncio.timeout(10),
        Service(*told, forever=streams(*answer("again"))) as service,
        aiohttp.ClientSession(connector=place) as session,
        OpenAITransport(
            api_key="k",
            base_url=service.base_url,
            session=session,
            max_retries=ATTEMPTS,
            retry_base_delay=0,
            idle_timeout=SILENCE,
            first_event_timeout=SILENCE,
        ) as transport,
    ):
        before = asyncio.all_tasks()
        reader = Reader(ask(transport), leaves)
        try:
            await (reader.read() if turns is None else reader.cancel(turns))
        except errors.APIError as error:
            failure = error
        events, said = reader.events, text_of(reader.events)

        assert await is_over(reader.stream)
        ends = [event for event in events if isinstance(event, IterationEnd)]
        assert ends in ([], events[-1:])
        assert not (ends and failure)
        assert any(text == said if ends else text.startswith(said) for text in [*texts, "again"])
        assert ends or failure or turns is not None or len(events) == leaves
        assert await usable(transport)
        serving = {task for task in asyncio.all_tasks() if "Service" in repr(task)}
        assert asyncio.all_tasks() <= before | serving
