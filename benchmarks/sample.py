"""The kinds of samples: each asks a client for something, checks all it gave, tells figures."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import time
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

from . import embedding, talk, wire
from .client import Client, Encoding, Take, Unsupported, Wire
from .crowd import Clock, Crowd, Lost, Raw, Reader, Text
from .meter import FirstByte, cpu, resident
from .wire import Reply

__all__ = ["SAMPLES", "Task"]

type Figures = dict[str, float]

_TURNS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a sample is told."""

    adapter: type[Client]
    port: int
    scripts: dict[str, list[Reply]]
    params: dict[str, int]
    #: When the process was started, by the monotonic clock.
    began: int

    def client(self, script: str) -> Client:
        """A client of this script's address."""
        return self.adapter(f"http://127.0.0.1:{self.port}/{script}/v1")


async def _ask(client: Client, take: Take) -> None:
    await client.chat([client.message({"role": "user", "content": "Go on."})], [], take)


def _check(*, same: bool, what: str) -> None:
    if not same:
        raise Lost(what)


async def stream(task: Task) -> Figures:
    """One stream, after a short one on the same connection; of several, how the cost grows."""
    costs: list[tuple[int, float]] = []
    for script, replies in task.scripts.items():
        reply = replies[-1]
        async with task.client(script) as client:
            if reply.kind == "thought" and not (client.thinks or client.raw):
                raise Unsupported("it gives no thoughts away")
            await _ask(client, len)
            pieces: list[bytes | str] = []
            gc.collect()
            start = cpu()
            await _ask(client, pieces.append)
            costs.append((wire.chunks(reply), cpu() - start))
        _check_pieces(client, reply, pieces)
    size, spent = costs[-1]
    figures = {"us": spent / size * 1e6}
    if len(costs) > 1:
        figures["ms"] = spent * 1e3
        least, little = costs[0]
        figures["exponent"] = math.log(spent / little) / math.log(size / least)
    return figures


def _check_pieces(client: Client, reply: Reply, pieces: list[bytes | str]) -> None:
    if client.raw:
        read, sent = sum(map(len, pieces)), wire.body_size(reply)
        _check(same=read == sent, what=f"read {read} bytes of {sent}")
    else:
        text, told = "".join(map(str, pieces)), wire.expected(reply)
        _check(
            same=text == told, what=f"read {len(text)} characters that are not the {len(told)} sent"
        )


async def crowd(task: Task) -> Figures:
    """Many streams, answered at once when the last has asked."""
    ((script, replies),) = task.scripts.items()
    reply, streams = replies[-1], replies[-1].gate
    async with task.client(script) as client:
        kind: type[Reader] = Raw if client.raw else Clock if reply.kind == "clock" else Text
        text = wire.expected(reply)
        size = wire.body_size(reply) if client.raw else wire.text_size(reply)
        await _ask(client, len)
        gc.collect()
        before = resident()
        whole = Crowd(streams, size)
        readers: list[Reader] = [kind(whole, text, size) for _ in range(streams)]
        await asyncio.gather(*(_ask(client, reader.take) for reader in readers))
        spent = cpu() - whole.began
    lost = sum(reader.left != 0 for reader in readers)
    _check(same=not lost, what=f"{lost} of {streams} streams are not what was sent")
    figures = {"us": spent / (streams * reply.size) * 1e6}
    if whole.held:
        figures["kib"] = (whole.held - before) / streams / 1024
    if whole.delays:
        late, took = sorted(whole.delays), (max(whole.stamps) - min(whole.stamps)) / 1e9
        figures["p50"], figures["p99"] = (late[len(late) * part // 100] / 1e3 for part in (50, 99))
        figures["kept"] = (reply.size - 1 / streams) / reply.rate / took
    return figures


class _Sender:
    """A conversation that is sent, and sent again with a turn more."""

    def __init__(self, client: Client, messages: list[Wire], tools: int) -> None:
        if client.raw:
            raise Unsupported("it is a limit of reading")
        self._client = client
        self._messages = [client.message(wire) for wire in messages]
        self._tools = [client.tool(wire) for wire in talk.tools(tools)]

    async def send(self, first: FirstByte) -> float:
        """Milliseconds of processor time until its first byte was written."""
        gc.collect()
        first.arm()
        start = cpu()
        await self._client.chat(self._messages, self._tools, len)
        return (first.at - start) * 1e3

    async def go_on(self, first: FirstByte) -> float:
        """The same for later turns: the median of a few."""
        spent: list[float] = []
        for nth in range(_TURNS):
            self._messages += map(self._client.message, talk.turn(10_000 + nth))
            spent.append(await self.send(first))
        return median(spent)


async def request(task: Task) -> Figures:
    """A conversation sent for the first time, then turn by turn."""
    first = FirstByte()
    async with task.client("request") as client:
        await _ask(client, len)
        told = talk.conversation(task.params["messages"], task.params["image"])
        sender = _Sender(client, told, task.params["tools"])
        return {"first": await sender.send(first), "turn": await sender.go_on(first)}


async def history(task: Task) -> Figures:
    """Two lengths of the same conversation: what one old message more costs, and how that grows."""
    first, sizes = FirstByte(), (task.params["few"], task.params["many"])
    sent: list[float] = []
    later: list[float] = []
    async with task.client("request") as client:
        await _ask(client, len)
        for size in sizes:
            sender = _Sender(client, talk.remarks(size), 0)
            sent.append(await sender.send(first))
            later.append(await sender.go_on(first))
    few, many = sizes
    return {
        "old": (later[1] - later[0]) / (many - few) * 1e3,
        "exponent": math.log(sent[1] / sent[0]) / math.log(many / few),
    }


async def embed(task: Task) -> Figures:
    """One request for many embeddings."""
    count = task.scripts["vectors"][-1].size
    encoding: Encoding = "base64" if task.params["packed"] else "float"
    texts = [f"Entry {nth} of the journal." for nth in range(count)]
    async with task.client("warm") as client:
        await client.embed(texts[:1], encoding)
    async with task.client("vectors") as client:
        gc.collect()
        start = cpu()
        vectors = await client.embed(texts, encoding)
        spent = cpu() - start
    same = len(vectors) == count and all(
        array("f", row) == embedding.vector(nth) for nth, row in enumerate(vectors)
    )
    _check(same=same, what="read vectors that were not sent")
    return {"ms": spent * 1e3}


async def cold(task: Task) -> Figures:
    """From the start of the process to the first token."""
    seen: list[int] = []
    async with task.client("text") as client:
        await _ask(client, lambda _: seen.append(time.monotonic_ns()))
        modules = len(sys.modules)
    return {"ms": (seen[0] - task.began) / 1e6, "modules": modules}


async def connections(task: Task) -> Figures:
    """How many connections turns in a row take, with the end of the body at once and later."""
    used: Figures = {}
    before = 0
    for script in task.scripts:
        async with task.client(script) as client:
            if client.raw:
                raise Unsupported("it reads no answer")
            told: list[str] = []
            for _ in range(task.params["turns"]):
                await _ask(client, told.append)
        used[script] = int(told[-1]) - before
        before = int(told[-1])
    return used


SAMPLES: Final[dict[str, Callable[[Task], Awaitable[Figures]]]] = {
    made.__name__: made for made in (stream, crowd, request, history, embed, cold, connections)
}
