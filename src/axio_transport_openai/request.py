"""One request: a repaired history and tools as the bytes that are sent.

The messages come last in the body, and everything before them is the same from turn to turn. So
the bytes of a conversation with one more turn begin with those of the conversation, which the
services' prompt caches depend on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import msgspec
from axio.blocks import TextBlock, ToolResultBlock, ToolUseBlock

from .errors import NotSent
from .history import NO_RESULT, compiled
from .memory import Memory, Past, encoded
from .options import Options, parameters
from .part import content
from .replay import said
from .schema import call_id, tool_name
from .schema import parameters as tool_parameters
from .wire import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message
    from axio.tool import Tool

    from .dialect import Dialect

__all__ = ["Memory", "Options", "Request", "chat_request"]

#: What the assistant says between results and the user, where a service wants it to say something.
_BRIDGE: Final[dict[str, object]] = {"role": "assistant", "content": "I have the results."}
#: What it says to a system prompt that had to be the user's.
_AGREED: Final[dict[str, object]] = {"role": "assistant", "content": "Understood."}
#: What stands for a result that says nothing.
_NO_OUTPUT: Final = "[The call gave no output.]"
#: Offered where a service wants tools beside the calls in the history, and there are none.
_NO_TOOL: Final[dict[str, object]] = {
    "type": "function",
    "function": {
        "name": "none",
        "description": "There are no tools. Do not call this.",
        "parameters": {"type": "object", "properties": {}},
    },
}


@dataclass(frozen=True)
class Request:
    """A body to send, and how to read the names in its answer."""

    body: bytes
    #: The tools that go by another name on the wire, by that name.
    names: Mapping[str, str]


def chat_request(  # noqa: PLR0917 - these are the parts of a request
    model: str,
    messages: Sequence[Message],
    tools: Sequence[Tool[Any]],
    system: str,
    dialect: Dialect,
    options: Options,
    memory: Memory,
) -> Request:
    """The request that asks the model to go on with these messages.

    Raises:
        NotSent: There is no model, nothing to say, or something that cannot be sent.
    """
    if not model.strip():
        raise NotSent("no model was chosen: give the transport a model that has an id")
    past = _sent(messages, dialect, options.provider, memory)
    conversation = [*_opening([system, past.system], dialect), *past.sent]
    if not conversation:
        raise NotSent("there is nothing to send: no message and no system prompt says anything")
    try:
        offered = {**_offered(tools, dialect, memory), **_further(options)}
        if not offered and dialect.tools_required and past.calls:
            offered = {"": encoded(_NO_TOOL)}
        head = {"model": model, **parameters(options, dialect, tools=bool(offered))}
        start = encoded(head)[:-1]
    except TypeError as error:
        raise NotSent(f"something in the request cannot be written as JSON: {error}") from None
    listed = b',"tools":[%b]' % b",".join(offered.values()) if offered else b""
    names = {tool_name(tool.name, dialect): tool.name for tool in reversed(tools)}
    conversation[0] = b'%b%b,"messages":[%b' % (start, listed, conversation[0])
    conversation[-1] += b"]}"
    return Request(
        b",".join(conversation), {short: name for short, name in names.items() if short != name}
    )


def _sent(messages: Sequence[Message], dialect: Dialect, provider: str, memory: Memory) -> Past:
    """The conversation on the wire; what was sent of it already is not written again."""
    past = memory.recall((dialect, provider), messages)
    done = len(past.roles)
    if 0 < done == len(messages):
        return past
    history = compiled(messages[done:], dialect, past.calls if done else None)
    leading = list(takewhile(lambda message: message.role == "system", history))
    rest = history[len(leading) :]
    writer = _Writer(dialect, provider, memory)
    written = encoded([wire for message in rest for wire in writer.message(message)])[1:-1]
    whole = Past(
        past.reader,
        [message.role for message in messages],
        [*past.contents, *(list(message.content) for message in messages[done:])],
        past.system if done else "\n\n".join(map(_text, leading)),
        past.calls.union(writer.called),
        dangling=past.dangling or writer.dangling,
        sent=[*past.sent, written] if written else past.sent,
    )
    if messages and messages[-1].role == "user" and history and history[-1].role == "user":
        memory.remember(whole, instead=past)
    return whole


def _opening(texts: Sequence[str], dialect: Dialect) -> list[bytes]:
    """The system prompt on the wire, if there is one."""
    text = "\n\n".join(text for text in texts if text.strip())
    prompt = {"role": dialect.system_role, "content": text}
    agreed = [encoded(_AGREED)] if dialect.system_role == "user" else []
    return [encoded(prompt), *agreed] if text else []


def _offered(tools: Sequence[Tool[Any]], dialect: Dialect, memory: Memory) -> Mapping[str, bytes]:
    """The tools on the wire, by name; the first of a name, for that is the one axio calls."""
    if known := memory.offer(dialect, tools):
        return known.written
    written: dict[str, bytes] = {}
    for tool in tools:
        name = tool_name(tool.name, dialect)
        if name not in written:
            written[name] = encoded(_tool(tool, name, dialect))
    memory.offered(dialect, tools, written)
    return written


def _further(options: Options) -> dict[str, bytes]:
    """The tools among the extra parameters, by name: a service's own have none but themselves."""
    given = options.extra_params.get("tools")
    written: dict[str, bytes] = {}
    for tool in given if is_list(given) else ():
        function = tool.get("function") if is_object(tool) else None
        name = function.get("name") if is_object(function) else None
        wire = encoded(tool)
        written[name if isinstance(name, str) else wire.decode()] = wire
    return written


