"""What one answer says: deltas in, axio's events out.

Text, reasoning, calls, refusals and media, each in the order in which it came. What the bytes
were, when the answer ends and what went wrong is not known here: that is for :mod:`.turn`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from axio.events import ReasoningDelta, ReasoningSignature, Refusal, TextDelta

from . import flow
from .assembler import Assembler
from .chunk import Choice, Delta, Fragment, Function
from .hold import size
from .kept import Kept
from .lenient import is_object
from .media import Sound, part_events, sources
from .media import events as events_of
from .reasoning import TAGS, THINKING, UNKNOWN, content_parts, marked, thought
from .snapshot import Snapshots, rest
from .surrogate import Joiner
from .think import Splitter

if TYPE_CHECKING:
    from axio.events import StreamEvent

    from .call import Call
    from .flow import Flow
    from .naming import Names

__all__ = ["Answer"]

#: The channels of texts, and their events.
_HALVED: Final = (("reasoning", ReasoningDelta), ("text", TextDelta), ("refusal", Refusal))


class Answer(msgspec.Struct, gc=False):
    """The content of one answer, as far as it came."""

    #: What stored blocks call the service.
    provider: str
    #: The names of the tools on the wire.
    names: Names
    #: The dialect's ``thoughts_wrapped``.
    wrapped: bool = False
    _splitter: Splitter = msgspec.field(default_factory=Splitter)
    _snapshots: Snapshots = msgspec.field(default_factory=Snapshots)
    # What few answers need is made when it is needed: thousands may be open at once.
    _halves: Joiner | None = None
    _assembler: Assembler | None = None
    _kept: Kept | None = None
    _sound: Sound | None = None
    _form: str = ""  # the form of the reasoning of which a run is under way
    _messages: bool = False  # whether the service sends whole messages in place of deltas
    _cited: bool = False  # whether citations came in the deltas
    _listed: bool = False  # whether calls come in a list: some services send both forms
    #: How a chunk is taken that only goes on with what is under way, where that needs nothing that
    #: is here: no tag or half of a character may come, nothing is held back, no run ends.
    flow: Flow[StreamEvent] | None = None
    #: Whether anything came.
    begun: bool = False
    #: Whether anything came that is more than a thought: text, a call, a refusal, media.
    spoken: bool = False
    #: Whether the model declined.
    refused: bool = False
    #: What the answer is drawn from, where the service lists that for all of it at once.
    sources: object = None
    _held: int = 0  # of sound, in bytes

    def __post_init__(self) -> None:
        """Begin empty."""
        self._splitter.wrapped = self.wrapped

    @property
    def calls(self) -> list[Call]:
        """The tool calls."""
        return self._assembler.calls if self._assembler else []

    @property
    def held(self) -> int:
        """How much came that is held to the end, in bytes: of calls, sound and the like."""
        calls, kept = self._assembler, self._kept
        return self._held + (calls.held if calls else 0) + (kept.held if kept else 0)

    @property
    def uncalled(self) -> bool:
        """Whether there is no call where one is due: a fragment came, or nothing else did."""
        nothing = not (self._splitter.begun or self.refused)
        return not self.calls and (self._assembler is not None or nothing)

    @property
    def torn(self) -> bool:
        """Whether a call's arguments break off."""
        return any(call.arguments.torn for call in self.calls)

    def expect_halves(self) -> None:
        """Look out for halves of surrogate pairs from here on."""
        self._halves = self._halves or Joiner()

    def delta_of(self, choice: Choice) -> Delta | None:
        """What this choice adds, in whichever form it came: a delta, a whole message, a text."""
        delta, message = choice.delta, choice.message
        self._messages = self._messages and (delta is None or not delta.says())
        if message is None:
            text = choice.text if delta is None else None
            return Delta(content=text) if text else delta
        if delta is not None and delta.says():
            return delta
        # Where only messages come, each is a part of the answer, as a delta is. Behind deltas, a
        # message is all of the answer again.
        if self._messages or not (self.begun or self._splitter.begun):
            self._messages = delta is None or message.says()
        else:
            held = self._splitter.held if self._splitter.begun else None
            message = rest(message, held, begun=self.begun, called=bool(self.calls))
        message.number_calls()
        return message

    def take(self, delta: Delta, events: list[StreamEvent]) -> None:
        """Take what a choice adds; add the events it completed."""
        self.flow = None
        if self._snapshots.concern(delta):
            for one in self._snapshots.deltas(delta):
                self._take(one, events)
        else:
            self._take(delta, events)
        # What waits is earlier than what would flow, and a delta behind messages ends those.
        if self._snapshots.waits or self._splitter.held or self._messages:
            self.flow = None

    def _take(self, delta: Delta, events: list[StreamEvent]) -> None:
        said, form = thought(delta)
        if rare := delta.rare():
            self._kept = self._kept or Kept()
            self._kept.add(delta)
        if said:
            self._settle_text(events)
            self._think(said, form, events, detailed=rare)
        if delta.content:
            self._content(delta.content, delta.extra_content, said, events)
        if delta.tool_calls:
            self._listed = True
            self._settle_text(events)
            delta.number_calls(untold=True)
        for fragment in delta.tool_calls or ():
            self._fragment(fragment, events)
        if rare:
            self._rare(delta, events)

    def release(self, events: list[StreamEvent]) -> None:
        """Add what was held back as possibly all of it again."""
        for one in self._snapshots.end():
            self._take(one, events)

    def flush(self, events: list[StreamEvent]) -> None:
        """Add all that was held back, as a possible tag or half of a character too."""
        self.release(events)
        if self._splitter.begun:
            for kind, text in self._splitter.end():
                self._piece(kind, text, events)
        if self._halves is not None:
            left = ((event, self._halves.end(channel)) for channel, event in _HALVED)
            events.extend(event(0, text) for event, text in left if text)

    def settle(self, seed: str, events: list[StreamEvent]) -> None:
        """Add what is whole only when the answer is: calls, sound, what has to be sent back.

        Raises:
            Nameless: A call has arguments and no name.
        """
        if self._halves and self._assembler:
            for index in self._halves.calls():
                function = Function(arguments=self._halves.end(index))
                self._assembler.feed(Fragment(index, function=function), events)
        if not self._cited:
            events += sources(self.sources)
        if self._sound:
            events += self._sound.end()
        if self._kept:
            events += self._kept.outputs(self.provider)
        if self._assembler:
            self._assembler.end(seed, events)

    def _settle_text(self, events: list[StreamEvent]) -> None:
        """Add what was held back as a possible tag: it is none, for something else comes now."""
        if self._splitter.held:
            for kind, text in self._splitter.settle():
                self._piece(kind, text, events)

    def _content(
        self, content: str | list[object], extra: object, beside: str, events: list[StreamEvent]
    ) -> None:
        """Take content; ``beside`` is the thought that came with it in a field of its own."""
        if not isinstance(content, str):
            self._parts(content, events)
        elif extra is not None and marked(extra):
            for kind, text in self._splitter.mark(content):
                self._piece(kind, text, events, UNKNOWN)
        else:
            self._said(content, events, beside)

    def _said(self, content: str, events: list[StreamEvent], beside: str = "") -> None:
        if self._splitter.done:
            self._text(content, events)
        else:
            for kind, text in self._splitter.feed(content, beside):
                self._piece(kind, text, events)

    def _piece(self, kind: str, text: str, events: list[StreamEvent], form: str = TAGS) -> None:
        if kind == "text":
            self._text(text, events)
        else:
            self._think(text, form, events)

    def _text(self, text: str, events: list[StreamEvent]) -> None:
        self.begun = True
        self._form = ""
        if text := self._whole("text", text):
            self.spoken = self.spoken or not text.isspace()
            events.append(TextDelta(0, text))
        steady = self._snapshots.settled and self._splitter.done and not self._halves
        self.flow = flow.text if self.spoken and steady else None

    def _think(
        self, text: str, form: str, events: list[StreamEvent], *, detailed: bool = False
    ) -> None:
        """Add reasoning; the first of a run is labelled with its form, for the way back."""
        self.begun = True
        if text := self._whole("reasoning", text):
            events.append(ReasoningDelta(0, text))
            if form != self._form:
                self._form = form
                events.append(ReasoningSignature(0, "", id=form, provider=self.provider))
        self.flow = None if self._halves else self._flow_of(form, detailed=detailed)

    def _flow_of(self, form: str, *, detailed: bool) -> Flow[StreamEvent] | None:
        """How more of a thought in this form is taken; ``detailed``, where more came with it."""
        if form == TAGS:
            return flow.tagged_thought if self._splitter.thinks else None
        if form == THINKING:
            return flow.thinking_part
        if not self._snapshots.thought_settled:
            return None
        if detailed and self._kept:
            return partial(self._kept.go_on, form)
        return flow.FIELDS.get(form)

    def _parts(self, content: list[object], events: list[StreamEvent]) -> None:
        for kind, part in content_parts(content):
            if not part:
                continue
            if kind == "text":
                self._said(str(part), events)
                continue
            self._settle_text(events)
            if is_object(part):
                self.begun = self.spoken = True
                events.extend(part_events(part))
            else:
                self._think(str(part), kind, events)

    def _fragment(self, fragment: Fragment, events: list[StreamEvent]) -> None:
        self.begun = self.spoken = True
        function = fragment.function or Function()
        if self._halves and function.arguments:
            function.arguments = self._halves.feed(fragment.index, function.arguments)
        if self._assembler is None:
            self._assembler = Assembler(self.names, self.provider)
        self._assembler.feed(fragment, events)
        flows = self._assembler.flows and not self._halves
        self.flow = self._assembler.go_on if flows else None

    def _rare(self, delta: Delta, events: list[StreamEvent]) -> None:
        """Take what few deltas carry (:meth:`.Delta.rare`)."""
        if delta.audio:
            self._held += size(delta.audio)
        if delta.refusal:
            self.begun = self.spoken = self.refused = True
            self._settle_text(events)
            if declined := self._whole("refusal", delta.refusal):
                events.append(Refusal(0, declined))
        call = delta.function_call  # the older form: an answer has one call, without an id
        if call is not None and (call.name or call.arguments) and not self._listed:
            self._settle_text(events)
            self._fragment(Fragment(index=0, function=call), events)
        self._sound = self._sound or Sound()
        self._cited = self._cited or bool(delta.annotations)
        self.spoken = self.spoken or bool(delta.images or delta.audio)
        if found := [*events_of(delta), *self._sound.add(delta.audio)]:
            self.begun = True
            self._settle_text(events)
            events.extend(found)

    def _whole(self, channel: str, text: str) -> str:
        """The text in whole characters: a half at its end waits for the next piece."""
        return self._halves.feed(channel, text) if self._halves else text
