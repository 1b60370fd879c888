"""The repair of a history."""

from __future__ import annotations

import copy
from typing import Any, Literal

import pytest
from axio.blocks import (
    AudioBlock,
    ContentBlock,
    ImageBlock,
    ProviderBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
)
from axio.messages import Message
from hypothesis import given
from tests.history_strategies import conversations, dialects, histories
from tests.messages import HELLO, assistant, call, result, user

from axio_transport_openai.dialect import COMPATIBLE, Dialect
from axio_transport_openai.errors import NotSent
from axio_transport_openai.history import NO_RESULT, compiled
from axio_transport_openai.known import KNOWN

IMAGE = ImageBlock("image/png", b"png")
AUDIO = AudioBlock("audio/wav", b"wav")
VIDEO = VideoBlock("video/mp4", b"mp4")
SEEN = "[An image (image/png): see the next message.]"


MISSING = ToolResultBlock("a", NO_RESULT, is_error=True)
ORPHAN = TextBlock("[Result of a call that is not in this conversation:]")
GO_ON = user(TextBlock("Continue."))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([user(HELLO)], [user(HELLO)], id="nothing wrong"),
        pytest.param(
            [user(HELLO), user(TextBlock("Well?"))],
            [user(HELLO, TextBlock("Well?"))],
            id="a run of the user",
        ),
        pytest.param(
            [user(HELLO), assistant(TextBlock("A")), assistant(TextBlock("B")), user(HELLO)],
            [
                user(HELLO),
                assistant(TextBlock("A"), TextBlock("\n\n"), TextBlock("B")),
                user(HELLO),
            ],
            id="a run of the assistant",
        ),
        pytest.param(
            [
                Message("system", [TextBlock(" ")]),
                user(HELLO),
                assistant(),
                assistant(TextBlock(" ")),
                user(TextBlock(" ")),
                user(HELLO),
            ],
            [user(HELLO, HELLO)],
            id="empty messages",
        ),
        pytest.param(
            [assistant(TextBlock("A")), user(HELLO)],
            [assistant(TextBlock("A")), user(HELLO)],
            id="an answer to begin with",
        ),
        pytest.param(
            [user(HELLO), assistant(ReasoningBlock("Hm.")), user(HELLO)],
            [user(HELLO, HELLO)],
            id="a thought without an answer",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a"))],
            [user(HELLO), assistant(call("a")), user(MISSING)],
            id="a call without a result, at the end",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), user(HELLO)],
            [user(HELLO), assistant(call("a")), user(MISSING, HELLO)],
            id="a call without a result, before the user goes on",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), assistant(TextBlock("B")), user(result("a"))],
            [
                user(HELLO),
                assistant(call("a")),
                user(result("a")),
                assistant(TextBlock("B")),
                GO_ON,
            ],
            id="a result moved up to its call",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a"), call("b")), user(result("b"), HELLO, result("a"))],
            [
                user(HELLO),
                assistant(call("a"), call("b")),
                user(result("a"), result("b"), HELLO),
            ],
            id="results in the order of their calls, before what else the user says",
        ),
        pytest.param(
            [user(result("a"))],
            [user(ORPHAN, TextBlock("text"))],
            id="a result without a call",
        ),
        pytest.param(
            [user(ToolResultBlock("a", [IMAGE], is_error=True))],
            [user(TextBlock(f"{ORPHAN.text[:-2]}, which failed:]"), IMAGE)],
            id="a failed result without a call, with an image",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), user(result("a"), result("a", "more"))],
            [user(HELLO), assistant(call("a")), user(result("a"), ORPHAN, TextBlock("more"))],
            id="a second result of one call",
        ),
        pytest.param(
            [
                user(HELLO),
                assistant(call("a")),
                user(result("a", "1")),
                assistant(call("a")),
                user(result("a", "2")),
            ],
            [
                user(HELLO),
                assistant(call("a")),
                user(result("a", "1")),
                assistant(call("a_2")),
                user(result("a_2", "2")),
            ],
            id="an id used again",
        ),
        pytest.param(
            [
                user(HELLO),
                assistant(call("a"), call("a"), call("a")),
                user(result("a", "1"), result("a", "2"), result("a", "3")),
            ],
            [
                user(HELLO),
                assistant(call("a"), call("a_2"), call("a_3")),
                user(result("a", "1"), result("a_2", "2"), result("a_3", "3")),
            ],
            id="an id used three times at once",
        ),
        pytest.param(
            [
                user(HELLO),
                assistant(call("a")),
                user(HELLO),
                assistant(call("a")),
                user(result("a")),
            ],
            [
                user(HELLO),
                assistant(call("a")),
                user(MISSING, HELLO),
                assistant(call("a_2")),
                user(result("a_2")),
            ],
            id="a result belongs to the nearest call of its id",
        ),
        pytest.param(
            [user(HELLO), assistant(call("")), user(result(""))],
            [user(HELLO), assistant(call("call")), user(result("call"))],
            id="an empty id",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a"), result("a"))],
            [user(HELLO), assistant(call("a")), user(result("a"))],
            id="a result in the assistant's message",
        ),
        pytest.param(
            [user(HELLO, call("a"), ReasoningBlock("Hm."), ProviderBlock("p", "search", {}))],
            [
                user(
                    HELLO,
                    TextBlock('[Call of read: {"path": "x"}]'),
                    TextBlock("[Reasoning: Hm.]"),
                    TextBlock("[search of p]"),
                )
            ],
            id="what only an assistant can say, said by the user",
        ),
        pytest.param(
            [user(HELLO, ReasoningBlock(" "), ToolUseBlock("a", "read", {"path": "ä"}))],
            [user(HELLO, TextBlock('[Call of read: {"path": "ä"}]'))],
            id="in its own letters, and nothing of a thought that says nothing",
        ),
        pytest.param(
            [user(HELLO), assistant(TextBlock("A"))],
            [user(HELLO), assistant(TextBlock("A")), GO_ON],
            id="the assistant has the last word",
        ),
        pytest.param(
            [user(HELLO), Message("system", [TextBlock("Be brief.")]), user(HELLO)],
            [user(HELLO, TextBlock("[System message:]"), TextBlock("Be brief."), HELLO)],
            id="a system message in the middle",
        ),
        pytest.param(
            [Message("system", [HELLO]), Message("system", [TextBlock("Be brief.")]), user(HELLO)],
            [Message("system", [HELLO, TextBlock("Be brief.")]), user(HELLO)],
            id="a run of system messages",
        ),
        pytest.param(
            [Message("system", [TextBlock("Be brief."), IMAGE, call("a")]), user(HELLO)],
            [
                Message(
                    "system", [TextBlock("Be brief."), TextBlock('[Call of read: {"path": "x"}]')]
                ),
                user(TextBlock("[An image (image/png) from the system:]"), IMAGE, HELLO),
            ],
            id="what a system message cannot hold",
        ),
        pytest.param(
            [Message("system", [ToolResultBlock("a", [HELLO, IMAGE])]), user(HELLO)],
            [
                Message(
                    "system",
                    [
                        TextBlock("[Result of a call that is not in this conversation:]"),
                        HELLO,
                    ],
                ),
                user(TextBlock("[An image (image/png) from the system:]"), IMAGE, HELLO),
            ],
            id="what a result in a system message holds",
        ),
        pytest.param(
            [user(HELLO), assistant(call("a")), user(ToolResultBlock("a", [HELLO, IMAGE]))],
            [
                user(HELLO),
                assistant(call("a")),
                user(
                    ToolResultBlock("a", [HELLO, TextBlock(SEEN)]),
                    TextBlock("[An image (image/png) from the result of read:]"),
                    IMAGE,
                ),
            ],
            id="an image in a result",
        ),
        pytest.param(
            [user(VIDEO)],
            [user(TextBlock("[A video (video/mp4), 3 bytes, which this model cannot take.]"))],
            id="a video for a model that takes none",
        ),
        pytest.param(
            [user(HELLO), assistant(IMAGE), user(TextBlock("Nice."))],
            [
                user(HELLO),
                assistant(TextBlock(SEEN)),
                user(
                    TextBlock("[An image (image/png) from your answer:]"), IMAGE, TextBlock("Nice.")
                ),
            ],
            id="an image that the model made",
        ),
        pytest.param(
            [user(HELLO), assistant(IMAGE)],
            [
                user(HELLO),
                assistant(TextBlock(SEEN)),
                user(TextBlock("[An image (image/png) from your answer:]"), IMAGE),
            ],
            id="an image that the model made, at the end",
        ),
        pytest.param(
            [user(HELLO), assistant(IMAGE), assistant(TextBlock("B")), user(HELLO)],
            [
                user(HELLO),
                assistant(TextBlock(SEEN)),
                user(TextBlock("[An image (image/png) from your answer:]"), IMAGE),
                assistant(TextBlock("B")),
                user(HELLO),
            ],
            id="an image that the model made, and then it goes on",
        ),
    ],
)
def test_a_history_is_repaired(history: list[Message], expected: list[Message]) -> None:
    assert compiled(history, COMPATIBLE) == expected


