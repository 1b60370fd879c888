"""What the model said, through axio's agent and back to the service, unaltered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from axio.agent import Agent
from axio.context import MemoryContextStore
from axio.testing import StubTransport, make_text_response
from axio.tool import Tool
from tests.traces import traces

from axio_transport_openai.dialect import COMPATIBLE
from axio_transport_openai.known import KNOWN
from axio_transport_openai.origin import Origin
from axio_transport_openai.request import Memory, Options, chat_request
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from axio.messages import Message
    from tests.rules import Json
    from tests.traces import Trace

    from axio_transport_openai.dialect import Dialect

ORIGIN = Origin("Service", "https://api.example.com/v1")
CALL = {"index": 0, "id": "c", "type": "function"}
READ = CALL | {"function": {"name": "read", "arguments": '{ "path": "x" }'}}
SIGNED = READ | {"extra_content": {"google": {"thought_signature": "c2ln"}}}


def stream(*deltas: Json) -> bytes:
    """An answer of these deltas, as a service streams it."""
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    lines = [f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


async def history(body: bytes, memory: Memory, *names: str) -> list[Message]:
    """What axio's agent makes of an answer, with a result for each of its calls."""
    # Some recorded requests were for more than one candidate.
    turn = Turn(ORIGIN, {name: name for name in names}, several=True)
    events = [*turn.feed(body), *turn.close()]
    events.append(turn.end(turn.tally.usage))
    for call in turn.calls:
        memory.keep(call.id, call.arguments.text)

    async def handler(**_: object) -> str:
        return "text"

    tools: list[Tool[Any]] = [Tool(name, handler) for name in dict.fromkeys(names)]
    context = MemoryContextStore()
    agent = Agent("", StubTransport([events, make_text_response("Done.")]), tools)
    async for _ in agent.run_stream("Hello.", context):
        pass
    return await context.get_history()


async def sent_back(
    body: bytes, *names: str, provider: str = ORIGIN.authority, dialect: Dialect = COMPATIBLE
) -> dict[str, Any]:
    """The assistant's message with which an answer goes back to a service."""
    memory = Memory()
    messages = await history(body, memory, *names)
    options = Options(provider=provider)
    request = chat_request("m", messages, [], "", dialect=dialect, options=options, memory=memory)
    found: dict[str, Any] = json.loads(request.body)["messages"][1]
    return found


ANSWERED = {"role": "assistant", "content": "Let me see."}
SENT_CALL = {key: value for key, value in READ.items() if key != "index"}
CALLED = {"tool_calls": [SENT_CALL]}
TEXT = {"content": "Let me see."}
DETAILS = [
    {"type": "reasoning.text", "text": "Hm, yes.", "format": "f", "index": 0, "signature": "s"},
    {"type": "reasoning.encrypted", "data": "ab", "id": "r", "format": "f", "index": 1},
]


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param([TEXT, {"tool_calls": [READ]}], {}, id="no reasoning"),
        pytest.param(
            [
                {"reasoning_content": "Hm, "},
                {"reasoning_content": "yes."},
                TEXT,
                {"tool_calls": [READ]},
            ],
            {"reasoning_content": "Hm, yes."},
            id="reasoning_content",
        ),
        pytest.param(
            [{"reasoning": "Hm, "}, {"reasoning": "yes."}, TEXT, {"tool_calls": [READ]}],
            {"reasoning": "Hm, yes."},
            id="reasoning",
        ),
        pytest.param(
            [
                {"reasoning": "Hm, ", "reasoning_details": [DETAILS[0] | {"text": "Hm, "}]},
                {"reasoning": "yes.", "reasoning_details": [DETAILS[0] | {"text": "yes."}]},
                {"reasoning_details": [DETAILS[1]]},
                TEXT,
                {"tool_calls": [READ]},
            ],
            {"reasoning_details": DETAILS},
            id="reasoning_details",
        ),
        pytest.param(
            [
                {"content": "<think>Hm, "},
                {"content": "yes.</think>Let me see."},
                {"tool_calls": [READ]},
            ],
            {"content": "<think>Hm, yes.</think>Let me see."},
            id="tags",
        ),
        pytest.param(
            [
                {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]},
                {"content": [{"type": "text", "text": "Let me see."}]},
                {"tool_calls": [READ]},
            ],
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": "Let me see."},
                ]
            },
            id="parts of the content",
        ),
        pytest.param(
            [TEXT, {"tool_calls": [SIGNED]}],
            {"tool_calls": [{key: SIGNED[key] for key in SIGNED if key != "index"}]},
            id="a signature on the call",
        ),
        pytest.param(
            [
                {"reasoning_text": "Hm.", "reasoning_opaque": "o"},
                TEXT,
                {"tool_calls": [READ]},
            ],
            {"reasoning_text": "Hm.", "reasoning_opaque": "o"},
            id="an opaque field beside the text",
        ),
    ],
)
async def test_an_answer_goes_back_as_it_came(deltas: list[Json], expected: dict[str, Any]) -> None:
    assert await sent_back(stream(*deltas), "read") == ANSWERED | expected | (
        {} if "tool_calls" in expected else CALLED
    )


