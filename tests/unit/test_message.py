from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
from axio.blocks import ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message
from hypothesis import given
from hypothesis import strategies as st
from tests.history_strategies import PROVIDER, conversations, histories

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect
from axio_transport_openai.encoding import unpacked
from axio_transport_openai.history import compiled
from axio_transport_openai.known import KNOWN
from axio_transport_openai.memory import Memory
from axio_transport_openai.message import Irregular, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

dialects = st.sampled_from([COMPATIBLE, OPENAI, *KNOWN.values()]) | st.builds(
    Dialect,
    system_anywhere=st.booleans(),
    user_first=st.booleans(),
    prefill=st.booleans(),
    images=st.booleans(),
    images_in_results=st.booleans(),
)
befores = st.none() | st.frozensets(st.sampled_from(["c1", "call_0"]))


def written(
    messages: Sequence[Message],
    dialect: Dialect,
    before: frozenset[str] | None = None,
    *,
    repaired: bool = False,
) -> bytes:
    writer = Writer(dialect, PROVIDER, Memory(), before, repaired=repaired)
    return b"".join(unpacked(writer.write(messages)))


@given(histories | conversations(), dialects, befores)
def test_what_is_written_as_it_is_keeps_every_rule(
    history: list[Message], dialect: Dialect, before: frozenset[str] | None
) -> None:
    repaired = compiled(history, dialect, before)
    try:
        found = written(history, dialect, before)
    except Irregular:
        return

    assert found == written(repaired, dialect, before, repaired=True)


@given(histories, dialects)
def test_what_was_repaired_keeps_every_rule(history: list[Message], dialect: Dialect) -> None:
    repaired = compiled(history, dialect)
    leading = list(takewhile(lambda message: message.role == "system", repaired))
    rest = repaired[len(leading) :]
    if rest and not any(message.role == "system" for message in rest):
        assert written(rest, dialect)


def user(*blocks: TextBlock | ToolResultBlock | ImageBlock) -> Message:
    return Message("user", list(blocks))


def assistant(*blocks: TextBlock | ToolUseBlock | ImageBlock) -> Message:
    return Message("assistant", list(blocks))


HELLO = user(TextBlock("Hello."))
CALL = ToolUseBlock("a", "read", {})
IMAGE = ImageBlock("image/png", b"png")


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([], id="nothing"),
        pytest.param([HELLO, HELLO], id="two in a row"),
        pytest.param([Message("system", [TextBlock("S")]), HELLO], id="a system message"),
        pytest.param([HELLO, assistant(TextBlock("A"))], id="the assistant's last word"),
        pytest.param([user()], id="an empty message"),
        pytest.param([user(TextBlock(" "))], id="a blank message"),
        pytest.param([HELLO, assistant(TextBlock(" ")), HELLO], id="a silent answer"),
        pytest.param([HELLO, assistant(IMAGE), HELLO], id="an assistant's picture"),
        pytest.param([HELLO, assistant(CALL), HELLO], id="no result"),
        pytest.param([HELLO, assistant(CALL), user(ToolResultBlock("b", ""))], id="another's"),
        pytest.param([user(ToolResultBlock("a", ""))], id="a result of nothing"),
        pytest.param(
            [HELLO, assistant(CALL, CALL), user(*[ToolResultBlock("a", "")] * 2)], id="two of an id"
        ),
        pytest.param(
            [HELLO, assistant(CALL), user(ToolResultBlock("a", [IMAGE]))], id="a shown result"
        ),
        pytest.param(
            [HELLO, assistant(ToolUseBlock("", "read", {})), user(ToolResultBlock("", ""))],
            id="no id",
        ),
    ],
)
def test_a_history_that_breaks_a_rule_is_not_written_as_it_is(history: list[Message]) -> None:
    with pytest.raises(Irregular):
        written(history, COMPATIBLE)


def test_a_call_that_goes_on_from_others_has_an_id_of_its_own() -> None:
    further = [assistant(CALL), user(ToolResultBlock("a", "x"))]

    assert written(further, COMPATIBLE, frozenset({"b"}))
    with pytest.raises(Irregular):
        written(further, COMPATIBLE, frozenset({"a"}))
