"""The scripted service, against a plain client."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import pytest

from axio_transport_openai.testing import (
    DONE,
    Departed,
    Exchange,
    Service,
    UnexpectedRequest,
    answer,
    closes,
    completion,
    cut,
    drops_after,
    embeds,
    hangs_up,
    lists,
    refuses,
    repeats,
    says,
    sends,
    stalls,
    streams,
    text,
    writes,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from axio_transport_openai.testing import Reply

#: Longer than anything here takes, and short enough to wait for when something hangs.
_PATIENCE = 10.0


async def _asked(session: aiohttp.ClientSession, service: Service, **body: object) -> bytes:
    """The body of the answer to one chat request."""
    async with session.post(f"{service.base_url}/chat/completions", json=body) as response:
        return await response.read()


async def _connected(
    service: Service, target: str = "/"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection on which a request has been made."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(f"GET {target} HTTP/1.1\r\n\r\n".encode())
    return reader, writer


async def test_replies_are_given_in_order(session: aiohttp.ClientSession) -> None:
    async with Service(says("one"), says("two")) as service:
        bodies = [await _asked(session, service), await _asked(session, service)]

    assert bodies == [b"".join(answer("one")), b"".join(answer("two"))]
    assert service.unused == 0


async def test_replies_that_nobody_asked_for_are_counted(session: aiohttp.ClientSession) -> None:
    async with Service(says(), says(), forever=says()) as service:
        unused = [service.unused]
        for _ in range(3):
            await _asked(session, service)
            unused.append(service.unused)

    assert unused == [2, 1, 0, 0]


async def test_every_request_is_kept(session: aiohttp.ClientSession) -> None:
    async with Service(says(), lists("m")) as service:
        await _asked(session, service, model="m")
        async with session.get(f"{service.base_url}/models?verbose=true&x=%20&y="):
            pass

    chat, models = service.requests
    assert (chat.method, chat.path, chat.json) == ("POST", "/v1/chat/completions", {"model": "m"})
    assert chat.headers["content-type"] == "application/json"
    assert (models.method, models.path, models.json) == ("GET", "/v1/models", None)
    assert models.query == {"verbose": "true", "x": " ", "y": ""}
    assert (chat.number, models.number) == (1, 2)
    assert (chat.connection, models.connection) == (1, 1)
    assert chat.at <= models.at


async def test_a_request_in_chunks_is_read_whole(session: aiohttp.ClientSession) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"mod'
        yield b'el":"a name of more than sixteen letters"}'

    async with (
        Service(says()) as service,
        session.post(service.base_url, data=pieces()) as response,
    ):
        await response.read()

    assert service.requests[0].json == {"model": "a name of more than sixteen letters"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        pytest.param("/v1/models?a=/b", "/v1/models", id="a path"),
        pytest.param("//v1/models", "//v1/models", id="a path with a slash too many"),
        pytest.param(f"/{'x' * 100_000}", f"/{'x' * 100_000}", id="a long one"),
        pytest.param("http://a.example/v1/models?a=b", "/v1/models", id="as a proxy is asked"),
    ],
)
async def test_the_path_of_a_request_is_kept_as_it_came(target: str, path: str) -> None:
    async with asyncio.timeout(_PATIENCE), Service(sends(b"hi")) as service:
        reader, writer = await _connected(service, target)
        await reader.readexactly(1)
        writer.close()

    assert [request.path for request in service.requests] == [path]


async def test_a_body_that_is_nested_too_deep_is_no_json(session: aiohttp.ClientSession) -> None:
    async with (
        Service(says()) as service,
        session.post(service.base_url, data=b"[" * 100_000) as response,
    ):
        await response.read()

    assert service.requests[0].json is None


@pytest.mark.parametrize(
    ("places", "pieces"),
    [
        pytest.param((1, 3), [b"a", b"bc", b"d"], id="in order"),
        pytest.param((3, 1), [b"a", b"bc", b"d"], id="in any order"),
        pytest.param((2, 9), [b"ab", b"cd", b""], id="beyond the end"),
        pytest.param((), [b"a", b"b", b"c", b"d"], id="everywhere"),
    ],
)
def test_what_is_cut_is_the_same_bytes(places: tuple[int, ...], pieces: list[bytes]) -> None:
    assert cut(b"abcd", *places) == pieces


async def test_a_service_is_entered_once() -> None:
    async with Service() as service:
        with pytest.raises(RuntimeError, match="make another one"):
            await service.__aenter__()


async def test_a_request_too_many_is_refused_and_fails_with_the_count(
    session: aiohttp.ClientSession,
) -> None:
    service = await Service(says()).__aenter__()
    await _asked(session, service)
    refusal = await _asked(session, service)

    assert b"unexpected request #2" in refusal
    with pytest.raises(UnexpectedRequest, match=r"unexpected request #2 \(POST .*\), only 1 scr"):
        await service.__aexit__(None, None, None)


async def test_a_request_too_many_is_a_note_on_what_the_test_raised(
    session: aiohttp.ClientSession,
) -> None:
    service = await Service().__aenter__()
    await _asked(session, service)
    raised = LookupError()
    await service.__aexit__(LookupError, raised, None)

    assert "unexpected request #1" in raised.__notes__[0]


async def test_a_reply_that_fails_fails_the_test(session: aiohttp.ClientSession) -> None:
    async def broken(_: Exchange) -> None:
        raise ZeroDivisionError

    service = await Service(forever=broken).__aenter__()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await _asked(session, service)

    with pytest.raises(ZeroDivisionError):
        await service.__aexit__(None, None, None)


async def test_forever_answers_all_that_come_after_the_script(
    session: aiohttp.ClientSession,
) -> None:
    async def echoes(exchange: Exchange) -> None:
        await sends(exchange.request.body)(exchange)

    async with Service(refuses(503), forever=echoes) as service:
        bodies = [await _asked(session, service, n=n) for n in range(3)]

    assert [json.loads(body) for body in bodies[1:]] == [{"n": 1}, {"n": 2}]


async def test_a_refusal_has_its_status_headers_and_words(session: aiohttp.ClientSession) -> None:
    refusal = refuses(429, "slow down", headers={"Retry-After": "7"}, code="rate_limit")
    async with (
        Service(refusal) as service,
        session.post(service.base_url) as response,
    ):
        body = await response.json()

    assert (response.status, response.reason) == (429, "Too Many Requests")
    assert response.headers["Retry-After"] == "7"
    assert body == {"error": {"message": "slow down", "code": "rate_limit"}}


async def test_pieces_reach_the_client_one_by_one(session: aiohttp.ClientSession) -> None:
    pieces = cut(b"".join(answer("Hello")))
    async with Service(streams(*pieces)) as service, session.post(service.base_url) as response:
        read = [data async for data in response.content.iter_any()]

    assert (response.status, response.content_type) == (200, "text/event-stream")
    assert "Content-Encoding" not in response.headers
    assert read == pieces


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param("text/html", {"Content-Type": "text/html"}, id="another"),
        pytest.param("", {}, id="none at all"),
    ],
)
async def test_a_body_may_be_said_to_be_of_any_type(
    session: aiohttp.ClientSession, kind: str, told: dict[str, str]
) -> None:
    async with (
        Service(sends(b"hi", content_type=kind)) as service,
        session.post(service.base_url) as response,
    ):
        await response.read()

    assert response.status == 200
    assert {name: text for name, text in response.headers.items() if name == "Content-Type"} == told


@pytest.mark.parametrize(
    ("reply", "pauses"),
    [
        pytest.param(streams(b"a", b"b", b"c", pause=0.02), 2, id="between pieces"),
        pytest.param(repeats(b"a", every=0.02), 2, id="after each one"),
    ],
)
async def test_pieces_may_come_slowly(
    session: aiohttp.ClientSession, reply: Reply, pauses: int
) -> None:
    now = asyncio.get_running_loop().time
    async with Service(reply) as service, session.post(service.base_url) as response:
        began = now()
        await response.content.readexactly(3)
        took = now() - began

    assert pauses * 0.02 * 0.9 <= took < _PATIENCE


async def test_a_piece_of_nothing_does_not_end_a_body(session: aiohttp.ClientSession) -> None:
    async with Service(streams(b"a", b"", b"b")) as service:
        assert await _asked(session, service) == b"ab"


async def test_a_compressed_stream_can_be_read_piece_by_piece(
    session: aiohttp.ClientSession,
) -> None:
    pieces = answer("Hello", "world")
    async with (
        Service(streams(*pieces, gzip=True)) as service,
        session.post(service.base_url) as response,
    ):
        read = [data async for data in response.content.iter_any()]

    assert response.headers["Content-Encoding"] == "gzip"
    assert read == pieces


async def test_a_compressed_body_is_one_gzip_file() -> None:
    async with (
        Service(sends(completion("Hi"), gzip=True)) as service,
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.post(service.base_url) as response,
    ):
        body = await response.read()

    assert response.content_type == "application/json"
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == completion("Hi")


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        pytest.param(drops_after(text("a")), aiohttp.ClientPayloadError, id="a close in the body"),
        pytest.param(
            drops_after(text("a"), reset=True), aiohttp.ClientError, id="a reset in the body"
        ),
        pytest.param(hangs_up(), aiohttp.ServerDisconnectedError, id="a close and no response"),
        pytest.param(
            hangs_up(reset=True), aiohttp.ClientConnectionError, id="a reset and no response"
        ),
    ],
)
async def test_a_broken_connection_breaks_the_client(
    session: aiohttp.ClientSession,
    reply: Reply,
    raised: type[Exception],
) -> None:
    async with Service(forever=reply) as service:
        with pytest.raises(raised):
            await _asked(session, service)


@pytest.mark.parametrize(
    "reply", [hangs_up(reset=True), drops_after(text("a"), reset=True)], ids=["at once", "later"]
)
async def test_a_reset_is_no_orderly_end_of_a_connection(reply: Reply) -> None:
    async with asyncio.timeout(_PATIENCE), Service(reply) as service:
        reader, writer = await _connected(service)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


@pytest.mark.parametrize("reply", [hangs_up(), drops_after(text("a"))], ids=["at once", "later"])
async def test_a_close_is_an_orderly_end_of_a_connection(reply: Reply) -> None:
    async with asyncio.timeout(_PATIENCE), Service(reply) as service:
        reader, writer = await _connected(service)
        await reader.read()
        writer.close()

    assert reader.at_eof()


async def test_what_came_before_a_break_is_read(session: aiohttp.ClientSession) -> None:
    async with (
        Service(drops_after(text("a"), text("b"))) as service,
        session.post(service.base_url) as response,
    ):
        read = [await response.content.readany(), await response.content.readany()]
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.readany()

    assert (response.status, response.content_type) == (200, "text/event-stream")
    assert read == [text("a"), text("b")]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(stalls(*answer("Hello")), id="silence"),
        pytest.param(repeats(b": ping\n\n", first=answer("Hello")), id="repetition"),
        pytest.param(repeats(b"", first=answer("Hello")), id="repetition of nothing"),
        pytest.param(repeats(b": ping\n\n", first=answer("Hello"), every=60), id="a long pause"),
    ],
)
async def test_a_client_that_leaves_is_noticed(
    session: aiohttp.ClientSession, reply: Reply
) -> None:
    async with asyncio.timeout(_PATIENCE), Service(reply) as service:
        async with session.post(service.base_url) as response:
            while DONE not in await response.content.readany():
                pass
            assert service.open_connections == 1
        await service.vacated()
        assert service.open_connections == 0

    assert service.abandoned == service.requests


async def test_a_service_may_say_nothing_at_all(session: aiohttp.ClientSession) -> None:
    async with Service(stalls(head=False)) as service:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_asked(session, service), 0.05)


async def test_bytes_are_written_as_they_are(session: aiohttp.ClientSession) -> None:
    raw = b"HTTP/1.1 200 Fine\r\nX-Odd: yes\r\nContent-Length: 2\r\n\r\nhi"
    async with (
        Service(writes(*cut(raw), close=True)) as service,
        session.post(service.base_url) as response,
    ):
        body = await response.read()

    assert (response.reason, response.headers["X-Odd"], body) == ("Fine", "yes", b"hi")


async def test_a_connection_stays_open_behind_bytes(session: aiohttp.ClientSession) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    async with Service(forever=writes(raw)) as service:
        bodies = [await _asked(session, service) for _ in range(2)]

    assert bodies == [b"hi", b"hi"]
    assert service.connections == 1


async def test_a_body_may_end_with_its_connection(session: aiohttp.ClientSession) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.head(chunked=False)
        await exchange.piece(b"data: 1\n\n")
        await exchange.end()

    async with Service(forever=reply) as service:
        bodies = [await _asked(session, service), await _asked(session, service)]

    assert bodies == [b"data: 1\n\n"] * 2
    assert service.connections == 2


async def test_a_connection_may_close_though_nothing_announced_it() -> None:
    async with Service(closes(sends(b"hi"))) as service:
        reader, writer = await _connected(service)
        response = await asyncio.wait_for(reader.read(), _PATIENCE)
        writer.close()

    assert b"Connection: close" not in response
    assert response.endswith(b"hi")


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        pytest.param("float", [[1.0, 0.5], [2.0, 0.5]], id="numbers"),
        pytest.param("base64", ["AACAPwAAAD8=", "AAAAQAAAAD8="], id="base64"),
    ],
)
async def test_embeddings_come_in_the_encoding_asked_for(
    session: aiohttp.ClientSession,
    encoding: str,
    expected: list[object],
) -> None:
    async with Service(embeds(lambda asked: (len(asked), 0.5))) as service:
        body = await _asked(session, service, input=["a", "bb"], encoding_format=encoding)

    assert [row["embedding"] for row in json.loads(body)["data"]] == expected


async def test_a_hundred_clients_at_once_get_one_answer_each(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(forever=says("Hello")) as service:
        bodies = await asyncio.gather(*(_asked(session, service) for _ in range(100)))

    assert bodies == [b"".join(answer("Hello"))] * 100
    assert sorted(request.number for request in service.requests) == list(range(1, 101))


async def test_an_ended_service_refuses_connections_and_leaves_no_task(
    session: aiohttp.ClientSession,
) -> None:
    before = asyncio.all_tasks()
    service = await Service(stalls(text("a"))).__aenter__()
    async with session.post(service.base_url) as response:
        await response.content.readany()
        await service.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.readany()

    assert asyncio.all_tasks() == before
    with pytest.raises(aiohttp.ClientConnectorError):
        await _asked(session, service)


async def test_a_client_that_is_accepted_as_the_service_ends_is_dropped() -> None:
    before = asyncio.all_tasks()
    service = await Service(forever=says()).__aenter__()
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        for _ in range(3):  # asyncio has accepted it, and tells the service in the next turn
            await asyncio.sleep(0)
        await service.__aexit__(None, None, None)
        client.settimeout(_PATIENCE)
        with pytest.raises(ConnectionResetError):
            await asyncio.to_thread(client.recv, 1)

    assert asyncio.all_tasks() == before
    assert (service.connections, service.requests) == (0, [])


async def test_a_client_that_does_not_read_does_not_hold_up_the_end() -> None:
    async with asyncio.timeout(_PATIENCE), Service(repeats(bytes(1 << 25))) as service:
        reader, writer = await _connected(service)
        await reader.readexactly(1 << 16)
    assert service.open_connections == 0
    writer.close()


async def test_writing_to_a_client_that_left_raises(session: aiohttp.ClientSession) -> None:
    seen: list[str] = []

    async def reply(exchange: Exchange) -> None:
        await exchange.head()
        try:
            await exchange.stall()
        except Departed as departure:
            seen.append(str(departure))
            raise

    async with asyncio.timeout(_PATIENCE), Service(reply) as service:
        async with session.post(service.base_url):
            pass
        await service.vacated()

    assert seen == ["the client left during the reply to request #1"]


async def test_a_client_that_leaves_before_a_reset_is_noticed_too(
    session: aiohttp.ClientSession,
) -> None:
    async def late(exchange: Exchange) -> None:
        await exchange.head()
        with suppress(Departed):
            await exchange.stall()
        exchange.reset()

    async with asyncio.timeout(_PATIENCE), Service(late) as service:
        async with session.post(service.base_url):
            pass
        await service.vacated()

    assert service.abandoned == service.requests
