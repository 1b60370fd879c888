"""Requests as they are sent."""

from __future__ import annotations

import base64
import copy
import io
import json
import wave
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import msgspec
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
from axio.tool import Tool
from hypothesis import example, given, reject
from hypothesis import strategies as st
from tests.history_strategies import (
    NAMES,
    PROVIDER,
    SIGNED,
    conversations,
    histories,
    schemas,
    turns,
    wild_messages,
)
from tests.rules import RULES, Json, Rules, faults

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, Dialect
from axio_transport_openai.errors import NotSent
from axio_transport_openai.known import KNOWN
from axio_transport_openai.request import Memory, Options, Request, chat_request

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = Message("user", [TextBlock("Hello.")])
ANSWER = Message("assistant", [TextBlock("Yes.")])
CALL = Message("assistant", [ToolUseBlock("a", "read", {})])
RESULT = Message("user", [ToolResultBlock("a", "x")])


async def read(path: str, lines: int = 3) -> str:
    """Read a file."""
    return path * lines


def tool(name: str, schema: dict[str, Any] | None = None) -> Tool[Any]:
    return Tool(name, read, schema=MappingProxyType(schema or {}))


def request(
    messages: list[Message],
    *tools: Tool[Any],
    system: str = "",
    dialect: Dialect = OPENAI,
    memory: Memory | None = None,
    provider: str = PROVIDER,
    **options: Json,
) -> Request:
    asked = Options(provider=provider, **options)
    return chat_request(
        "m", messages, tools, system, dialect=dialect, options=asked, memory=memory or Memory()
    )


def body(messages: list[Message], *tools: Tool[Any], **rest: Json) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request(messages, *tools, **rest).body)
    return found


def wire(*blocks: ContentBlock, **rest: Json) -> list[dict[str, Any]]:
    """What the assistant saying this is on the wire, and what follows it."""
    sent: list[dict[str, Any]] = body([HELLO, Message("assistant", list(blocks))], **rest)[
        "messages"
    ]
    return sent[1:]


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    assert request([HELLO], dialect=Dialect(stream_options=False)).body == (
        b'{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello."}]}'
    )


def test_the_usage_is_asked_for() -> None:
    assert body([HELLO])["stream_options"] == {"include_usage": True}


def test_a_turn_with_calls_and_results() -> None:
    history = [
        HELLO,
        Message("assistant", [TextBlock("See."), ToolUseBlock("a", "read", {"path": "x"})]),
        Message("user", [ToolResultBlock("a", "text"), TextBlock("Well?")]),
    ]

    assert body(history, system="Be brief.")["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello."},
        {
            "role": "assistant",
            "content": "See.",
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "read", "arguments": '{"path":"x"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "text"},
        {"role": "user", "content": "Well?"},
    ]


@pytest.mark.parametrize(
    ("block", "dialect", "expected"),
    [
        pytest.param(
            ImageBlock("image/png", b"png"),
            OPENAI,
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}},
            id="an image",
        ),
        pytest.param(
            AudioBlock("audio/mpeg", b"mp3"),
            OPENAI,
            {"type": "input_audio", "input_audio": {"data": "bXAz", "format": "mp3"}},
            id="sound",
        ),
        pytest.param(
            AudioBlock("audio/wav", b"wav"),
            Dialect(audio="data_url"),
            {
                "type": "input_audio",
                "input_audio": {"data": "data:audio/wav;base64,d2F2", "format": "wav"},
            },
            id="sound in a data URL",
        ),
        pytest.param(
            AudioBlock("audio/wav", b"wav"),
            Dialect(audio="audio_url"),
            {"type": "audio_url", "audio_url": {"url": "data:audio/wav;base64,d2F2"}},
            id="sound by URL",
        ),
        pytest.param(
            VideoBlock("video/mp4", b"mp4"),
            Dialect(video="video_url"),
            {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,bXA0"}},
            id="a video",
        ),
        pytest.param(
            ImageBlock(cast("Any", 'Image/PNG; name="a\0b"'), b"png"),
            OPENAI,
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}},
            id="an image, of a type with a parameter",
        ),
        pytest.param(
            ImageBlock(cast("Any", 'image/"\0\ud800'), b"png"),
            OPENAI,
            {"type": "image_url", "image_url": {"url": 'data:image/"\0\ufffd;base64,cG5n'}},
            id="an image, of a type that is none",
        ),
        pytest.param(
            AudioBlock(cast("Any", 'audio/ogg; codecs="opus"'), b"ogg"),
            Dialect(),
            {"type": "input_audio", "input_audio": {"data": "b2dn", "format": "ogg"}},
            id="sound, of a type with a parameter",
        ),
        pytest.param(
            AudioBlock(cast("Any", "audio/x-wav"), b"wav"),
            OPENAI,
            {"type": "input_audio", "input_audio": {"data": "d2F2", "format": "wav"}},
            id="sound, of a type with another name",
        ),
    ],
)
def test_media_are_parts_of_the_content(
    block: ContentBlock, dialect: Dialect, expected: dict[str, Any]
) -> None:
    (message,) = body([Message("user", [TextBlock("See."), block])], dialect=dialect)["messages"]

    assert message["content"] == [{"type": "text", "text": "See."}, expected]


