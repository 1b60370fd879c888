"""Embeddings of any number of texts, against a scripted service."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import TYPE_CHECKING
from weakref import ref

import aiohttp
import pytest
from axio.models import Capability, ModelSpec

from axio_transport_openai import OpenAITransport, PricedUsage, errors
from axio_transport_openai.dialect import Dialect
from axio_transport_openai.testing import Service, closes, embeddings, refuses, sends, writes

if TYPE_CHECKING:
    from axio_transport_openai.testing import Exchange, Reply

_MODEL = ModelSpec("e", frozenset({Capability.embedding}), input_cost=2.0)


def _vector(text: str) -> list[float]:
    return [float(text), 0.5]


async def _embed(exchange: Exchange) -> None:
    texts = exchange.request.json["input"]
    if len(texts) > 2048:
        await refuses(400, "at most 2048 inputs")(exchange)
    else:
        await sends(embeddings([_vector(text) for text in texts]))(exchange)


async def test_more_texts_than_a_request_takes_are_split_and_keep_their_order() -> None:
    texts = [str(number) for number in range(5000)]
    async with Service(forever=_embed) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        vectors = await asked.embed(texts)

    assert vectors == [_vector(text) for text in texts]
    assert asked.learnt == {}
    assert sorted(len(request.json["input"]) for request in service.requests) == [904, 2048, 2048]
    assert isinstance(asked.last_usage, PricedUsage)
    assert asked.last_usage.input_tokens == 5000
    assert asked.last_usage.cost == pytest.approx(5000 * 2 / 1_000_000)


async def test_texts_are_split_by_their_bytes_too() -> None:
    texts = ["1" + "0" * 299] * 2001
    async with Service(forever=_embed) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        await asked.embed(texts)

    assert sorted(_sizes(service)) == [1, 1000, 1000]


async def test_a_batch_that_fails_is_repeated_alone() -> None:
    failed: list[str] = []

    async def reply(exchange: Exchange) -> None:
        first = exchange.request.json["input"][0]
        if first == "2048" and not failed:
            failed.append(first)
            await refuses(503, "busy")(exchange)
        else:
            await _embed(exchange)

    texts = [str(number) for number in range(5000)]
    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url, session=session, model=_MODEL, retry_base_delay=0.001
        )
        vectors = await asked.embed(texts)

    assert len(vectors) == 5000
    assert sorted(request.json["input"][0] for request in service.requests) == [
        "0",
        "2048",
        "2048",
        "4096",
    ]


async def test_vectors_that_break_off_are_asked_for_again() -> None:
    whole = embeddings([_vector("1")])
    cut = closes(writes(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", whole[:-20]))
    async with Service(cut, sends(whole)) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(
            base_url=service.base_url, session=session, model=_MODEL, retry_base_delay=0.001
        )

        assert await asked.embed(["1"]) == [_vector("1")]


async def test_a_batch_of_the_longest_vectors_is_read() -> None:
    # As long as 2048 vectors of 3072 numbers are in base64; most of it is white space here.
    long = embeddings([_vector("1")]) + b" " * (2048 * 3072 * 4 * 4 // 3)
    async with Service(sends(long)) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)

        assert await asked.embed(["1"]) == [_vector("1")]


async def test_only_so_many_requests_are_under_way_at_once() -> None:
    under_way = 0
    most = 0

    async def reply(exchange: Exchange) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await exchange.pause(0.01)
        under_way -= 1
        await _embed(exchange)

    texts = [str(number % 10) for number in range(2048 * 20)]
    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        await OpenAITransport(base_url=service.base_url, session=session, model=_MODEL).embed(texts)

    assert most <= 8
    assert len(service.requests) == 20


def _at_most(count: int, told: str, status: int = 400) -> Reply:
    """A service that takes so many texts at once, and says so."""

    async def reply(exchange: Exchange) -> None:
        if len(exchange.request.json["input"]) > count:
            await refuses(status, told)(exchange)
        else:
            await _embed(exchange)

    return reply


def _sizes(service: Service) -> list[int]:
    return [len(request.json["input"]) for request in service.requests]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(
            "batch size is invalid, it should not be larger than 10.: input.contents",
            id="by its batch size",
        ),
        pytest.param(
            "Invalid 'input': array too long. Expected an array with maximum length 10, but got an"
            " array with length 25 instead.",
            id="by the parameter that holds them",
        ),
    ],
)
async def test_a_batch_that_is_too_large_is_split_as_the_service_says(told: str) -> None:
    texts = [str(number) for number in range(25)]
    async with (
        Service(forever=_at_most(10, told)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        vectors = await asked.embed(texts)
        again = await asked.embed(texts)
        restored = OpenAITransport.from_dict(asked.to_dict(), session=session)
        restored.base_url = service.base_url
        await restored.embed(texts)

    assert vectors == again == [_vector(text) for text in texts]
    assert _sizes(service)[0] == 25
    assert sorted(_sizes(service)[1:]) == sorted([10, 10, 5] * 3)


async def test_batches_are_halved_until_the_service_takes_them() -> None:
    texts = [str(number) for number in range(5000)]
    async with (
        Service(forever=_at_most(600, "Payload Too Large", status=413)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        vectors = await asked.embed(texts)

    assert vectors == [_vector(text) for text in texts]
    assert sum(size for size in _sizes(service) if size <= 600) == 5000
    assert len(service.requests) < 30


async def test_batches_that_wait_are_sent_no_larger_than_the_service_is_known_to_take() -> None:
    fewer = Dialect(embedding_batch=4)
    reply = _at_most(2, "at most 2 inputs")
    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        await OpenAITransport(
            base_url=service.base_url, session=session, model=_MODEL, dialect=fewer
        ).embed(["1"] * 40)

    assert _sizes(service).count(4) == 8


async def test_a_later_refusal_that_names_no_number_undoes_none_that_did() -> None:
    async def later(exchange: Exchange) -> None:
        await exchange.pause(0.05)
        await refuses(413, "Too large.")(exchange)

    fewer = Dialect(embedding_batch=8)
    refusals = refuses(400, "at most 2 inputs"), later
    async with Service(*refusals, forever=_embed) as service, aiohttp.ClientSession() as session:
        await OpenAITransport(
            base_url=service.base_url, session=session, model=_MODEL, dialect=fewer
        ).embed(["1"] * 16)

    assert _sizes(service) == [8, 8, *[2] * 8]


async def test_what_was_learnt_of_numbers_and_of_batches_holds_together() -> None:
    async def reply(exchange: Exchange) -> None:
        packed = "encoding_format" in exchange.request.json
        told = refuses(400, "encoding_format must be float")
        await (told if packed else _at_most(2, "at most 2 inputs"))(exchange)

    async with Service(forever=reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        await asked.embed(["1"] * 4)
        first = len(service.requests)
        await asked.embed(["1"] * 4)

    assert _sizes(service)[first:] == [2, 2]


async def test_of_vectors_without_a_count_no_usage_is_known() -> None:
    reply = sends(b'{"data": [{"embedding": [1, 2]}]}')
    async with Service(reply) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        await asked.embed(["1"])

    assert asked.last_usage is None


async def test_the_cost_that_a_service_tells_of_vectors_is_theirs() -> None:
    reply = {"data": [{"embedding": [1, 2]}], "usage": {"prompt_tokens": 4, "cost": 0.25}}
    async with (
        Service(sends(json.dumps(reply).encode())) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        await asked.embed(["1"])

    assert isinstance(asked.last_usage, PricedUsage)
    assert asked.last_usage.cost == 0.25


_UNREAD = {
    "OpenRouter: nothing": b'{"object": "list", "data": []}',
    "an empty text": b'{"data": [{"embedding": ""}]}',
    "a text that is no base64": b'{"data": [{"embedding": "[0.5, 1]"}]}',
    "base64 of no numbers": b'{"data": [{"embedding": "AAAA"}]}',
}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(refuses(400, "encoding_format must be float"), id="a refusal by name"),
        pytest.param(
            refuses(400, "Base64 encoding is not supported for this model."), id="in words"
        ),
        *[pytest.param(sends(answer), id=name) for name, answer in _UNREAD.items()],
    ],
)
async def test_numbers_are_asked_for_where_base64_is_refused_or_cannot_be_read(
    reply: Reply,
) -> None:
    async with (
        Service(reply, forever=_embed) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        for text in ("1", "2"):
            assert await asked.embed([text]) == [_vector(text)]

    assert ["encoding_format" in request.json for request in service.requests] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("answer", _UNREAD.values(), ids=_UNREAD.keys())
async def test_what_cannot_be_read_as_numbers_either_teaches_nothing(answer: bytes) -> None:
    async with Service(forever=sends(answer)) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        for text in ("1", "2"):
            with pytest.raises(errors.ProtocolError, match="was asked for embeddings and sent"):
                await asked.embed([text])

    assert ["encoding_format" in request.json for request in service.requests] == [True, False] * 2


async def test_a_single_text_that_is_too_large_is_told_of() -> None:
    async with (
        Service(forever=_at_most(0, "Payload Too Large", status=413)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        with pytest.raises(errors.BadRequest, match="Payload Too Large"):
            await asked.embed(["1", "2"])
        with pytest.raises(errors.BadRequest, match="Payload Too Large"):
            await asked.embed(["1", "2"])

    assert _sizes(service)[0] == 2
    assert sorted(_sizes(service), reverse=True)[:2] == [2, 2]  # what failed taught nothing


async def test_a_text_that_is_too_long_is_told_of_by_the_first_refusal() -> None:
    told = "`inputs` must have less than 512 tokens. Given: 600"
    async with (
        Service(forever=_at_most(0, told, status=413)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        with pytest.raises(errors.BadRequest, match="less than 512 tokens"):
            await asked.embed(["1"] * 1000)

    assert _sizes(service) == [1000]


async def test_where_one_text_is_what_is_too_large_no_other_is_asked_about_any_more() -> None:
    async def reply(exchange: Exchange) -> None:
        if "9" in exchange.request.json["input"]:
            await refuses(413, "Payload Too Large")(exchange)
        elif len(exchange.request.json["input"]) > 1:
            await _embed(exchange)
        else:
            await exchange.stall()

    async with (
        asyncio.timeout(20),
        Service(forever=reply) as service,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        with pytest.raises(errors.BadRequest, match="Payload Too Large"):
            await asked.embed(["9", *["1"] * 1023])
        await service.vacated()

    assert len(service.requests) <= 2 * 10 + 1


async def test_vectors_of_another_length_than_was_asked_for_are_an_error() -> None:
    async with Service(forever=_embed) as service, aiohttp.ClientSession() as session:
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        asked.dimensions = 3
        with pytest.raises(errors.ProtocolError, match="vectors of 2 numbers, not 3"):
            await asked.embed(["1"])

    assert all(request.json["dimensions"] == 3 for request in service.requests)


async def test_a_length_of_vectors_that_is_refused_is_not_asked_for_again() -> None:
    told = "This model does not support specifying dimensions."
    async with (
        Service(forever=refuses(400, told)) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(
            base_url=service.base_url, session=session, model=_MODEL, dimensions=256
        )
        with pytest.raises(errors.BadRequest, match="specifying dimensions") as caught:
            await asked.embed(["1"])

    assert len(service.requests) == 1
    assert "Tried in vain" not in str(caught.value)


def _refuses_the_batch_of(text: str) -> Reply:
    """A service that never answers but for a refusal of the batch that begins so."""

    async def reply(exchange: Exchange) -> None:
        if exchange.request.json["input"][0] == text:
            await refuses(401, "no such key")(exchange)
        else:
            await exchange.stall()

    return reply


@pytest.mark.parametrize("refused", ["0", "4096"], ids=["the first", "the last"])
async def test_a_failure_for_good_ends_the_other_batches(refused: str) -> None:
    texts = [str(number) for number in range(5000)]
    async with (
        asyncio.timeout(20),
        Service(forever=_refuses_the_batch_of(refused)) as service,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        with pytest.raises(errors.AuthenticationFailed, match="no such key"):
            await asked.embed(texts)
        await service.vacated()


async def test_a_batch_that_failed_leaves_nothing_to_the_collector() -> None:
    async with (
        Service(refuses(401, "no such key")) as service,
        aiohttp.ClientSession() as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        gc.collect()
        gc.disable()
        try:
            with pytest.raises(errors.AuthenticationFailed) as caught:
                await asked.embed(["1"])
            failed = ref(caught.value)
            del caught
            assert failed() is None
        finally:
            gc.enable()


async def test_who_cancels_is_heard_even_as_a_batch_fails() -> None:
    texts = [str(number) for number in range(3000)]
    async with (
        asyncio.timeout(20),
        Service(forever=_refuses_the_batch_of("0")) as service,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        asked = OpenAITransport(base_url=service.base_url, session=session, model=_MODEL)
        turns, cancelled = 0, True
        while cancelled:
            task = asyncio.create_task(asked.embed(texts))
            for _ in range(turns):
                await asyncio.sleep(0)
            cancelled = task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() is cancelled
            turns += 1

    assert isinstance(task.exception(), errors.AuthenticationFailed)