@pytest.mark.parametrize(
    ("dialect", "history", "expected"),
    [
        pytest.param(
            Dialect(user_first=True),
            [assistant(TextBlock("A")), user(HELLO)],
            [
                user(TextBlock("[The conversation begins with an answer.]")),
                assistant(TextBlock("A")),
                user(HELLO),
            ],
            id="the user must begin",
        ),
        pytest.param(
            Dialect(user_first=True),
            [Message("system", [HELLO]), assistant(TextBlock("A")), user(HELLO)],
            [
                Message("system", [HELLO]),
                user(TextBlock("[The conversation begins with an answer.]")),
                assistant(TextBlock("A")),
                user(HELLO),
            ],
            id="the user must begin, behind the system prompt",
        ),
        pytest.param(
            Dialect(prefill=True),
            [user(HELLO), assistant(TextBlock("A"))],
            [user(HELLO), assistant(TextBlock("A"))],
            id="an answer to be continued",
        ),
        pytest.param(
            Dialect(system_anywhere=True),
            [user(HELLO), Message("system", [TextBlock("Be brief.")]), user(HELLO)],
            [user(HELLO), Message("system", [TextBlock("Be brief.")]), user(HELLO)],
            id="a system message in the middle",
        ),
        pytest.param(
            Dialect(images_in_results=True),
            [user(HELLO), assistant(call("a")), user(ToolResultBlock("a", [IMAGE]))],
            [user(HELLO), assistant(call("a")), user(ToolResultBlock("a", [IMAGE]))],
            id="an image may stand in a result",
        ),
        pytest.param(
            Dialect(calls_together=False),
            [
                user(HELLO),
                assistant(TextBlock("A"), call("a"), call("b")),
                user(result("a", "x"), result("b", "y"), HELLO),
            ],
            [
                user(HELLO),
                assistant(TextBlock("A"), call("a")),
                user(result("a", "x")),
                assistant(call("b")),
                user(result("b", "y"), HELLO),
            ],
            id="one call at a time",
        ),
        pytest.param(
            Dialect(images=False),
            [user(HELLO), assistant(call("a")), user(ToolResultBlock("a", [IMAGE]))],
            [
                user(HELLO),
                assistant(call("a")),
                user(
                    ToolResultBlock(
                        "a",
                        [
                            TextBlock(
                                "[An image (image/png), 3 bytes, which this model cannot take.]"
                            )
                        ],
                    )
                ),
            ],
            id="an image in a result for a model that sees none",
        ),
        pytest.param(
            Dialect(audio="", video="video_url"),
            [user(AUDIO, VIDEO)],
            [
                user(
                    TextBlock("[An audio (audio/wav), 3 bytes, which this model cannot take.]"),
                    VIDEO,
                )
            ],
            id="sound for a model that hears none",
        ),
    ],
)
def test_a_dialect_says_where_things_may_stand(
    dialect: Dialect, history: list[Message], expected: list[Message]
) -> None:
    assert compiled(history, dialect) == expected