@pytest.mark.parametrize("form", ["input_audio", "data_url", "audio_url"])
@pytest.mark.parametrize(
    ("kind", "rate"),
    [("audio/pcm", 24_000), ("audio/pcm;rate=16000", 16_000), ("audio/PCM", 24_000)],
)
def test_samples_are_sent_as_a_file_of_them(form: Json, kind: Json, rate: int) -> None:
    said = Message("user", [AudioBlock(kind, b"\0\1" * 24_000)])
    (message,) = body([said], dialect=Dialect(audio=form))["messages"]
    (part,) = message["content"]
    told = part[part["type"]]
    head, _, data = (told.get("data") or told["url"]).rpartition(",")
    with wave.open(expected := io.BytesIO(), "wb") as file:
        file.setparams((1, 2, rate, 24_000, "NONE", ""))
        file.writeframes(b"\0\1" * 24_000)

    assert base64.b64decode(data) == expected.getvalue()
    assert told.get("format", "wav") == "wav"
    assert head in {"", "data:audio/wav;base64"}


def test_sound_that_a_service_cannot_read_is_described_and_no_other() -> None:
    said = [AudioBlock("audio/flac", b"flac"), AudioBlock("audio/wav", b"wav")]
    (message,) = body([Message("user", [*said])])["messages"]
    described, heard = message["content"]

    assert described["text"] == "[An audio (audio/flac), 4 bytes, which this model cannot take.]"
    assert heard["input_audio"] == {"data": "d2F2", "format": "wav"}


@pytest.mark.parametrize(
    ("result", "dialect", "expected"),
    [
        pytest.param(ToolResultBlock("a", ""), OPENAI, "[The call gave no output.]", id="empty"),
        pytest.param(
            ToolResultBlock("a", " \n"), OPENAI, "[The call gave no output.]", id="blanks"
        ),
        pytest.param(
            ToolResultBlock("a", "gone", is_error=True), OPENAI, "Error: gone", id="a failure"
        ),
        pytest.param(
            ToolResultBlock("a", [TextBlock("one"), TextBlock("two")]),
            OPENAI,
            "one\n\ntwo",
            id="texts",
        ),
        pytest.param(
            ToolResultBlock("a", [TextBlock(" "), ImageBlock("image/png", b"png")]),
            Dialect(images_in_results=True),
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}}],
            id="an image beside a text that says nothing",
        ),
        pytest.param(
            ToolResultBlock("a", [ImageBlock("image/png", b"png")], is_error=True),
            Dialect(images_in_results=True),
            [
                {"type": "text", "text": "Error:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}},
            ],
            id="a failure with an image",
        ),
    ],
)
def test_a_result_on_the_wire(result: ToolResultBlock, dialect: Dialect, expected: object) -> None:
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]
    sent = body([*history, Message("user", [result])], dialect=dialect)["messages"]

    assert sent[-1]["content"] == expected


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        pytest.param("null", {"content": None}, id="null"),
        pytest.param("empty", {"content": ""}, id="empty"),
        pytest.param("absent", {}, id="absent"),
    ],
)
@pytest.mark.parametrize("text", ["", "\n\n"])
def test_the_content_of_a_message_with_nothing_but_calls(
    text: str, empty: Json, expected: dict[str, Any]
) -> None:
    blocks = [TextBlock(text), ToolUseBlock("a", "read", {})]
    message = wire(*blocks, dialect=Dialect(empty_content=empty))[0]

    assert {key: message[key] for key in message if key == "content"} == expected


def test_a_service_that_wants_an_answer_between_results_and_the_user_gets_one() -> None:
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]
    answered = [*history, Message("user", [ToolResultBlock("a", "x"), TextBlock("Well?")])]
    sent = body(answered, dialect=Dialect(user_after_tool=False))["messages"]

    assert [message["role"] for message in sent[-3:]] == ["tool", "assistant", "user"]


def test_a_service_that_wants_tools_beside_calls_gets_one_that_is_none() -> None:
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]

    assert len(body(history, dialect=Dialect(tools_required=True))["tools"]) == 1
    assert "tools" not in body([HELLO], dialect=Dialect(tools_required=True))


