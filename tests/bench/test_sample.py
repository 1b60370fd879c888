"""The benchmark's samples: what each measures, and that it checks what was read."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import override

import pytest
from benchmarks import runner, talk
from benchmarks.client import Client, Encoding, Own, Take, Unsupported, Wire
from benchmarks.clients import agent
from benchmarks.clients.decoding import Decoding
from benchmarks.clients.walking import walked
from benchmarks.crowd import Lost
from benchmarks.outcome import Outcome
from benchmarks.roster import CLIENTS, Entry
from benchmarks.runner import Failed, Runner, server
from benchmarks.sample import SAMPLES, Task
from benchmarks.wire import Reply
from benchmarks.workload import WORKLOADS, Figure, Workload

_TEXT = Reply(size=50)
_CALLS = [Reply(kind="call", size=size) for size in (256, 1024)]
_EVENTS = [Reply(kind="event", size=size, cut=1000) for size in (10_000, 80_000)]
_WORKLOADS: dict[str, tuple[str, dict[str, list[Reply]], dict[str, int]]] = {
    "one chunk a write": ("stream", {"text": [Reply(), _TEXT]}, {}),
    "16 KiB a write": ("stream", {"text": [Reply(), Reply(size=200, cut=16 << 10)]}, {}),
    "a thought": ("stream", {"thought": [Reply(), Reply(kind="thought", size=50)]}, {}),
    "a tool call": ("stream", {str(reply.size): [Reply(), reply] for reply in _CALLS}, {}),
    "one event": ("stream", {str(reply.size): [Reply(), reply] for reply in _EVENTS}, {}),
    "streams at once": ("crowd", {"crowd": [Reply(), Reply(size=20, gate=5)]}, {}),
    "paced streams": (
        "crowd",
        {"crowd": [Reply(), Reply(kind="clock", size=4, rate=100, gate=5, lead=0.05)]},
        {},
    ),
    "a request": ("request", {"request": [Reply()]}, {"messages": 9, "tools": 2, "image": 99}),
    "a history": ("history", {"request": [Reply()]}, {"few": 4, "many": 40}),
    "embeddings as floats": (
        "embed",
        {"warm": [Reply(kind="vectors")], "vectors": [Reply(kind="vectors", size=40)]},
        {"packed": 0},
    ),
    "embeddings as base64": (
        "embed",
        {"warm": [Reply(kind="vectors")], "vectors": [Reply(kind="vectors", size=40)]},
        {"packed": 1},
    ),
    "a cold start": ("cold", {"text": [Reply()]}, {}),
    "connections": (
        "connections",
        {"prompt": [Reply(kind="count")], "late": [Reply(kind="count", late=0.01)]},
        {"turns": 3},
    ),
}
_READ = [what for what, (sample, *_) in _WORKLOADS.items() if sample in {"stream", "crowd"}]


async def _taken(what: str, adapter: type[Client]) -> dict[str, float]:
    sample, scripts, params = _WORKLOADS[what]
    with server(scripts) as port:
        task = Task(
            adapter=adapter,
            port=port,
            scripts=scripts,
            params=params,
            began=time.monotonic_ns(),
        )
        return await SAMPLES[sample](task)


@pytest.fixture(autouse=True)
def _sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample watches Python's sockets; afterwards they are as they were."""
    for name in ("send", "sendall", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, getattr(socket.socket, name))


@pytest.mark.parametrize("client", ["ours", "L2"])
@pytest.mark.parametrize("what", _WORKLOADS)
async def test_a_client_reads_a_workload_as_it_was_sent(what: str, client: str) -> None:
    assert await _taken(what, CLIENTS[client].load())


@pytest.mark.parametrize("what", ["a request", "a history"])
async def test_the_limit_of_a_transport_sends_a_workload(what: str) -> None:
    assert await _taken(what, CLIENTS["L3"].load())


def _meant(wire: Wire) -> Wire:
    """A message with the arguments of its calls as what they mean."""
    calls = [call["function"] for call in wire.get("tool_calls", ())]
    return wire | {"tool_calls": [(call["name"], json.loads(call["arguments"])) for call in calls]}


def test_the_plainest_walk_makes_what_the_other_limit_is_handed() -> None:
    wires = [*talk.remarks(3), *talk.turn(0), *talk.turn(1)]
    made = walked([agent.message(wire) for wire in wires])

    assert [*map(_meant, made)] == [*map(_meant, wires)]


@pytest.mark.parametrize("what", [*_READ, "a cold start"])
async def test_the_limit_that_counts_bytes_counts_them_all(what: str) -> None:
    assert await _taken(what, CLIENTS["L1"].load())


@pytest.mark.parametrize("what", ["embeddings as floats", "connections", "a request", "a history"])
async def test_what_a_client_cannot_do_is_no_failure(what: str) -> None:
    with pytest.raises(Unsupported):
        await _taken(what, CLIENTS["L1"].load())


