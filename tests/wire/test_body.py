"""What arrives of a request that goes out in pieces."""

from __future__ import annotations

import asyncio
import base64
import json
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from axio.blocks import ImageBlock, TextBlock
from axio.messages import Message
from tests.asking import answered
from tests.messages import user

from axio_transport_openai import OpenAITransport, errors
from axio_transport_openai.testing import Service, refuses, says

PICTURE = bytes(range(256)) * 3000
LONG = 'He said: "Ünïcödé, and\n{lines}."' * 4000


def transport(service: Service, session: aiohttp.ClientSession) -> OpenAITransport:
    return OpenAITransport(
        base_url=service.base_url, api_key="k", session=session, retry_base_delay=0.001
    )


def shown() -> Message:
    return user(TextBlock("See."), ImageBlock("image/png", PICTURE), TextBlock("And that."))


def picture_in(body: dict[str, Any], message: int) -> bytes:
    url = body["messages"][message]["content"][1]["image_url"]["url"]
    return base64.b64decode(url.removeprefix("data:image/png;base64,"), validate=True)


async def test_a_picture_and_a_long_text_arrive_whole(session: aiohttp.ClientSession) -> None:
    async with Service(says("ok")) as service:
        assert (
            await answered(transport(service, session), [shown(), user(TextBlock(LONG))], "S")
            == "ok"
        )

    (request,) = service.requests
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers
    content = request.json["messages"][1]["content"]
    assert picture_in(request.json, 1) == PICTURE
    assert content[-1] == {"type": "text", "text": LONG}


@pytest.mark.parametrize("system", ["S", ""])
async def test_without_a_system_prompt_the_first_message_is_first(
    session: aiohttp.ClientSession, system: str
) -> None:
    async with Service(says("ok")) as service:
        assert await answered(transport(service, session), [shown()], system) == "ok"

    assert picture_in(service.requests[0].json, len(system)) == PICTURE


async def test_the_same_arrives_when_it_is_sent_again(session: aiohttp.ClientSession) -> None:
    async with Service(refuses(503, "busy"), refuses(500, "busy"), says("ok")) as service:
        assert (
            await answered(transport(service, session), [shown(), user(TextBlock(LONG))], "S")
            == "ok"
        )

    assert len({request.body for request in service.requests}) == 1
    assert picture_in(service.requests[2].json, 1) == PICTURE


async def test_a_refused_picture_is_composed_anew(session: aiohttp.ClientSession) -> None:
    refusal = refuses(400, "This model does not support image input.", param="messages")
    async with Service(refusal, says("ok")) as service:
        assert await answered(transport(service, session), [shown()], "S") == "ok"

    assert picture_in(service.requests[0].json, 1) == PICTURE
    assert "image_url" not in json.dumps(service.requests[1].json)


async def test_many_turns_begin_with_the_bytes_of_the_turn_before(
    session: aiohttp.ClientSession,
) -> None:
    turns = 70
    async with Service(*[says("ok")] * turns) as service:
        asked = transport(service, session)
        messages = [shown()]
        for nth in range(turns):
            assert await answered(asked, messages, "S") == "ok"
            messages += [
                Message("assistant", [TextBlock("ok")]),
                user(TextBlock(f"{nth} {LONG[: nth * 900]}")),
            ]

    bodies = [request.body for request in service.requests]
    assert all(after.startswith(before[:-2]) for before, after in pairwise(bodies))
    assert len(service.requests[-1].json["messages"]) == 2 * turns


async def test_a_refusal_that_comes_before_the_body_is_read_is_heard(
    session: aiohttp.ClientSession,
) -> None:
    said = json.dumps({"error": {"message": "Request too large."}}).encode()
    head = f"HTTP/1.1 413 Large\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + said)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        asked = OpenAITransport(base_url=f"http://{host}:{port}/v1", api_key="k", session=session)
        picture = ImageBlock("image/png", bytes(8 * 1024 * 1024))
        with pytest.raises(errors.BadRequest, match="Request too large"):
            await answered(asked, [user(picture)], "S")