def test_a_service_that_is_never_sent_tools_gets_none_and_no_choice_among_them() -> None:
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]
    extra = {"tools": [{"type": "web_search"}], "tool_choice": "auto"}
    dialect = Dialect(dropped=("tools",), tools_required=True)
    sent = body(history, tool("read"), dialect=dialect, extra_params=extra)

    assert not {"tools", "tool_choice"} & sent.keys()
    assert sent["messages"][-2]["tool_calls"]


def test_a_service_that_takes_one_call_at_a_time_gets_one() -> None:
    called = Message("assistant", [ToolUseBlock("a", "read", {}), ToolUseBlock("b", "read", {})])
    answered = Message("user", [ToolResultBlock("a", "x"), ToolResultBlock("b", "y")])
    sent = body([HELLO, called, answered], dialect=Dialect(calls_together=False))["messages"]

    assert [message["role"] for message in sent[1:]] == ["assistant", "tool"] * 2
    assert [len(message["tool_calls"]) for message in sent[1::2]] == [1, 1]


def test_a_result_may_repeat_the_name_of_its_tool() -> None:
    (_, result) = wire(ToolUseBlock("a", "read", {}), dialect=Dialect(result_names=True))

    assert result["name"] == "read"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param("system", ["system", "user"], id="system"),
        pytest.param("developer", ["developer", "user"], id="developer"),
        pytest.param("user", ["user", "assistant", "user"], id="no such role"),
    ],
)
def test_the_system_prompt_has_the_role_the_dialect_knows(role: Json, expected: list[str]) -> None:
    sent = body([HELLO], system="Be brief.", dialect=Dialect(system_role=role))["messages"]

    assert [message["role"] for message in sent] == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], ["user"], id="nothing further"),
        pytest.param([ANSWER, HELLO], ["user", "assistant", "user"], id="an answer first"),
    ],
)
def test_a_system_prompt_of_the_users_is_answered_once(
    history: list[Message], expected: list[str]
) -> None:
    sent = body(history, system="Be brief.", dialect=Dialect(system_role="user"))["messages"]

    assert [message["role"] for message in sent] == expected


def test_a_system_message_in_the_user_s_role_is_part_of_what_the_user_says() -> None:
    history = [HELLO, Message("system", [TextBlock("Be brief.")]), HELLO, ANSWER, HELLO]
    dialect = Dialect(system_role="user", system_anywhere=True)
    sent = body(history, dialect=dialect)["messages"]

    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert "Be brief." in sent[0]["content"]


def test_system_messages_at_the_beginning_are_one() -> None:
    history = [Message("system", [TextBlock("In French."), TextBlock("Be kind.")]), HELLO]
    memory = Memory()
    for _ in range(2):
        sent = body(history, system="Be brief.", memory=memory)["messages"]

        assert sent[0] == {"role": "system", "content": "Be brief.\n\nIn French.\n\nBe kind."}
        assert len(sent) == 2


def test_a_system_message_stays_where_it_may() -> None:
    history = [HELLO, Message("system", [TextBlock("In French.")]), HELLO]

    assert [message["role"] for message in body(history)["messages"]] == ["user", "system", "user"]


def test_half_a_character_is_replaced() -> None:
    blocks = [TextBlock("a\ud83cb"), ToolUseBlock("a", "read", {"k\udf0d": ["\ud83c\udf0d"]})]
    sent = wire(*blocks)

    assert sent[0]["content"] == "a\N{REPLACEMENT CHARACTER}b"
    assert json.loads(sent[0]["tool_calls"][0]["function"]["arguments"]) == {
        "k\N{REPLACEMENT CHARACTER}": ["🌍"]
    }


def test_half_a_character_is_replaced_wherever_it_is() -> None:
    asked, answer = wire(ToolUseBlock("a\ud83c", "read", {"k": ("\ud83c",)}))

    assert asked["tool_calls"][0]["function"]["arguments"] == '{"k":["\N{REPLACEMENT CHARACTER}"]}'
    assert asked["tool_calls"][0]["id"] == "a\N{REPLACEMENT CHARACTER}" == answer["tool_call_id"]


@pytest.mark.parametrize(
    ("messages", "options", "told"),
    [
        pytest.param([], {}, "nothing to send", id="no messages"),
        pytest.param([Message("user", [TextBlock(" ")])], {}, "nothing to send", id="empty"),
        pytest.param([HELLO], {"extra_params": {"stream": False}}, "stream", id="stream"),
        pytest.param([HELLO], {"extra_params": {"a": object()}}, "JSON", id="not JSON"),
        pytest.param([HELLO], {"extra_params": {"tools": {"type": "x"}}}, "a list", id="a tool"),
        pytest.param(
            [HELLO, Message("assistant", [ToolUseBlock("a", "read", {"a": object()})])],
            {},
            "JSON",
            id="a call that is not JSON",
        ),
    ],
)
def test_what_cannot_be_sent_says_why(
    messages: list[Message], options: dict[str, Any], told: str
) -> None:
    with pytest.raises(NotSent, match=told):
        chat_request(
            "m", messages, [], "", dialect=OPENAI, options=Options(**options), memory=Memory()
        )


