"""When a request is sent again for free: a connection that was used before, found dead."""

from __future__ import annotations

import asyncio
import gc
import socket
from functools import partial
from typing import TYPE_CHECKING, Final, override
from weakref import ref

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from axio.blocks import TextBlock
from axio.events import IterationEnd, TextDelta
from axio.messages import Message
from tests.asking import answered, ask, compute

from axio_transport_openai import OpenAITransport, OpenRouterTransport, errors
from axio_transport_openai.http import body as http_body
from axio_transport_openai.testing import (
    Service,
    answer,
    closes,
    embeds,
    hangs_up,
    lists,
    opening,
    says,
    sends,
    stalls,
    streams,
    text,
    writes,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from axio_transport_openai.testing import Exchange, Reply


def transport(service: Service, session: aiohttp.ClientSession) -> OpenAITransport:
    return OpenAITransport(api_key="k", base_url=service.base_url, session=session, max_retries=1)


async def test_all_connections_that_a_restart_left_dead_are_replaced_at_once(
    session: aiohttp.ClientSession,
) -> None:
    async def reply(exchange: Exchange) -> None:
        if exchange.request.connection <= 4 and exchange.request.number > 4:
            exchange.close()
        else:
            await says("ok")(exchange)

    async with Service(forever=reply) as service:
        asked = transport(service, session)
        await asyncio.gather(*[answered(asked) for _ in range(4)])

        assert await answered(asked) == "ok"
    assert len(service.requests) == 4 + 4 + 1


def at_once(*texts: str) -> Reply:
    """A whole answer in one piece, its head included."""
    body = b"".join(answer(*texts))
    return writes(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize("first", [says("first"), at_once("first")], ids=["in pieces", "at once"])
@pytest.mark.parametrize("unasked", [says("another's"), sends(b"no", status=408)])
async def test_what_comes_unasked_is_no_answer_to_the_next_request(
    session: aiohttp.ClientSession, first: Reply, unasked: Reply
) -> None:
    async def goes_on(exchange: Exchange) -> None:
        await first(exchange)
        await exchange.pause(0.05)
        await unasked(exchange)

    async with Service(goes_on, says("second"), says("third")) as service:
        asked = transport(service, session)
        answers = [await answered(asked)]
        await asyncio.sleep(0.2)
        answers += [await answered(asked), await answered(asked)]

    assert answers == ["first", "second", "third"]
    assert [request.connection for request in service.requests] == [1, 2, 2]


@pytest.mark.parametrize("turns", range(6))
async def test_an_answer_that_has_come_and_is_not_read_yet_was_asked_for(turns: int) -> None:
    asking: list[asyncio.Task[str]] = []

    async def one_more() -> str:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await answered(asked)

    async def head_first(exchange: Exchange) -> None:
        asking.append(asyncio.create_task(one_more()))
        await exchange.head()
        await exchange.pause(0.05)
        for piece in answer("second"):
            await exchange.piece(piece)
        await exchange.end()

    connector = aiohttp.TCPConnector(limit=1)  # so that who waits is given what another had
    async with (
        Service(says("first"), head_first, says("third")) as service,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        asked = transport(service, session)
        answers = [
            *await asyncio.gather(answered(asked), answered(asked)),
            *await asyncio.gather(*asking),
        ]

    assert answers == ["first", "second", "third"]
    assert [request.connection for request in service.requests] == [1, 1, 1]


IDLE: Final = sends(b"idle for too long", status=408)


async def test_a_used_connection_that_is_said_to_have_idled_is_replaced_at_once(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("first"), closes(IDLE), says("second")) as service:
        asked = transport(service, session)
        answers = [await answered(asked), await answered(asked)]

    assert answers == ["first", "second"]
    assert [request.connection for request in service.requests] == [1, 1, 2]


@pytest.mark.parametrize(("before", "late"), [(0, 0.0), (1, 1.05)], ids=["new", "late"])
async def test_another_request_that_a_service_waited_for_is_refused(
    session: aiohttp.ClientSession, before: int, late: float
) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.pause(late)
        await IDLE(exchange)

    async with Service(*[says("ok")] * before, refuse) as service:
        asked = transport(service, session)
        for _ in range(before):
            await answered(asked)
        with pytest.raises(errors.BadRequest, match=r"408 .*idle for too long"):
            await answered(asked)

    assert len(service.requests) == before + 1


async def test_only_so_many_connections_are_replaced_however_many_were_used(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(*[says("ok")] * 12, forever=hangs_up()) as service:
        asked = transport(service, session)
        await asyncio.gather(*[answered(asked) for _ in range(12)])
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(service.requests) == 12 + 1 + 8


async def crashed(service: Service, ask: Callable[[], Awaitable[object]]) -> int:
    """How many requests are sent once eight answers were given and their connections are gone."""
    await asyncio.gather(*[ask() for _ in range(8)])
    await asyncio.sleep(0.05)
    with pytest.raises(errors.ConnectionFailed):
        await ask()
    return len(service.requests) - 8


async def ends(exchange: Exchange) -> None:
    """An answer in pieces, after which the connection is closed."""
    await exchange.head()
    await exchange.pause(0.01)
    for piece in answer("ok"):
        await exchange.piece(piece)
    await exchange.end()
    exchange.close()


@pytest.mark.parametrize(
    "reply", [ends, closes(at_once("ok"))], ids=["of answers in pieces", "of answers at once"]
)
async def test_connections_that_are_known_to_be_closed_are_none_that_may_be_dead(
    session: aiohttp.ClientSession, reply: Reply
) -> None:
    async with Service(*[reply] * 8, forever=hangs_up()) as service:
        assert await crashed(service, partial(answered, transport(service, session))) == 1


async def test_connections_that_are_known_to_be_closed_are_so_without_a_body_that_was_sent(
    session: aiohttp.ClientSession,
) -> None:
    body = b'{"data": [{"id": "m"}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with Service(*[writes(head, body, close=True)] * 8, forever=hangs_up()) as service:
        asked = OpenRouterTransport(
            base_url=service.base_url, api_key="k", session=session, max_retries=1
        )
        # aiohttp itself sends what may be repeated twice.
        assert await crashed(service, asked.fetch_models) == 2


@pytest.mark.parametrize(
    ("head", "attempts"),
    [
        pytest.param("HTTP/1.1 200 OK", 2, id="kept"),
        pytest.param("HTTP/1.1 200 OK\r\nConnection: close", 1, id="closed, as announced"),
        pytest.param("HTTP/1.1 200 OK\r\nConnection: x, Close", 1, id="closed, in other words"),
        pytest.param("HTTP/1.0 200 OK", 1, id="closed, as of old"),
        pytest.param("HTTP/1.0 200 OK\r\nConnection: Keep-Alive", 2, id="kept, as of old"),
        pytest.param("HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive", 2, id="kept, as of old too"),
    ],
)
async def test_of_connections_of_which_nothing_is_known_but_that_they_are_kept_one_may_be_dead(
    session: aiohttp.ClientSession, head: str, attempts: int
) -> None:
    body = b'{"data": [{"id": "m"}]}'
    listed = writes(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body, close=True)
    async with Service(*[listed] * 8, forever=hangs_up()) as service:
        asked = OpenRouterTransport(
            base_url=service.base_url, api_key="k", session=session, max_retries=1
        )
        # aiohttp itself sends what may be repeated twice.
        assert await crashed(service, asked.fetch_models) == 2 * attempts


@pytest.mark.parametrize("pause", [0.0, 0.1])
async def test_a_dead_connection_that_a_request_waited_for_is_replaced_at_once(
    pause: float,
) -> None:
    place = aiohttp.TCPConnector(limit=1)
    closing = closes(streams(*answer("a", "b", "c"), pause=pause))
    async with (
        Service(forever=closing) as service,
        aiohttp.ClientSession(connector=place) as session,
    ):
        asked = transport(service, session)
        answers = await asyncio.gather(*[answered(asked) for _ in range(4)])

    assert answers == ["abc"] * 4


async def test_connections_that_end_one_after_the_other_were_not_dead(
    session: aiohttp.ClientSession,
) -> None:
    async def gives_up(exchange: Exchange) -> None:
        await exchange.pause(0.4)
        exchange.close()

    async with Service(*[says("ok")] * 8, forever=gives_up) as service:
        asked = transport(service, session)
        await asyncio.gather(*[answered(asked) for _ in range(8)])
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(service.requests) <= 8 + 3


async def test_a_connection_that_ends_only_after_a_while_was_not_dead(
    session: aiohttp.ClientSession,
) -> None:
    async def gives_up(exchange: Exchange) -> None:
        await exchange.pause(1.1)
        exchange.close()

    async with Service(says("ok"), forever=gives_up) as service:
        asked = transport(service, session)
        await answered(asked)
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(service.requests) == 2


async def until_its_end(asked: OpenAITransport, *, closed: bool, rest: float = 0.0) -> None:
    """Leave an answer once its last event has come, and rest for so many seconds."""
    stream = ask(asked)
    async for event in stream:
        if isinstance(event, IterationEnd):
            break
    if closed:
        await stream.aclose()
    before = asyncio.all_tasks()
    del stream, event
    gc.collect()
    compute(rest)
    await asyncio.sleep(0)
    if closing := asyncio.all_tasks() - before:  # asyncio closes what was dropped in a task
        await asyncio.wait(closing)


async def test_a_connection_waits_before_the_end_of_its_body_is_read(
    session: aiohttp.ClientSession,
) -> None:
    async def reply(exchange: Exchange) -> None:
        if exchange.request.number == 2:
            exchange.close()
        else:
            await at_once("ok")(exchange)

    async with Service(forever=reply) as service:
        asked = transport(service, session)
        first = ask(asked)
        while not isinstance(await anext(first), IterationEnd):
            pass

        assert await answered(asked) == "ok"
        await first.aclose()
    assert [request.connection for request in service.requests] == [1, 1, 2]


@pytest.mark.parametrize(
    ("closed", "rest"),
    [
        pytest.param(True, 0.0, id="closed"),
        pytest.param(False, 0.0, id="dropped"),
        pytest.param(False, 0.7, id="dropped and rested for longer than its end is waited for"),
    ],
)
async def test_who_leaves_at_the_last_event_leaves_a_connection(
    session: aiohttp.ClientSession, *, closed: bool, rest: float
) -> None:
    async with Service(forever=says("ok")) as service:
        asked = transport(service, session)
        for _ in range(4):
            await until_its_end(asked, closed=closed, rest=rest)

    assert service.connections == 1


async def test_who_leaves_at_the_last_event_waits_for_no_body_that_stays_open(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(forever=stalls(*answer("ok"))) as service:
        asked = transport(service, session)
        stream = ask(asked)
        while not isinstance(await anext(stream), IterationEnd):
            pass
        began = asyncio.get_running_loop().time()
        await stream.aclose()

        assert asyncio.get_running_loop().time() - began < 0.3


async def test_who_asks_again_at_the_last_event_waits_for_no_body_that_stays_open() -> None:
    one_at_a_time = aiohttp.TCPConnector(limit=1)
    async with (
        aiohttp.ClientSession(connector=one_at_a_time) as session,
        Service(stalls(*answer("one")), says("two")) as service,
    ):
        asked = transport(service, session)
        async with asyncio.timeout(5):
            async for event in ask(asked):
                if isinstance(event, IterationEnd):
                    assert await answered(asked) == "two"


async def test_who_leaves_an_answer_that_was_all_there_leaves_a_connection_that_may_be_dead(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(at_once("one"), hangs_up(), says("two")) as service:
        asked = transport(service, session)
        stream = ask(asked)
        await anext(stream)
        await stream.aclose()

        assert await answered(asked) == "two"
    assert [request.connection for request in service.requests] == [1, 1, 2]


async def test_a_dead_connection_that_another_transport_left_is_replaced(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("one"), hangs_up(reset=True), says("two")) as service:
        heard = [await answered(transport(service, session)) for _ in range(2)]

    assert heard == ["one", "two"]


async def test_a_dead_connection_is_replaced_whatever_was_asked_over_it(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("one"), hangs_up(), embeds(lambda _: [1.0])) as service:
        asked = transport(service, session)
        await answered(asked)

        assert await asked.embed(["two"]) == [[1.0]]


class Directed(AbstractResolver):
    """All names and ports are those of one service."""

    def __init__(self, service: Service) -> None:
        self._port = int(service.url.rpartition(":")[2])

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        there = ResolveResult(
            hostname=host, host="127.0.0.1", port=self._port, family=family, proto=0, flags=0
        )
        return [there]

    @override
    async def close(self) -> None:
        pass


async def test_a_dead_connection_is_replaced_whether_or_not_its_port_was_named() -> None:
    async with Service(says("one"), hangs_up(), says("two")) as service:
        connector = aiohttp.TCPConnector(resolver=Directed(service))
        async with aiohttp.ClientSession(connector=connector) as session:
            asked = transport(service, session)
            heard = []
            for asked.base_url in ("http://service.test/v1", "http://service.test:80/v1"):
                heard.append(await answered(asked))

    assert heard == ["one", "two"]


async def test_nothing_holds_on_to_a_connection_that_was_closed_nor_to_a_session() -> None:
    def connections() -> int:
        gc.collect()
        return sum(isinstance(one, ResponseHandler) for one in gc.get_objects())

    before = connections()
    place = aiohttp.TCPConnector(keepalive_timeout=0.01)
    async with asyncio.timeout(10), Service(forever=says("ok")) as service:
        async with aiohttp.ClientSession(connector=place) as session:
            await answered(transport(service, session))
            await service.vacated()
            left, place_of_it = connections() - before, ref(place)
        del place, session
        gc.collect()

    assert left == 0
    assert place_of_it() is None


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("HTTP/1.1 200 OK\r\nConnection: close", id="which is closed, as announced"),
        pytest.param(
            "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close",
            id="which is closed, in other words",
        ),
        pytest.param("HTTP/1.0 200 OK", id="which is closed, as of old"),
    ],
)
async def test_no_connection_is_left_by_a_response(
    session: aiohttp.ClientSession, head: str
) -> None:
    body = b"".join(answer("ok"))
    at_once = f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with Service(writes(at_once, close=True), forever=hangs_up()) as service:
        asked = transport(service, session)
        await answered(asked)
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(service.requests) == 2


async def test_no_connection_is_left_by_a_body_without_a_length(
    session: aiohttp.ClientSession,
) -> None:
    endless = writes(b"HTTP/1.1 200 OK\r\n\r\n", *answer("ok"), close=True)
    async with Service(endless, forever=hangs_up()) as service:
        asked = transport(service, session)
        await answered(asked)
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(service.requests) == 2


async def test_a_refused_connection_is_none_that_was_used() -> None:
    asked_for: list[object] = []

    async def note(_: object, __: object, params: aiohttp.TraceConnectionCreateStartParams) -> None:
        asked_for.append(params)

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(note)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        async with Service(*[says("ok")] * 8) as service:
            asked = transport(service, session)
            await asyncio.gather(*[answered(asked) for _ in range(8)])
        asked_for.clear()
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(asked_for) == 1


async def test_what_was_used_for_one_service_says_nothing_about_another(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(says("ok")) as one, Service(forever=hangs_up()) as other:
        asked = transport(one, session)
        await answered(asked)
        asked.base_url = other.base_url
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)

    assert len(other.requests) == 1


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        pytest.param(0.01, 2, id="which its session kept no longer"),
        pytest.param(60.0, 3, id="which its session kept"),
    ],
)
async def test_a_connection_that_waited_too_long_is_forgotten_unless_it_is_used(
    monkeypatch: pytest.MonkeyPatch, kept: float, sent: int
) -> None:
    loop = asyncio.get_running_loop()
    async with (
        Service(says("ok"), forever=hangs_up()) as service,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=kept)) as session,
    ):
        asked = transport(service, session)
        await answered(asked)
        await asyncio.sleep(0.03)
        later = loop.time() + 16
        monkeypatch.setattr(loop, "time", lambda: later)
        with pytest.raises(errors.ConnectionFailed):
            await answered(asked)
        monkeypatch.undo()

    assert len(service.requests) == sent


