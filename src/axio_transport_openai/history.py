"""Messages as any service accepts them: a pure, idempotent repair of a history.

What comes out keeps these rules, whatever came in:

- System messages come first, unless the dialect lets them stand anywhere.
- Then user and assistant take turns, and none of their messages is empty.
- After an assistant message with calls, the user's begins with one result for each of them, in
  their order. There are no other results, and no two calls have one id.
- The user has the last word, unless the dialect lets the model continue an assistant message.
- Images, sound and video stand only where the dialect takes them.

Nothing is dropped in silence: what cannot stay where it is goes to the nearest place the model can
read, with a note in its stead.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from axio.blocks import (
    AudioBlock,
    ImageBlock,
    ProviderBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
)
from axio.messages import Message

from .errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from axio.blocks import ContentBlock

    from .dialect import Dialect

__all__ = ["NO_RESULT", "compiled"]

type Media = ImageBlock | AudioBlock | VideoBlock

#: The result of a call that has none.
NO_RESULT: Final = "[This call has no result: it was interrupted before it ended.]"
#: What the user says where a service needs a user's message and there is none.
_GO_ON: Final = "Continue."
#: What the user says before an assistant message that begins a conversation.
_BEFORE: Final = "[The conversation begins with an answer.]"


def compiled(
    messages: Iterable[Message], dialect: Dialect, before: Collection[str] | None = None
) -> list[Message]:
    """These messages, repaired.

    ``before`` holds the ids of the calls in the messages that these go on from; None where these
    begin the conversation.

    Raises:
        NotSent: A message holds a block of a kind that cannot be sent.
    """
    pass_ = _Pass(dialect, set(before or ()))
    for message in messages:
        pass_.add(message)
    return pass_.end(begins=before is None)


class _Turn:
    """A message being put together."""

    __slots__ = ("blocks", "calls", "results", "role")

    def __init__(self, role: str, calls: Sequence[ToolUseBlock] = ()) -> None:
        self.role = role
        self.blocks: list[ContentBlock] = []
        self.calls = calls  # the calls that a user's message answers
        self.results: list[ToolResultBlock | None] = [None] * len(calls)


class _Pass:
    """One walk over a history."""

    def __init__(self, dialect: Dialect, used: set[str]) -> None:
        self._dialect = dialect
        self._used = used
        self._turns: list[_Turn] = []
        self._open: dict[str, list[tuple[_Turn, int]]] = {}  # calls with no result, by first id
        self._carried: list[ContentBlock] = []  # media for the user's next message

    def add(self, message: Message) -> None:
        """Take the next message."""
        if message.role == "assistant":
            self._assistant(message.content)
        elif message.role == "system":
            self._system(message.content)
        else:
            self._user(message.content)

    def end(self, *, begins: bool) -> list[Message]:
        """The repaired messages."""
        if self._carried:
            self._say([])
        turns = self._turns
        if not self._dialect.prefill and turns and turns[-1].role != "user":
            self._say([TextBlock(_GO_ON)])
        messages = [_message(turn, self._dialect) for turn in turns]
        if begins and self._dialect.user_first:
            _begin_with_user(messages)
        return messages

    def _system(self, blocks: Sequence[ContentBlock]) -> None:
        texts: list[ContentBlock] = []
        for block in blocks:
            if isinstance(block, ImageBlock | AudioBlock | VideoBlock):
                self._carried += [TextBlock(f"[{_named(block)} of the system's:]"), block]
            else:
                texts += _readable(block)
        if not texts:
            return
        if self._dialect.system_anywhere or all(turn.role == "system" for turn in self._turns):
            self._turns.append(turn := _Turn("system"))
            turn.blocks += texts
        else:
            self._say([TextBlock("[System message:]"), *texts])

    def _user(self, blocks: Sequence[ContentBlock]) -> None:
        said: list[ContentBlock] = []
        for block in blocks:
            if isinstance(block, ToolResultBlock):
                said += self._result(block)
            elif isinstance(block, ImageBlock | AudioBlock | VideoBlock):
                said.append(block)
            else:
                said += _readable(block)
        if said:
            self._say(said)

    def _say(self, blocks: Sequence[ContentBlock]) -> None:
        """Let the user say this, in the message that is theirs already or in another."""
        if not self._turns or self._turns[-1].role != "user":
            self._turns.append(_Turn("user"))
        self._turns[-1].blocks += [*self._carried, *blocks]
        self._carried.clear()

    def _result(self, block: ToolResultBlock) -> Sequence[ContentBlock]:
        """Give a result to its call; what remains to be said where it has none."""
        waiting = self._open.get(block.tool_use_id)
        if not waiting:
            return _orphan(block)
        nearest = waiting[-1][0]
        turn, at = entry = next(entry for entry in waiting if entry[0] is nearest)
        waiting.remove(entry)
        turn.results[at] = block
        return ()

    def _assistant(self, blocks: Sequence[ContentBlock]) -> None:
        own: list[ContentBlock] = []
        calls: list[ToolUseBlock] = []
        results: list[ToolResultBlock] = []
        for block in blocks:
            match block:
                case TextBlock() | ReasoningBlock() | ProviderBlock():
                    own.append(block)
                case ToolUseBlock():
                    calls.append(block)
                case ToolResultBlock():
                    results.append(block)
                case ImageBlock() | AudioBlock() | VideoBlock():
                    own.append(TextBlock(f"[{_named(block)}: see the next message.]"))
                    self._carried += [TextBlock(f"[{_named(block)} from your answer:]"), block]
                case _:
                    raise _unknown(block)
        if calls or any(isinstance(block, TextBlock) and not _blank(block) for block in own):
            self._answer(own, calls)
        if results:
            self._user(results)

    def _answer(self, own: list[ContentBlock], calls: Sequence[ToolUseBlock]) -> None:
        carried, self._carried = self._carried, []
        if self._turns and self._turns[-1].role == "assistant":
            self._turns[-1].blocks += [TextBlock("\n\n"), *own]
        else:
            self._turns.append(turn := _Turn("assistant"))
            turn.blocks += own
        self._carried = carried
        if not calls:
            return
        named = [self._unique(call) for call in calls]
        self._turns[-1].blocks += named
        self._turns.append(answer := _Turn("user", named))
        for at, call in enumerate(calls):
            self._open.setdefault(call.id, []).append((answer, at))

    def _unique(self, call: ToolUseBlock) -> ToolUseBlock:
        """This call under an id that no call before it has."""
        name, nth = call.id or "call", 2
        while name in self._used or not name:
            name, nth = f"{call.id or 'call'}_{nth}", nth + 1
        self._used.add(name)
        if name == call.id:
            return call
        return ToolUseBlock(name, call.name, call.input, call.signature, call.provider)


def _message(turn: _Turn, dialect: Dialect) -> Message:
    """The message of a turn whose every block has come."""
    match turn.role:
        case "assistant":
            return Message("assistant", turn.blocks)
        case "system":
            return Message("system", turn.blocks)
    said: list[ContentBlock] = []
    shown: list[ContentBlock] = []
    for call, result in zip(turn.calls, turn.results, strict=True):
        said.append(_placed(call, result, dialect, shown))
    for block in [*shown, *turn.blocks]:
        said.append(_note(block) if _unseen(block, dialect) else block)
    return Message("user", said)


def _placed(
    call: ToolUseBlock, result: ToolResultBlock | None, dialect: Dialect, shown: list[ContentBlock]
) -> ToolResultBlock:
    """The result of a call, with what cannot stand in it moved to ``shown``."""
    if result is None:
        return ToolResultBlock(call.id, NO_RESULT, is_error=True)
    if isinstance(result.content, str):
        if result.tool_use_id == call.id:
            return result
        return ToolResultBlock(call.id, result.content, result.is_error)
    content: list[TextBlock | ImageBlock | AudioBlock | VideoBlock] = []
    for block in result.content:
        if isinstance(block, TextBlock):
            content.append(block)
        elif _unseen(block, dialect):
            content.append(_note(block))
        elif isinstance(block, ImageBlock) and dialect.images_in_results:
            content.append(block)
        else:
            content.append(TextBlock(f"[{_named(block)}: see the next message.]"))
            shown += [TextBlock(f"[{_named(block)} from the result of {call.name}:]"), block]
    return ToolResultBlock(call.id, content, result.is_error)


def _begin_with_user(messages: list[Message]) -> None:
    at = next((at for at, message in enumerate(messages) if message.role != "system"), None)
    if at is not None and messages[at].role == "assistant":
        messages.insert(at, Message("user", [TextBlock(_BEFORE)]))


def _readable(block: ContentBlock) -> Sequence[ContentBlock]:
    """A block in a message that is not the assistant's, as text."""
    match block:
        case TextBlock():
            return () if _blank(block) else (block,)
        case ReasoningBlock(text=text):
            return (TextBlock(f"[Reasoning: {text}]"),) if text else ()
        case ProviderBlock(provider=provider, kind=kind):
            return (TextBlock(f"[{kind} of {provider}]"),)
        case ToolUseBlock(name=name, input=arguments):
            return (TextBlock(f"[Call of {name}: {json.dumps(arguments, default=str)}]"),)
        case ToolResultBlock():
            return _orphan(block)
    raise _unknown(block)


