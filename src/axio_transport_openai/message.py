"""Messages on the wire: written as they are, as long as they keep the rules of :mod:`.history`.

Nearly every history does, so one walk writes it and looks at the rules; the first that is broken
ends the walk, and what the repair makes of the history is written instead.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import ProviderBlock, ReasoningBlock, TextBlock, ToolResultBlock, ToolUseBlock
from msgspec import UNSET, UnsetType

from .encoding import Base64, Piece, encoded_lines, fields_of, fleeting, put, raw
from .history import NO_RESULT, Broken
from .memory import Memory
from .naming import call_ids, tool_names
from .part import content, placed
from .prose import blank, is_media, text_of
from .replay import said

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from axio.blocks import ContentBlock
    from axio.messages import Message

    from .dialect import Dialect

__all__ = ["Writer"]

#: What stands for a result that says nothing.
_NO_OUTPUT: Final = "[The call gave no output.]"
_ERROR: Final = {"type": "text", "text": "Error:"}
#: How many messages are encoded at once, into one piece: few enough to stay in the processor's
#: cache. All go through one buffer, so that a kept piece is no larger than its messages; and it has
#: room for them from the beginning, in bytes for each, since a buffer that grows is moved.
_AT_ONCE: Final = 96
_ROOM: Final = 1024
#: The content of an assistant message that says nothing.
_SILENCES: Final = {"null": None, "empty": "", "absent": UNSET}
#: What the assistant says beside its words and its calls.
_UNSPOKEN: Final = (ReasoningBlock, ProviderBlock)
_BLOCKS: Final = (TextBlock, ToolUseBlock, *_UNSPOKEN)


class _Function(msgspec.Struct, gc=False):
    name: str
    arguments: str


class _Call(msgspec.Struct, gc=False, tag_field="type", tag="function"):
    id: str
    function: _Function
    extra_content: msgspec.Raw | UnsetType = UNSET


class _System(msgspec.Struct, gc=False):
    role: str
    content: str


class _User(msgspec.Struct, gc=False, tag_field="role", tag="user"):
    content: object


class _Assistant(msgspec.Struct, gc=False, tag_field="role", tag="assistant"):
    content: object
    tool_calls: Sequence[_Call] | UnsetType = UNSET


class _Result(msgspec.Struct, gc=False, tag_field="role", tag="tool"):
    content: object
    tool_call_id: str
    name: str | UnsetType = UNSET


#: Who says what a message holds, where that is words and nothing else.
_SPEAKERS: Final[Mapping[str, Callable[[str], object]]] = {"user": _User, "assistant": _Assistant}
#: What the assistant says between results and the user, where a service wants it to say something.
_BRIDGE: Final = _Assistant("I have the results.")


class Writer:
    """One walk over messages that writes them as JSON, and ends where they break a rule."""

    def __init__(
        self, dialect: Dialect, provider: str, memory: Memory, before: Collection[str] | None = None
    ) -> None:
        """Begin to write for a service, which stored blocks call ``provider``.

        ``before`` holds the ids of the calls in the messages that these go on from, which end with
        the user's word; None where these begin the conversation.
        """
        self._dialect = dialect
        self._provider = provider
        self._memory = memory
        self._before = before
        self._silence = _SILENCES[dialect.empty_content]
        self._last = "" if before is None else "user"
        self._waiting = 0  # how many calls wait for their results
        self._calls: Iterator[_Call] = iter(())  # those that are yet to be written
        #: Of those yet to be answered: their ids, those on the wire, what names their tools.
        self._unanswered: Iterator[tuple[str, str, str | UnsetType]] = iter(())
        self._media: list[Base64] = []
        #: The ids of the calls that were written, their arguments, and those as lines of JSON.
        self.ids: frozenset[str] = frozenset()
        self.inputs: list[object] = []
        self.canonical = b""
        #: Whether one of them has no result.
        self.dangling = False
        #: What else can be changed in place within the blocks that were written.
        self.loose: list[object] = []

    def write(self, messages: Sequence[Message]) -> list[Piece]:
        """These messages in pieces, with a comma before each message.

        Raises:
            Broken: They break one of the rules.
            NotSent: A message holds a block of a kind that cannot be sent.
        """
        self._begin(messages)
        pieces, buffer = list[Piece](), bytearray(min(len(messages), _AT_ONCE) * _ROOM)
        for start in range(0, len(messages), _AT_ONCE):
            put(self._wire(messages[start : start + _AT_ONCE]), buffer)
            piece = b"".join((b",", memoryview(buffer)[1:-1]))  # without the brackets
            pieces += placed(piece, self._media) if self._media else [piece]
            self._media.clear()
        if self._waiting or not (self._last in {"user", ""} or self._dialect.prefill):
            raise Broken
        return pieces

    def _begin(self, messages: Sequence[Message]) -> None:
        """Check how they begin, and prepare the JSON of all their calls at once."""
        if self._before is None and messages:
            role = messages[0].role
            if role == "system" or (role == "assistant" and self._dialect.user_first):
                raise Broken
        calls = [
            block
            for message in messages
            if message.role == "assistant"
            for block in message.content
            if isinstance(block, ToolUseBlock)
        ]
        if not calls:
            return
        given = [call.id for call in calls]
        self.ids = ids = frozenset(given)
        if len(ids) < len(given) or "" in ids or not ids.isdisjoint(self._before or ()):
            raise Broken
        self.inputs = [call.input for call in calls]
        self.canonical = encoded_lines(self.inputs)
        wire_ids = call_ids(given, self._dialect)
        tools = tool_names([call.name for call in calls], self._dialect)
        functions = map(_Function, tools, self._memory.written(given, self.canonical))
        self._calls = map(_Call, wire_ids, functions, self._proofs(calls))
        named = tools if self._dialect.result_names else repeat(UNSET)
        self._unanswered = zip(given, wire_ids, named, strict=False)

    def _proofs(self, calls: Sequence[ToolUseBlock]) -> Iterable[msgspec.Raw | UnsetType]:
        """The proofs of calls, which go to no other service than they came from."""
        proven = self._dialect.unsigned_call or [True for call in calls if call.signature]
        return map(self._proof, calls) if proven or self._memory.proves else repeat(UNSET)

    def _proof(self, call: ToolUseBlock) -> msgspec.Raw | UnsetType:
        own = call.signature if call.provider == self._provider != "" else ""
        own = own or self._memory.proof(call.id, self._provider)
        return raw(own) or raw(self._dialect.unsigned_call) or UNSET

    def _result(self, block: ToolResultBlock) -> _Result:
        """The result of the first call that has none yet."""
        given, wire_id, tool = next(self._unanswered)
        if block.tool_use_id != given:
            raise Broken
        output: object = block.content
        if block.is_error or not isinstance(output, str) or not output or output.isspace():
            output = self._output(block)
        else:
            output = fleeting(output)
        return _Result(output, wire_id, tool)

    def _output(self, block: ToolResultBlock) -> str | list[object]:
        """What the model reads of a result that is empty, an error, or more than a text."""
        found = block.content
        output = found if isinstance(found, str) else self._shown(found)
        if not output or (isinstance(output, str) and output.isspace()):
            output = _NO_OUTPUT
        if block.is_error:
            self.dangling = self.dangling or output == NO_RESULT
            output = f"Error: {output}" if isinstance(output, str) else [_ERROR, *output]
        return output

    def _shown(self, blocks: Sequence[ContentBlock]) -> str | list[object]:
        """What a result holds that is more than a text."""
        self.loose.append(blocks)
        for block in blocks:
            if is_media(block) and not self._dialect.takes(block.media_type, in_result=True):
                raise Broken
        return content([one for one in blocks if not blank(one)], self._dialect, self._media)

    def _wire(self, messages: Sequence[Message]) -> list[object]:
        wire: list[object] = []
        silence, calls, plain = self._silence, self._calls, not self._dialect.replay_required
        last, waiting = self._last, self._waiting
        for message in messages:
            role, blocks = message.role, message.content
            if role == last:
                raise Broken
            last = role
            # Nearly all that an agent's messages hold is one result, one call, or one text.
            alone = blocks[0] if len(blocks) == 1 else None
            if role == "user" and waiting == 1 and isinstance(alone, ToolResultBlock):
                wire.append(self._result(alone))
                waiting = 0
            elif role == "assistant" and plain and isinstance(alone, ToolUseBlock):
                wire.append(_Assistant(silence, (next(calls),)))
                waiting = 1
            elif isinstance(alone, TextBlock) and plain and not waiting and role in _SPEAKERS:
                wire.append(_SPEAKERS[role](_words(alone)))
            else:
                waiting = self._other(message, waiting, wire)
        self._last, self._waiting = last, waiting
        return wire

    def _other(self, message: Message, waiting: int, wire: list[object]) -> int:
        """Put any other message on the wire; how many calls then wait for their results."""
        role, blocks = message.role, message.content
        if role == "user":
            wire += self._user(blocks, waiting)
            return 0
        if waiting:
            raise Broken
        if role == "assistant":
            calls = [next(self._calls) for block in blocks if isinstance(block, ToolUseBlock)]
            wire.append(self._assistant(blocks, calls))
            return len(calls)
        wire.append(self._system(message))
        return 0

    def _system(self, message: Message) -> _System:
        words = [isinstance(block, TextBlock) and not blank(block) for block in message.content]
        if not (words and all(words) and self._dialect.system_within):
            raise Broken
        return _System(self._dialect.system_role, text_of(message))

    def _assistant(self, blocks: Sequence[ContentBlock], calls: list[_Call]) -> object:
        if not all(isinstance(block, _BLOCKS) for block in blocks):
            raise Broken
        text = "".join([block.text for block in blocks if isinstance(block, TextBlock)])
        silent = not text or text.isspace()
        if (silent and not calls) or (calls[1:] and not self._dialect.calls_together):
            raise Broken
        unspoken = any(isinstance(block, _UNSPOKEN) for block in blocks)
        if unspoken or self._dialect.replay_required:
            return self._replayed(blocks, calls)
        return _Assistant(self._silence if silent else fleeting(text), calls or UNSET)

    def _replayed(self, blocks: Sequence[ContentBlock], calls: list[_Call]) -> object:
        """What the assistant says, with its reasoning as the service wants it back."""
        self.loose += [block.data for block in blocks if isinstance(block, ProviderBlock)]
        text, fields = said(blocks, self._dialect, self._provider, calls=bool(calls))
        silent = not text or (isinstance(text, str) and text.isspace())
        message = _Assistant(self._silence if silent else text, calls or UNSET)
        if not fields:
            return message
        calls_last = {"tool_calls": calls} if calls else {}
        return {**fields_of(message), **fields, **calls_last}

    def _user(self, blocks: Sequence[ContentBlock], waiting: int) -> list[object]:
        """The results of the calls that wait for them, and then what the user says."""
        results = [one for one in blocks[:waiting] if isinstance(one, ToolResultBlock)]
        if len(results) < waiting or not blocks:
            raise Broken
        wire: list[object] = [*map(self._result, results)]
        if words := blocks[waiting:]:
            if wire and not self._dialect.user_after_tool:
                wire.append(_BRIDGE)
            wire.append(_User(self._said(words)))
        return wire

    def _said(self, blocks: Sequence[ContentBlock]) -> object:
        """What the user says, if that is all it takes."""
        for block in blocks:
            if isinstance(block, TextBlock):
                right = not blank(block)
            else:
                right = is_media(block) and self._dialect.takes(block.media_type)
            if not right:
                raise Broken
        return content(blocks, self._dialect, self._media)


def _words(block: TextBlock) -> str:
    """The words of a text that has some."""
    if not block.text or block.text.isspace():
        raise Broken
    return fleeting(block.text)
