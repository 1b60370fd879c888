"""The workloads: what the server says in each, and which figures are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .wire import Reply

__all__ = ["WORKLOADS", "Figure", "Workload", "chosen"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a sample, by the name that the sample gives it."""

    key: str
    title: str
    digits: int = 1
    #: Whether it is drawn, as a ratio.
    drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One thing that is measured."""

    name: str
    title: str
    #: A function of :mod:`benchmarks.sample`, or ``imports``.
    sample: str
    #: What the samples tell; the first of them is compared and drawn.
    figures: tuple[Figure, ...]
    scripts: dict[str, list[Reply]] = field(default_factory=dict[str, list[Reply]])
    params: dict[str, int] = field(default_factory=dict[str, int])
    rounds: int = 5
    #: Seconds after which no further round begins, so that the whole run has an end in sight on a
    #: slow or busy machine too.
    seconds: float = 20

    @property
    def streams(self) -> int:
        """How many connections are open at once."""
        return max(
            (reply.gate for replies in self.scripts.values() for reply in replies), default=1
        )


_WARM: Final = Reply(size=300)
_CHUNK: Final = Figure("us", "CPU µs/chunk", 2, drawn=True)
_MEMORY: Final = Figure("kib", "KiB/stream")
_EXPONENT: Final = Figure("exponent", "grows by exponent", 2)


def _stream(
    name: str, title: str, *replies: Reply, rounds: int = 5, seconds: float = 25
) -> Workload:
    """One stream at a time; of several replies the last is the largest."""
    return Workload(
        name=name,
        title=title,
        sample="stream",
        figures=(_CHUNK, Figure("ms", "CPU ms"), _EXPONENT) if len(replies) > 1 else (_CHUNK,),
        scripts={f"size{nth}": [_WARM, reply] for nth, reply in enumerate(replies)},
        rounds=rounds,
        seconds=seconds,
    )


def _at_once(count: int) -> str:
    return f"{count:,} streams at once" if count > 1 else "one stream"


def _streams(
    count: int, chunks: int, lead: float = 0.0, rounds: int = 3, seconds: float = 30
) -> Workload:
    return Workload(
        name=f"streams-{count}",
        title=f"{_at_once(count)}, {chunks} chunks each, at full speed",
        sample="crowd",
        figures=(_CHUNK, _MEMORY) if count > 1 else (_CHUNK,),
        scripts={"crowd": [_WARM, Reply(size=chunks, gate=count, lead=lead)]},
        rounds=rounds,
        seconds=seconds,
    )


def _paced(
    count: int, rate: float, length: float, *, lead: float, rounds: int = 3, seconds: float = 30
) -> Workload:
    figures = [_CHUNK, Figure("p50", "late p50 µs", 0, drawn=True), Figure("p99", "late p99 µs", 0)]
    reply = Reply(kind="clock", size=round(rate * length), rate=rate, gate=count, lead=lead)
    return Workload(
        name=f"paced-{count}",
        title=f"{_at_once(count)}, {rate:g} chunks a second each",
        sample="crowd",
        figures=(*figures, *([_MEMORY] if count > 1 else []), Figure("kept", "pace kept", 2)),
        scripts={"crowd": [_WARM, reply]},
        rounds=rounds,
        seconds=seconds,
    )


def _request(name: str, title: str, messages: int, tools: int, image: int = 0) -> Workload:
    return Workload(
        name=f"request-{name}",
        title=f"sending {title}",
        sample="request",
        figures=(
            Figure("first", "CPU ms to first byte", 2, drawn=True),
            Figure("turn", "next turn", 2, drawn=True),
        ),
        scripts={"request": [Reply()]},
        params={"messages": messages, "tools": tools, "image": image},
        rounds=9,
    )


def _embed(name: str, *, packed: bool) -> Workload:
    return Workload(
        name=f"embed-{name}",
        title=f"2,048 embeddings of 1,536 numbers as {name}",
        sample="embed",
        figures=(Figure("ms", "CPU ms", drawn=True),),
        scripts={
            "warm": [Reply(kind="vectors")],
            "vectors": [Reply(kind="vectors", size=2048)],
        },
        params={"packed": packed},
        rounds=7,
    )


def _made() -> Iterator[Workload]:
    yield _stream("chunk", "one stream, one chunk a write", Reply(size=40_000), rounds=9)
    text, thought = (Reply(kind=kind, size=40_000, cut=16 << 10) for kind in ("text", "thought"))
    yield _stream("coalesced", "one stream, 16 KiB a write", text, rounds=9, seconds=20)
    yield _stream("thought", "a thought, 16 KiB a write", thought, seconds=15)
    calls = [Reply(kind="call", size=size << 10) for size in (64, 256, 1024)]
    yield _stream(
        "call", "a tool call of 1 MiB in fragments of 8 bytes", *calls, rounds=3, seconds=20
    )
    # Paced, for a client that lags would be given larger pieces, which hides how its cost grows.
    events = [Reply(kind="event", size=size << 20 >> 1, cut=1024, rate=4000) for size in (1, 4, 16)]
    yield _stream("event", "one event of 8 MiB in pieces of 1 KiB", *events, rounds=3)
    yield _streams(1, 5000, rounds=5)
    # A lead keeps the heads of the responses out of what is measured: they come before a chunk.
    yield _streams(100, 200, lead=0.2, rounds=9, seconds=40)
    yield _streams(1000, 100, lead=0.5, rounds=5, seconds=50)
    yield _streams(5000, 30, lead=2, seconds=60)
    # Long enough that the streams' flow decides, not their ends.
    yield _paced(1, 20, 3, lead=0.2)
    yield _paced(100, 20, 3, lead=0.5, rounds=11, seconds=120)
    yield _paced(1000, 10, 4, lead=1, rounds=5, seconds=70)
    yield _paced(5000, 2, 6, lead=3, rounds=4, seconds=90)
    yield _request("short", "10 messages, 10 tools", 10, 10)
    yield _request("long", "1,000 messages, 100 tools", 1000, 100)
    yield _request("image", "10 messages with an image of 5 MiB", 10, 10, 5 << 20)
    yield Workload(
        name="history",
        title="4,000 text messages beside 500, sent again with a turn more",
        sample="history",
        figures=(Figure("old", "CPU µs/old message", 2, drawn=True), _EXPONENT),
        scripts={"request": [Reply()]},
        params={"few": 500, "many": 4000},
    )
    yield _embed("floats", packed=False)
    yield _embed("base64", packed=True)
    yield Workload(
        name="import",
        title="importing it",
        sample="imports",
        figures=(
            Figure("ms", "CPU ms", drawn=True),
            Figure("modules", "modules", 0),
            Figure("own", "of its own", 0),
        ),
        rounds=10,
    )
    yield Workload(
        name="cold",
        title="from the start of the process to the first token",
        sample="cold",
        figures=(Figure("ms", "ms", drawn=True), Figure("modules", "modules", 0)),
        scripts={"text": [Reply()]},
        rounds=10,
    )
    yield Workload(
        name="connections",
        title="connections for ten turns in a row",
        sample="connections",
        figures=(
            Figure("prompt", "body ends at once", 0),
            Figure("late", "20 ms after [DONE]", 0),
        ),
        scripts={"prompt": [Reply(kind="count")], "late": [Reply(kind="count", late=0.02)]},
        params={"turns": 10},
        rounds=1,
    )


WORKLOADS: Final = {made.name: made for made in _made()}


def chosen(names: str) -> list[str]:
    """The workloads of these names, or whose names begin with them, separated by commas.

    Raises:
        ValueError: There is none of one of them.
    """
    found: dict[str, None] = {}
    for said in names.split(","):
        start = said.strip()
        matching = [name for name in WORKLOADS if name.startswith(start)]
        if start in WORKLOADS:
            matching = [start]
        if not matching:
            raise ValueError(f"there is no workload {start!r}, but: {', '.join(WORKLOADS)}")
        found |= dict.fromkeys(matching)
    return list(found)
