"""One request: a repaired history and tools as the bytes that are sent.

The messages come last in the body, and everything before them is the same from turn to turn. So
the bytes of a conversation with one more turn begin with those of the conversation, which the
services' prompt caches depend on; and what was sent of it already is not written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import msgspec

from .encoding import Base64, Piece, encoded, unpacked
from .errors import NotSent
from .function import fingerprint, functions, written
from .history import GO_ON, Broken, compiled
from .lenient import is_object, is_sequence
from .memory import Memory, Offer, Past, copied, loose_in, trail_of
from .message import Writer
from .naming import tool_name, tool_names
from .options import Options, parameters
from .prose import text_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from axio.messages import Message
    from axio.tool import Tool

    from .dialect import Dialect

__all__ = ["Memory", "Options", "Request", "chat_request"]

#: What the assistant says to a system prompt that had to be the user's.
_AGREED: Final = {"role": "assistant", "content": "Understood."}
#: How a message of the user's begins, after the comma before it.
_USER: Final = b',{"role":"user"'
#: Pieces of a body are put together up to this size, in bytes.
_SMALL: Final = 64 * 1024
#: Offered where a service wants tools beside the calls in the history, and there are none.
_NO_TOOL: Final[dict[str, object]] = {
    "type": "function",
    "function": {
        "name": "none",
        "description": "There are no tools. Do not call this.",
        "parameters": {"type": "object", "properties": {}},
    },
}


class Request(msgspec.Struct, frozen=True):
    """A body to send, and how to read the names in its answer."""

    pieces: Sequence[Piece]
    #: The names of the tools on the wire, with those in axio.
    names: Mapping[str, str]

    @property
    def body(self) -> bytes:
        """The body in one."""
        return b"".join(unpacked(self.pieces))


def chat_request(
    model: str,
    messages: Sequence[Message],
    tools: Sequence[Tool[Any]],
    system: str,
    *,
    dialect: Dialect,
    options: Options,
    memory: Memory,
) -> Request:
    """The request that asks the model to go on with these messages.

    Raises:
        NotSent: There is nothing to say, or something that cannot be sent.
    """
    try:
        trail = trail_of(messages)
        past = memory.recall((dialect, options.provider), messages, trail)
        now = _written(messages, trail, past, dialect, memory)
        opening = _opening([system, now.system], dialect, now.sent)
        further = _further(options)
        offer = _offer(tools, further, dialect, memory)
        offered = _offered(offer, [*further.values()], now, dialect)
        head = encoded({"model": model, **_asked(options, dialect, further, tools=bool(offered))})
        begun = encoded(opening).removesuffix(b"]")
    except (AttributeError, TypeError, ValueError) as error:
        where = "Look at extra_params, tools' schemas, messages, their calls and the data of media."
        told = f"something in the request cannot be written as JSON: {error}. {where}"
        raise NotSent(told) from None
    except RecursionError:
        raise NotSent("something in the request holds itself, or is nested too deeply") from None
    if not (opening or now.sent):
        raise NotSent("there is nothing to send: neither a message nor the system prompt has words")
    if now.settled:
        memory.remember(now, instead=past)
    sent = now.sent if opening else _without_comma(now.sent)
    start = [head.removesuffix(b"}"), *offered, b',"messages":' + begun]
    names = {name: name for name in further} | dict(offer.names) if further else offer.names
    return Request([*start, *sent, b"]}"], names)


def _written(
    messages: Sequence[Message], trail: list[object], past: Past, dialect: Dialect, memory: Memory
) -> Past:
    """The conversation as it is sent: what was remembered of it, and what follows written on."""
    done = past.length
    further = messages[done:] if done else messages
    before = past.calls if done else None
    history: Sequence[Message] = further
    leading: Sequence[Message] = ()
    writer = Writer(dialect, past.reader[1], memory, before)
    try:
        after = writer.write(history)
        loose = writer.loose
    except Broken:
        history = compiled(further, dialect, before)
        leading = list(takewhile(lambda message: message.role == "system", history))
        writer = Writer(dialect, past.reader[1], memory, before)
        history = history[len(leading) :]
        after = writer.write(history)
        loose = loose_in(further)
    # An equal trail may hold other objects. Kept are those whose arguments are compared.
    trail[: len(past.trail)] = past.trail
    return Past(
        reader=past.reader,
        length=len(messages),
        trail=trail,
        inputs=past.inputs + writer.inputs,
        canonical=past.canonical + writer.canonical,
        loose=[*past.loose, *loose],
        copies=[*past.copies, *map(copied, loose)],
        system=past.system if done else "\n\n".join(map(text_of, leading)),
        calls=past.calls | writer.ids if done else writer.ids,
        dangling=past.dangling or writer.dangling,
        settled=_settled(messages, history),
        sent=_gathered(past.sent, after),
    )


def _settled(messages: Sequence[Message], history: Sequence[Message]) -> bool:
    """Whether a conversation and its repair both end with something that the user said."""
    last = [*messages[-1:], *history[-1:]]
    spoken = all(message.role == "user" and message.content[-1:] for message in last)
    return bool(messages and history) and spoken and last[-1].content[-1] is not GO_ON


def _gathered(before: Sequence[Piece], after: Sequence[Piece]) -> Sequence[Piece]:
    """All of the pieces; where the two sequences meet, small ones are joined to keep them few."""
    if not (before and after):
        return before or after
    last, first = before[-1], after[0]
    if isinstance(last, Base64) or isinstance(first, Base64) or len(last) + len(first) > _SMALL:
        return [*before, *after]
    return [*before[:-1], b"".join((last, first)), *after[1:]]


def _without_comma(sent: Sequence[Piece]) -> Sequence[Piece]:
    """The messages where none comes before them."""
    if not sent or isinstance(first := sent[0], Base64):
        return sent
    return [memoryview(first)[1:], *sent[1:]]


def _opening(texts: Sequence[str], dialect: Dialect, sent: Sequence[Piece]) -> list[object]:
    """The system prompt on the wire, if there is one."""
    text = "\n\n".join(text for text in texts if text.strip())
    if not text:
        return []
    prompt = {"role": dialect.system_role, "content": text}
    # One that is the user's is answered where the user goes on: nobody speaks twice in a row.
    first = b"" if not sent or isinstance(sent[0], Base64) else sent[0]
    goes_on = bytes(memoryview(first)[: len(_USER)]) == _USER
    return [prompt, _AGREED] if dialect.system_role == "user" and goes_on else [prompt]


def _asked(
    options: Options, dialect: Dialect, further: Collection[str], *, tools: bool
) -> dict[str, object]:
    """The parameters of the request."""
    asked = parameters(options, dialect, tools=tools)
    if is_object(choice := asked.get("tool_choice")):
        asked["tool_choice"] = _renamed(choice, dialect, further)
    return asked


def _offered(
    offer: Offer, further: Sequence[bytes], now: Past, dialect: Dialect
) -> Sequence[Piece]:
    """The tools of the request, in pieces: they are many, and the same from turn to turn."""
    if "tools" in dialect.dropped:
        return []
    if not further and not offer.names:
        further = [encoded(_NO_TOOL)] if dialect.tools_required and now.calls else []
    if further:
        offered = offer.written.removesuffix(b"]")
        comma = b"," if offer.names else b""
        return [b',"tools":', offered, comma, b",".join(further), b"]"]
    return [b',"tools":', offer.written] if offer.names else []


def _renamed(
    choice: dict[str, object], dialect: Dialect, further: Collection[str]
) -> dict[str, object]:
    """The choice of a tool, or of some, by their names on the wire.

    The ``further`` tools are sent as they are, so their names stay.
    """
    function, allowed = choice.get("function"), choice.get("allowed_tools")
    name = function.get("name") if is_object(function) else None
    if is_object(function) and isinstance(name, str):
        if name in further:
            return choice
        return choice | {"function": function | {"name": tool_name(name, dialect)}}
    tools = allowed.get("tools") if is_object(allowed) else None
    if is_object(allowed) and is_sequence(tools):
        named = [_renamed(tool, dialect, further) if is_object(tool) else tool for tool in tools]
        return choice | {"allowed_tools": allowed | {"tools": named}}
    return choice


def _offer(
    tools: Sequence[Tool[Any]], further: Collection[str], dialect: Dialect, memory: Memory
) -> Offer:
    """The tools on the wire, without those of a name that is among the ``further`` ones.

    Such a name is that on the wire or that in axio: whoever gives a tool of it means this one. Of
    several with one name the first is offered, for that is the one axio calls.
    """
    reader = (dialect, *further)
    own = [tool.name for tool in tools]
    known = memory.recall_offer(reader, own)
    mark = fingerprint(tools) if known else b""
    if known and known.fingerprint == mark:
        return known
    wire = tool_names(own, dialect)
    names = dict(zip(wire, own, strict=True))
    if further or len(names) < len(tools):
        first = dict(zip(reversed(wire), reversed(tools), strict=True))
        left = [name for name in names if not {name, first[name].name}.intersection(further)]
        tools = [first[name] for name in left]
        names = {name: first[name].name for name in left}
    offer = Offer(reader, own, names, written(functions(names, tools, dialect), dialect), mark)
    memory.remember_offer(offer)
    return offer


def _further(options: Options) -> dict[str, bytes]:
    """The tools among the extra parameters as JSON, by name.

    A service's own tools have no name, and are found by their JSON.

    Raises:
        NotSent: They are no list.
    """
    given = options.extra_params.get("tools") or ()
    if not is_sequence(given):
        raise NotSent(f"extra_params: tools must be a list, not {type(given).__name__}")
    tools: dict[str, bytes] = {}
    for one in given:
        function = one.get("function") if is_object(one) else None
        name = function.get("name") if is_object(function) else None
        wire = encoded(one)
        tools[name if isinstance(name, str) else wire.decode()] = wire
    return tools
