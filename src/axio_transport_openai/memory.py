"""What one transport remembers from request to request, within bounds.

Four things:

- the arguments of each call as the model wrote them: axio keeps only what they mean, but a prompt
  cache of a service wants the same bytes again
- the proof of a call that came after the call was announced, when axio is told of none any more
- the bytes in which a conversation was sent so far
- the bytes in which tools were offered
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import ProviderBlock, TextBlock, ToolResultBlock, ToolUseBlock

from .encoding import Piece, encoded_lines
from .lenient import is_list
from .prose import blank
from .wire import encode

if TYPE_CHECKING:
    from axio.messages import Message

__all__ = [
    "Memory",
    "Offer",
    "Past",
    "copied",
    "loose_in",
    "trail_of",
]

#: How many calls are remembered, how many of one id, and how long ids and arguments are together.
_CALLS: Final = 4096
_FORMS: Final = 16
_LENGTH: Final = 16 * 1024 * 1024
#: How many proofs are remembered, and how long one may be.
_PROOFS: Final = 1024
_LONGEST: Final = 64 * 1024
#: How many conversations and how many offers are remembered, and the bytes of the former.
_CONVERSATIONS: Final = 16
_BYTES: Final = 128 * 1024 * 1024
_NONE: Final[dict[str, str]] = {}


class Offer(msgspec.Struct, frozen=True):
    """Tools as they were offered."""

    #: For whom they were written: a dialect, and the names of tools in the extra parameters.
    reader: Hashable
    #: The names that they have in axio.
    own: Sequence[str]
    #: Their names on the wire, with their own.
    names: Mapping[str, str]
    #: The tools on the wire, as a JSON list.
    written: bytes
    #: What tells that they have not changed (:func:`.function.fingerprint`). It is made when they
    #: come a second time, so that a first request need not wait for it.
    fingerprint: bytes = b""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as far as it was sent, to the user's last word."""

    #: For whom it was written: a dialect, and what stored blocks call the service.
    reader: tuple[Hashable, str]
    #: How many messages it has.
    length: int = 0
    #: Each message's blocks and then its role, to see whether a message has changed since.
    trail: list[object] = []
    #: The arguments of its calls, and the lines of JSON that they were when they were sent.
    inputs: list[object] = []
    canonical: bytes = b""
    #: What else can be changed in place within those blocks, and copies of what it was.
    loose: list[object] = []
    copies: list[object] = []
    #: What the system messages at its beginning say.
    system: str = ""
    #: The ids of its calls, and whether one of them has no result.
    calls: frozenset[str] = frozenset()
    dangling: bool = False
    #: Whether it ends with the user's word, so that what follows can go on from there.
    settled: bool = False
    #: Its messages on the wire, in pieces, with a comma before each message.
    sent: Sequence[Piece] = ()

    def begins(self, trail: list[object]) -> bool:
        """Whether a conversation begins as this one did when it was sent."""
        return (
            trail[: len(self.trail)] == self.trail
            and self.loose == self.copies
            and _same(self.inputs, self.canonical)
        )


def _same(inputs: list[object], canonical: bytes) -> bool:
    """Whether these arguments are still what they were when they were sent."""
    try:
        return encoded_lines(inputs) == canonical
    except (TypeError, RecursionError):  # one of them is no JSON any more
        return False


def trail_of(messages: Sequence[Message]) -> list[object]:
    """Each message's blocks and then its role, which ends it, in one list of our own."""
    trail: list[object] = []
    add, end = trail.extend, trail.append
    for message in messages:
        add(message.content)
        end(message.role)
    return trail


def loose_in(messages: Sequence[Message]) -> list[object]:
    """What can be changed in place within the blocks of these messages."""
    loose: list[object] = []
    for message in messages:
        for block in message.content:
            if isinstance(block, ToolUseBlock):
                loose.append(block.input)
            elif isinstance(block, ToolResultBlock):
                if not isinstance(block.content, str):
                    loose.append(block.content)
            elif isinstance(block, ProviderBlock):
                loose.append(block.data)
    return loose


def copied(value: object) -> object:
    """A copy of what :func:`loose_in` found; None, equal to nothing, where none can be made."""
    if is_list(value):
        return [*value]  # of blocks, which are frozen
    try:
        return msgspec.to_builtins(value)
    except (TypeError, ValueError, RecursionError):
        return None


