"""What is remembered from request to request, and that it is bounded."""

from __future__ import annotations

import json

import pytest
from axio.blocks import ContentBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message
from hypothesis import given
from hypothesis import strategies as st
from tests.history_strategies import inputs

from axio_transport_openai import memory as module
from axio_transport_openai.encoding import encoded, encoded_lines
from axio_transport_openai.memory import Memory, Past, trail_of

READER = ("dialect", "service")


NOTHING = Past(reader=READER)


def call(id: str, **arguments: object) -> ToolUseBlock:
    return ToolUseBlock(id, "read", arguments)


def written(memory: Memory, id: str, **arguments: object) -> str:
    (found,) = memory.written([id], encoded_lines([arguments]))
    return found


def past(*contents: list[ContentBlock], dangling: bool = False, size: int = 1) -> Past:
    return Past(
        reader=READER,
        length=len(contents),
        trail=trail_of(messages(*contents)),
        dangling=dangling,
        settled=True,
        sent=[b"x" * size],
    )


def messages(*contents: list[ContentBlock]) -> list[Message]:
    return [
        Message("assistant" if nth % 2 else "user", content) for nth, content in enumerate(contents)
    ]


def recalled(memory: Memory, found: list[Message], reader: tuple[str, str] = READER) -> Past:
    return memory.recall(reader, found, trail_of(found))


HELLO: list[ContentBlock] = [TextBlock("Hello.")]
ANSWER: list[ContentBlock] = [TextBlock("Yes.")]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param('{ "a": 1 }', '{ "a": 1 }', id="as it was written"),
        pytest.param('{"a": 2}', '{"a":1}', id="of another meaning"),
        pytest.param('{"a": 1', '{"a":1}', id="cut short"),
        pytest.param("[1]", '{"a":1}', id="no object"),
        pytest.param("", '{"a":1}', id="empty"),
        pytest.param('{"a": "\\ud83c"}', '{"a":1}', id="half a character"),
    ],
)
def test_arguments_come_back_as_the_model_wrote_them(kept: str, expected: str) -> None:
    memory = Memory()
    memory.keep("c", kept)

    assert written(memory, "c", a=1) == expected


def test_two_calls_with_one_id_keep_what_each_was_written_with() -> None:
    memory = Memory()
    memory.keep("c", '{ "a": 1 }')
    memory.keep("c", '{ "a": 2 }')

    assert written(memory, "c", a=1) == '{ "a": 1 }'
    assert written(memory, "c", a=2) == '{ "a": 2 }'


@given(arguments=inputs, spaced=st.booleans())
def test_arguments_mean_what_they_meant(*, arguments: dict[str, object], spaced: bool) -> None:
    memory = Memory()
    text = json.dumps(arguments, indent=1 if spaced else None)
    memory.keep("c", text)
    (found,) = memory.written(["c"], encoded_lines([json.loads(text)]))

    assert json.loads(found) == json.loads(encoded(arguments))


@given(st.lists(inputs))
def test_each_call_has_its_own_arguments(found: list[dict[str, object]]) -> None:
    lines = Memory().written([str(nth) for nth in range(len(found))], encoded_lines(found))

    assert [*lines] == [encoded(one).decode() for one in found]


def test_only_so_many_calls_are_remembered() -> None:
    memory = Memory()
    for nth in range(5000):
        memory.keep(f"c{nth}", '{ "a": 1 }')

    assert written(memory, "c0", a=1) == '{"a":1}'
    assert written(memory, "c4999", a=1) == '{ "a": 1 }'


def test_only_so_many_proofs_are_remembered_and_none_that_is_too_long() -> None:
    memory = Memory()
    for nth in range(5000):
        memory.prove(f"c{nth}", "service", "proof")
    memory.prove("long", "service", "x" * 2**20)

    assert memory.proof("c0", "service") == memory.proof("long", "service") == ""
    assert memory.proof("c4999", "service") == "proof"


def test_a_proof_is_of_one_service() -> None:
    memory = Memory()
    memory.prove("c", "service", "proof")

    assert memory.proof("c", "service") == "proof"
    assert memory.proof("c", "other") == ""


def test_only_so_many_forms_of_one_call_are_remembered() -> None:
    memory = Memory()
    for nth in range(100):
        memory.keep("c", f'{{ "a": {nth} }}')

    assert written(memory, "c", a=0) == '{"a":0}'
    assert written(memory, "c", a=99) == '{ "a": 99 }'


