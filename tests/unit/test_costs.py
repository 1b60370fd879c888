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
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any, override

import pytest
from axio.blocks import (
    ContentBlock,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from axio.events import StreamEvent, TextDelta
from axio.messages import Message
from axio.tool import Tool

from axio_transport_openai.assembler import Assembler
from axio_transport_openai.call import Call
from axio_transport_openai.chunk import Fragment, Function
from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect
from axio_transport_openai.history import compiled
from axio_transport_openai.origin import Origin
from axio_transport_openai.replay import said
from axio_transport_openai.request import Memory, Options, chat_request
from axio_transport_openai.schema import fitted
from axio_transport_openai.sse import Decoder
from axio_transport_openai.stream import EventStream
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from types import FrameType

    from _typeshed import TraceFunction

OPTIONS = Options(provider="p")
ORIGIN = Origin()


type Calls = Counter[str]


@contextmanager
def counted() -> Iterator[Calls]:
    """How often each function is called, by its name."""
    calls: Calls = Counter()

    def note(frame: FrameType, what: str, called: object) -> None:
        if what == "call":
            calls[frame.f_code.co_name] += 1
        elif what == "c_call" and isinstance(called, BuiltinFunctionType):
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


ARGUMENTS = {"index": 0, "function": {"arguments": " so"}}
DETAIL = {"reasoning_details": [{"type": "reasoning.text", "text": " so", "index": 0}]}
THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": " so"}]}
BLOCK = {"thinking_blocks": [{"type": "thinking", "thinking": " so", "signature": None}]}
CALLED = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a": "'}}


@pytest.mark.parametrize(
    ("begun", "delta", "most"),
    [
        pytest.param([{"content": "It"}], {"content": " so"}, 4, id="text"),
        pytest.param([{"reasoning": "It"}], {"reasoning": " so"}, 4, id="a thought"),
        pytest.param(
            [{"content": "<think>It"}, {"content": "."}], {"content": " so"}, 6, id="one in tags"
        ),
        pytest.param(
            [{"reasoning": "It"} | DETAIL], {"reasoning": " so"} | DETAIL, 13, id="details"
        ),
        pytest.param([{"reasoning": "It"} | DETAIL], DETAIL, 16, id="details alone"),
        pytest.param(
            [{"reasoning_content": "It"} | BLOCK],
            {"reasoning_content": " so"} | BLOCK,
            12,
            id="blocks",
        ),
        pytest.param(
            [{"reasoning": "It"} | DETAIL], {"reasoning": " so"}, 4, id="a thought behind details"
        ),
        pytest.param([{"tool_calls": [CALLED]}], {"tool_calls": [ARGUMENTS]}, 10, id="arguments"),
        pytest.param([], {"content": [THINKING]}, 5, id="a thought in a part"),
    ],
)
def test_a_chunk_that_goes_on_is_decoded_once_and_costs_a_few_calls(
    begun: list[dict[str, object]], delta: dict[str, object], most: int
) -> None:
    turn = Turn(ORIGIN)
    for one in [*begun, delta, delta]:
        turn.feed(event(**one))
    few, many = event(**delta) * 10, event(**delta) * 110
    before = calls_of(lambda: turn.feed(few))
    after = calls_of(lambda: turn.feed(many))
    further = after - before

    assert further["decode"] == 100
    assert "_take" not in further
    assert further.total() <= most * 100


@pytest.mark.parametrize(
    "delta",
    [
        pytest.param({"content": " so"}, id="what flows"),
        pytest.param({"tool_calls": [CALLED, ARGUMENTS]}, id="what is looked at"),
    ],
)
def test_of_a_report_of_tokens_in_each_chunk_only_the_last_is_read(
    delta: dict[str, object],
) -> None:
    turn = Turn(ORIGIN)
    reported = b'"usage": {"prompt_tokens": 9, "completion_tokens": 1}'
    chunk = event(**delta).replace(b'"usage": null', reported)
    turn.feed(chunk * 3)
    calls = calls_of(lambda: turn.feed(chunk * 100))

    assert calls["count"] == calls["_is_full"] == 100
    assert not calls["read_usage"]
    assert calls_of(lambda: turn.tally.usage)["read_usage"] == 1


def test_an_answer_flows_from_its_third_chunk_on_also_where_all_comes_in_one_read() -> None:
    turn, data = Turn(ORIGIN), event(content="It") + event(content=" so") * 100

    assert calls_of(lambda: turn.feed(data))["decode_chunk"] == 2


def test_a_read_of_one_flowing_chunk_costs_a_few_calls() -> None:
    turn, data = flowing(), event(content=" so")
    calls = calls_of(lambda: turn.feed(data))

    assert calls["feed"] == 2  # the turn's and the decoder's
    assert set(calls) - {"<lambda>", "counted", "next"} <= {
        *("feed", "rfind", "split", "join", "flow", "decode", "len", "append")
    }
    assert calls.total() <= 12


def test_counts_at_the_end_of_an_answer_are_not_searched_for_a_failure() -> None:
    turn = flowing()
    turn.feed(event(content=".").replace(b'"finish_reason": null', b'"finish_reason": "stop"'))
    calls = calls_of(lambda: turn.feed(b'data: {"choices": [], "usage": {"prompt_tokens": 9}}\n\n'))

    assert turn.tally.usage is not None
    assert not set(calls) & {"plain", "read", "read_body"}


def test_an_event_of_many_lines_that_are_no_json_is_given_up_at_the_first() -> None:
    turn = Turn(ORIGIN)
    calls = calls_of(lambda: turn.feed(b"data: x\n" * 10_000 + b"\n"))

    assert calls["_take"] == 1
    assert turn.failure


def test_a_long_line_of_what_may_end_it_is_joined_once() -> None:
    decoder = Decoder()

    def feed() -> None:
        for piece in [b"data: ["] + [b"]" * 100] * 100 + [b"\n\n"]:
            decoder.feed(piece)

    assert calls_of(feed)["join"] == 1 + 1  # the line, and its event


def test_the_first_line_of_a_body_that_is_no_stream_is_not_looked_at_for_each_further_one() -> None:
    body = b"  {\n" + b'"x": 1,\n' * 100
    decoder = Decoder()

    assert calls_of(lambda: decoder.feed(body))["lstrip"] == 101 + 1
    assert decoder.stray == body.rstrip()


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


def calls_of_an_unknown_first(size: int) -> None:
    assembler, events = Assembler(), list[StreamEvent]()
    assembler.calls = Looked()
    for index in range(size):
        assembler.feed(Fragment(index, None, Function("f", "{")), events)


class Looked(list[Call]):
    """Calls, of which every one that is looked at counts as a call."""

    @override
    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        for _ in found if isinstance(at, slice) else ():
            abs(0)
        return found


@pytest.mark.parametrize(
    ("run", "size"),
    [
        pytest.param(calls_of_an_unknown_first, 100, id="calls behind one that is not known yet"),
        pytest.param(one_event_in_pieces, 500, id="one event in pieces"),
        pytest.param(one_call_in_fragments, 200, id="one call in fragments"),
        pytest.param(many_calls, 100, id="many calls"),
        pytest.param(one_request, 200, id="one request"),
    ],
)
def test_what_grows_costs_in_proportion(run: Callable[[int], object], size: int) -> None:
    assert growth(run, size) <= 4.2


def lines_of(run: Callable[[], object]) -> int:
    """How many lines are run through, each round of a loop anew."""
    count = 0

    def note(_frame: FrameType, what: str, _found: object) -> TraceFunction:
        nonlocal count
        count += what == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def call(id: str) -> ContentBlock:
    return ToolUseBlock(id, "read", {})


def turns_of_one_id(size: int) -> list[Message]:
    result: list[ContentBlock] = [ToolResultBlock("call_0", "part")]
    return [Message("assistant", [call("call_0")]), Message("user", result)] * size


def late_results_of_one_id(size: int) -> list[Message]:
    calls = [Message("assistant", [call("call_0")])] * size
    results: list[ContentBlock] = [ToolResultBlock("call_0", "part")] * size
    return [*calls, Message("user", results)]


def calls_of_one_id_at_once(size: int) -> list[Message]:
    results: list[ContentBlock] = [ToolResultBlock("call_0", "part")] * size
    return [Message("assistant", [call("call_0")] * size), Message("user", results)]


@pytest.mark.parametrize(
    "history", [turns_of_one_id, late_results_of_one_id, calls_of_one_id_at_once]
)
def test_calls_of_one_id_cost_in_proportion(history: Callable[[int], list[Message]]) -> None:
    lines = [lines_of(partial(compiled, history(size), COMPATIBLE)) for size in (50, 200)]

    assert lines[1] <= 4.2 * lines[0]


def test_arguments_sent_again_are_not_looked_for_among_those_of_other_calls() -> None:
    assembler, events = Assembler(), list[StreamEvent]()
    for index in range(100):
        twice = '{"a":1}{"a":'
        assembler.feed(Fragment(index, f"c{index}", Function("f", twice)), events)

    def end() -> None:
        for index in reversed(range(100)):
            assembler.feed(Fragment(index, None, Function(None, "1}")), events)

    assert calls_of(end)["remove"] == 0
    assert len(assembler.calls) == 100


def test_thoughts_of_one_message_are_joined_once() -> None:
    thoughts = [ReasoningBlock("think. ", id="reasoning", provider="p")] * 100
    calls = calls_of(lambda: said(thoughts, COMPATIBLE, "p", calls=False))

    assert said(thoughts, COMPATIBLE, "p", calls=False)[1] == {"reasoning": "think. " * 100}
    assert calls["append"] == 100
    assert calls["join"] == 1 + 1  # the field, and the content


class Word(str):
    """A text that counts how often any is compared."""

    compared = 0
    __slots__ = ()

    @override
    def __eq__(self, other: object) -> bool:
        Word.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def compared(schema: dict[str, object], dialect: Dialect) -> int:
    Word.compared = 0
    fitted(schema, dialect)
    return Word.compared


def wide(size: int, *, values: bool = False) -> dict[str, object]:
    names = [Word(f"p{at}") for at in range(size)]
    told: dict[str, object] = {name: {"type": "string"} for name in names}
    if values:
        told = {"a": {"enum": names}}
    return {"type": "object", "properties": told, "required": [*told]}


def referring(size: int) -> dict[str, object]:
    chain = {f"a{at}": {"$ref": Word(f"#/$defs/a{at + 1}")} for at in range(size)}
    end: dict[str, object] = {"type": "object", "properties": {}}
    return {"$ref": Word("#/$defs/a0"), "$defs": chain | {f"a{size}": end}}


@pytest.mark.parametrize(
    ("schema", "dialect"),
    [
        pytest.param(referring, OPENAI, id="a chain of references"),
        pytest.param(wide, Dialect(strict=True), id="required properties of a strict tool"),
        pytest.param(
            lambda size: {"allOf": [wide(size), wide(size)]}, OPENAI, id="what all of two require"
        ),
        pytest.param(
            lambda size: {"anyOf": [wide(size), wide(size)]}, OPENAI, id="what any of two requires"
        ),
        pytest.param(
            lambda size: {"anyOf": [wide(size, values=True), wide(size + 1, values=True)]},
            OPENAI,
            id="the values that any of two takes",
        ),
    ],
)
def test_a_large_schema_costs_in_proportion(
    schema: Callable[[int], dict[str, object]], dialect: Dialect
) -> None:
    assert compared(schema(200), dialect) <= 4.2 * compared(schema(50), dialect) + 200


def test_a_reference_into_a_long_list_does_not_walk_through_it() -> None:
    def lines(place: int) -> int:
        many: list[object] = [{"type": "string"}] * 1000
        told = {"a": {"$ref": f"#/x-known/{place}"}}
        schema: dict[str, object] = {"type": "object", "properties": told, "x-known": many}
        assert fitted(schema, COMPATIBLE)["properties"] == {"a": {"type": "string"}}
        return lines_of(lambda: fitted(schema, COMPATIBLE))

    assert lines(999) == lines(0)


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
    assert further.total() / 1000 <= 23


def test_an_old_message_costs_a_next_turn_no_more_than_to_look_at_it() -> None:
    short, long = next_turn(100), next_turn(1100)

    assert (long.total() - short.total()) / 2000 <= 2  # its blocks, and its role


def sizes(messages: list[Message]) -> list[int]:
    """The bytes that each text of these messages takes, in their order."""
    texts: list[str] = []
    for block in [block for message in messages for block in message.content]:
        if isinstance(block, TextBlock | ReasoningBlock):
            texts.append(block.text)
        elif isinstance(block, ToolResultBlock) and isinstance(block.content, str):
            texts.append(block.content)
    return [sys.getsizeof(text) for text in texts]


@pytest.mark.parametrize("form", ["reasoning", "<think>", "thinking"])
def test_a_text_takes_no_more_memory_for_having_been_sent(form: str) -> None:
    words, pause, picture, work, last = map(
        TextBlock, (f"Gr\u00fc\u00dfe {nth}" for nth in range(5))
    )
    history = [
        Message("user", [words]),
        Message("assistant", [ReasoningBlock(f"{pause.text}?", id=form, provider="p"), pause]),
        Message("user", [picture, ImageBlock("image/png", b"png")]),
        Message("assistant", [work, ToolUseBlock("a", "read", {})]),
        Message("user", [ToolResultBlock("a", f"{work.text}."), last]),
    ]
    before = sizes(history)

    chat_request("m", history, [], "S", dialect=COMPATIBLE, options=OPTIONS, memory=Memory())

    assert sizes(history) == before


def loaded(script: str) -> list[str]:
    """The modules of ours that a program has loaded in the end."""
    told = "import sys; print(*(name for name in sys.modules if name.startswith('axio_transport')))"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\n{told}"], capture_output=True, text=True, check=True
    )
    return [name.removeprefix("axio_transport_openai") for name in done.stdout.split()]


def test_to_import_the_package_loads_what_a_transport_is_told_and_no_more() -> None:
    modules = loaded("import axio_transport_openai")

    assert len(modules) <= 13
    assert not {".client", ".http", ".turn", ".request", ".nebius", ".think"} & set(modules)


def test_a_name_of_another_service_is_loaded_when_it_is_asked_for() -> None:
    modules = loaded("from axio_transport_openai import NebiusTransport, ThinkTagParser")

    assert {".nebius", ".think"} <= set(modules)
    assert ".openrouter" not in modules
