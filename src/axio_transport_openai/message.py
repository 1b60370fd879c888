"""Compiled messages on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from msgspec import UNSET, UnsetType

from .encoding import Base64, Piece, encode_after, fields_of
from .history import NO_RESULT
from .memory import Memory
from .naming import call_id, tool_name
from .part import content, placed
from .replay import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message

    from .dialect import Dialect

__all__ = ["Writer", "text_of"]

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


def text_of(message: Message) -> str:
    """What a message says in words."""
    return "\n\n".join(block.text for block in message.content if isinstance(block, TextBlock))


class Writer:
    """Puts messages on the wire, one after the other."""

    def __init__(self, dialect: Dialect, provider: str, memory: Memory) -> None:
        """Begin to write for a service, which stored blocks call ``provider``."""
        self._dialect = dialect
        self._provider = provider
        self._written = memory.written
        self._names: dict[str, str] = {}  # tools' names on the wire, by their own
        self._media: list[Base64] = []
        #: The calls written so far: the tools' names by the calls' ids.
        self.called: dict[str, str] = {}
        #: Whether one of them has no result.
        self.dangling = False

    def write(self, messages: Sequence[Message]) -> list[Piece]:
        """These messages in pieces, with a comma before each message."""
        written = bytearray()
        for start in range(0, len(messages), _AT_ONCE):
            wire = self._wire(messages[start : start + _AT_ONCE])
            if wire:
                at = len(written)
                encode_after(wire, written)
                written[at : at + 1] = b","  # in place of the bracket
                del written[-1]
        if not self._media:
            return [written] if written else []
        return placed(written, self._media)

    def _wire(self, messages: Sequence[Message]) -> list[object]:
        wire: list[object] = []
        for message in messages:
            if message.role == "assistant":
                wire.append(self._assistant(message.content))
            elif message.role == "user":
                self._user(message.content, wire)
            else:
                wire.append(_Wire(self._dialect.system_role, text_of(message)))
        return wire

    def _assistant(self, blocks: Sequence[ContentBlock]) -> object:
        calls: list[_Call] = []
        plain: list[str] = []
        for block in blocks:
            if isinstance(block, ToolUseBlock):
                calls.append(self._call(block))
            elif isinstance(block, TextBlock):
                plain.append(block.text)
        if len(calls) + len(plain) < len(blocks) or self._dialect.replay_required:
            text, fields = said(blocks, self._dialect, self._provider, calls=bool(calls))
        else:
            text, fields = "".join(plain), None
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
        self.called[call.id] = name
        function = _Function(name, self._written(call))
        made = _Call(call_id(call.id, self._dialect), "function", function)
        if call.signature.startswith("{") and call.provider == self._provider != "":
            made.extra_content = msgspec.Raw(call.signature.encode())
        elif self._dialect.unsigned_call:
            made.extra_content = msgspec.Raw(self._dialect.unsigned_call.encode())
        return made

    def _user(self, blocks: Sequence[ContentBlock], wire: list[object]) -> None:
        results = 0
        for block in blocks:
            if isinstance(block, ToolResultBlock):
                wire.append(self._result(block))
                results += 1
        if results == len(blocks):
            return
        if results and not self._dialect.user_after_tool:
            wire.append(_BRIDGE)
        wire.append(_Wire("user", content(blocks[results:], self._dialect, self._media)))

    def _result(self, block: ToolResultBlock) -> _Wire:
        found = block.content
        told = found if isinstance(found, str) else content(found, self._dialect, self._media)
        if not told:
            told = _NO_OUTPUT
        if block.is_error:
            self.dangling = self.dangling or told == NO_RESULT
            told = f"Error: {told}" if isinstance(told, str) else [_ERROR, *told]
        name = self.called.get(block.tool_use_id, UNSET) if self._dialect.result_names else UNSET
        given = call_id(block.tool_use_id, self._dialect)
        return _Wire("tool", told, tool_call_id=given, name=name)