@pytest.mark.parametrize(
    ("messages", "tools", "system"),
    [
        pytest.param(None, [], "", id="no messages"),
        pytest.param([{"role": "user", "content": "Hello."}], [], "", id="a message as JSON"),
        pytest.param([Message("user", cast("Any", None))], [], "", id="no content"),
        pytest.param([Message("user", [TextBlock(cast("Any", 3))])], [], "", id="a number"),
        pytest.param(
            [Message("user", [ImageBlock(cast("Any", None), b"png")])], [], "", id="no media type"
        ),
        pytest.param([HELLO], [{"type": "function"}], "", id="a tool as JSON"),
        pytest.param([HELLO], None, "", id="no tools"),
        pytest.param([HELLO], [], None, id="no system prompt"),
    ],
)
def test_what_is_of_another_type_is_not_sent(messages: Json, tools: Json, system: Json) -> None:
    with pytest.raises(NotSent, match="messages, their calls"):
        chat_request(
            "m", messages, tools, system, dialect=OPENAI, options=Options(), memory=Memory()
        )


@pytest.mark.parametrize("call", ["a", "of no call"])
def test_a_block_that_nobody_can_send_is_named_where_a_result_holds_it(call: str) -> None:
    class Hologram(ContentBlock):
        pass

    shown: Any = [TextBlock("See:"), Hologram()]
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]
    with pytest.raises(NotSent, match="a Hologram, which chat completions cannot carry"):
        request([*history, Message("user", [ToolResultBlock(call, shown)])])


def endless() -> dict[str, Any]:
    """An object that holds itself."""
    found: dict[str, Any] = {"type": "object", "properties": {}}
    found["properties"]["a"] = found
    return found


@pytest.mark.parametrize("role", ["assistant", "user"])
def test_arguments_that_hold_themselves_are_not_sent(role: Json) -> None:
    memory, arguments = Memory(), dict[str, Any]()
    history = [HELLO, Message(role, [ToolUseBlock("a", "read", arguments)]), RESULT]
    request(history, memory=memory)
    arguments["a"] = endless()

    with pytest.raises(NotSent, match=r"holds itself|Circular"):
        request(history, memory=memory)


@pytest.mark.parametrize("dialect", [OPENAI, COMPATIBLE, KNOWN["api.moonshot.ai"]])
def test_a_schema_that_holds_itself_is_not_sent(dialect: Dialect) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    offered = tool("read", schema)
    schema["properties"]["a"] = endless()

    with pytest.raises(NotSent, match="holds itself"):
        request([HELLO], offered, dialect=dialect)


def test_a_system_prompt_alone_is_enough() -> None:
    assert [m["role"] for m in body([], system="Begin.")["messages"]] == ["system"]


def test_tools_are_offered_with_their_schemas() -> None:
    assert body([HELLO], tool("read"))["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "read",
                "description": "Read a file.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "path": {"type": "string"},
                        "lines": {"type": "integer", "default": 3},
                    },
                    "required": ["path"],
                },
            },
        }
    ]


def test_no_tools_are_not_an_empty_list_of_tools() -> None:
    assert "tools" not in body([HELLO])


def test_of_two_tools_with_one_name_the_first_is_offered() -> None:
    first, second = tool("read"), tool("read", {"type": "object", "properties": {"z": {}}})
    (offered,) = body([HELLO], first, second)["tools"]

    assert "path" in offered["function"]["parameters"]["properties"]


@pytest.mark.parametrize("kind", [list, tuple])
def test_further_tools_are_merged_by_name(kind: Callable[[list[Json]], object]) -> None:
    mine = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
    search = {"type": "web_search"}
    further = {"tools": kind([mine, search])}
    sent = body([HELLO], tool("read"), tool("write"), extra_params=further)

    assert [one.get("function", one).get("name") for one in sent["tools"]] == [
        "write",
        "read",
        None,
    ]
    assert sent["tools"][1:] == [mine, search]


def test_a_further_tool_takes_the_place_of_one_whose_name_has_to_change() -> None:
    mine = {"type": "function", "function": {"name": "files.read"}}
    sent = request([HELLO], tool("files.read"), tool("write"), extra_params={"tools": [mine]})
    offered = [one["function"]["name"] for one in msgspec.json.decode(sent.body)["tools"]]

    assert offered == ["write", "files.read"]
    assert sent.names == {"write": "write", "files.read": "files.read"}


