"""The local server itself: how it starts, what it says where it cannot, and that it always ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from axio.models import Capability
from tests.live.process import alive, children

from axio_transport_openai.local import LocalServer, LocalServerError
from axio_transport_openai.local.process import Process
from axio_transport_openai.local.weights import Weights

pytestmark = pytest.mark.live

_PATIENCE = 30.0

_SERVING = """
import asyncio
from axio_transport_openai.local import LocalServer

async def main():
    async with LocalServer() as server:
        print(server.base_url, flush=True)
        {then}
        await asyncio.Event().wait()

asyncio.run(main())
"""

#: A model that never comes: what opens it to read waits for somebody who writes.
_LOADING = """
import asyncio, os
from axio_transport_openai.local.process import Process

async def main():
    os.mkfifo("{fifo}")
    settings = dict(path="{fifo}", id="", key="", template="", window=512, threads=1, slots=1)
    process = await Process.started(settings | dict(longest=1, sampling={{}}))
    print(await process.line(), flush=True)
    await process.line()

asyncio.run(main())
"""


async def health(server: LocalServer) -> int:
    address = server.base_url.removesuffix("/v1") + "/health"
    async with aiohttp.ClientSession() as session, session.get(address) as reply:
        return reply.status


async def gone(base_url: str) -> bool:
    port = int(base_url.removesuffix("/v1").rpartition(":")[2])
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return False


async def test_it_serves_once_it_has_been_entered(server: LocalServer) -> None:
    assert await health(server) == 200
    assert server.base_url.startswith("http://127.0.0.1:")
    assert server.model.id == "SmolLM2-135M-Instruct"
    wanted = {Capability.text, Capability.tool_use, Capability.embedding}
    assert wanted <= server.model.capabilities


async def test_only_a_thinking_template_makes_it_a_reasoning_model(
    server: LocalServer, thinking_server: LocalServer
) -> None:
    assert Capability.reasoning not in server.model.capabilities
    assert Capability.reasoning in thinking_server.model.capabilities


async def test_each_start_has_a_key_and_an_address_of_its_own_and_is_waited_for(
    server: LocalServer,
) -> None:
    again = LocalServer()
    async with again:
        first = again.api_key
    async with again:
        assert again.api_key not in {first, server.api_key}
        assert again.base_url != server.base_url
        assert await health(again) == 200


async def test_nobody_is_answered_without_the_key(server: LocalServer) -> None:
    address = server.base_url + "/chat/completions"
    async with aiohttp.ClientSession() as session, session.post(address, json={}) as reply:
        assert reply.status == 401


async def test_it_is_gone_when_the_context_ends() -> None:
    async with LocalServer() as server:
        assert children(os.getpid())
        address = server.base_url

    assert await gone(address)


async def test_ctrl_c_in_a_terminal_reaches_the_parent_alone() -> None:
    before = children(os.getpid())

    async with LocalServer():
        [child] = children(os.getpid()) - before
        assert os.getpgid(child) != os.getpgid(0)


async def test_what_it_serves_is_the_file_it_was_given() -> None:
    file = Weights.found(None).path

    async with LocalServer(file, context_window=512) as server:
        assert server.model.context_window == 512
        assert await health(server) == 200


async def test_a_program_need_not_wait_for_the_model() -> None:
    server = LocalServer()
    await server.start()
    try:
        assert server.base_url
        await server.ready()
        await server.ready()
        assert await health(server) == 200
    finally:
        await server.stop()
        await server.stop()


async def test_every_answer_has_the_window_that_was_asked_for() -> None:
    async with LocalServer(context_window=512, slots=2) as server:
        address = server.base_url.removesuffix("/v1") + "/slots"
        headers = {"Authorization": f"Bearer {server.api_key}"}
        async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as got:
            slots = await got.json()

    assert [slot["n_ctx"] for slot in slots] == [512, 512]


async def test_no_answer_is_said_to_be_longer_than_a_conversation() -> None:
    server = LocalServer(context_window=256)
    await server.start()
    await server.stop()

    assert (server.model.context_window, server.model.max_output_tokens) == (256, 256)


async def test_it_is_not_started_twice(server: LocalServer) -> None:
    with pytest.raises(LocalServerError, match="running already"):
        await server.start()


async def test_a_server_that_dies_while_loading_says_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(64))

    with pytest.raises(LocalServerError, match=r"(?s)ended by itself: .*broken\.gguf") as raised:
        async with LocalServer(broken):
            pass

    assert len(str(raised.value).splitlines()) <= 5


async def test_a_template_that_is_none_says_so() -> None:
    with pytest.raises(LocalServerError, match="template"):
        async with LocalServer(template="{% for %}"):
            pass


async def test_a_model_that_takes_too_long_is_given_up() -> None:
    before = children(os.getpid())

    with pytest.raises(LocalServerError, match=r"not ready after 0\.001 seconds"):
        async with LocalServer(patience=0.001):
            pass

    assert children(os.getpid()) == before


async def test_a_server_that_is_killed_is_missed_and_what_killed_it_is_told() -> None:
    before = children(os.getpid())
    async with LocalServer() as server:
        [child] = children(os.getpid()) - before
        waiting = asyncio.create_task(server.ended())
        os.kill(child, signal.SIGKILL)
        with pytest.raises(LocalServerError, match=r"ended by itself: it was killed \(SIGKILL\)"):
            await asyncio.wait_for(waiting, _PATIENCE)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4])
async def test_cancelled_at_any_moment_it_leaves_nothing_behind(seconds: float) -> None:
    before = children(os.getpid())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds), LocalServer() as server:
            await server.ended()

    assert children(os.getpid()) == before


async def test_a_stop_that_is_cancelled_stops_it_all_the_same() -> None:
    before = children(os.getpid())
    server = LocalServer()
    await server.start()

    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping

    assert children(os.getpid()) == before


async def test_an_end_is_waited_for_though_every_task_is_cancelled_again() -> None:
    others = asyncio.all_tasks()
    process = await Process.started({})

    ending = asyncio.create_task(process.end())
    for _ in range(3):  # as a loop does that a second Ctrl-C ends
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - others:
            task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending

    assert not process.running


async def test_it_does_not_outlive_a_parent_that_is_killed() -> None:
    parent, address = await started(_SERVING.format(then=""))
    [child] = children(parent.pid)

    parent.kill()
    await parent.wait()

    async with asyncio.timeout(_PATIENCE):
        while alive(child) or not await gone(address):
            pass


async def test_it_does_not_outlive_a_parent_that_is_killed_while_it_loads(tmp_path: Path) -> None:
    parent, address = await started(_LOADING.format(fifo=tmp_path / "model.gguf"))
    [child] = children(parent.pid)
    async with asyncio.timeout(_PATIENCE):
        while await gone(f"{address}/v1"):  # it listens just before it begins to load
            pass

    parent.kill()
    await parent.wait()

    async with asyncio.timeout(_PATIENCE):
        while alive(child):
            await gone(f"{address}/v1")


async def test_a_fork_of_the_parent_does_not_keep_it_alive() -> None:
    then = "import os, time; fork = os.fork() or time.sleep(600); print(fork, flush=True)"
    parent, _ = await started(_SERVING.format(then=then))
    assert parent.stdout
    fork = int(await parent.stdout.readline())
    [child] = children(parent.pid) - {fork}

    parent.kill()
    try:
        async with asyncio.timeout(_PATIENCE):
            while alive(child):
                await asyncio.to_thread(alive, child)
        assert alive(fork)
    finally:
        os.kill(fork, signal.SIGKILL)
    await parent.communicate()


async def started(program: str) -> tuple[asyncio.subprocess.Process, str]:
    """A Python program, and the first line it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    return process, (await process.stdout.readline()).decode().strip()
