"""Messages on the wire, as they are or repaired."""

from __future__ import annotations

import base64
import json
from itertools import dropwhile
from typing import TYPE_CHECKING

import pytest
from axio.blocks import (
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
)
from axio.messages import Message
from hypothesis import example, given
from tests.history_strategies import PROVIDER, conversations, dialects, histories
from tests.messages import HELLO, assistant, call, result, user

from axio_transport_openai.dialect import COMPATIBLE, Dialect
from axio_transport_openai.encoding import unpacked
from axio_transport_openai.history import Broken, compiled
from axio_transport_openai.memory import Memory
from axio_transport_openai.message import Writer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def written(
    history: Sequence[Message], dialect: Dialect, before: Collection[str] | None = None
) -> bytes:
    return b"".join(unpacked(Writer(dialect, PROVIDER, Memory(), before).write(history)))


def repaired(history: list[Message], dialect: Dialect) -> list[Message]:
    """The repair, but for the system messages at its beginning, which go into the prompt."""
    return [*dropwhile(lambda message: message.role == "system", compiled(history, dialect))]


@given(histories | conversations(), dialects)
@example([user(HELLO), assistant(call("a"), call("b")), user(result("a"), HELLO)], COMPATIBLE)
@example([user(HELLO), assistant(call("a")), user(call("a"))], COMPATIBLE)
@example([user(HELLO), assistant(call("a")), user(HELLO), user(result("a"))], COMPATIBLE)
@example([user(HELLO), Message("system", [HELLO])], Dialect(system_anywhere=True, prefill=True))
def test_a_history_that_breaks_no_rule_is_written_as_its_repair_is(
    history: list[Message], dialect: Dialect
) -> None:
    expected = written(repaired(history, dialect), dialect)
    try:
        found = written(history, dialect)
    except Broken:
        return

    assert found == expected


def test_what_an_agent_makes_breaks_no_rule() -> None:
    history = [
        user(HELLO, ImageBlock("image/png", b"png")),
        assistant(ReasoningBlock("Hm."), HELLO, call("a"), call("b")),
        user(result("a"), ToolResultBlock("b", "gone", is_error=True), HELLO),
        assistant(HELLO),
        user(HELLO),
        assistant(call("c")),
        user(result("c")),
    ]

    assert written(history, COMPATIBLE) == written(repaired(history, COMPATIBLE), COMPATIBLE)


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([Message("system", [HELLO]), user(HELLO)], id="a system message first"),
        pytest.param([user(HELLO), user(HELLO)], id="a run of the user"),
        pytest.param([user()], id="an empty message"),
        pytest.param([user(TextBlock(" "))], id="a message of blanks"),
        pytest.param([user(HELLO), assistant(HELLO)], id="the assistant has the last word"),
        pytest.param([user(HELLO), assistant(TextBlock("")), user(HELLO)], id="silence"),
        pytest.param([user(HELLO), assistant(call("a"))], id="a call at the end"),
        pytest.param([user(HELLO), assistant(call("a")), user(HELLO)], id="no result"),
        pytest.param([user(HELLO), assistant(call("a")), user(result("b"))], id="another's result"),
        pytest.param([user(result("a"))], id="a result without a call"),
        pytest.param(
            [user(HELLO), assistant(call("a"), call("b")), user(result("a"))], id="a result missing"
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), user(HELLO, result("a"))], id="a result too late"
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), user(result("a"), result("a"))], id="two results"
        ),
        pytest.param([user(HELLO), assistant(call("")), user(result(""))], id="an empty id"),
        pytest.param(
            [user(HELLO), *[assistant(call("a")), user(result("a"))] * 2], id="an id used again"
        ),
        pytest.param([user(call("a"))], id="a call of the user's"),
        pytest.param([user(HELLO), assistant(result("a")), user(HELLO)], id="a result of its own"),
    ],
)
def test_what_breaks_a_rule_is_not_written(history: list[Message]) -> None:
    with pytest.raises(Broken):
        written(history, COMPATIBLE)


def test_what_goes_on_begins_with_the_assistant_and_with_calls_of_its_own() -> None:
    turn = [assistant(call("a")), user(result("a"))]

    assert written(turn, Dialect(user_first=True), {"b"}).startswith(b',{"role":"assistant"')
    for history, before in ((turn, {"a"}), (turn[1:], set[str]())):
        with pytest.raises(Broken):
            written(history, COMPATIBLE, before)


def test_each_image_stands_in_its_place_however_long_the_history_is() -> None:
    pictures = [str(nth).encode() for nth in range(300)]
    history: list[Message] = []
    for picture in pictures:
        history += [user(HELLO, ImageBlock("image/png", picture)), assistant(HELLO)]
    messages = json.loads(b"[" + written([*history, user(HELLO)], COMPATIBLE)[1:] + b"]")

    shown = [message["content"][1]["image_url"]["url"] for message in messages[:-1:2]]
    assert [base64.b64decode(url.partition(",")[2]) for url in shown] == pictures