def test_strict_tools_say_so() -> None:
    (offered,) = body([HELLO], tool("read"), dialect=Dialect(strict=True))["tools"]

    assert offered["function"]["strict"] is True
    assert offered["function"]["parameters"]["required"] == ["path", "lines"]


def test_a_name_that_was_changed_can_be_changed_back() -> None:
    sent = request([HELLO], tool("get weather"), tool("read"))
    short, _ = sent.names

    assert sent.names == {short: "get weather", "read": "read"}
    assert json.loads(sent.body)["tools"][0]["function"]["name"] == short


def test_a_tool_among_the_extra_parameters_is_known_by_its_name() -> None:
    mine = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
    sent = request([HELLO], tool("read"), tool("write"), extra_params={"tools": [mine]})

    assert sent.names == {"read": "read", "write": "write"}


def test_a_tool_is_chosen_by_its_name_on_the_wire() -> None:
    choice = {"type": "function", "function": {"name": "get weather"}}
    sent = body([HELLO], tool("get weather"), extra_params={"tool_choice": choice})
    (offered,) = sent["tools"]

    assert sent["tool_choice"] == {"type": "function", "function": {"name": "get_weather_jb9QH2Vg"}}
    assert offered["function"]["name"] == "get_weather_jb9QH2Vg"


def test_tools_that_are_allowed_go_by_their_names_on_the_wire() -> None:
    def choice(name: str) -> dict[str, Any]:
        tools = [{"type": "function", "function": {"name": name}}, "other"]
        return {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": tools}}

    sent = body([HELLO], tool("get weather"), extra_params={"tool_choice": choice("get weather")})

    assert sent["tool_choice"] == choice("get_weather_jb9QH2Vg")


def test_a_tool_among_the_extra_parameters_is_chosen_by_the_name_it_has_there() -> None:
    mine = {"type": "function", "function": {"name": "files.read"}}
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [mine]}}

    for choice in (mine, allowed):
        sent = body([HELLO], extra_params={"tools": [mine], "tool_choice": choice})
        assert sent["tools"] == [mine]
        assert sent["tool_choice"] == choice


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "function", "function": {}}])
def test_a_choice_that_names_no_tool_is_sent_as_it_is(choice: Json) -> None:
    sent = body([HELLO], tool("read"), extra_params={"tool_choice": choice})

    assert sent["tool_choice"] == choice


def test_arguments_are_sent_as_the_model_wrote_them() -> None:
    memory = Memory()
    memory.keep("a", '{ "path" : "x" }')
    sent = wire(ToolUseBlock("a", "read", {"path": "x"}), memory=memory)

    assert sent[0]["tool_calls"][0]["function"]["arguments"] == '{ "path" : "x" }'


def test_calls_whose_ids_come_again_have_the_arguments_that_the_model_wrote() -> None:
    memory, history = Memory(), [HELLO]
    for path in "xyz":
        memory.keep("call_0", f'{{ "path" : "{path}" }}')
        call = ToolUseBlock("call_0", "read", {"path": path})
        history += [Message("assistant", [call]), Message("user", [ToolResultBlock("call_0", "")])]
    sent = body(history, memory=memory)["messages"]
    calls = [call for message in sent for call in message.get("tool_calls", ())]

    assert [call["id"] for call in calls] == ["call_0", "call_0_2", "call_0_3"]
    assert [call["function"]["arguments"] for call in calls] == [
        f'{{ "path" : "{path}" }}' for path in "xyz"
    ]


def test_a_field_that_is_required_is_there_beside_details_too() -> None:
    dialect = Dialect(replay_field="reasoning_content", replay_required=True)
    call = ToolUseBlock("a", "read", {})
    sent = [wire(*some, call, dialect=dialect)[0] for some in ([REASONED, DETAILED], [DETAILED])]

    assert [message["reasoning_content"] for message in sent] == ["Hm.", " "]
    assert all(message["reasoning_details"] == DETAILS["reasoning_details"] for message in sent)


