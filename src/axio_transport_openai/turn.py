"""One answer: the bytes of a body in, axio's events out.

A turn is fed until it is :attr:`Turn.done`, has failed or the body has ended. Then ``close`` gives
the last events, and ``end`` the ``IterationEnd`` or the failure. ``feed`` never raises: what came
before a failure is given first. So nothing can be mistaken for an answer but what ``end`` closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from axio.events import IterationEnd, IterationStart, Refusal
from axio.types import Usage

from . import errors, hold, media, refusal, stop, verdict
from .answer import Answer
from .aside import is_error, refusal_by, refusal_in, refusal_of
from .call import Nameless
from .candidate import Candidates
from .chunk import Choice, Chunk, Head
from .lenient import is_object
from .remainder import remainder
from .sse import DONE, Decoder, ErrorEvent, EventTooLarge
from .tally import Tally
from .wire import MOST_DOCUMENTS, Malformed, decode_chunk, documents

if TYPE_CHECKING:
    from axio.events import StreamEvent

    from .call import Call
    from .naming import Names
    from .origin import Origin

__all__ = ["Turn"]


class Turn:
    """The answer to one request, as far as it came."""

    def __init__(
        self, origin: Origin, names: Names = None, *, wrapped: bool = False, several: bool = False
    ) -> None:
        """Begin before the first byte; for ``several`` candidates, or else one :class:`.Answer`."""
        self._origin = origin
        self._candidates = Candidates(asked=several)
        self._decoder = Decoder()
        self._answer = Answer(self._origin.authority, names, wrapped=wrapped)
        self._started = self._closed = self._resumed = False  # resumed: behind a believed end
        self._id = self._model = self._finish = ""
        self._created: float = 0
        self._aside = b""  # what came last, if without choices, counts or a failure: a ping, say
        self._doubted: refusal.Refusal | None = None  # a failure unless the answer goes on
        self._open = True  # whether no finish reason is believed: none came, or one too early
        #: Whether little more is expected: the answer is over by its finish, or may have failed.
        self.finished = False
        #: What failed, which ``end`` will raise.
        self.failure: errors.APIError | None = None
        #: Whether no more of the body needs to be read: its end mark came, say.
        self.done = False
        #: The tokens of the answer, as far as they were reported.
        self.tally = Tally()

    @property
    def begun(self) -> bool:
        """Whether anything of the answer came; it may be held back yet."""
        return self._answer.begun

    @property
    def calls(self) -> list[Call]:
        """The tool calls of the answer."""
        return self._answer.calls

    @property
    def held(self) -> tuple[int, int]:
        """How many bytes came and are held: of calls and the like, and of an event."""
        return self._answer.held, self._decoder.held

    def feed(self, data: bytes) -> list[StreamEvent]:
        """The events that these bytes completed."""
        events: list[StreamEvent] = []
        try:
            payloads = self._decoder.feed(data)
        except EventTooLarge as error:
            self._fail(f"sent too much at once: {error}.")
            self.done, payloads = True, []
        flow, count = self._answer.flow, self.tally.count
        for payload in payloads:
            if flow and (event := flow(payload, count)):  # as nearly always
                events.append(event)
                continue
            self._take(payload, events)
            if self.done:
                break
            flow = self._answer.flow
        return events

    def fail(self, failure: errors.APIError) -> None:
        """Take this failure as what ``end`` raises, unless there was one before."""
        if self.failure is None:
            self.failure = failure
            self._answer.flow = None

    def lose(self, failure: errors.APIError) -> None:
        """Take a failure to read on, unless little more was expected."""
        if not self.finished:
            self.fail(failure)

    def close(self) -> list[StreamEvent]:
        """The events left when no more of the body comes, the first time this is asked."""
        events: list[StreamEvent] = []
        if self._closed:
            return events
        self._closed = True
        if not self.done and self.failure is None:
            self._take_remainder(events)
        self._take_choices(Chunk(), events)
        self._answer.flush(events)
        if self._doubted or stop.failed(self._finish):
            self._fail_said(self._doubted or refusal_by(self._finish))
        elif self._open:
            self._fail_unless_marked()
        if self.failure is None:
            self._settle(events)
        self._start(events)
        return events

    def end(self, used: Usage | None) -> IterationEnd:
        """The event that ends a whole answer, once the turn is closed; with what it used.

        Raises:
            APIError: The service reported a failure, or the body ended before the answer did.
        """
        if self.failure is not None:
            self.failure.usage = used
            raise self.failure
        reason = stop.reason(self._finish, calls=bool(self.calls), refused=self._answer.refused)
        raw = self._finish if self._finish != reason.value else ""
        return IterationEnd(0, reason, used or Usage(0, 0), raw)

    def _take_all(self, payloads: list[bytes], events: list[StreamEvent]) -> None:
        for payload in payloads:
            if not (self.done or self.failure):
                self._take(payload, events)

    def _take(self, payload: bytes, events: list[StreamEvent]) -> None:
        if payload == DONE:
            self.done = True
            return
        try:
            chunk = decode_chunk(payload, head=not self._started)
        except Malformed as reason:
            self._take_odd(payload, reason, events)
        else:
            self._take_chunk(chunk, payload, events)
            self._start(events)

    def _start(self, events: list[StreamEvent]) -> None:
        """Put the event that begins the answer before these, where they are its first."""
        if events and not self._started:
            self._started = True
            if self._id or self._model:
                events.insert(0, IterationStart(0, self._id or None, self._model or None))

    def _take_odd(self, payload: bytes, reason: Malformed, events: list[StreamEvent]) -> None:
        """Take what is not JSON: the end mark, several documents, an error in words, garbage."""
        mark = payload.strip()
        if mark.startswith(DONE) or (self.finished and mark.strip(b"[]").lower() == b"done"):
            self.done = True
        elif isinstance(payload, ErrorEvent) and mark:
            self._fail_said(refusal.read_body(payload))
        elif (found := documents(payload)) != [payload] and len(found) <= MOST_DOCUMENTS:
            self._take_all(found, events)
        elif mark and not self.finished:
            did = f"sent an event that is {reason}: {self._origin.quoted(payload)}"
            self._fail(did, retryable=True)

    def _take_remainder(self, events: list[StreamEvent]) -> None:
        """Take what is left in a body that has ended, or say what is wrong with it."""
        rest = remainder(self._decoder)
        self._take_all(rest.payloads, events)
        self.done = self.done or rest.whole
        if rest.cut and not self.finished:
            self._fail_cut(f"in the middle of {rest.place}: {self._origin.quoted(rest.cut)}")
        elif rest.words:
            said = self._origin.quoted(rest.words)
            self._fail(f"answered with no event stream but {said}; check the base URL.")

    def _take_chunk(self, chunk: Chunk, payload: bytes, events: list[StreamEvent]) -> None:
        """Take a chunk; after a failure only its counts."""
        if chunk.usage is not None:
            self.tally.count(chunk.usage)
        if self.failure is not None:
            return
        failed = bool(chunk.error) and is_error(chunk.error)
        if chunk.choices or failed:
            self._aside = b""
            self._take_choices(chunk, events)
        else:
            self._take_aside(chunk, payload)
        if failed:
            self._fail_said(refusal_of(chunk.error, payload))
        if self._doubted or not self._open or self._candidates.apart:
            self._answer.flow = None  # whether and how the answer goes on is yet to be told

    def _take_choices(self, chunk: Chunk, events: list[StreamEvent]) -> None:
        if isinstance(chunk, Head):
            self._id = self._id or chunk.id or ""
            self._model = self._model or chunk.model or ""
            self._created = self._created or chunk.created or 0
        if chunk.wild:
            self._answer.expect_halves()
        for choice, own in self._candidates.told(chunk.choices or (), self._answer):
            if self.failure is not None:
                break  # at an earlier one of these
            if own:
                self._take_choice(choice, events)
            else:
                events.append(media.candidate(choice))
        if chunk.x_groq or chunk.timings or chunk.citations or chunk.search_results:
            self._take_beside(chunk)

    def _take_choice(self, choice: Choice, events: list[StreamEvent]) -> None:
        if (delta := self._answer.delta_of(choice)) is not None:
            if (self._doubted or not self._open) and delta.goes_on():
                self._resumed = self._resumed or not self._open
                self._open, self.finished, self._doubted = True, False, None
            self._answer.take(delta, events)
            if self._answer.held > hold.MAX_HELD:
                self._fail(f"sent too much to hold: {hold.TOO_MUCH}.")
        events += media.logprobs(choice.logprobs)
        if choice.usage is not None:
            self.tally.count(choice.usage)
        ended = self._finish != "" and (not self._open or stop.refused(self._finish))
        if word := stop.word(choice.finish_reason, choice.finish, ended=ended):
            self._answer.release(events)
            self._finish = stop.explained(word, choice.native)
            self._open = not (self._answer.spoken or stop.sure(word))
            self.finished = not (self._open or self._resumed)
        if is_error(choice.error):
            self._fail_said(refusal.read({"error": choice.error}))

    def _take_aside(self, chunk: Chunk, payload: bytes) -> None:
        """Take an object without choices: counts, an error in a shape of its own, a ping."""
        self._take_beside(chunk)
        if said := refusal_in(payload, sure=True):
            self._fail_said(said)
        elif self._open and (said := refusal_in(payload)):
            self._doubted, self.finished = said, True
        elif chunk.usage is None:
            self._aside, self._answer.flow = payload, None

    def _take_beside(self, chunk: Chunk) -> None:
        """Take the fields of their own that Groq, llama.cpp and Perplexity send in a chunk."""
        self._answer.sources = chunk.search_results or chunk.citations or self._answer.sources
        groq = chunk.x_groq if is_object(chunk.x_groq) else {}
        self.tally.count(groq.get("usage"))
        if is_error(groq.get("error")):
            self._fail_said(refusal.read(groq))
        self.tally.time(chunk.timings)

    def _settle(self, events: list[StreamEvent]) -> None:
        try:
            self._answer.settle(f"{self._id}/{self._created}", events)
        except Nameless as error:
            self._fail(f"sent {self._origin.clean(str(error))}")
        if stop.calls(self._finish) and self._answer.uncalled:
            did = "sent no tool call that can be read, though its answer is to call tools."
            self._fail(did, retryable=True)
        if stop.refused(self._finish):
            events.append(Refusal(0, spoken=False, category=self._finish))

    def _fail_unless_marked(self) -> None:
        """Fail if the answer has no end: neither a finish reason nor, after content, a mark."""
        if (self._finish or (self.done and self._answer.begun)) and not self._answer.torn:
            return
        last = f"; the last it said is {self._origin.quoted(self._aside)}" if self._aside else ""
        if self._id or self._model or self._created or self._answer.begun or self.done or last:
            self._fail_cut(f"before the answer was finished{last}")
        else:
            self._fail("answered with nothing; some services do when a conversation is too long.")

    def _fail_cut(self, where: str) -> None:
        self.fail(errors.Interrupted(f"{self._origin.shown} stopped {where}.", retryable=True))

    def _fail_said(self, said: refusal.Refusal) -> None:
        self.fail(verdict.in_stream(said, self._origin, self.tally.usage))

    def _fail(self, did: str, *, retryable: bool = False) -> None:
        self.fail(errors.ProtocolError(f"{self._origin.shown} {did}", retryable=retryable))
