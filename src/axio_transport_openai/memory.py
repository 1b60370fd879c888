"""What one transport remembers from request to request, within bounds.

Two things, and both for the sake of the services' prompt caches, which take a prompt for the same
only where its bytes are: the arguments of each call as the model wrote them, for axio keeps only
what they mean, and the bytes in which a conversation was sent so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from axio.blocks import TextBlock, ToolResultBlock, ToolUseBlock

from .prose import blank
from .surrogate import whole
from .wire import encode, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message
    from axio.tool import Tool

__all__ = ["Memory", "Offer", "Past", "encoded", "fields_of"]

#: How many calls are remembered, how many of one id, how many conversations, and their bytes.
_CALLS: Final = 4096
_FORMS: Final = 16
_CONVERSATIONS: Final = 16
_BYTES: Final = 128 * 1024 * 1024
_NONE: Final[dict[bytes, str]] = {}


type _Told = tuple[str, str, Mapping[str, object]]


@dataclass(frozen=True)
class Offer:
    """Tools as they were offered."""

    #: For whom they were written: a dialect.
    reader: Hashable
    #: What is told of each: its name, description and schema.
    tools: Sequence[_Told]
    #: The tools on the wire, by their names there.
    written: Mapping[str, bytes]
    #: Those that go by another name there than their own, which this is.
    names: Mapping[str, str]


@dataclass(frozen=True)
class Past:
    """A conversation as far as it was sent, to the user's last word."""

    #: For whom it was written: a dialect, and what stored blocks call the service.
    reader: tuple[Hashable, str]
    roles: Sequence[str] = ()
    #: The blocks of each message, in lists of our own: a message changed since is another.
    contents: Sequence[Sequence[ContentBlock]] = ()
    #: What the system messages at its beginning say.
    system: str = ""
    #: The ids of its calls, and whether one of them has no result.
    calls: frozenset[str] = frozenset()
    dangling: bool = False
    #: Whether it ends with the user's word, so that what follows can go on from there.
    settled: bool = False
    #: Its messages on the wire, in pieces, with commas between the messages.
    sent: Sequence[bytes] = ()

    def begins(self, roles: Sequence[str], contents: Sequence[Sequence[ContentBlock]]) -> bool:
        """Whether the messages with these roles and contents begin with these."""
        length = len(self.roles)
        return contents[:length] == self.contents and roles[:length] == self.roles


class Memory:
    """What is remembered."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._written: dict[str, dict[bytes, str]] = {}  # by what they mean, by call
        self._pasts: list[Past] = []  # the one used last is last
        self._offers: list[Offer] = []

    def keep(self, call_id: str, arguments: str) -> None:
        """Remember the arguments of a call as the model wrote them."""
        try:
            canonical = encode(msgspec.json.decode(arguments))
        except (ValueError, RecursionError):
            return
        if canonical.startswith(b"{") and canonical != arguments.encode():
            forms = self._written.pop(call_id, {})
            if len(forms) > _FORMS:
                forms.clear()
            self._written[call_id] = forms | {canonical: arguments}
            if len(self._written) > _CALLS:
                del self._written[next(iter(self._written))]

    def written(self, call: ToolUseBlock) -> str:
        """The arguments of a call as the model wrote them, or else in the one way we write them."""
        canonical = encoded(call.input)
        return self._written.get(call.id, _NONE).get(canonical) or canonical.decode()

    def recall(self, reader: tuple[Hashable, str], messages: Sequence[Message]) -> Past:
        """The longest beginning of these messages that was sent, if they only go on from it."""
        roles = [message.role for message in messages]
        contents = [message.content for message in messages]
        known = [past for past in self._pasts if past.reader == reader]
        found = max(
            (past for past in known if past.begins(roles, contents)),
            key=lambda past: len(past.roles),
            default=Past(reader),
        )
        further = messages[len(found.roles) :]
        return found if _go_on(further, dangling=found.dangling) else Past(reader)

    def remember(self, past: Past, instead: Past) -> None:
        """Remember how far a conversation was sent, ``instead`` of what was recalled of it."""
        others = [known for known in self._pasts if known is not instead]
        self._pasts = others[1 - _CONVERSATIONS :]
        self._pasts.append(past)
        held = [sum(map(len, known.sent)) for known in self._pasts]
        while len(self._pasts) > 1 and sum(held) > _BYTES:
            del self._pasts[0], held[0]

    def offer(self, reader: Hashable, tools: Sequence[Tool[Any]]) -> Offer | None:
        """The same tools, if they were offered before."""
        told = _told(tools)
        known = (offer for offer in self._offers if offer.tools == told)
        return next((offer for offer in known if offer.reader == reader), None)

    def offered(
        self,
        reader: Hashable,
        tools: Sequence[Tool[Any]],
        written: Mapping[str, bytes],
        names: Mapping[str, str],
    ) -> Offer:
        """Remember how tools were offered."""
        self._offers = self._offers[1 - _CONVERSATIONS :]
        self._offers.append(offer := Offer(reader, _told(tools), written, names))
        return offer


def encoded(value: object) -> bytes:
    """The value as JSON, with U+FFFD for halves of characters, which JSON cannot hold."""
    try:
        return encode(value)
    except UnicodeEncodeError:
        return encode(_whole(value))


def fields_of(value: msgspec.Struct) -> dict[str, object]:
    """The fields of a struct that are set."""
    found: dict[str, object] = msgspec.structs.asdict(value)
    return {key: item for key, item in found.items() if item is not msgspec.UNSET}


def _told(tools: Sequence[Tool[Any]]) -> list[_Told]:
    return [(tool.name, tool.description, tool.schema) for tool in tools]


def _whole(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, msgspec.Struct):
        return {key: _whole(item) for key, item in fields_of(value).items()}
    if is_list(value):
        return [_whole(item) for item in value]
    if is_object(value):
        return {whole(key): _whole(item) for key, item in value.items()}
    return value


def _go_on(messages: Sequence[Message], *, dangling: bool) -> bool:
    """Whether nothing in these messages can change how those before them are compiled.

    Those before end with the user's word; ``dangling`` says that a call of theirs has no result.
    """
    if not messages:
        return True
    first = messages[0]
    if first.role != "assistant" or not any(
        isinstance(block, ToolUseBlock) or (isinstance(block, TextBlock) and not blank(block))
        for block in first.content
    ):
        return False
    if not dangling:
        return True
    blocks = [block for message in messages for block in message.content]
    calls = {block.id for block in blocks if isinstance(block, ToolUseBlock)}
    return all(b.tool_use_id in calls for b in blocks if isinstance(b, ToolResultBlock))