def _orphan(block: ToolResultBlock) -> Sequence[ContentBlock]:
    """A result whose call is not in the history, as what the user says."""
    failed = ", which failed" if block.is_error else ""
    head = TextBlock(f"[Result of a call that is not in this conversation{failed}:]")
    if isinstance(block.content, str):
        return (head, TextBlock(block.content)) if block.content.strip() else (head,)
    return (head, *(part for part in block.content if not _blank(part)))


def _unseen(block: ContentBlock, dialect: Dialect) -> bool:
    """Whether this is something that the model can neither see nor hear."""
    match block:
        case ImageBlock():
            return not dialect.images
        case AudioBlock():
            return not dialect.audio
        case VideoBlock():
            return not dialect.video
    return False


def _note(block: ContentBlock) -> TextBlock:
    if not isinstance(block, ImageBlock | AudioBlock | VideoBlock):
        raise _unknown(block)
    return TextBlock(f"[{_named(block)}, {len(block.data)} bytes, which this model cannot take.]")


def _named(block: Media) -> str:
    kind = block.media_type.partition("/")[0]
    return f"{'An' if kind in {'image', 'audio'} else 'A'} {kind} ({block.media_type})"


def _blank(block: ContentBlock) -> bool:
    return isinstance(block, TextBlock) and not block.text.strip()


def _unknown(block: ContentBlock) -> NotSent:
    return NotSent(f"a message holds a {type(block).__name__}, which chat completions cannot carry")
