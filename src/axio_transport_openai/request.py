"""One request: a repaired history and tools as the bytes that are sent.

The messages come last in the body and everything before them is the same from turn to turn, so
the bytes of a conversation with one more turn begin with those of the conversation: the services'
prompt caches depend on it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
from axio.blocks import AudioBlock, ImageBlock, TextBlock, ToolResultBlock, ToolUseBlock, VideoBlock

from .errors import NotSent
from .history import compiled
from .replay import said
from .schema import call_id, parameters, tool_name
from .wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message
    from axio.tool import Tool

    from .dialect import Dialect

__all__ = ["Memory", "Options", "Request", "chat_request"]

#: Parameters that mean something only beside tools.
_WITH_TOOLS: Final = ("tool_choice", "parallel_tool_calls")
_BRIDGE: Final[dict[str, object]] = {"role": "assistant", "content": "I have the results."}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asks of a request. What is None is not sent."""

    #: What stored blocks call the service: their reasoning goes back to no other.
    provider: str = ""
    temperature: float | None = None
    max_output_tokens: int | None = None
    reasoning_effort: str | None = None
    tool_choice: str | Mapping[str, object] | None = None
    #: Further parameters, merged last; None takes one away, and tools are merged by name.
    extra_params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Request:
    """A body to send, and how to read the names in its answer."""

    body: bytes
    #: The tools that go by another name on the wire, by that name.
    names: Mapping[str, str]


class Memory:
    """What one transport remembers from request to request."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._written: dict[tuple[str, bytes], str] = {}

    def keep(self, call_id: str, arguments: str) -> None:
        """Remember the arguments of a call as the model wrote them."""
        try:
            canonical = encode(msgspec.json.decode(arguments))
        except (ValueError, RecursionError):
            return
        self._written[call_id, canonical] = arguments

    def written(self, call: ToolUseBlock) -> str:
        """The arguments of a call as the model wrote them, or one way of writing them."""
        canonical = encode(call.input)
        return self._written.get((call.id, canonical)) or canonical.decode()


def chat_request(  # noqa: PLR0913 - the parts of a request
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
        NotSent: There is no model, nothing to say, or a block that cannot be sent.
    """
    if not model.strip():
        message = "no model was chosen: give the transport a model with an id"
        raise NotSent(message)
    history = compiled(messages, dialect)
    wire = [*_systems(system, history, dialect)]
    for one in history:
        wire += _wire(one, dialect, options, memory)
    if not wire:
        message = "there is nothing to send: no message says anything, nor does the system prompt"
        raise NotSent(message)
    names = {tool_name(tool.name, dialect): tool.name for tool in tools}
    head = _head(model, tools, dialect, options)
    body = b'%b,"messages":[%b]}' % (encode(head)[:-1], b",".join(map(encode, wire)))
    return Request(body, {short: name for short, name in names.items() if short != name})


def _head(
    model: str, tools: Sequence[Tool[Any]], dialect: Dialect, options: Options
) -> dict[str, object]:
    head: dict[str, object] = {"model": model, "stream": True}
    if dialect.stream_options:
        head["stream_options"] = {"include_usage": True}
    if options.temperature is not None:
        head["temperature"] = options.temperature
    if options.max_output_tokens is not None:
        head[dialect.token_limit] = options.max_output_tokens
    if options.reasoning_effort is not None:
        head["reasoning_effort"] = options.reasoning_effort
    if tools:
        head["tools"] = [_tool(tool, dialect) for tool in tools]
    head |= options.extra_params
    return head


def _tool(tool: Tool[Any], dialect: Dialect) -> dict[str, object]:
    function: dict[str, object] = {"name": tool_name(tool.name, dialect)}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = parameters(tool.schema, dialect)
    return {"type": "function", "function": function}