def test_a_history_without_faults_stays_as_it_is() -> None:
    history = [user(HELLO), assistant(TextBlock("A"), call("a")), user(result("a"), HELLO)]

    assert compiled(history, COMPATIBLE) == history


def test_messages_that_go_on_from_others_know_the_ids_used_before() -> None:
    history = [assistant(call("a")), user(result("a"))]

    assert compiled(history, Dialect(user_first=True), {"a"}) == [
        assistant(call("a_2")),
        user(result("a_2")),
    ]


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_block_that_nobody_can_send_is_named(role: Literal["user", "assistant"]) -> None:
    class Hologram(ContentBlock):
        pass

    block: Any = Hologram()
    with pytest.raises(NotSent, match="Hologram"):
        compiled([Message(role, [block])], COMPATIBLE)


@given(histories, dialects)
def test_compiling_twice_changes_nothing(history: list[Message], dialect: Dialect) -> None:
    once = compiled(history, dialect)

    assert compiled(once, dialect) == once


@given(histories, dialects)
def test_the_repair_leaves_the_history_itself_as_it_is(
    history: list[Message], dialect: Dialect
) -> None:
    before = copy.deepcopy(history)
    compiled(history, dialect)

    assert history == before


@given(histories, dialects)
def test_no_word_is_lost(history: list[Message], dialect: Dialect) -> None:
    kept = str(compiled(history, dialect))
    words = [
        block.text.strip()
        for message in history
        for block in message.content
        if isinstance(block, TextBlock)
    ]

    assert all(repr(word)[1:-1] in kept for word in words if word)


@given(conversations())
def test_what_an_agent_makes_is_left_as_it_is(history: list[Message]) -> None:
    once = compiled(history, KNOWN["api.openai.com"])

    assert [message.role for message in once] == [message.role for message in history]