def test_the_oldest_arguments_are_forgotten_where_all_are_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LENGTH", 64)
    memory = Memory()
    for name in ("c0", "c0", "c1", "c2"):
        memory.keep(name, '{ "a": 1234567 }')

    kept = [written(memory, f"c{nth}", a=1234567) for nth in range(3)]
    assert kept == ['{"a":1234567}', '{ "a": 1234567 }', '{ "a": 1234567 }']


def test_a_call_longer_than_all_that_is_remembered_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LENGTH", 10)
    memory = Memory()
    memory.keep("c", '{ "a": 1234567 }')

    assert written(memory, "c", a=1234567) == '{"a":1234567}'


@pytest.mark.parametrize("last", [0, 1])
def test_the_longest_beginning_is_recalled(last: int) -> None:
    memory = Memory()
    pasts = [past(HELLO), longer := past(HELLO, ANSWER, HELLO)]
    for one in (pasts[1 - last], pasts[last]):
        memory.remember(one, NOTHING)

    assert recalled(memory, messages(HELLO, ANSWER, HELLO, ANSWER, HELLO)) is longer


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        pytest.param([ANSWER], "another beginning", id="another beginning"),
        pytest.param([HELLO, [TextBlock(" ")], HELLO], "no answer", id="no answer follows"),
        pytest.param([], "nothing", id="nothing"),
    ],
)
def test_what_does_not_go_on_is_not_recalled(contents: list[list[ContentBlock]], why: str) -> None:
    memory = Memory()
    memory.remember(past(HELLO), NOTHING)

    assert recalled(memory, messages(*contents)) == NOTHING, why


def test_a_message_that_was_empty_and_says_something_now_is_another() -> None:
    memory = Memory()
    memory.remember(past(HELLO, ANSWER, []), NOTHING)

    assert recalled(memory, messages(HELLO, ANSWER, HELLO)).length == 0


def test_another_reader_recalls_nothing() -> None:
    memory = Memory()
    memory.remember(past(HELLO), NOTHING)

    assert recalled(memory, messages(HELLO), ("dialect", "another")).length == 0


def test_two_messages_of_the_user_are_one_and_so_nothing_is_recalled() -> None:
    memory = Memory()
    memory.remember(past(HELLO), NOTHING)
    run = [Message("user", HELLO), Message("user", HELLO)]

    assert recalled(memory, run).length == 0


def test_a_result_that_came_late_is_written_where_it_belongs() -> None:
    memory = Memory()
    dangling = past(HELLO, [call("c")], HELLO, dangling=True)
    memory.remember(dangling, NOTHING)
    late = messages(HELLO, [call("c")], HELLO, ANSWER, [ToolResultBlock("c", "x")])
    other = messages(HELLO, [call("c")], HELLO, [call("d")], [ToolResultBlock("d", "x")])

    assert recalled(memory, late).length == 0
    assert recalled(memory, other) is dangling


def test_a_longer_past_takes_the_place_of_the_one_it_goes_on_from() -> None:
    memory = Memory()
    memory.remember(first := past(HELLO), NOTHING)
    memory.remember(past(HELLO, ANSWER, HELLO), first)

    assert recalled(memory, messages(HELLO)).length == 0


def test_only_so_many_conversations_are_remembered() -> None:
    memory = Memory()
    for nth in range(20):
        memory.remember(past([TextBlock(str(nth))]), NOTHING)

    assert recalled(memory, messages([TextBlock("0")])).length == 0
    assert recalled(memory, messages([TextBlock("19")])).length == 1


def test_the_conversation_used_last_is_forgotten_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BYTES", 100)
    memory = Memory()
    for name in "abc":
        memory.remember(past([TextBlock(name)], size=40), NOTHING)

    known = [name for name in "abc" if recalled(memory, messages([TextBlock(name)])).length]
    assert known == ["b", "c"]


def test_only_so_many_bytes_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BYTES", 100)
    memory = Memory()
    memory.remember(past([TextBlock("a")], size=60), NOTHING)
    memory.remember(past([TextBlock("b")], size=60), NOTHING)

    assert recalled(memory, messages([TextBlock("a")])).length == 0
    assert recalled(memory, messages([TextBlock("b")])).length == 1


def test_the_last_conversation_is_remembered_however_long_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BYTES", 100)
    memory = Memory()
    memory.remember(longest := past([TextBlock("a")], size=200), NOTHING)

    assert recalled(memory, messages([TextBlock("a")])) is longest


def test_an_id_that_is_longer_than_all_that_is_remembered_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LENGTH", 60)
    memory = Memory()
    memory.keep("c" * 100, '{ "a": 1234567 }')

    assert written(memory, "c" * 100, a=1234567) == '{"a":1234567}'