@pytest.mark.parametrize(
    "delta",
    [
        pytest.param({"reasoning_content": "Hm."}, id="reasoning_content"),
        pytest.param({"reasoning": "Hm.", "reasoning_details": [DETAILS[0]]}, id="details"),
        pytest.param({"content": "<think>Hm.</think>"}, id="tags"),
    ],
)
async def test_no_other_service_is_told_the_reasoning(delta: Json) -> None:
    body = stream(delta, TEXT, {"tool_calls": [SIGNED]})

    assert await sent_back(body, "read", provider="other.example.com") == ANSWERED | CALLED


async def test_a_service_that_wants_reasoning_gets_its_own() -> None:
    body = stream({"reasoning_content": "Hm."}, TEXT, {"tool_calls": [READ]})
    sent = await sent_back(body, "read", dialect=KNOWN["api.deepseek.com"])

    assert sent["reasoning_content"] == "Hm."


@pytest.mark.parametrize("trace", traces("stream"))
async def test_every_recorded_answer_goes_back_as_it_came(trace: Trace) -> None:
    expected = trace.expected
    if expected["error"] or not (expected["content"] or expected["tool_calls"]):
        pytest.skip("not an answer")
    sent = await sent_back(trace.body, *(name for _, name, _ in expected["tool_calls"]))

    calls = [call["function"] for call in sent.get("tool_calls", ())]
    assert [(call["name"], call["arguments"]) for call in calls] == [
        (name, _whole(arguments)) for _, name, arguments in expected["tool_calls"]
    ]
    if expected["content"] and not expected["content"].isspace():
        assert _words(sent["content"], "text") == expected["content"]
    if expected["reasoning"]:
        assert _reasoning(sent) == expected["reasoning"]


def _whole(arguments: str) -> str:
    """Arguments that were cut short mean nothing, and axio keeps none of them."""
    try:
        json.loads(arguments)
    except ValueError:
        return "{}"
    return arguments


def _words(content: Json, kind: str) -> str:
    if isinstance(content, str):
        return content if kind == "text" else ""
    parts = [part[kind] for part in content if part["type"] == kind]
    return "".join(part if isinstance(part, str) else _words(part, "text") for part in parts)


def _reasoning(sent: dict[str, Any]) -> str:
    """The reasoning in a message, wherever it stands but for tags in the content."""
    fields = [sent.get(name, "") for name in ("reasoning_content", "reasoning", "reasoning_text")]
    details = sent.get("reasoning_details", ())
    told = [detail.get("text") or detail.get("summary") or "" for detail in details]
    return "".join([*fields, *told, _words(sent["content"] or "", "thinking")])