class Memory:
    """What is remembered."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._written: dict[str, dict[str, str]] = {}  # by what they mean, by call
        self._length = 0  # of all that
        self._proofs: dict[tuple[str, str], str] = {}  # by call and service
        self._pasts: list[Past] = []  # the one used last is last
        self._offers: list[Offer] = []

    def keep(self, call_id: str, arguments: str) -> None:
        """Remember the arguments of a call as the model wrote them."""
        try:
            canonical = encode(msgspec.json.decode(arguments)).decode()
        except (ValueError, RecursionError):
            return
        if canonical.startswith("{") and canonical != arguments:
            forms = self._forgotten(call_id)
            if len(forms) >= _FORMS:
                forms.clear()
            self._written[call_id] = forms | {canonical: arguments}
            self._length += _length(call_id, self._written[call_id])
            while len(self._written) > _CALLS or self._length > _LENGTH:
                self._forgotten(next(iter(self._written)))

    def _forgotten(self, call_id: str) -> dict[str, str]:
        """What was remembered of a call, and is no longer."""
        forms = self._written.pop(call_id, {})
        self._length -= _length(call_id, forms) if forms else 0
        return forms

    def written(self, ids: Iterable[str], canonical: bytes) -> Iterator[str]:
        """The arguments of calls, given as lines of JSON, as the model wrote them."""
        lines = canonical.decode().split("\n")[:-1]  # each line ends
        return map(self._as_written, ids, lines) if self._written else iter(lines)

    def _as_written(self, call_id: str, canonical: str) -> str:
        # The repair adds a number to an id that came before, as where each turn begins at call_0.
        given = call_id if call_id in self._written else call_id.rpartition("_")[0]
        return self._written.get(given, _NONE).get(canonical) or canonical

    def prove(self, call_id: str, provider: str, proof: str) -> None:
        """Remember the proof of a call, which goes to no other service than it came from."""
        if len(proof) <= _LONGEST:
            self._proofs.pop((call_id, provider), None)
            self._proofs[call_id, provider] = proof
        if len(self._proofs) > _PROOFS:
            del self._proofs[next(iter(self._proofs))]

    def proof(self, call_id: str, provider: str) -> str:
        """The proof that is remembered of a call; empty where none is."""
        return self._proofs.get((call_id, provider), "")

    @property
    def proves(self) -> bool:
        """Whether the proof of any call is remembered."""
        return bool(self._proofs)

    def recall(
        self, reader: tuple[Hashable, str], messages: Sequence[Message], trail: list[object]
    ) -> Past:
        """The longest beginning of these messages that was sent, if they only go on from it."""
        found = Past(reader=reader)
        for past in self._pasts:
            longer = len(past.trail) > len(found.trail)
            if longer and past.reader == reader and past.begins(trail):
                found = past
        if found.length and not _go_on(messages[found.length :], dangling=found.dangling):
            return Past(reader=reader)
        return found

    def remember(self, past: Past, instead: Past) -> None:
        """Remember how far a conversation was sent, ``instead`` of what was recalled of it."""
        others = [known for known in self._pasts if known is not instead]
        self._pasts = others[1 - _CONVERSATIONS :]
        self._pasts.append(past)
        held = [sum(map(len, known.sent)) for known in self._pasts]
        while len(self._pasts) > 1 and sum(held) > _BYTES:
            del self._pasts[0], held[0]

    def recall_offer(self, reader: Hashable, own: Sequence[str]) -> Offer | None:
        """How tools of these names were last offered to a reader."""
        for offer in self._offers:
            if offer.own == own and offer.reader == reader:
                return offer
        return None

    def remember_offer(self, offer: Offer) -> None:
        """Remember how tools were offered."""
        before = self.recall_offer(offer.reader, offer.own)
        others = [known for known in self._offers if known is not before]
        self._offers = [*others[1 - _CONVERSATIONS :], offer]


def _length(call_id: str, forms: Mapping[str, str]) -> int:
    return len(call_id) + sum(map(len, forms)) + sum(map(len, forms.values()))


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
    waiting: Counter[str] = Counter()
    for block in [block for message in messages for block in message.content]:
        if isinstance(block, ToolUseBlock):
            waiting[block.id] += 1
        elif isinstance(block, ToolResultBlock):
            if not waiting[block.tool_use_id]:
                return False
            waiting[block.tool_use_id] -= 1
    return True