def _systems(system: str, history: list[Message], dialect: Dialect) -> list[dict[str, object]]:
    texts = [system] if system.strip() else []
    while history and history[0].role == "system":
        texts += [block.text for block in history.pop(0).content if isinstance(block, TextBlock)]
    return [{"role": dialect.system_role, "content": "\n\n".join(texts)}] if texts else []


def _wire(
    message: Message, dialect: Dialect, options: Options, memory: Memory
) -> Iterable[dict[str, object]]:
    if message.role == "assistant":
        return [_assistant(message.content, dialect, options, memory)]
    if message.role == "system":
        return _systems("", [message], dialect)
    return _user(message.content, dialect)


def _assistant(
    blocks: Sequence[ContentBlock], dialect: Dialect, options: Options, memory: Memory
) -> dict[str, object]:
    calls = [block for block in blocks if isinstance(block, ToolUseBlock)]
    content, fields = said(blocks, dialect, options.provider, calls=bool(calls))
    message: dict[str, object] = {"role": "assistant", "content": content or None} | fields
    if calls:
        message["tool_calls"] = [_call(call, dialect, options, memory) for call in calls]
    return message


def _call(
    call: ToolUseBlock, dialect: Dialect, options: Options, memory: Memory
) -> dict[str, object]:
    function = {"name": tool_name(call.name, dialect), "arguments": memory.written(call)}
    made: dict[str, object] = {"id": call_id(call.id, dialect), "type": "function"}
    made["function"] = function
    if call.signature.startswith("{") and call.provider == options.provider:
        made["extra_content"] = msgspec.Raw(call.signature.encode())
    return made


def _user(blocks: Sequence[ContentBlock], dialect: Dialect) -> list[dict[str, object]]:
    wire: list[dict[str, object]] = []
    rest: list[ContentBlock] = []
    for block in blocks:
        if isinstance(block, ToolResultBlock):
            wire.append(_result(block, dialect))
        else:
            rest.append(block)
    if not rest:
        return wire
    if wire and not dialect.user_after_tool:
        wire.append(_BRIDGE)
    return [*wire, {"role": "user", "content": _content(rest, dialect)}]


def _result(block: ToolResultBlock, dialect: Dialect) -> dict[str, object]:
    content = block.content if isinstance(block.content, str) else _content(block.content, dialect)
    if isinstance(content, str) and block.is_error:
        content = f"Error: {content}"
    return {
        "role": "tool",
        "tool_call_id": call_id(block.tool_use_id, dialect),
        "content": content,
    }


def _content(blocks: Sequence[ContentBlock], dialect: Dialect) -> str | list[object]:
    texts = [block.text for block in blocks if isinstance(block, TextBlock)]
    if len(texts) == len(blocks):
        return "\n\n".join(texts)
    return [_part(block, dialect) for block in blocks]


def _part(block: ContentBlock, dialect: Dialect) -> dict[str, object]:
    match block:
        case TextBlock(text=text):
            return {"type": "text", "text": text}
        case ImageBlock(media_type=kind, data=data):
            return {"type": "image_url", "image_url": {"url": _data_url(kind, data)}}
        case VideoBlock(media_type=kind, data=data):
            return {"type": "video_url", "video_url": {"url": _data_url(kind, data)}}
        case AudioBlock(media_type=kind, data=data):
            form = kind.partition("/")[2].removeprefix("x-")
            sound = {"data": _quoted(b"", data), "format": "mp3" if form == "mpeg" else form}
            return {"type": "input_audio", "input_audio": sound}
    message = f"a message holds a {type(block).__name__}, which chat completions cannot carry"
    raise NotSent(message)


def _data_url(kind: str, data: bytes) -> msgspec.Raw:
    return _quoted(f"data:{kind};base64,".encode(), data)


def _quoted(head: bytes, data: bytes) -> msgspec.Raw:
    """A JSON string of base64, which needs no escape and so no look at it."""
    return msgspec.Raw(b'"%b%b"' % (head, base64.b64encode(data)))
