"""What things cost, counted: calls, objects and modules, never time."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from axio.blocks import ContentBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.events import TextDelta
from axio.messages import Message
from axio.tool import Tool

from axio_transport_openai.dialect import COMPATIBLE
from axio_transport_openai.origin import Origin
from axio_transport_openai.request import Memory, Options, chat_request
from axio_transport_openai.sse import Decoder
from axio_transport_openai.stream import EventStream
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from types import FrameType

    from axio.events import StreamEvent

OPTIONS = Options(provider="p")
ORIGIN = Origin()


type Calls = Counter[str]


@contextmanager
def counted() -> Iterator[Calls]:
    """How often each function is called, by its name."""
    calls: Calls = Counter()

    def note(frame: FrameType, what: str, called: Any) -> None:  # noqa: ANN401 - what is called
        if what == "call":
            calls[frame.f_code.co_name] += 1
        elif what == "c_call":
            calls[called.__name__] += 1

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
    calls.pop("__exit__", None)
    calls.pop("setprofile", None)


def event(**delta: object) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    return b"data: %b\n\n" % json.dumps(chunk | {"choices": [choice], "usage": None}).encode()


def flowing() -> Turn:
    """A turn in the middle of a text."""
    turn = Turn(ORIGIN)
    for text in ("It", " is"):
        turn.feed(event(content=text))
    return turn


def calls_of(run: Callable[[], object]) -> Calls:
    with counted() as calls:
        run()
    return calls


def test_a_chunk_of_a_flowing_text_is_decoded_once_and_costs_a_few_calls() -> None:
    turn, few, many = flowing(), event(content=" so") * 10, event(content=" so") * 110
    before = calls_of(lambda: turn.feed(few))
    after = calls_of(lambda: turn.feed(many))
    further = after - before

    assert further["decode"] == 100
    assert set(further) <= {"decode", "len", "append"}
    assert further.total() <= 3 * 100


def test_a_read_of_one_flowing_chunk_costs_a_few_calls() -> None:
    turn, data = flowing(), event(content=" so")
    calls = calls_of(lambda: turn.feed(data))

    assert calls["feed"] == 2  # the turn's and the decoder's
    assert set(calls) - {"<lambda>", "counted", "next"} <= {
        *("feed", "rfind", "split", "join", "decode", "len", "append")
    }
    assert calls.total() <= 11


def test_counts_at_the_end_of_an_answer_are_not_searched_for_a_failure() -> None:
    turn = flowing()
    turn.feed(event(content=".").replace(b'"finish_reason": null', b'"finish_reason": "stop"'))
    calls = calls_of(lambda: turn.feed(b'data: {"choices": [], "usage": {"prompt_tokens": 9}}\n\n'))

    assert turn.usage is not None
    assert not set(calls) & {"plain", "read", "read_body"}


def test_an_event_of_many_lines_that_are_no_json_is_given_up_at_the_first() -> None:
    turn = Turn(ORIGIN)
    calls = calls_of(lambda: turn.feed(b"data: x\n" * 10_000 + b"\n"))

    assert calls["_take"] == 2
    assert turn.failure


def test_a_long_line_of_what_may_end_it_is_joined_once() -> None:
    decoder = Decoder()

    def feed() -> None:
        for piece in [b"data: ["] + [b"]" * 100] * 100 + [b"\n\n"]:
            decoder.feed(piece)

    assert calls_of(feed)["join"] == 1 + 1  # the line, and its event


def test_equal_deltas_are_one_object() -> None:
    first, second = flowing().feed(event(content=" so")), flowing().feed(event(content=" so"))

    assert first[0] is second[0]


def test_a_read_of_many_chunks_makes_nothing_that_stays_but_its_events() -> None:
    turn, data = flowing(), event(content=" so") * 1000
    turn.feed(data)
    gc.collect()
    before = len(gc.get_objects())
    events = turn.feed(data)

    assert len(gc.get_objects()) - before <= 1  # the list of events
    assert len(events) == 1000


def test_a_read_costs_one_step_of_a_generator_and_an_event_one_call() -> None:
    async def batches() -> AsyncGenerator[list[StreamEvent]]:
        for _ in range(3):
            yield [TextDelta(0, "a")] * 50

    async def drained() -> int:
        return len([event async for event in EventStream(batches())])

    calls = calls_of(lambda: asyncio.run(drained()))

    assert calls["__anext__"] == 3 * 50 + 1
    assert calls["batches"] == 3 + 1


@pytest.mark.parametrize("size", [1, 16_384])
def test_an_open_answer_is_few_objects(size: int) -> None:
    def opened() -> Turn:
        turn = flowing()
        data = event(content=" so") * 100
        for start in range(0, len(data), size):
            turn.feed(data[start : start + size])
        return turn

    opened()
    gc.collect()
    before = len(gc.get_objects())
    turns = [opened() for _ in range(100)]
    gc.collect()

    assert (len(gc.get_objects()) - before) / len(turns) < 7


def growth(run: Callable[[int], object], size: int) -> float:
    """How many times the calls that a size costs are those that a quarter of it costs."""
    run(4)
    return calls_of(lambda: run(4 * size)).total() / calls_of(lambda: run(size)).total()


def one_event_in_pieces(size: int) -> None:
    decoder = Decoder()
    for _ in range(size):
        decoder.feed(b"x" * 100)


def one_call_in_fragments(size: int) -> None:
    turn = Turn(ORIGIN, {"write": "write"})
    named = {"index": 0, "id": "c", "function": {"name": "write", "arguments": '{"a":"'}}
    turn.feed(event(tool_calls=[named]))
    for _ in range(size):
        turn.feed(event(tool_calls=[{"index": 0, "function": {"arguments": "abcdefgh"}}]))


def many_calls(size: int) -> None:
    turn = Turn(ORIGIN, {"write": "write"})
    for index in range(size):
        function = {"name": "write", "arguments": "{}"}
        turn.feed(event(tool_calls=[{"index": index, "id": f"c{index}", "function": function}]))


def conversation(turns: int) -> list[Message]:
    messages = [Message("user", [TextBlock("Go on.")])]
    for nth in range(turns):
        call = ToolUseBlock(f"c{nth}", "read", {"path": str(nth)})
        results: list[ContentBlock] = [ToolResultBlock(f"c{nth}", f"part {nth}")]
        messages += [Message("assistant", [call]), Message("user", results)]
    return messages


def one_request(size: int) -> None:
    chat_request(
        "m", conversation(size), [], "S", dialect=COMPATIBLE, options=OPTIONS, memory=Memory()
    )


@pytest.mark.parametrize(
    ("run", "size"),
    [
        pytest.param(one_event_in_pieces, 500, id="one event in pieces"),
        pytest.param(one_call_in_fragments, 200, id="one call in fragments"),
        pytest.param(many_calls, 100, id="many calls"),
        pytest.param(one_request, 200, id="one request"),
    ],
)
def test_what_grows_costs_in_proportion(run: Callable[[int], object], size: int) -> None:
    assert growth(run, size) <= 4.2


def next_turn(turns: int) -> Calls:
    memory, messages = Memory(), conversation(turns)
    chat_request("m", messages, [], "S", dialect=COMPATIBLE, options=OPTIONS, memory=memory)
    messages += conversation(turns + 1)[-2:]
    with counted() as calls:
        chat_request("m", messages, [], "S", dialect=COMPATIBLE, options=OPTIONS, memory=memory)
    return calls


def test_a_next_turn_writes_only_what_is_new() -> None:
    few, many = next_turn(100), next_turn(300)

    assert few["_result"] == many["_result"] == 1
    assert few["encode_into"] == many["encode_into"] == 1
    assert few["encode"] == many["encode"]


async def read(path: str) -> str:
    """Read a file."""
    return path


def test_tools_that_come_again_are_known_without_being_written() -> None:
    memory = Memory()
    tools: list[Tool[Any]] = [Tool(f"read_{nth}", read) for nth in range(9)]
    asked = partial(chat_request, "m", conversation(1), tools, "S")
    ask = partial(asked, dialect=COMPATIBLE, options=OPTIONS, memory=memory)
    bodies = [ask().body, ask().body]
    with counted() as calls:
        bodies.append(ask().body)

    assert calls["functions"] == 0
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("before", [[], ["write"]], ids=["none", "others"])
def test_tools_are_looked_for_only_among_offers_of_their_names(before: list[str]) -> None:
    ask = partial(chat_request, "m", conversation(1), dialect=COMPATIBLE, options=OPTIONS)
    memory = Memory()
    others: list[Tool[Any]] = [Tool(name, read) for name in before]
    tools: list[Tool[Any]] = [Tool("read", read)]
    ask(others, "S", memory=memory)

    calls = calls_of(partial(ask, tools, "S", memory=memory))

    assert (calls["functions"], calls["shown"]) == (1, 0)


def test_a_call_and_its_result_are_looked_at_and_written_in_a_few_calls() -> None:
    short, long = (calls_of(partial(one_request, turns)) for turns in (100, 1100))
    further = long - short

    assert further["_result"] == 1000
    assert further.total() / 1000 <= 21


def test_an_old_message_costs_a_next_turn_no_more_than_to_look_at_it() -> None:
    short, long = next_turn(100), next_turn(1100)

    assert (long.total() - short.total()) / 2000 <= 2  # its blocks, and its role


def loaded(script: str) -> list[str]:
    """The modules of ours that a program has loaded in the end."""
    told = "import sys; print(*(name for name in sys.modules if name.startswith('axio_transport')))"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\n{told}"], capture_output=True, text=True, check=True
    )
    return [name.removeprefix("axio_transport_openai") for name in done.stdout.split()]


def test_to_import_the_package_loads_what_a_transport_is_told_and_no_more() -> None:
    modules = loaded("import axio_transport_openai")

    assert len(modules) <= 12
    assert not {".client", ".http", ".turn", ".request", ".nebius", ".think"} & set(modules)


def test_a_name_of_another_service_is_loaded_when_it_is_asked_for() -> None:
    modules = loaded("from axio_transport_openai import NebiusTransport, ThinkTagParser")

    assert {".nebius", ".think"} <= set(modules)
    assert ".openrouter" not in modules
