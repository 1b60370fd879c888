"""Cancellation at every turn of the loop: nothing is left behind, and the next request works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from tests.asking import answered

from axio_transport_openai import OpenAITransport
from axio_transport_openai.testing import (
    Service,
    answer,
    closes,
    drops_after,
    hangs_up,
    opening,
    refuses,
    says,
    stalls,
    streams,
)

if TYPE_CHECKING:
    from axio_transport_openai.testing import Reply

UNSUPPORTED = refuses(400, "Unsupported parameter: 'temperature'", param="temperature")


async def cancelled_after(turns: int, *replies: Reply) -> bool:
    """Whether an answer was cancelled after so many turns of the loop, for it was not over."""
    place = aiohttp.TCPConnector(limit=1)  # a connection that is not let go lets nobody else ask
    async with (
        Service(*replies, forever=says("again")) as service,
        aiohttp.ClientSession(connector=place) as session,
    ):
        before = asyncio.all_tasks()
        asked = OpenAITransport(
            base_url=service.base_url,
            api_key="k",
            session=session,
            retry_base_delay=0.0,
            temperature=0.5,
        )
        task = asyncio.create_task(answered(asked))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() is cancelled

        for _ in range(3):
            await asyncio.sleep(0)
        serving = {task for task in asyncio.all_tasks() if "Service" in repr(task)}
        assert asyncio.all_tasks() == before | serving
        async with asyncio.timeout(5):
            while await answered(asked) != "again":
                pass
    return cancelled


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([says("a", "b")], id="an answer"),
        pytest.param([refuses(503), hangs_up(), says("a")], id="repetitions"),
        pytest.param([drops_after(opening()), says("a")], id="a break before the first event"),
        pytest.param([UNSUPPORTED, says("a")], id="a request composed anew"),
        pytest.param([closes(says("a"))], id="a connection that ends"),
        pytest.param([streams(*answer("a"), gzip=True)], id="a compressed answer"),
        pytest.param([stalls(*answer("a"))], id="a body that stays open"),
    ],
)
async def test_who_is_cancelled_at_any_moment_leaves_nothing_behind(replies: list[Reply]) -> None:
    turns = 0
    while turns < 100 and await cancelled_after(turns, *replies):
        turns += 1

    assert turns > 5
