"""A model on this machine as one of a user's own providers."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import aiohttp
import pytest
from axio.agent import Agent
from axio.blocks import ImageBlock, TextBlock
from axio.context import MemoryContextStore
from axio.messages import Message
from axio.models import Capability, ModelSpec
from tests.asking import answered, ask
from tests.live.process import alive, children
from tests.terminal import FOLDER, PROMPT, terminal

from axio_transport_openai import OpenAICompatibleTransport
from axio_transport_openai.local import LocalServerError
from axio_transport_openai.resident import SCHEME, resident
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.tui import CustomHubScreen, ProviderEditScreen
from axio_transport_openai.tui.probe import Step, findings

if TYPE_CHECKING:
    from pathlib import Path

    from axio.events import StreamEvent
    from tests.terminal import Terminal

    from axio_transport_openai.local import LocalServer
    from axio_transport_openai.stream import EventStream

pytestmark = pytest.mark.live

#: Less than the wait before a request is sent again.
_AT_ONCE = 3.0
MODEL = ModelSpec("SmolLM2-135M-Instruct", frozenset({Capability.text, Capability.tool_use}), 64)


def keep(home: Path) -> None:
    """Put the local model where the hub puts it."""
    Store(home / ".local/share/axio/openai-custom.json").save(
        [Saved("local", SCHEME, "", (MODEL,))]
    )


async def served(person: Terminal) -> int:
    """The process that serves the model for this program, once there is one."""
    async with asyncio.timeout(30):
        while not children(person.process.pid):  # noqa: ASYNC110 - nobody tells of a start
            await asyncio.sleep(0.05)
    return children(person.process.pid).pop()


async def test_a_local_provider_is_served_when_it_is_first_asked(tmp_path: Path) -> None:
    path = tmp_path / "providers.json"
    written = Saved("local", SCHEME)
    try:
        async with ProviderEditScreen.probe_of(written) as probe:
            found = {finding.step: finding.good async for finding in findings(probe)}
        Store(path).save([Saved("local", SCHEME, models=tuple(probe.models.values()))])
        hub: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})
        async with aiohttp.ClientSession() as session:
            (transport,) = hub.load_config(session)
            agent = Agent(system="", tools=[], transport=transport)
            said = await agent.run("Say hello.", MemoryContextStore())
    finally:
        await resident(SCHEME).stop()

    assert found[Step.reachable]
    assert found[Step.streaming]
    assert said


def test_a_server_ends_with_the_loop_it_was_started_in() -> None:
    async def ask() -> tuple[str, set[int]]:
        server, _ = await asyncio.gather(*[resident(SCHEME).serving() for _ in range(2)])
        return server.base_url, children(os.getpid())

    before = children(os.getpid())
    (first, while_served), (second, _) = asyncio.run(ask()), asyncio.run(ask())

    assert while_served - before
    assert children(os.getpid()) == before
    assert first != second


def test_a_server_serves_on_when_the_loop_of_another_thread_ends() -> None:
    first_ended = Event()

    async def ask() -> LocalServer:
        server = await resident(SCHEME).serving()
        assert server is await resident(SCHEME).serving()
        return server

    def first() -> None:
        asyncio.run(ask())
        first_ended.set()

    async def second() -> tuple[bool, int]:
        server = await ask()
        await asyncio.to_thread(first_ended.wait, 60)
        health = f"{server.base_url.removesuffix('/v1')}/health"
        async with aiohttp.ClientSession() as session, session.get(health) as answered:
            return server.running, answered.status

    before = children(os.getpid())
    with ThreadPoolExecutor() as threads:
        other = threads.submit(first)
        found = threads.submit(asyncio.run, second()).result(60)
        other.result(60)

    assert found == (True, 200)
    assert children(os.getpid()) == before


async def test_a_server_that_died_is_started_anew_when_it_is_next_asked() -> None:
    before = children(os.getpid())
    try:
        first = (await resident(SCHEME).serving()).base_url
        (process,) = children(os.getpid()) - before
        os.kill(process, signal.SIGKILL)
        while resident(SCHEME).server.running:  # noqa: ASYNC110 - nobody tells of an end
            await asyncio.sleep(0.01)
        second, third = await asyncio.gather(*[resident(SCHEME).serving() for _ in range(2)])
        health = f"{second.base_url.removesuffix('/v1')}/health"
        async with aiohttp.ClientSession() as session, session.get(health) as answered:
            status = answered.status
    finally:
        await resident(SCHEME).stop()

    assert status == 200
    assert first != second.base_url
    assert second is third
    assert children(os.getpid()) == before


@pytest.mark.parametrize("heard", [0, 1])
async def test_what_asks_a_server_that_dies_fails_at_once_with_what_killed_it(heard: int) -> None:
    before = children(os.getpid())
    told = r"ended by itself: it was killed \(SIGKILL\)"
    try:
        async with OpenAICompatibleTransport(base_url=SCHEME, model=MODEL) as transport:
            await resident(SCHEME).serving()
            (process,) = children(os.getpid()) - before
            streams = [ask(transport) for _ in range(3)]
            for _ in range(heard):
                await anext(streams[0])
            os.kill(process, signal.SIGKILL)  # and the loop has yet to be told of it
            async with asyncio.timeout(_AT_ONCE):
                failures = await asyncio.gather(
                    *[rest(stream) for stream in streams],
                    transport.embed(["a text"]),
                    return_exceptions=True,
                )
            said = await answered(transport)
    finally:
        await resident(SCHEME).stop()

    for failure in failures:
        with pytest.raises(LocalServerError, match=told):
            raise failure if isinstance(failure, BaseException) else AssertionError(failure)
    assert said


async def test_what_is_learnt_of_a_local_model_holds_wherever_it_is_served() -> None:
    image = [Message("user", [TextBlock("What is it?"), ImageBlock("image/png", b"\x89PNG")])]
    async with OpenAICompatibleTransport(base_url=SCHEME, model=MODEL) as transport:
        for _ in range(2):
            try:
                await answered(transport, image)
            finally:
                await resident(SCHEME).stop()

    assert list(transport.learnt) == [f"{MODEL.id} at {SCHEME}"]


async def rest(stream: EventStream) -> list[StreamEvent]:
    """The events that are left of this stream."""
    return [event async for event in stream]


@pytest.mark.skipif(not (FOLDER / "axio-repl").exists(), reason="axio-repl is not installed")
async def test_axio_repl_chats_with_a_model_on_this_machine_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    keep(tmp_path)
    async with terminal(tmp_path) as repl:
        greeting = await repl.until(PROMPT)
        heard = await repl.answer("Say hello.")
        server = await served(repl)
        status = await repl.quit()

        assert not alive(server)
    assert "REPL ready (local)" in greeting
    assert "out tokens]" in heard
    assert "Error" not in repl.written
    assert status == 0


@pytest.mark.skipif(not (FOLDER / "axio").exists(), reason="axio-tui is not installed")
async def test_axio_tui_leaves_no_server_when_it_is_left_during_an_answer(tmp_path: Path) -> None:
    keep(tmp_path)
    size = {"COLUMNS": "120", "LINES": "40", "TERM": "xterm-256color"}
    async with terminal(tmp_path, program="axio", environment=size) as tui:
        await tui.until("Enter a coding task")
        tui.press("Say hello.\r")
        server = await served(tui)
        tui.press("exit\r")
        status = await tui.ended()

        assert not alive(server)
    assert status == 0
    assert "Traceback" not in tui.written
    assert "Exception ignored" not in tui.written
