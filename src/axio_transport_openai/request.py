"""One request: a repaired history and tools as the bytes that are sent.

The messages come last in the body, and everything before them is the same from turn to turn. So
the bytes of a conversation with one more turn begin with those of the conversation, which the
services' prompt caches depend on; and what was sent of it already is not written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import msgspec

from .errors import NotSent
from .history import compiled
from .memory import Memory, Offer, Past, encoded
from .message import Writer, text_of
from .options import Options, parameters
from .schema import parameters as schema_of
from .schema import tool_name
from .wire import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from axio.messages import Message
    from axio.tool import Tool

    from .dialect import Dialect

__all__ = ["Memory", "Options", "Request", "chat_request"]

#: What the assistant says to a system prompt that had to be the user's.
_AGREED: Final = {"role": "assistant", "content": "Understood."}
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
    past = memory.recall((dialect, options.provider), messages)
    try:
        now = _written(messages, past, dialect, memory)
        opening = _opening([system, now.system], dialect)
        offer = _offer(tools, dialect, memory)
        head = {"model": model, **_asked(offer, now, dialect, options)}
        start = encoded({**head, "messages": opening}).removesuffix(b"]}")
    except TypeError as error:
        raise NotSent(f"something in the request cannot be written as JSON: {error}") from None
    if not (opening or now.sent):
        raise NotSent("there is nothing to send: neither a message nor the system prompt has words")
    if now.settled:
        memory.remember(now, instead=past)
    comma = b"," if opening and now.sent else b""
    return Request(b"".join([start, comma, *now.sent, b"]}"]), offer.names)


def _written(messages: Sequence[Message], past: Past, dialect: Dialect, memory: Memory) -> Past:
    """The past that it becomes when what follows on it is written too."""
    done = len(past.roles)
    history = compiled(messages[done:], dialect, past.calls if done else None)
    leading = list(takewhile(lambda message: message.role == "system", history))
    writer = Writer(dialect, past.reader[1], memory)
    written = writer.write(history[len(leading) :])
    last = {message.role for message in (*messages[-1:], *history[-1:])}
    return Past(
        past.reader,
        [message.role for message in messages],
        [*past.contents, *(list(message.content) for message in messages[done:])],
        past.system if done else "\n\n".join(map(text_of, leading)),
        past.calls.union(writer.called),
        dangling=past.dangling or writer.dangling,
        settled=last == {"user"},
        sent=[*past.sent, *([b","] if past.sent and written else ()), *written],
    )


def _opening(texts: Sequence[str], dialect: Dialect) -> list[object]:
    """The system prompt on the wire, if there is one."""
    text = "\n\n".join(text for text in texts if text.strip())
    if not text:
        return []
    prompt = {"role": dialect.system_role, "content": text}
    return [prompt, _AGREED] if dialect.system_role == "user" else [prompt]


def _asked(offer: Offer, now: Past, dialect: Dialect, options: Options) -> dict[str, object]:
    """The parameters of the request, and its tools."""
    offered = {**offer.written, **_further(options)}
    if not offered and dialect.tools_required and now.calls:
        offered = {"": encoded(_NO_TOOL)}
    asked = parameters(options, dialect, tools=bool(offered))
    if is_object(choice := asked.get("tool_choice")):
        asked["tool_choice"] = _renamed(choice, dialect)
    if offered:
        asked["tools"] = [msgspec.Raw(written) for written in offered.values()]
    return asked


def _renamed(choice: dict[str, object], dialect: Dialect) -> dict[str, object]:
    """The choice of one tool, by its name on the wire."""
    function = choice.get("function")
    name = function.get("name") if is_object(function) else None
    if not is_object(function) or not isinstance(name, str):
        return choice
    return choice | {"function": function | {"name": tool_name(name, dialect)}}


def _offer(tools: Sequence[Tool[Any]], dialect: Dialect, memory: Memory) -> Offer:
    """The tools on the wire; the first of a name, for that is the one axio calls."""
    if known := memory.offer(dialect, tools):
        return known
    written: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for one in tools:
        name = tool_name(one.name, dialect)
        if name not in written:
            written[name] = encoded(_tool(one, name, dialect))
            names |= {} if name == one.name else {name: one.name}
    return memory.offered(dialect, tools, written, names)


def _tool(tool: Tool[Any], name: str, dialect: Dialect) -> dict[str, object]:
    function: dict[str, object] = {"name": name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = schema_of(tool.schema, dialect)
    if dialect.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _further(options: Options) -> dict[str, bytes]:
    """The tools among the extra parameters, by name: a service's own have none but themselves."""
    given = options.extra_params.get("tools")
    written: dict[str, bytes] = {}
    for one in given if is_list(given) else ():
        function = one.get("function") if is_object(one) else None
        name = function.get("name") if is_object(function) else None
        wire = encoded(one)
        written[name if isinstance(name, str) else wire.decode()] = wire
    return written