def _tool(tool: Tool[Any], name: str, dialect: Dialect) -> dict[str, object]:
    function: dict[str, object] = {"name": name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool_parameters(tool.schema, dialect)
    if dialect.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _text(message: Message) -> str:
    return "\n\n".join(block.text for block in message.content if isinstance(block, TextBlock))


class _Writer:
    """Compiled messages on the wire."""

    def __init__(self, dialect: Dialect, provider: str, memory: Memory) -> None:
        self._dialect = dialect
        self._provider = provider
        self._written = memory.written
        self._names: dict[str, str] = {}  # tools' names on the wire, by their own
        #: The calls written so far: the tools' names by the calls' ids.
        self.called: dict[str, str] = {}
        #: Whether one of them has no result.
        self.dangling = False

    def message(self, message: Message) -> Sequence[dict[str, object]]:
        """One message, which may be several on the wire."""
        if message.role == "assistant":
            return (self._assistant(message.content),)
        if message.role == "system":
            return ({"role": self._dialect.system_role, "content": _text(message)},)
        return self._user(message.content)

    def _assistant(self, blocks: Sequence[ContentBlock]) -> dict[str, object]:
        calls: list[object] = []
        plain: list[str] = []
        for block in blocks:
            if isinstance(block, ToolUseBlock):
                calls.append(self._call(block))
            elif isinstance(block, TextBlock):
                plain.append(block.text)
        text: str | list[object] = "".join(plain)
        fields: dict[str, object] = {}
        if len(calls) + len(plain) < len(blocks) or self._dialect.replay_required:
            text, fields = said(blocks, self._dialect, self._provider, calls=bool(calls))
        message: dict[str, object] = {"role": "assistant", "content": text, **fields}
        if not text or (isinstance(text, str) and text.isspace()):
            self._emptied(message)
        if calls:
            message["tool_calls"] = calls
        return message

    def _emptied(self, message: dict[str, object]) -> None:
        """Let a message without a text say so in the dialect's way."""
        match self._dialect.empty_content:
            case "null":
                message["content"] = None
            case "empty":
                message["content"] = ""
            case "absent":
                del message["content"]

    def _call(self, call: ToolUseBlock) -> dict[str, object]:
        name = self._names.get(call.name)
        if name is None:
            name = self._names[call.name] = tool_name(call.name, self._dialect)
        self.called[call.id] = name
        function = {"name": name, "arguments": self._written(call)}
        made: dict[str, object] = {
            "id": call_id(call.id, self._dialect),
            "type": "function",
            "function": function,
        }
        own = call.signature.startswith("{") and call.provider == self._provider != ""
        if own:
            made["extra_content"] = msgspec.Raw(call.signature.encode())
        elif self._dialect.unsigned_call:
            made["extra_content"] = msgspec.Raw(self._dialect.unsigned_call.encode())
        return made

    def _user(self, blocks: Sequence[ContentBlock]) -> Sequence[dict[str, object]]:
        wire = [self._result(block) for block in blocks if isinstance(block, ToolResultBlock)]
        if len(wire) == len(blocks):
            return wire
        rest = blocks[len(wire) :]
        if wire and not self._dialect.user_after_tool:
            wire.append(_BRIDGE)
        wire.append({"role": "user", "content": content(rest, self._dialect)})
        return wire

    def _result(self, block: ToolResultBlock) -> dict[str, object]:
        found = block.content
        told = found if isinstance(found, str) else content(found, self._dialect)
        if not told:
            told = _NO_OUTPUT
        if block.is_error:
            self.dangling = self.dangling or told == NO_RESULT
            told = f"Error: {told}" if isinstance(told, str) else [_ERROR, *told]
        made: dict[str, object] = {
            "role": "tool",
            "tool_call_id": call_id(block.tool_use_id, self._dialect),
            "content": told,
        }
        if self._dialect.result_names:
            made["name"] = self.called.get(block.tool_use_id, "")
        return made


_ERROR: Final = {"type": "text", "text": "Error:"}