REASONED = ReasoningBlock("Hm.", id="reasoning_content", provider=PROVIDER)
DETAILS = {"reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "signature": "s"}]}
DETAILED = ProviderBlock(PROVIDER, "reasoning_details", DETAILS)
SPOKEN = TextBlock("Yes.")


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        pytest.param(
            [REASONED, SPOKEN], {"content": "Yes.", "reasoning_content": "Hm."}, id="a field"
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="reasoning", provider=PROVIDER), SPOKEN],
            {"content": "Yes.", "reasoning": "Hm."},
            id="another field",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="<think>", provider=PROVIDER), SPOKEN],
            {"content": "<think>Hm.</think>Yes."},
            id="tags",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="thinking", provider=PROVIDER), TextBlock(""), SPOKEN],
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": "Yes."},
                ]
            },
            id="parts",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="reasoning_details", provider=PROVIDER), SPOKEN, DETAILED],
            {"content": "Yes."} | DETAILS,
            id="details",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="reasoning_details", provider=PROVIDER), SPOKEN],
            {"content": "Yes."},
            id="details that are lost",
        ),
        pytest.param(
            [REASONED, SPOKEN, DETAILED], {"content": "Yes."} | DETAILS, id="details and a field"
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="reasoning_content"), SPOKEN],
            {"content": "Yes."},
            id="from nobody knows",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", provider=PROVIDER), SPOKEN], {"content": "Yes."}, id="in no form"
        ),
        pytest.param(
            [ReasoningBlock("", id="<think>", provider=PROVIDER), SPOKEN],
            {"content": "Yes."},
            id="without words",
        ),
        pytest.param(
            [ReasoningBlock("Hm.", id="reasoning_content", provider="b"), SPOKEN],
            {"content": "Yes."},
            id="from another service",
        ),
        pytest.param(
            [SPOKEN, ProviderBlock("b", "reasoning_details", DETAILS)],
            {"content": "Yes."},
            id="details from another service",
        ),
    ],
)
def test_reasoning_goes_back_as_it_came_and_where_it_came_from(
    blocks: list[ContentBlock], expected: dict[str, Any]
) -> None:
    assert wire(*blocks)[0] == {"role": "assistant"} | expected


@pytest.mark.parametrize(
    ("dialect", "blocks", "expected"),
    [
        pytest.param(Dialect(replay="never"), [REASONED, SPOKEN], {"content": "Yes."}, id="never"),
        pytest.param(
            Dialect(replay="calls"), [REASONED, SPOKEN], {"content": "Yes."}, id="no calls"
        ),
        pytest.param(
            Dialect(replay_field="reasoning"),
            [REASONED, SPOKEN],
            {"content": "Yes.", "reasoning": "Hm."},
            id="in a field of its own",
        ),
        pytest.param(
            Dialect(message_dropped=("reasoning_content",)),
            [REASONED, SPOKEN],
            {"content": "Yes."},
            id="a field that is refused",
        ),
        pytest.param(
            Dialect(message_dropped=("reasoning_details",)),
            [SPOKEN, DETAILED],
            {"content": "Yes."},
            id="details that are refused",
        ),
        pytest.param(
            KNOWN["api.deepseek.com"],
            [SPOKEN],
            {"content": "Yes.", "reasoning_content": " "},
            id="wanted where there is none",
        ),
        pytest.param(
            KNOWN["api.deepseek.com"],
            [ReasoningBlock("Hm."), SPOKEN],
            {"content": "Yes.", "reasoning_content": "Hm."},
            id="wanted, and from nobody knows",
        ),
    ],
)
def test_a_dialect_says_which_reasoning_goes_back(
    dialect: Dialect, blocks: list[ContentBlock], expected: dict[str, Any]
) -> None:
    assert wire(*blocks, dialect=dialect)[0] == {"role": "assistant"} | expected


@pytest.mark.parametrize(
    ("call", "dialect", "expected"),
    [
        pytest.param(ToolUseBlock("a", "read", {}, SIGNED, PROVIDER), OPENAI, SIGNED, id="own"),
        pytest.param(ToolUseBlock("a", "read", {}, SIGNED, "b"), OPENAI, "", id="another's"),
        pytest.param(ToolUseBlock("a", "read", {}, "proof", PROVIDER), OPENAI, "", id="no object"),
        pytest.param(ToolUseBlock("a", "read", {}, "{'a':1", PROVIDER), OPENAI, "", id="no JSON"),
        pytest.param(ToolUseBlock("a", "read", {}, '{"a":NaN}', PROVIDER), OPENAI, "", id="NaN"),
        pytest.param(
            ToolUseBlock("a", "read", {}, '{"a":"\ud83c"}', PROVIDER), OPENAI, "", id="half"
        ),
        pytest.param(
            ToolUseBlock("a", "read", {}),
            Dialect(unsigned_call='{"a":1}'),
            '{"a":1}',
            id="none, where one is wanted",
        ),
    ],
)
def test_the_signature_of_a_call_goes_back_on_it(
    call: ToolUseBlock, dialect: Dialect, expected: str
) -> None:
    sent = wire(call, dialect=dialect)[0]["tool_calls"][0]

    assert sent.get("extra_content") == (json.loads(expected) if expected else None)