class _Thoughtless(Decoding):
    """A client that gives no thoughts away."""

    thinks = False


async def test_a_client_that_drops_thoughts_is_not_measured_in_them() -> None:
    with pytest.raises(Unsupported):
        await _taken("a thought", _Thoughtless)


async def test_ten_turns_are_counted_as_the_connections_they_take() -> None:
    assert await _taken("connections", CLIENTS["L2"].load()) == {"prompt": 1, "late": 1}


class _Forgetful(Decoding):
    """A client that loses the last piece of its second answer, and a number of every vector."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self._answers = count()

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        pieces: list[str] = []
        await super().chat(messages, tools, pieces.append)
        for piece in pieces[:-1] if next(self._answers) == 1 else pieces:
            take(piece)

    async def embed(self, texts: list[str], encoding: Encoding) -> Sequence[Sequence[float]]:
        first, *others = await super().embed(texts, encoding)
        return [[*first[:-1], 0.5], *others]


@pytest.mark.parametrize("what", _READ)
async def test_a_client_that_loses_a_chunk_fails_its_sample(what: str) -> None:
    with pytest.raises(Lost):
        await _taken(what, _Forgetful)


async def test_a_client_that_garbles_a_vector_fails_its_sample() -> None:
    with pytest.raises(Lost):
        await _taken("embeddings as floats", _Forgetful)


def _workload(sample: str) -> Workload:
    return Workload(
        name="chunk",
        title="",
        sample=sample,
        figures=(Figure("us", "us"),),
        scripts={"text": [Reply(), _TEXT]},
    )


def test_a_sample_is_taken_in_a_process_of_its_own() -> None:
    told = Runner(["ours"], Outcome()).sample(_workload("stream"), "ours")

    assert told["figures"]["us"] > 0


def test_a_sample_that_fails_says_how() -> None:
    untold = replace(_workload("request"), scripts={"request": [Reply()]})

    with pytest.raises(Failed, match="KeyError: 'messages'"):
        Runner(["L2"], Outcome()).sample(untold, "L2")


def test_an_import_is_measured_with_its_modules() -> None:
    told = Runner(["ours"], Outcome()).sample(_workload("imports"), "ours")

    assert told["figures"]["modules"] > told["figures"]["own"] > 1


def test_a_workload_that_opens_more_files_than_are_allowed_is_left_out() -> None:
    outcome = Outcome()
    Runner(["ours"], outcome, files=256).run("streams-1000")

    assert outcome.left_out == {"streams-1000": "this system allows 256 open files"}
    assert outcome.samples == {}


def test_every_other_round_goes_backwards_so_that_neighbours_stay_neighbours() -> None:
    said: list[str] = []
    Runner(["ours", "L2", "L1"], Outcome(), say=said.append).run("import", rounds=2)

    assert [line.partition(": ")[2] for line in said] == ["ours", "L2", "L1", "L1", "L2", "ours"]


@pytest.mark.parametrize(("rounds", "ours", "others"), [(None, 3, 1), (2, 2, 2)])
def test_when_the_time_is_over_only_a_few_rounds_of_ours_are_left_unless_more_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, rounds: int | None, ours: int, others: int
) -> None:
    monkeypatch.setitem(WORKLOADS, "import", replace(WORKLOADS["import"], seconds=0))
    outcome = Outcome()
    Runner(["ours", "L1"], outcome).run("import", rounds)
    taken = [
        sum(one is not None for one in outcome.rounds("import", who)) for who in ("ours", "L1")
    ]

    assert taken == [ours, others]


def test_all_workloads_take_less_than_fifteen_minutes() -> None:
    assert (
        sum(workload.seconds for workload in WORKLOADS.values()) < 13 * 60
    )  # and a few more rounds


def test_a_client_that_is_for_some_workloads_takes_no_part_in_others() -> None:
    outcome = Outcome()
    Runner(["ours", "L3"], outcome).run("import", rounds=1)

    assert [*outcome.samples["import"]] == ["ours"]
    assert CLIENTS["L3"].joins("request-long")


class _Slow(Entry):
    """A peer that is asked in this interpreter, where it cannot be done in time."""

    @property
    @override
    def python(self) -> Path:
        return Path(sys.executable)


def test_a_peer_that_is_not_done_in_time_is_left_out_of_the_workload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CLIENTS, "slow", _Slow("slow", "", "import time", "", (), "slow==1"))
    monkeypatch.setattr(runner, "_PEER_PATIENCE", 0.001)
    outcome = Outcome()
    said: list[str] = []
    Runner(["slow"], outcome, say=said.append).run("import", rounds=3)

    assert outcome.left_out == {"import, slow": "took more than 0.001 seconds"}
    assert outcome.failures == {}
    assert said == ["import, round 1: slow"]