@pytest.mark.parametrize(
    ("later", "attempts"), [(14, 2), (16, 1)], ids=["as long as", "no longer than"]
)
async def test_a_connection_of_which_nothing_is_known_may_be_dead_as_long_as_sessions_keep_one(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    later: int,
    attempts: int,
) -> None:
    loop = asyncio.get_running_loop()
    async with Service(lists("m"), forever=hangs_up()) as service:
        asked = OpenRouterTransport(
            base_url=service.base_url, api_key="k", session=session, max_retries=1
        )
        await asked.fetch_models()
        then = loop.time() + later
        monkeypatch.setattr(loop, "time", lambda: then)
        with pytest.raises(errors.ConnectionFailed):
            await asked.fetch_models()
        monkeypatch.undo()

    # aiohttp itself sends what may be repeated twice.
    assert len(service.requests) == 1 + 2 * attempts


async def test_a_connection_that_said_anything_was_not_dead(
    session: aiohttp.ClientSession,
) -> None:
    cut = writes(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=0123456789\r\n", close=True)
    async with Service(says("ok"), forever=cut) as service:
        asked = transport(service, session)
        await answered(asked)
        with pytest.raises(errors.ConnectionFailed, match="closed the connection") as caught:
            await answered(asked)

    assert len(service.requests) == 2
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_who_waits_for_a_place_in_a_session_is_told_that_it_was_closed_unless_cancelled(
    *, cancelled: bool
) -> None:
    come = asyncio.Event()

    async def held(exchange: Exchange) -> None:
        come.set()
        await exchange.stall()

    async with asyncio.timeout(10), Service(held) as service:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
        first, second = (
            asyncio.create_task(answered(transport(service, session))) for _ in range(2)
        )
        await come.wait()
        if cancelled:
            second.cancel()
        await session.close()
        with pytest.raises(asyncio.CancelledError if cancelled else errors.NotSent) as caught:
            await second
        first.cancel()
        await asyncio.wait([first])

    assert cancelled or "Session is closed" in str(caught.value)


async def test_what_the_network_says_ends_with_one_full_stop() -> None:
    async with Service(stalls(opening(), text("Hi."))) as service:
        session = aiohttp.ClientSession()
        stream = transport(service, session).stream([Message("user", [TextBlock("Hi")])], [], "")
        while not isinstance(await anext(stream), TextDelta):
            pass
        await session.close()
        with pytest.raises(errors.Interrupted, match=r"[^.]\.$"):
            await anext(stream)


async def test_a_session_that_is_closed_amid_an_answer_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_body, "_AFTER_ANSWER", 0.05)
    async with asyncio.timeout(10), Service(stalls(opening(), text("Hi."))) as service:
        session = aiohttp.ClientSession()
        stream = transport(service, session).stream([Message("user", [TextBlock("Hi")])], [], "")
        while not isinstance(await anext(stream), TextDelta):
            pass
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        await session.close()
        with pytest.raises(errors.Interrupted, match="broke off"):
            await waiting