def test_a_dialect_may_want_reasoning_beside_calls_alone() -> None:
    dialect = Dialect(replay="calls")
    sent = wire(REASONED, ToolUseBlock("a", "read", {}), dialect=dialect)[0]

    assert sent["reasoning_content"] == "Hm."


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param([{"text": "a"}], [{"text": "b"}], [{"text": "a"}, {"text": "b"}], id="lists"),
        pytest.param([{"text": "a"}], {"text": "b"}, {"text": "b"}, id="the last that is no list"),
    ],
)
def test_two_answers_that_become_one_keep_the_reasoning_of_both(
    first: object, second: object, expected: object
) -> None:
    def answer(details: Json) -> Message:
        block = ProviderBlock(PROVIDER, "reasoning_details", {"reasoning_details": details})
        return Message("assistant", [block, SPOKEN])

    history = [HELLO, answer(first), answer(second), HELLO]
    sent = body(history)["messages"][1]

    assert sent["reasoning_details"] == expected
    assert body(history)["messages"][1] == sent


def test_reasoning_and_signatures_are_not_sent_to_a_service_without_an_address() -> None:
    reasoned = (ReasoningBlock("Hm.", id="reasoning"), ProviderBlock("", "reasoning", DETAILS))
    message = wire(*reasoned, ToolUseBlock("a", "read", {}, SIGNED), provider="")[0]

    assert message.keys() == {"role", "content", "tool_calls"}
    assert "extra_content" not in message["tool_calls"][0]


names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)
rules = st.sampled_from(list(RULES.values()))


@given(histories, names, rules)
def test_every_history_is_accepted_by_every_service(
    history: list[Message], tools: list[str], service: Rules
) -> None:
    offered = [tool(name) for name in tools]
    sent = request([*history, HELLO], *offered, dialect=service.dialect, provider="none").body

    assert faults(sent, service) == []


@given(schemas, rules)
def test_every_schema_is_accepted_by_every_service(schema: dict[str, Any], service: Rules) -> None:
    try:
        offered = tool("read", schema)
    except TypeError:  # axio 0.11 makes no tool where a type is a list of types
        reject()

    sent = request([HELLO], offered, dialect=service.dialect).body

    assert faults(sent, service) == []


@given(history=conversations(), turn=turns(), tools=names, service=rules, remembered=st.booleans())
def test_a_turn_more_leaves_the_bytes_before_it_as_they_were(
    *,
    history: list[Message],
    turn: list[Message],
    tools: list[str],
    service: Rules,
    remembered: bool,
) -> None:
    memory = Memory()
    offered = [tool(name) for name in tools]
    dialect = service.dialect
    before = request(history, *offered, dialect=dialect, memory=memory).body
    later = memory if remembered else Memory()
    after = request([*history, *turn], *offered, dialect=dialect, memory=later).body

    assert after.startswith(before.removesuffix(b"]}"))


@given(histories, st.lists(wild_messages, max_size=4), rules)
@example([ANSWER, Message("user", [])], [ANSWER], RULES["openai"])
@example([CALL, HELLO, ANSWER, RESULT], [ANSWER], RULES["openai"])
def test_what_is_remembered_changes_no_byte(
    history: list[Message], further: list[Message], service: Rules
) -> None:
    memory = Memory()
    for messages in ([HELLO, *history], [HELLO, *history, *further], [HELLO, *further]):
        remembered = request(messages, dialect=service.dialect, memory=memory).body
        anew = request(messages, dialect=service.dialect).body

        assert remembered == anew
        assert msgspec.json.decode(anew)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            [Message("user", [TextBlock(" ")])], [ANSWER, HELLO], id="a first word that was blank"
        ),
        pytest.param(
            [HELLO, CALL, HELLO],
            [CALL, Message("user", [*RESULT.content, *RESULT.content])],
            id="two results of an id that was used twice",
        ),
    ],
)
def test_what_follows_can_change_what_came_before(
    before: list[Message], after: list[Message]
) -> None:
    memory, gemini = Memory(), KNOWN["generativelanguage.googleapis.com"]
    request(before, system="S", dialect=gemini, memory=memory)

    remembered = request([*before, *after], system="S", dialect=gemini, memory=memory).body

    assert remembered == request([*before, *after], system="S", dialect=gemini).body


def test_a_message_changed_since_is_sent_as_it_is() -> None:
    memory, history = Memory(), [Message("user", [TextBlock("Hello.")])]
    request(history, memory=memory)
    history[0].content.append(TextBlock("Well?"))

    assert body(history, memory=memory)["messages"][0]["content"] == "Hello.\n\nWell?"


in_place = pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda call, *_: call.input.update(path="y"), id="an argument"),
        pytest.param(lambda call, *_: call.input["lines"].append(3), id="what is in an argument"),
        pytest.param(lambda _, result, *__: result.content.pop(), id="what a result says"),
        pytest.param(lambda _, __, data: data.data["reasoning_details"].clear(), id="reasoning"),
    ],
)


