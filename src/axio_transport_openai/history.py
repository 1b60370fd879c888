"""Messages as any service accepts them: a pure, idempotent repair of a history.

What comes out keeps these rules, whatever came in:

- System messages come first, unless the dialect lets them stand anywhere.
- Then user and assistant take turns, and none of their messages is empty.
- After an assistant message with calls, the user's begins with one result for each of them, in
  their order. There are no other results, and no two calls have one id. Where the dialect takes
  one call at a time, each has a message of its own.
- The user has the last word, unless the dialect lets the model continue an assistant message.
- Images, sound and video stand only where the dialect takes them.

Nothing is dropped in silence: what cannot stay where it is goes to the nearest place the model can
read, with a note in its stead.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

from axio.blocks import ProviderBlock, ReasoningBlock, TextBlock, ToolResultBlock, ToolUseBlock
from axio.messages import Message

from .prose import blank, is_media, named, note, orphan, readable, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from axio.blocks import AudioBlock, ContentBlock, ImageBlock, VideoBlock

    from .dialect import Dialect

__all__ = ["GO_ON", "NO_RESULT", "Broken", "compiled"]

type Role = Literal["user", "assistant", "system"]

#: The result of a call that has none.
NO_RESULT: Final = "[This call has no result: it was interrupted before it ended.]"
#: What the user says where a service needs a user's message and there is none.
GO_ON: Final = TextBlock("Continue.")
#: What the user says before an assistant message that begins a conversation.
_BEFORE: Final = "[The conversation begins with an answer.]"


class Broken(Exception):
    """A history breaks a rule, and has to be repaired before it can be written."""


def compiled(
    messages: Sequence[Message], dialect: Dialect, before: Collection[str] | None = None
) -> list[Message]:
    """These messages, repaired.

    ``before`` holds the ids of the calls in the messages that these go on from; None where these
    begin the conversation.

    Raises:
        NotSent: A message holds a block of a kind that cannot be sent.
    """
    repair = _Repair(dialect, set(before or ()))
    for message in messages:
        repair.add(message)
    return repair.end(begins=before is None)


class _Draft:
    """A message being put together."""

    __slots__ = ("blocks", "calls", "results", "role")

    def __init__(self, role: Role, calls: Sequence[ToolUseBlock] = ()) -> None:
        self.role: Role = role
        self.blocks: list[ContentBlock] = []
        self.calls = calls  # the calls that a user's message answers
        self.results: list[ToolResultBlock | None] = [None] * len(calls)


class _Repair:
    """One walk over a history."""

    def __init__(self, dialect: Dialect, used: set[str]) -> None:
        self._dialect = dialect
        self._used = used
        self._turns: list[_Draft] = []
        self._numbers: dict[str, int] = {}  # the next number to make another id with, of each id
        # Calls with no result, by first id: the messages for those, and the places in each.
        self._open: dict[str, list[tuple[_Draft, deque[int]]]] = {}
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
        turns = self._turns
        if self._carried:
            self._say(())
        elif turns and turns[-1].role != "user" and not self._dialect.prefill:
            self._say([GO_ON])
        at = next((at for at, turn in enumerate(turns) if turn.role != "system"), 0)
        if begins and self._dialect.user_first and turns and turns[at].role == "assistant":
            turns.insert(at, first := _Draft("user"))
            first.blocks.append(TextBlock(_BEFORE))
        return [_message(turn, self._dialect) for turn in turns]

    def _turn(self, role: Role) -> _Draft:
        """The last message, if it is of this role, or else another one."""
        if not self._turns or self._turns[-1].role != role:
            self._turns.append(_Draft(role))
        return self._turns[-1]

    def _system(self, blocks: Sequence[ContentBlock]) -> None:
        texts: list[ContentBlock] = []
        for block in chain.from_iterable(map(readable, blocks)):
            if is_media(block):
                self._carried += [TextBlock(f"[{named(block)} from the system:]"), block]
            else:
                texts.append(block)
        if not texts:
            return
        if self._turns and self._turns[-1].role != "system" and not self._dialect.system_within:
            self._say([TextBlock("[System message:]"), *texts])
            return
        self._turn("system").blocks += texts

    def _user(self, blocks: Sequence[ContentBlock]) -> None:
        said: list[ContentBlock] = []
        for block in blocks:
            said += self._result(block) if isinstance(block, ToolResultBlock) else readable(block)
        if said:
            self._say(said)

    def _say(self, blocks: Sequence[ContentBlock]) -> None:
        """Let the user say this, in the message that is theirs already or in another."""
        self._turn("user").blocks += [*self._carried, *blocks]
        self._carried.clear()

    def _result(self, block: ToolResultBlock) -> Sequence[ContentBlock]:
        """Give a result to its call; what remains to be said where it has none."""
        waiting = self._open.get(block.tool_use_id)
        if not waiting:
            return orphan(block)
        turn, places = waiting[-1]
        turn.results[places.popleft()] = block
        if not places:
            waiting.pop()
        return ()

    def _assistant(self, blocks: Sequence[ContentBlock]) -> None:
        own: list[ContentBlock] = []
        calls: list[ToolUseBlock] = []
        results: list[ToolResultBlock] = []
        media: list[ContentBlock] = []
        for block in blocks:
            if isinstance(block, TextBlock | ReasoningBlock | ProviderBlock):
                own.append(block)
            elif isinstance(block, ToolUseBlock):
                calls.append(block)
            elif isinstance(block, ToolResultBlock):
                results.append(block)
            elif is_media(block):
                own.append(TextBlock(f"[{named(block)}: see the next message.]"))
                media += [TextBlock(f"[{named(block)} from your answer:]"), block]
            else:
                raise unknown(block)
        if calls or any(isinstance(block, TextBlock) and not blank(block) for block in own):
            self._answer(own, calls)
        self._carried += media
        self._user(results)

    def _answer(self, own: Sequence[ContentBlock], calls: Sequence[ToolUseBlock]) -> None:
        if self._carried:
            self._say(())
        turn = self._turn("assistant")
        turn.blocks += [TextBlock("\n\n"), *own] if turn.blocks else own
        for some in [calls] if self._dialect.calls_together else [[call] for call in calls]:
            self._call(some)

    def _call(self, calls: Sequence[ToolUseBlock]) -> None:
        """Let the assistant make these calls at once, and the user have a result for each."""
        if not calls:
            return
        unique = [self._unique(call) for call in calls]
        self._turn("assistant").blocks += unique
        self._turns.append(results := _Draft("user", unique))
        for at, call in enumerate(calls):
            waiting = self._open.setdefault(call.id, [])
            if not (waiting and waiting[-1][0] is results):
                waiting.append((results, deque()))
            waiting[-1][1].append(at)

    def _unique(self, call: ToolUseBlock) -> ToolUseBlock:
        """The call, under an id that no call before it has."""
        name, nth = (given := call.id or "call"), self._numbers.get(given, 2)
        while name in self._used:
            name, nth = f"{given}_{nth}", nth + 1
        self._used.add(name)
        self._numbers[given] = nth
        if name == call.id:
            return call
        return ToolUseBlock(name, call.name, call.input, call.signature, call.provider)


def _message(turn: _Draft, dialect: Dialect) -> Message:
    """The message of a turn whose every block has come."""
    if turn.role != "user":
        return Message(turn.role, turn.blocks)
    said: list[ContentBlock] = []
    shown: list[ContentBlock] = []
    for call, result in zip(turn.calls, turn.results, strict=True):
        said.append(_placed(call, result, dialect, shown))
    for block in shown + turn.blocks:
        if is_media(block) and not dialect.takes(block.media_type):
            said.append(note(block))
        else:
            said.append(block)
    return Message("user", said)


def _placed(
    call: ToolUseBlock, result: ToolResultBlock | None, dialect: Dialect, shown: list[ContentBlock]
) -> ToolResultBlock:
    """The result of a call, with what cannot stand in it moved to ``shown``."""
    if result is None:
        return ToolResultBlock(call.id, NO_RESULT, is_error=True)
    if isinstance(result.content, str):
        return ToolResultBlock(call.id, result.content, result.is_error)
    content: list[TextBlock | ImageBlock | AudioBlock | VideoBlock] = []
    for block in result.content:
        if not is_media(block) or dialect.takes(block.media_type, in_result=True):
            content.append(block)
        elif not dialect.takes(block.media_type):
            content.append(note(block))
        else:
            content.append(TextBlock(f"[{named(block)}: see the next message.]"))
            shown += [TextBlock(f"[{named(block)} from the result of {call.name}:]"), block]
    return ToolResultBlock(call.id, content, result.is_error)
