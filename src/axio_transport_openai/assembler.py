"""Tool calls put together from their fragments, in whatever order and shape those come.

A fragment says by its index, its id and its name which call it belongs to, but services leave out,
repeat, share or change each of the three. What they cannot change is that arguments are one JSON
object: a second object is the first one sent again, or another call.

A call is announced once (``ToolUseStart``), when its id and its name are known and every call
before it has been announced; from then on its arguments are given as they come. What never becomes
known while the answer lasts is settled at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from axio.events import ToolInputDelta, ToolUseStart

from . import hold
from .call import Call, Ids, Nameless, joined, made_id, same
from .document import opens, pieces
from .flow import more_arguments
from .naming import called
from .surrogate import whole
from .wire import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from axio.events import StreamEvent

    from .chunk import Fragment
    from .flow import Count

__all__ = ["Assembler"]


class Assembler:
    """The calls of one answer, and the events that announce them."""

    __slots__ = (
        "_announced",
        "_by_id",
        "_by_index",
        "_current",
        "_headed",
        "_ids",
        "_index",
        "_last",
        "_names",
        "_provider",
        "_shifted",
        "_tentative",
        "calls",
        "held",
    )

    def __init__(self, names: Mapping[str, str] | None = None, provider: str = "") -> None:
        """Begin the answer to a request with these tools: their names on the wire, and in axio.

        ``provider`` is what stored proofs call the service.
        """
        #: Every call of the answer, in the order of their first fragments.
        self.calls: list[Call] = []
        #: How much is held of them, in bytes.
        self.held = 0
        self._names = names or {}
        self._provider = provider
        self._by_index: dict[int, Call] = {}  # the call of the last fragment with each index
        self._by_id: dict[str, Call] = {}  # the first call of each id
        # Which of several calls under one id its fragments belong to now, by the first of them.
        self._current: dict[Call, Call] = {}
        self._ids = Ids()
        self._last: Call | None = None  # the call of the last fragment
        self._index: int | None = None  # the index of the last fragment
        self._headed = True  # whether the first fragment of each call had its name: a head
        self._shifted = False  # whether arguments have another index than their call's head
        # What may be calls, or others' arguments sent again, in the order in which they began.
        self._tentative: dict[Call, None] = {}
        self._announced = 0  # how many calls, from the first, were announced

    def feed(self, fragment: Fragment, events: list[StreamEvent]) -> None:
        """Take one fragment; add the events it completed."""
        function, index, id = fragment.function, fragment.index, fragment.id or ""
        name = (function.name if function else None) or ""
        text = (function.arguments if function else None) or ""
        call = None if id or name or not text else self._shifted_call(index, text)
        call = call or self._call_of(index, id, name)
        if id or name:
            self._identify(call, id, name)
        if fragment.extra_content:
            proof = whole(written(fragment.extra_content))
            if call.announced:
                call.late = proof
            else:
                call.signature = proof
        if text:
            call = self._add(call, text)
        self._last, self._index = call, index
        if index is not None:
            self._by_index[index] = call
        self.held += hold.size(id, name, text, fragment.extra_content)
        if not call.announced:
            self._announce(events)
        elif given := call.arguments.take():
            events.append(ToolInputDelta(call.number, call.id, given))

    @property
    def flows(self) -> bool:
        """Whether more of the last call's arguments can be taken by :meth:`go_on`."""
        return self._last is not None and self._last.arguments.flows

    def go_on(self, payload: bytes, count: Count) -> ToolInputDelta | None:
        """Take a chunk that brings more of the last call's arguments; None of any other.

        It is a :data:`~.flow.Flow`, while the call :attr:`flows`.
        """
        more, call = more_arguments(payload, count), self._last
        if more is None or call is None or more[0] != self._index or self.held > hold.MAX_HELD:
            return None
        if not call.arguments.go_on(text := more[1]):
            return None
        self.held += hold.PIECE + len(text)
        return ToolInputDelta(call.number, call.id, text)

    def end(self, seed: str, events: list[StreamEvent]) -> None:
        """Settle what is still unknown; add the events. ``seed`` tells this answer from others.

        Raises:
            Nameless: A call has arguments and no name, so that nobody can run it.
        """
        for call in self._tentative:
            if not (
                call.original
                and call.original.arguments.text.startswith(call.arguments.text.strip())
            ):
                self._confirm(call)
        self._tentative.clear()
        self.calls = [call for call in self.calls if call.name or call.arguments.begun]
        for call in self.calls:
            if not call.name:
                message = f"a tool call with arguments and no name: {call.arguments.text[:200]}"
                raise Nameless(message)
            if not call.id:
                call.id = made_id(seed, str(call.number), call.name, call.arguments.text)
            if not call.announced:
                self._start(call, events)
            if given := call.arguments.take(all_came=True):
                events.append(ToolInputDelta(call.number, call.id, given))

    def _shifted_call(self, index: int | None, text: str) -> Call | None:
        """The call whose arguments come at an index that is not its head's, if they do.

        Some services give every fragment an index of its own, or the arguments other indices than
        the heads, which all have a name then. But where a call's arguments have begun at the index
        of its head, an object that begins at another index is another call's.
        """
        last = self._last
        if index is None or last is None or not (self._shifted or index not in self._by_index):
            return None
        if not self._headed or last.arguments.whole:
            return None
        if not self._shifted and opens(text) and opens(last.arguments.text):
            return None
        self._shifted = True
        return last

    def _call_of(self, index: int | None, id: str, name: str) -> Call:
        """The call that this fragment continues, or a new one."""
        call = self._last_of(id) if index is None else self._at(index)
        last = self._last if index is None else None
        # What has no name begins no call, nor does a name where the last call still lacks one.
        if call is None and (not name or (last and not last.name)):
            call = self._of_id(id) or last
        # Where the index and the id name two calls, the id counts.
        if call and id and call.sent_id and id != call.sent_id:
            call = self._of_id(id) or call
        if call and self._belongs(call, id, name):
            return call
        call = Call(len(self.calls))
        self.calls.append(call)
        self.held += hold.CALL
        self._headed = self._headed and bool(name)
        return call

    def _at(self, index: int) -> Call | None:
        """The call of the last fragment with this index, or the one that it only repeated."""
        call = self._by_index.get(index)
        while call and call.original and call not in self._tentative:
            call = call.original
        return call

    def _last_of(self, id: str) -> Call | None:
        """The last call with this id; without one, the last of all."""
        last = self._last
        return last if not id or (last and last.sent_id == id) else self._of_id(id)

    def _of_id(self, id: str) -> Call | None:
        """The call to which fragments with this id belong."""
        first = self._by_id.get(id)
        return first and self._current.get(first, first)

    def _belongs(self, call: Call, id: str, name: str) -> bool:
        """Whether a fragment with this id and name may continue the call."""
        another = bool(id) and id != call.sent_id and self._of_id(id) is not call
        if another and call.sent_id and call.name and call.arguments.whole:
            return False
        if not name or not call.name:
            return True
        if another and call.sent_id:  # some services make an id for each fragment
            return name == call.name and call.arguments.begun
        if name != call.name:
            return not call.arguments.begun and self._continues(call.name, name)
        return True

    def _continues(self, name: str, piece: str) -> bool:
        """Whether this is a further piece of the name, and not the name of another call."""
        longer = joined(name, piece)
        return name not in self._names or any(known.startswith(longer) for known in self._names)

    def _identify(self, call: Call, id: str, name: str) -> None:
        """Take the id and the name that a fragment gives the call."""
        if id and not call.original:
            call.sent_id = call.sent_id or id
            self._by_id.setdefault(id, call.first)
            if not call.id:
                call.id = self._ids.unique(id)
        if name:
            call.name = joined(call.name, name)

    def _add(self, call: Call, text: str) -> Call:
        """Add to the arguments; the call that the end of the text belongs to."""
        for piece in pieces(call.arguments.added(text)):
            if not call.arguments.add(piece):
                call = self._following(call)
                call.arguments.add(piece.lstrip())
            if call.original and call.arguments.whole:
                call = self._decided(call, call.original)
        return call

    def _following(self, call: Call) -> Call:
        """A tentative call for the object behind this call's arguments; what comes next is its."""
        following = Call(-1, call.name, original=call)
        following.sent_id = call.sent_id
        self._current[following.first] = following
        self._tentative[following] = None
        return following

    def _decided(self, call: Call, original: Call) -> Call:
        """The original, if this is its arguments sent again; else this, a call of its own."""
        del self._tentative[call]
        if same(original.arguments.text, call.arguments.text):
            self._current[original.first] = original
            return original
        self._confirm(call)
        return call

    def _confirm(self, call: Call) -> None:
        """Make a call of its own of what might have been another's arguments sent again."""
        original, call.original = call.original, None
        self.held += hold.CALL
        call.number = len(self.calls)
        if original and original.id:
            call.id = self._ids.unique(original.sent_id or original.id)
        self.calls.append(call)

    def _announce(self, events: list[StreamEvent]) -> None:
        """Announce the calls that are known by now, in their order."""
        while self._announced < len(self.calls):
            call = self.calls[self._announced]
            if not call.id or not self._name_known(call):
                return
            self._start(call, events)
            if given := call.arguments.take():
                events.append(ToolInputDelta(call.number, call.id, given))

    def _start(self, call: Call, events: list[StreamEvent]) -> None:
        call.announced = True
        self._announced += 1
        name = called(call.name, self._names)
        provider = self._provider if call.signature else ""
        events.append(ToolUseStart(call.number, call.id, name, call.signature, provider))

    def _name_known(self, call: Call) -> bool:
        """Whether no further piece of the name can come."""
        if not call.name or call.arguments.begun:
            return bool(call.name)
        return call.name in self._names and not any(
            name.startswith(call.name) and name != call.name for name in self._names
        )