def agreed() -> list[Message]:
    """A conversation with everything in it that can be changed in place."""
    data = ProviderBlock(PROVIDER, "reasoning_details", {"reasoning_details": [{"text": "Hm."}]})
    call = ToolUseBlock("a", "read", {"path": "x", "lines": [1, 2]})
    result = ToolResultBlock("a", [TextBlock("One."), TextBlock("Two.")])
    return [HELLO, Message("assistant", [data, call]), Message("user", [result])]


@in_place
@pytest.mark.parametrize("repaired", [False, True])
def test_a_block_changed_in_place_is_sent_as_it_is(
    *, change: Callable[..., object], repaired: bool
) -> None:
    lost = [Message("user", [ToolResultBlock("lost", "Three.")])]
    memory, history = Memory(), agreed() + lost * repaired
    before = request(history, memory=memory).body
    (data, call), (result,) = history[1].content, history[2].content
    change(call, result, data)
    after = request(history, memory=memory).body

    assert after == request(history).body != before


@in_place
def test_a_block_changed_in_a_copy_is_sent_as_it_is(change: Callable[..., object]) -> None:
    memory, history = Memory(), agreed()
    request(history, memory=memory)
    fork = [*copy.deepcopy(history), ANSWER, HELLO]
    before = request(fork, memory=memory).body
    (data, call), (result,) = fork[1].content, fork[2].content
    change(call, result, data)
    after = request([*fork, ANSWER, HELLO], memory=memory).body

    assert after == request([*fork, ANSWER, HELLO]).body
    assert not after.startswith(before.removesuffix(b"]}"))


def test_what_cannot_be_copied_is_written_anew() -> None:
    memory = Memory()
    found: dict[str, Any] = {"at": print}
    misplaced = [Message("user", [ToolUseBlock("a", "read", found)])]
    request(misplaced, memory=memory)
    found["at"] = 3

    assert request(misplaced, memory=memory).body == request(misplaced).body


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_schema_changed_in_place_is_offered_as_it_is(times: int) -> None:
    memory = Memory()
    about: dict[str, float] = {"default": 0}
    read = tool("read", {"type": "object", "properties": {"path": about}})
    for value in (1, True, 1.0, False):
        for _ in range(times):
            request([HELLO], read, memory=memory)
        about["default"] = value

        assert request([HELLO], read, memory=memory).body == request([HELLO], read).body


def test_half_a_character_leaves_a_tool_what_it_is() -> None:
    described: Tool[Any] = Tool("read", read, "\ud83c")
    (offered,) = body([HELLO], described)["tools"]

    assert (offered["type"], offered["function"]["description"]) == ("function", "\ufffd")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("Reads.", "Reads.", id="just as long"),
        pytest.param("Reads a file.", "Reads\u2026", id="longer"),
        pytest.param("Read a file.", "Read\u2026", id="up to a word"),
    ],
)
def test_what_is_said_of_a_tool_is_no_longer_than_it_may_be(words: str, expected: str) -> None:
    described: Tool[Any] = Tool("read", read, words)
    (offered,) = body([HELLO], described, dialect=Dialect(description_length=6))["tools"]

    assert offered["function"]["description"] == expected


def test_tools_that_were_refused_are_written_anew_however_often_they_were_offered() -> None:
    memory, read = Memory(), tool("read", {"type": "object", "properties": {"a": {"const": 1}}})
    for _ in range(3):
        plain = request([HELLO], read, memory=memory)
    simple = request([HELLO], read, dialect=Dialect(schema_simple=True), memory=memory)

    assert b'"const":1' in plain.body
    assert b'"const"' not in simple.body


def test_tools_changed_since_are_offered_as_they_are() -> None:
    memory = Memory()
    request([HELLO], tool("read"), memory=memory)

    (offered,) = body([HELLO], tool("write"), memory=memory)["tools"]

    assert offered["function"]["name"] == "write"


def test_another_dialect_is_offered_tools_by_other_names() -> None:
    memory, gemini = Memory(), KNOWN["generativelanguage.googleapis.com"]
    for dialect, name in ((OPENAI, "9lives"), (gemini, "t_9lives_jdGgfqc2"), (OPENAI, "9lives")):
        sent = request([HELLO], tool("9lives"), dialect=dialect, memory=memory)

        assert json.loads(sent.body)["tools"][0]["function"]["name"] == name
        assert sent.names == {name: "9lives"}


def test_another_dialect_reads_other_bytes() -> None:
    memory = Memory()
    history = [HELLO, Message("assistant", [ToolUseBlock("a", "read", {})])]
    request(history, memory=memory)

    mistral = KNOWN["api.mistral.ai"]

    assert body(history, dialect=mistral, memory=memory) == body(history, dialect=mistral)
    assert body(history, dialect=COMPATIBLE, memory=memory) == body(history, dialect=COMPATIBLE)
