"""A failure says what to do about it, beside what went wrong."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aiohttp
import pytest
from axio.blocks import ContentBlock, ImageBlock, TextBlock
from axio.messages import Message
from tests.asking import ask

from axio_transport_openai import OpenAITransport, OpenRouterTransport, errors
from axio_transport_openai.testing import (
    Reply,
    Service,
    hangs_up,
    opening,
    refuses,
    sends,
    stalls,
    text,
    writes,
)

#: What should be bytes.
_LETTERS: Any = "abc"
_REACHED = "Check the base URL, that the service runs there, and any proxy in between."


async def asked(
    session: aiohttp.ClientSession, base_url: str, *blocks: ContentBlock, **settings: object
) -> str:
    """What is said of the failure of one attempt."""
    given: dict[str, Any] = {"api_key": "sk-of-a-test", "max_retries": 1} | settings
    transport = OpenAITransport(base_url=base_url, session=session, **given)
    with pytest.raises(errors.APIError) as caught:
        async for _ in ask(transport, [Message("user", [TextBlock("Hi"), *blocks])]):
            pass
    return str(caught.value)


async def test_where_nobody_listens_all_that_may_be_wrong_is_named(
    session: aiohttp.ClientSession,
) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        said = await asked(session, f"http://127.0.0.1:{unheard.getsockname()[1]}/v1")

    assert said.endswith(_REACHED)


async def test_a_proxy_that_is_not_there_is_named_instead_of_the_service() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        async with aiohttp.ClientSession(proxy=proxy) as session:
            said = await asked(session, "http://service.invalid/v1")

    assert said.endswith("Check the proxy.")


async def test_a_service_that_hangs_up_is_not_said_to_be_absent(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(hangs_up(), hangs_up(reset=True)) as service:
        said = [await asked(session, service.base_url) for _ in range(2)]

    assert all("closed the connection without an answer: " in one for one in said)
    assert not any("Check" in one for one in said)


async def test_a_request_that_is_not_taken_whole_is_said_to_be_large(
    session: aiohttp.ClientSession,
) -> None:
    image = ImageBlock(media_type="image/png", data=bytes(20_000_000))

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()  # as Squid does over its request_body_max_size

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server:
        base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        said = await asked(session, base_url, image)

    assert said.endswith(
        "closed the connection before it had all of the request."
        " That may be larger than the service, or a proxy in between, takes."
    )


async def test_where_no_https_is_spoken_the_scheme_is_named(session: aiohttp.ClientSession) -> None:
    asking = 0

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asking
        asking += 1
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        again = {"max_retries": 3, "retry_base_delay": 0}
        said = await asked(session, f"https://127.0.0.1:{port}/v1", **again)

    assert asking == 1
    assert said.endswith("Check its certificate, and whether it speaks https.")


@pytest.mark.parametrize(
    ("clock", "reply", "told"),
    [
        pytest.param("first_event", stalls(), "sent no event", id="before the first event"),
        pytest.param(
            "idle", stalls(opening(), text("a")), "sent nothing more", id="amid the answer"
        ),
        pytest.param("total", stalls(opening(), text("a")), "did not finish", id="in all"),
    ],
)
async def test_a_clock_that_ran_out_is_told_by_the_name_of_its_setting(
    session: aiohttp.ClientSession, clock: str, reply: Reply, told: str
) -> None:
    async with Service(reply) as service:
        said = await asked(session, service.base_url, **{f"{clock}_timeout": 1 / 30})

    assert said.endswith(f"/v1) {told} within 0.0333333 seconds ({clock}_timeout).")


async def test_a_request_without_a_key_is_not_told_to_check_it(
    session: aiohttp.ClientSession,
) -> None:
    async with Service(refuses(401, "Who are you?"), refuses(401, "Not you.")) as service:
        without = await asked(session, service.base_url, api_key="")
        headers = {"api-key": "of-a-test-as-well"}
        beside = await asked(session, service.base_url, api_key="", extra_headers=headers)

    assert without.endswith("Who are you? The transport has no API key: set one.")
    assert beside.endswith("Not you. Check the API key.")


async def test_a_key_that_the_session_sends_is_not_said_to_be_missing() -> None:
    headers = {"Authorization": "Bearer of-the-session"}
    async with (
        Service(refuses(401, "Not you.")) as service,
        aiohttp.ClientSession(headers=headers) as session,
    ):
        said = await asked(session, service.base_url, api_key="")

    assert service.requests[0].headers["authorization"] == headers["Authorization"]
    assert "sent" not in said


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param(sends(b"<html>"), "not JSON: '<html>'; check the base URL.", id="a page"),
        pytest.param(sends(b'{"a":1}'), """'{"a":1}'; check the base URL.""", id="another object"),
        pytest.param(writes(b"hello\r\n\r\n", close=True), " Check the base URL.", id="no HTTP"),
    ],
)
async def test_an_address_of_something_else_is_doubted(
    session: aiohttp.ClientSession, reply: Reply, told: str
) -> None:
    async with Service(reply) as service:
        transport = OpenRouterTransport(
            api_key="sk-of-a-test", base_url=service.base_url, session=session, max_retries=1
        )
        with pytest.raises(errors.ProtocolError) as caught:
            await transport.fetch_models()

    assert str(caught.value).endswith(told)


async def test_a_closed_session_is_told_with_what_to_do() -> None:
    async with aiohttp.ClientSession() as session:
        pass

    said = await asked(session, "http://127.0.0.1:9/v1")

    assert said.endswith("Session is closed; give an open one.")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"base_url": "h/v1"}, "URL 'h/v1' must begin with http://", id="no scheme"),
        pytest.param({"base_url": "http://h:0/v1"}, "/v1' names no host", id="no port"),
        pytest.param({"base_url": "http://h:h/v1"}, "/v1' has a wrong host or port", id="a word"),
        pytest.param({"extra_headers": {"a b": "c"}}, "characters that no header", id="a header"),
        pytest.param({"extra_params": {"x": object()}}, "Look at extra_params", id="no JSON"),
        pytest.param({"extra_params": {"tools": 3}}, "tools must be a list, not int", id="tools"),
    ],
)
async def test_what_was_not_sent_is_told_with_what_to_look_at(
    session: aiohttp.ClientSession, settings: dict[str, Any], told: str
) -> None:
    assert told in await asked(session, **{"base_url": "http://127.0.0.1:9/v1"} | settings)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        pytest.param("Hi", "holds a str, which chat completions cannot", id="no block"),
        pytest.param(
            ImageBlock("image/png", _LETTERS), "data of media.", id="a picture of letters"
        ),
    ],
)
async def test_a_block_that_cannot_be_sent_is_told_with_one_that_can(
    session: aiohttp.ClientSession, block: ContentBlock, told: str
) -> None:
    transport = OpenAITransport(base_url="http://127.0.0.1:9/v1", session=session)
    with pytest.raises(errors.NotSent) as caught:
        async for _ in transport.stream([Message("user", [block])], [], ""):
            pass

    assert told in str(caught.value)
    assert str(caught.value).endswith((told, "carry; put it into words, in a TextBlock"))


def test_a_saved_setting_that_is_not_used_is_told_with_what_becomes_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    OpenAITransport.from_dict({"max_retries": "x", "models": [{}]})
    OpenAITransport.known_settings({"api": "chat"})

    told = [record.getMessage() for record in caplog.records]
    assert [line.endswith("; it is passed over") for line in told] == [True, True, True]


def test_a_model_that_is_not_there_is_told_with_how_to_list_them() -> None:
    with pytest.raises(KeyError, match=r"'no/such' in models; fetch_models\(\) fills it"):
        OpenAITransport().resolve_model("no/such")
