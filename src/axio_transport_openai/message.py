"""Messages on the wire, as long as they keep the rules of :mod:`.history`.

Nearly all histories do. So the rules are looked at where each block is written anyway, and only a
history that breaks one is repaired first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import ProviderBlock, ReasoningBlock, TextBlock, ToolResultBlock, ToolUseBlock
from msgspec import UNSET, UnsetType

from .encoding import Base64, Piece, encode_after, fields_of
from .history import NO_RESULT
from .memory import Memory
from .naming import call_id, tool_name
from .part import content, placed
from .prose import is_media
from .replay import said

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message

    from .dialect import Dialect

__all__ = ["Irregular", "Writer", "text_of"]

#: What stands for a result that says nothing.
_NO_OUTPUT: Final = "[The call gave no output.]"
_ERROR: Final = {"type": "text", "text": "Error:"}
#: How many messages are written at once: few enough that their objects stay at hand.
_AT_ONCE: Final = 64


class _Wire(msgspec.Struct, gc=False):
    """One message on the wire; what is unset is not sent."""

    role: str
    content: object
    tool_calls: list[_Call] | UnsetType = UNSET
    tool_call_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class _Function(msgspec.Struct, gc=False):
    name: str
    arguments: str


class _Call(msgspec.Struct, gc=False):
    id: str
    type: str
    function: _Function
    extra_content: msgspec.Raw | UnsetType = UNSET


#: What the assistant says between results and the user, where a service wants it to say something.
_BRIDGE: Final = _Wire("assistant", "I have the results.")


class Irregular(Exception):
    """The messages break a rule, and have to be repaired before they are written."""


def text_of(message: Message) -> str:
    """What a message says in words."""
    return "\n\n".join(block.text for block in message.content if isinstance(block, TextBlock))


class Writer:
    """Puts messages on the wire, one after the other."""

    def __init__(
        self,
        dialect: Dialect,
        provider: str,
        memory: Memory,
        before: Collection[str] | None = None,
        *,
        repaired: bool = False,
    ) -> None:
        """Begin to write for a service, which stored blocks call ``provider``.

        ``before`` holds the ids of the calls in the messages that these go on from; None where
        these begin the conversation. What was ``repaired`` is written as it is.
        """
        self._dialect = dialect
        self._provider = provider
        self._written = memory.written
        self._before = before or ()
        self._repaired = repaired
        self._last = "user"  # who spoke last
        if before is None:
            self._last = "assistant" if dialect.user_first else ""
        self._waiting: Sequence[ToolUseBlock] = ()  # calls whose results come next
        self._names: dict[str, str] = {}  # tools' names on the wire, by their own
        self._media: list[Base64] = []
        #: The calls written so far: the tools' names by the calls' ids.
        self.called: dict[str, str] = {}
        #: Whether one of them has no result.
        self.dangling = False

    def write(self, messages: Sequence[Message]) -> list[Piece]:
        """These messages in pieces, with a comma before each message.

        Raises:
            Irregular: They break a rule.
        """
        written = bytearray()
        for start in range(0, len(messages), _AT_ONCE):
            wire: list[object] = []
            for message in messages[start : start + _AT_ONCE]:
                self._message(message, wire)
            at = len(written)
            encode_after(wire, written)
            written[at : at + 1] = b","  # in place of the bracket
            del written[-1]
        may_end = bool(messages) and self._dialect.prefill and not self._waiting
        self._keep(self._last == "user" or may_end)
        if not self._media:
            return [written] if written else []
        return placed(written, self._media)

    def _keep(self, rule: bool) -> None:  # noqa: FBT001 - whether it is kept
        """Go on if a rule is kept, or was seen to."""
        if not (rule or self._repaired):
            raise Irregular

    def _message(self, message: Message, wire: list[object]) -> None:
        role = message.role
        if role == self._last:
            self._keep(rule=False)
        if role == "system":
            self._keep(rule=False)
            wire.append(_Wire(self._dialect.system_role, text_of(message)))
            return
        self._last = role
        if role == "assistant":
            wire.append(self._assistant(message.content))
        else:
            self._user(message.content, wire)

    def _assistant(self, blocks: Sequence[ContentBlock]) -> object:
        given = [block for block in blocks if isinstance(block, ToolUseBlock)]
        plain = [block.text for block in blocks if isinstance(block, TextBlock)]
        whole = len(given) + len(plain) == len(blocks)
        if not whole:
            known = ToolUseBlock | TextBlock | ReasoningBlock | ProviderBlock
            self._keep(all(isinstance(block, known) for block in blocks))
        self._keep(bool(given) or not all(map(_blank, plain)))
        self._waiting = given
        calls = [self._call(block) for block in given]
        text: str | list[object] = "".join(plain)
        fields: dict[str, object] = {}
        if not whole or self._dialect.replay_required:
            text, fields = said(blocks, self._dialect, self._provider, calls=bool(calls))
        silent = not text or (isinstance(text, str) and text.isspace())
        message = _Wire("assistant", self._silence() if silent else text, calls or UNSET)
        if not fields:
            return message
        calls_last = {"tool_calls": calls} if calls else {}
        return {**fields_of(message), **fields, **calls_last}

    def _silence(self) -> object:
        """What a message without a text has for a content."""
        match self._dialect.empty_content:
            case "null":
                return None
            case "empty":
                return ""
            case "absent":
                return UNSET

    def _call(self, call: ToolUseBlock) -> _Call:
        name = self._names.get(call.name)
        if name is None:
            name = self._names[call.name] = tool_name(call.name, self._dialect)
        if not call.id or call.id in self.called or call.id in self._before:
            self._keep(rule=False)
        self.called[call.id] = name
        function = _Function(name, self._written(call))
        made = _Call(call_id(call.id, self._dialect), "function", function)
        if call.signature.startswith("{") and call.provider == self._provider != "":
            made.extra_content = msgspec.Raw(call.signature.encode())
        elif self._dialect.unsigned_call:
            made.extra_content = msgspec.Raw(self._dialect.unsigned_call.encode())
        return made

    def _user(self, blocks: Sequence[ContentBlock], wire: list[object]) -> None:
        waiting, self._waiting = self._waiting, ()
        results = len(waiting)
        if len(blocks) < (results or 1):
            self._keep(rule=False)
        for call, block in zip(waiting, blocks, strict=False):
            if not isinstance(block, ToolResultBlock) or block.tool_use_id != call.id:
                raise Irregular
            wire.append(self._result(block))
        if len(blocks) == results:
            return
        for block in blocks[results:]:
            if isinstance(block, TextBlock):
                self._keep(not _blank(block.text))
            else:
                self._keep(is_media(block) and self._dialect.takes(block.media_type))
        if results and not self._dialect.user_after_tool:
            wire.append(_BRIDGE)
        wire.append(_Wire("user", content(blocks[results:], self._dialect, self._media)))

    def _result(self, block: ToolResultBlock) -> _Wire:
        found = block.content
        if isinstance(found, str):
            told: str | list[object] = found
        else:
            for part in found:
                if is_media(part):
                    self._keep(self._dialect.takes(part.media_type, in_result=True))
            told = content(found, self._dialect, self._media)
        if not told:
            told = _NO_OUTPUT
        if block.is_error:
            self.dangling = self.dangling or told == NO_RESULT
            told = f"Error: {told}" if isinstance(told, str) else [_ERROR, *told]
        name = self.called.get(block.tool_use_id, UNSET) if self._dialect.result_names else UNSET
        given = call_id(block.tool_use_id, self._dialect)
        return _Wire("tool", told, tool_call_id=given, name=name)


def _blank(text: str) -> bool:
    return not text or text.isspace()
