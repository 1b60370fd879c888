"""How long a body is waited for: what counts as a sign of life, and what does not."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
import threading
import traceback
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, ClassVar, override

import aiohttp
import pytest
from axio.events import IterationEnd
from axio.types import Usage
from tests.asking import ask, compute, text_of

from axio_transport_openai import OpenAITransport, errors
from axio_transport_openai.http import body, sender
from axio_transport_openai.testing import (
    DONE,
    Service,
    answer,
    call,
    chunk,
    completion,
    cut,
    drops_after,
    embeds,
    event,
    finish,
    opening,
    refuses,
    repeats,
    sends,
    stalls,
    streams,
    text,
    usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from axio.events import StreamEvent
    from tests.rules import Json

    from axio_transport_openai.testing import Exchange


def transport(
    service: Service,
    session: aiohttp.ClientSession,
    **clocks: Json,
) -> OpenAITransport:
    return OpenAITransport(
        base_url=service.base_url, api_key="k", session=session, max_retries=1, **clocks
    )


async def collected(transport: OpenAITransport) -> list[StreamEvent]:
    return [event async for event in ask(transport)]


_END = finish() + DONE
#: Many times what any clock here allows, in seconds: what takes longer has none.
_HANGS = 5.0
_LONG = "It is a long way. " * 100
_IN_LINES = json.dumps(json.loads(completion("Hello")), indent=1).encode()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([*cut(text(_LONG), *range(100, 1800, 100)), _END], id="an event"),
        pytest.param(
            [b"data: " + line + b"\n" for line in _IN_LINES.splitlines()] + [b"\n" + DONE],
            id="an event of many lines",
        ),
        pytest.param(_IN_LINES.splitlines(keepends=True), id="a body that is no event stream"),
        pytest.param(
            [
                call(id=None, name="read", arguments='{"path":"'),
                *[call(arguments="a")] * 14,
                call(arguments='"}') + _END,
            ],
            id="a call that has no id, and so is given at its end",
        ),
        pytest.param(
            [event(chunk({"audio": {"data": "YWJj"}}))] * 16 + [_END],
            id="sound, which is given whole",
        ),
        pytest.param(
            [opening(), *[text("a"), b": still here\n\n"] * 8, _END], id="text between comments"
        ),
    ],
)
async def test_what_comes_slowly_is_not_silence(
    session: aiohttp.ClientSession, pieces: list[bytes]
) -> None:
    async with Service(streams(*pieces, pause=0.04)) as service:
        events = await collected(transport(service, session, idle_timeout=0.2))

    assert isinstance(events[-1], IterationEnd)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b": still here\n\n"], id="comments"),
        pytest.param([b": still", b" here\n\n"], id="comments in two pieces"),
        pytest.param([b"data: {}\n", b": still here\n"], id="comments behind an open event"),
        pytest.param([event(chunk({"content": ""}))], id="events that say nothing"),
        pytest.param([b"id: 1\n\n"], id="fields that say nothing"),
        pytest.param([b" "], id="white space without a line end"),
    ],
)
@pytest.mark.parametrize("begun", [opening(), opening() + text("a")], ids=["before", "after"])
async def test_what_says_nothing_keeps_an_answer_alive_only_so_long(
    session: aiohttp.ClientSession, begun: bytes, pieces: list[bytes]
) -> None:
    flood = repeats(*pieces, first=[begun], every=0.01)
    async with Service(flood) as service, asyncio.timeout(5):
        with pytest.raises(errors.Stalled) as caught:
            await collected(transport(service, session, idle_timeout=0.05))

    assert caught.value.clock == "idle"


def commented(times: int) -> Service:
    """An answer whose first text is followed by so many comments, 0.05 seconds apart."""
    comments = [b": still here\n\n"] * times
    return Service(streams(opening() + text("Hel"), *comments, text("lo") + finish(), pause=0.05))


async def test_comments_alone_keep_a_stream_for_two_idle_limits_and_not_three(
    session: aiohttp.ClientSession,
) -> None:
    async with commented(10) as service:
        events = await collected(transport(service, session, idle_timeout=0.4))
    async with commented(21) as service:
        with pytest.raises(errors.Stalled):
            await collected(transport(service, session, idle_timeout=0.4))

    assert text_of(events) == "Hello"


@pytest.mark.parametrize("unlimited", [0, None])
async def test_an_answer_comes_where_nothing_is_limited(
    session: aiohttp.ClientSession, unlimited: int | None
) -> None:
    clocks = ("connect_timeout", "first_event_timeout", "idle_timeout", "total_timeout")
    replies = refuses(503, "busy"), streams(opening(), text("ok"), finish(), DONE)
    async with Service(*replies) as service:
        given = dict.fromkeys(clocks, unlimited)
        answering = OpenAITransport(
            base_url=service.base_url, session=session, retry_base_delay=0, **given
        )
        events = await collected(answering)

    assert isinstance(events[-1], IterationEnd)


@pytest.mark.parametrize(
    ("clock", "before"),
    [
        pytest.param("idle_timeout", opening() + text("Hel"), id="amid the answer"),
        pytest.param("first_event_timeout", b": still here\n\n", id="before it began"),
    ],
)
async def test_what_came_while_the_loop_stood_still_is_read(
    session: aiohttp.ClientSession, clock: str, before: bytes
) -> None:
    async def stands_still(exchange: Exchange) -> None:
        await exchange.head(200)
        await exchange.piece(before)
        await exchange.pause(0.05)
        compute(0.3)
        await exchange.piece(text("lo"))
        await exchange.pause(0.1)
        await exchange.piece(finish() + DONE)
        await exchange.end()

    async with Service(stands_still) as service:
        events = await collected(transport(service, session, **{clock: 0.2}))

    assert text_of(events).endswith("lo")
    assert isinstance(events[-1], IterationEnd)


async def test_an_answer_that_begins_as_its_clock_runs_out_has_clocks_still(
    session: aiohttp.ClientSession,
) -> None:
    async def begins_late(exchange: Exchange) -> None:
        await exchange.head()
        compute(0.1)
        for _ in range(3):
            await asyncio.sleep(0)  # until the clock has granted a moment, to catch up in
        compute(0.1)  # which runs out as well
        await exchange.piece(opening() + text("Hel"))
        await exchange.stall()

    async with Service(begins_late) as service:
        asked = transport(service, session, first_event_timeout=0.05, idle_timeout=0.2)
        async with asyncio.timeout(_HANGS):
            with pytest.raises(errors.Stalled) as raised:
                await collected(asked)

    assert raised.value.clock == "idle"


@pytest.mark.parametrize("before", [[], [b": still here\n\n"] * 2], ids=["text", "comments"])
async def test_a_consumer_s_rest_does_not_count_against_the_service(
    session: aiohttp.ClientSession, before: list[bytes]
) -> None:
    rested = asyncio.Event()

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        for piece in (opening(), *before, text("Hel")):
            await exchange.piece(piece)
        await rested.wait()
        await exchange.piece(text("lo") + _END)
        await exchange.end()

    events: list[StreamEvent] = []
    async with Service(reply) as service:
        async for event in ask(transport(service, session, idle_timeout=0.05)):
            events.append(event)
            if text_of(events) == "Hel":
                await asyncio.sleep(0.2)
                rested.set()

    assert text_of(events) == "Hello"


@pytest.mark.parametrize(
    ("pieces", "said", "whole"),
    [
        pytest.param(answer("a", "b", "c"), "abc", True, id="a whole answer"),
        pytest.param(answer("a", "b", "c")[:-2], "abc", True, id="an answer without its mark"),
        pytest.param(answer("a", "b", "c")[:3], "ab", False, id="a part"),
    ],
)
async def test_what_came_before_a_break_reaches_a_consumer_that_rested(
    session: aiohttp.ClientSession, pieces: list[bytes], said: str, *, whole: bool
) -> None:
    events: list[StreamEvent] = []
    async with Service(drops_after(*pieces)) as service:
        with nullcontext() if whole else pytest.raises(errors.Interrupted):
            async for event in ask(transport(service, session)):
                events.append(event)
                await service.vacated()
                await asyncio.sleep(0.01)

    assert text_of(events) == said
    assert isinstance(events[-1], IterationEnd) is whole


async def test_a_break_in_the_middle_is_told_without_what_the_client_library_says_of_it(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(drops_after(*answer("a", "b")[:2])) as service:
        with pytest.raises(errors.Interrupted) as caught:
            await collected(transport(service, session))

    assert "aiohttp" not in "".join(traceback.format_exception(caught.value, limit=0))


_FAILED = event({"error": {"message": "gave up"}})


async def test_an_error_followed_by_silence_is_raised_within_a_second(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(stalls(opening(), text("a"), _FAILED)) as service, asyncio.timeout(1):
        with pytest.raises(errors.ProviderError, match="gave up"):
            await collected(transport(service, session))


@pytest.mark.parametrize(
    ("total", "counted"),
    [pytest.param(0, Usage(11, 7), id="unlimited"), pytest.param(0.05, None, id="limited")],
)
async def test_the_wait_after_a_failure_does_not_outlast_the_total_limit(
    session: aiohttp.ClientSession, total: float, counted: Usage | None
) -> None:
    late = streams(opening() + text("a") + _FAILED, usage(11, 7), pause=0.12)
    async with Service(late) as service:
        with pytest.raises(errors.ProviderError, match="gave up") as caught:
            await collected(transport(service, session, total_timeout=total))

    assert caught.value.usage == counted


async def test_a_wait_that_would_outlast_the_total_limit_is_not_begun(
    session: aiohttp.ClientSession,
) -> None:
    busy = refuses(503, headers={"Retry-After": "20"})
    async with Service(busy) as service, asyncio.timeout(5):
        asked_again = transport(service, session, total_timeout=10)
        asked_again.max_retries = 2
        with pytest.raises(errors.ServerFailed):
            await collected(asked_again)


_TALK = b": " + b"x" * 1020 + b"\n\n"


@pytest.mark.parametrize(
    ("pieces", "read"),
    [pytest.param(3, True, id="so much"), pytest.param(10_000, False, id="no more")],
)
async def test_a_service_that_talks_on_after_the_end_is_read_for_a_quarter_mebibyte(
    session: aiohttp.ClientSession, pieces: int, *, read: bool
) -> None:
    sent: list[int] = []

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        for piece in answer("ok"):
            await exchange.piece(piece)
        for number in range(pieces):
            await exchange.piece(_TALK * 64)
            sent.append(number)
        await exchange.end()

    async with Service(forever=reply) as service:
        heard = [text_of(await collected(transport(service, session))) for _ in range(2)]

    assert heard == ["ok", "ok"]
    assert (service.connections == 1) is read
    assert len(sent) < 2 * 32


class Blocking(aiohttp.ClientResponse):
    """A response whose closing blocks its thread, as a busy interpreter may."""

    entered: ClassVar[threading.Event]
    left: ClassVar[threading.Event]

    @override
    def close(self) -> None:
        self.entered.set()
        self.left.wait(5)
        super().close()


@pytest.mark.parametrize(("late", "kept"), [(0.2, True), (1.0, False)])
async def test_the_end_of_a_body_that_comes_a_little_late_keeps_the_connection(
    session: aiohttp.ClientSession, late: float, *, kept: bool
) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.piece(b"".join(answer("ok")))
        await exchange.pause(late)
        await exchange.end()

    async with Service(forever=reply) as service:
        heard = [text_of(await collected(transport(service, session))) for _ in range(2)]

    assert heard == ["ok", "ok"]
    assert (service.connections == 1) is kept


async def test_a_clock_runs_out_while_that_of_another_thread_does() -> None:
    Blocking.entered, Blocking.left = threading.Event(), threading.Event()
    async with Service(forever=stalls(text("a"))) as service:

        async def elsewhere() -> None:
            async with aiohttp.ClientSession(response_class=Blocking) as session:
                with pytest.raises(errors.Stalled):
                    await collected(transport(service, session, idle_timeout=0.05))

        other = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
        try:
            assert await asyncio.to_thread(Blocking.entered.wait, 5)
            async with aiohttp.ClientSession() as session, asyncio.timeout(3):
                with pytest.raises(errors.Stalled):
                    await collected(transport(service, session, idle_timeout=0.05))
        finally:
            Blocking.left.set()
            await other


async def test_a_timer_that_found_nothing_wrong_sleeps_no_longer_than_an_end_is_waited_for(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_AFTER_ANSWER", 0.1)

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.piece(opening() + text("a"))
        await exchange.pause(0.25)
        await exchange.piece(finish())
        await exchange.stall()

    async with Service(reply) as service, asyncio.timeout(_HANGS):
        events = await collected(transport(service, session, idle_timeout=2 * _HANGS))

    assert isinstance(events[-1], IterationEnd)


async def test_a_timer_that_fires_before_an_answer_sees_that_it_is_not_late_yet(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_AFTER_ANSWER", 0.05)

    async def never(exchange: Exchange) -> None:
        await exchange.stall()

    async with Service(never) as service, asyncio.timeout(_HANGS):
        with pytest.raises(errors.Stalled, match=r"0\.3"):
            await collected(transport(service, session, first_event_timeout=0.3))


async def test_a_body_that_ends_with_its_answer_needs_one_timer(
    session: aiohttp.ClientSession,
) -> None:
    timers: list[str] = []

    def note(frame: FrameType, what: str, _: object) -> None:
        if what == "call" and frame.f_code.co_qualname == "Body._set":
            timers.append(what)

    async with Service(sends(b"".join(answer("ok")))) as service:
        sys.setprofile(note)
        try:
            events = await collected(transport(service, session))
        finally:
            sys.setprofile(None)

    assert text_of(events) == "ok"
    assert len(timers) == 1


@pytest.mark.parametrize("end", [DONE, _FAILED], ids=["its end", "a failure"])
async def test_an_answer_that_is_over_before_it_began_is_waited_for_no_longer(
    session: aiohttp.ClientSession, end: bytes
) -> None:
    async with Service(stalls(end)) as service, asyncio.timeout(2):
        with pytest.raises(errors.APIError) as caught:
            await collected(transport(service, session))

    assert not isinstance(caught.value, errors.Stalled)


async def test_what_an_answer_used_that_fails_before_it_began_is_waited_for(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(streams(_FAILED, usage(11, 7), pause=0.1)) as service:
        with pytest.raises(errors.ProviderError, match="gave up") as caught:
            await collected(transport(service, session))

    assert caught.value.usage == Usage(11, 7)


async def test_an_answer_has_begun_with_a_call_that_is_given_only_at_its_end(
    session: aiohttp.ClientSession,
) -> None:
    pieces = [call(id=None, name="read", arguments='{"path":"'), *[call(arguments="a")] * 9]
    slowly = streams(*pieces, call(arguments='"}') + _END, pause=0.05)
    async with Service(slowly) as service:
        events = await collected(transport(service, session, first_event_timeout=0.2))

    assert isinstance(events[-1], IterationEnd)


async def test_what_an_answer_used_may_come_a_while_after_its_finish_reason(
    session: aiohttp.ClientSession,
) -> None:
    late = streams(opening() + text("a") + finish(), usage(11, 7) + DONE, pause=0.3)
    async with Service(late) as service:
        events = await collected(transport(service, session))

    assert isinstance(events[-1], IterationEnd)
    assert events[-1].usage == Usage(11, 7)


async def test_comments_before_a_finish_reason_do_not_count_against_what_follows_it(
    session: aiohttp.ClientSession,
) -> None:
    comments = [b": still here\n\n"] * 9
    pieces = [opening() + text("a"), *comments, finish(), *comments, usage(11, 7) + DONE]
    async with Service(streams(*pieces, pause=0.05)) as service:
        events = await collected(transport(service, session, idle_timeout=0.3))

    assert isinstance(events[-1], IterationEnd)
    assert events[-1].usage == Usage(11, 7)


async def test_the_end_of_an_answer_is_waited_for_no_longer_than_any_of_its_pieces(
    session: aiohttp.ClientSession,
) -> None:
    finished = stalls(opening() + text("a") + finish())
    async with Service(finished) as service, asyncio.timeout(_HANGS):
        events = await collected(transport(service, session, idle_timeout=0.1))

    assert isinstance(events[-1], IterationEnd)


async def _trickles(exchange: Exchange) -> None:
    """A refusal whose words never end."""
    await exchange.head(400, content_type="text/plain")
    while True:
        await exchange.piece(b"no ")
        await exchange.pause(0.01)


async def test_a_refusal_whose_words_never_end_is_heard_by_the_clock_of_the_first_event(
    session: aiohttp.ClientSession,
) -> None:
    async with asyncio.timeout(5), Service(_trickles) as service:
        with pytest.raises(errors.BadRequest, match="no no"):
            await collected(transport(service, session, first_event_timeout=0.1))


async def test_the_words_of_a_refusal_have_a_clock_of_their_own(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_ERROR_TIME", 0.1)
    async with asyncio.timeout(5), Service(_trickles) as service:
        with pytest.raises(errors.BadRequest, match="no no"):
            await collected(transport(service, session, first_event_timeout=0))


async def test_no_more_is_read_of_a_refusal_than_can_be_told(
    session: aiohttp.ClientSession,
) -> None:
    sent = 0

    async def floods(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.head(400, content_type="text/plain")
        while True:
            await exchange.piece(b"no " * 10_000)
            sent += 30_000

    async with asyncio.timeout(5), Service(floods) as service:
        with pytest.raises(errors.BadRequest, match="no no"):
            await collected(transport(service, session))
        await service.vacated()

    assert sent < 8 * 1024 * 1024


@contextmanager
def _deaf() -> Iterator[str]:
    """The base URL of a service that answers no call, whoever knocks."""
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # what is not accepted fills the queue, and no more are answered
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(deaf.getsockname())
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"


async def test_a_session_that_queues_waits_for_no_connection_beyond_its_clock() -> None:
    place = aiohttp.TCPConnector(limit=1)
    with _deaf() as base_url:
        async with asyncio.timeout(5), aiohttp.ClientSession(connector=place) as session:
            asked = OpenAITransport(
                base_url=base_url, session=session, connect_timeout=0.2, max_retries=1
            )
            with pytest.raises(errors.Stalled) as caught:
                await collected(asked)

    assert caught.value.clock == "connect"
    told = "could not be connected to within 0.2 seconds (connect_timeout)."
    assert str(caught.value).endswith(told)


def _timers() -> int:
    gc.collect()
    found = (one for one in gc.get_objects() if isinstance(one, asyncio.TimerHandle))
    return sum(not timer.cancelled() for timer in found)


@pytest.mark.parametrize("limit", [0, 1])
async def test_a_connection_that_is_being_made_has_one_timer_beside_that_of_the_body(
    limit: int,
) -> None:
    place = aiohttp.TCPConnector(limit=limit)
    with _deaf() as base_url:
        async with aiohttp.ClientSession(connector=place) as session:
            asked = OpenAITransport(base_url=base_url, session=session)
            before = _timers()
            task = asyncio.create_task(collected(asked))
            for _ in range(20):
                await asyncio.sleep(0)
            connecting = _timers() - before
            task.cancel()
            await asyncio.wait([task])

    assert connecting == 2


async def test_what_was_read_whole_leaves_no_timer() -> None:
    async with Service(embeds(lambda _: [1.0])) as service, aiohttp.ClientSession() as session:
        before = _timers()
        await transport(service, session).embed(["a"])
        assert _timers() - before <= 1, "aiohttp's own, of the connection that waits"
