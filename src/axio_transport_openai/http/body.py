"""The body of a response, read by the clock."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

import msgspec

from axio_transport_openai import errors

from .failure import FAILURES, read_failure, stalled
from .pool import is_linked, link_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import aiohttp

    from .journal import Journal
    from .pool import Link
    from .route import Route

__all__ = ["Body", "Clocks"]

#: How long to wait, in seconds, for the end of a body whose answer is whole, and how many bytes of
#: it to read: only at its end can the connection be used again. The first is for a caller that
#: closes the stream and waits for that.
_DRAIN_HURRIED: Final = 0.05
_DRAIN_TIME: Final = 0.5
_DRAIN: Final = 256 * 1024
#: How long to wait, in seconds, for what follows a failure: services count the tokens after it.
_AFTER_FAILURE: Final = 0.25
#: How long to wait for each piece of what follows an answer's finish reason, in seconds. No timer
#: sleeps longer, so that thousands of answers need none anew at their ends.
_AFTER_ANSWER: Final = 30.0
#: How many idle limits a stream may last that sends nothing but comments.
_COMMENTS_ONLY: Final = 2.0
#: How long a loop that may have stood still has to read what came meanwhile, in seconds.
_CATCH_UP: Final = 0.05


class Clocks(msgspec.Struct, frozen=True, gc=False):
    """How long to wait for each thing, in seconds; infinity is no limit."""

    connect: float
    first_event: float
    idle: float
    total: float


class Body:
    """A response and its body, in pieces, each waited for no longer than the clocks allow.

    One timer serves it from before the request is sent: it re-arms itself where it finds that
    nothing was waited for too long.
    """

    __slots__ = (
        "_begun",
        "_clock",
        "_commented",
        "_comments_since",
        "_content",
        "_deadline",
        "_ending",
        "_held",
        "_idle",
        "_journal",
        "_link",
        "_loop",
        "_opening",
        "_response",
        "_route",
        "_since",
        "_spared",
        "_timer",
        "opening_due",
    )

    def __init__(self, route: Route, deadline: float, opening: asyncio.Timeout) -> None:
        """Begin before the request. ``deadline`` is the loop time at which all is over.

        ``opening`` is around all that is awaited until the answer has begun, and has no timer of
        its own: that would be two objects more for each of thousands of streams.
        """
        self._route = route
        self._idle = route.clocks.idle
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._since = 0.0  # since when a piece is waited for; 0 while none is
        self._comments_since = 0.0  # since when nothing but comments came; 0 where something did
        self._commented = False  # whether the last piece was nothing but comments
        self._held = (0, 0)  # what its reader held back when it was last noted
        self._spared = 0.0  # the time that was overrun once, while the loop had yet to catch up
        self._clock = ""  # which clock ran out
        self._journal: Journal | None = None
        self._begun = False  # whether there is a response
        self._ending = False  # whether only the end is waited for
        now = self._loop.time()
        self._opening: asyncio.Timeout | None = opening
        #: The loop time until which the answer has to begin; infinite where it has.
        self.opening_due = min(deadline, now + route.clocks.first_event)
        self._timer = self._set(min(self.opening_due, now + _AFTER_ANSWER))

    def begin(self, response: aiohttp.ClientResponse, link: Link) -> None:
        """Go on to the body of this response.

        ``link`` is the connection, where it is known that the request went out over it.
        """
        self._begun, self._response = True, response
        self._link = link_of(response) if link is None else link
        self._content = response.content
        self._fire_by(self._loop.time() + self._idle)
        # At its end the connection is another request's, whether or not that was read yet. A body
        # that has failed by now comes to none, and would never let go of this.
        if self._content.exception() is None:
            self._content.on_eof(self._end)

    def opened(self) -> None:
        """Note that the answer has begun, or that none will."""
        self._opening, self.opening_due = None, math.inf
        if not self._begun:
            self._timer.cancel()

    @property
    def status(self) -> int:
        """The status of the response."""
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response."""
        return self._response.headers

    async def read(self, *, ending: bool = False) -> bytes:
        """The next piece; empty at the end of the body.

        Where the body is ``ending``, all that matters has come, and it is waited for only a little.
        What came before a failure is read before that is raised.

        Raises:
            Interrupted: The connection broke.
            Stalled: A clock ran out.
            ProtocolError: The body cannot be decoded.
        """
        if ending is not self._ending:
            self._expect(ending=ending)
        self._since = self._loop.time()
        if not self._commented:
            self._comments_since = 0.0
        self._commented = False
        try:
            data = await self._content.readany()
        except FAILURES as error:
            # One object of aiohttp's stands for every body that was closed, and would keep them.
            error.__traceback__ = None
            if not (data := self._left()):
                raise self._failure(error) from None
        finally:
            self._since = 0.0
        if self._journal:
            self._journal.add(data)
        return data

    def log_to(self, journal: Journal) -> None:
        """Log every piece from here on."""
        self._journal = journal

    def note_held(self, held: tuple[int, int]) -> None:
        """Note what the reader holds back since the last piece, which completed no event.

        Where that is no more than before, the piece was nothing but comments.
        """
        if held <= self._held:
            self._comments_since = self._comments_since or self._loop.time()
            self._commented = True
        self._held = held

    def hurry(self, seconds: float = _AFTER_FAILURE) -> None:
        """Wait this long only for the rest: what matters has come."""
        self._deadline = min(self._deadline, self._loop.time() + seconds)
        self._fire_by(self._deadline)

    async def whole(self, limit: int) -> bytes:
        """All of the body, which is closed then.

        Raises:
            ProtocolError: It is larger than ``limit`` bytes, or cannot be decoded.
            Interrupted: The connection broke.
            Stalled: A clock ran out.
        """
        pieces: list[bytes] = []
        size = 0
        try:
            while data := await self.read():
                pieces.append(data)
                size += len(data)
                if size > limit:
                    message = f"{self._route.origin.shown} sent more than {limit} bytes."
                    raise errors.ProtocolError(message)
        finally:
            self.close()
        return b"".join(pieces)

    def settle(self, *, hurried: bool = False) -> None:
        """Wait only a little for the end alone: until then the body has a place in the session."""
        if not self._content.is_eof():
            self.hurry(_DRAIN_HURRIED if hurried else _DRAIN_TIME)

    async def drain(self, *, hurried: bool) -> None:
        """Read what is left, if little is and it comes at once."""
        self.settle(hurried=hurried)
        read = 0
        try:
            while read < _DRAIN and not self._content.at_eof():
                read += len(await self.read())
        except errors.APIError:
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection, unless the end of the body has given that back."""
        self._timer.cancel()
        if self._journal:
            self._journal.end()
        self._response.close()

    def _left(self) -> bytes:
        """What came before a failure and was not read yet: aiohttp keeps it, and tells nobody."""
        take: Callable[[int], bytes] | None = getattr(self._content, "_read_nowait", None)
        return take(-1) if take else b""

    def _expect(self, *, ending: bool) -> None:
        """Wait from here on as long as an end takes, or again as long as an answer may."""
        self._ending = ending
        limit = self._route.clocks.idle
        self._idle = min(limit, _AFTER_ANSWER) if ending else limit
        self._commented = False

    def _end(self) -> None:
        """Give the connection back, which the end of the body leaves to others."""
        self._route.pool.give(self._response, self._link)

    def _fire_by(self, due: float) -> None:
        """Let the timer fire by then."""
        if due < self._timer.when():
            self._timer.cancel()
            self._timer = self._set(due)

    def _set(self, due: float) -> asyncio.TimerHandle:
        return self._loop.call_at(due, self._check, context=self._route.context)

    def _check(self) -> None:
        """Close the response where its next piece is waited for too long, or in vain."""
        now = self._loop.time()
        since = self._since or now
        comments_since = (self._since and self._comments_since) or now
        silent = min(since + self._idle, comments_since + _COMMENTS_ONLY * self._idle)
        due = min(silent, self.opening_due, self._deadline)
        if now < due and not self._is_cut_off():
            self._timer = self._set(min(due, now + _AFTER_ANSWER))
        elif due != self._spared and now >= due:
            # What came while the loop stood still, or slept with the machine, is not read yet.
            self._spared = due
            self._timer = self._set(now + _CATCH_UP)
        elif self._opening and now >= self.opening_due:
            if not self._opening.expired():
                self._opening.reschedule(now)
            # An answer that begins in this very moment goes on, and is not left without a clock.
            self._timer = self._set(now + _CATCH_UP)
        else:
            if now >= due:
                self._clock = "total" if due == self._deadline else "idle"
            self._response.close()

    def _is_cut_off(self) -> bool:
        """Whether a piece is waited for that cannot come: a session that closes tells no reader."""
        return bool(self._since) and not (self._content.is_eof() or is_linked(self._response))

    def _failure(self, error: Exception) -> errors.APIError:
        route = self._route
        if not self._clock:
            return read_failure(error, route.origin, begun=True)
        limit = route.clocks.total if self._clock == "total" else route.clocks.idle
        return stalled(route.origin, self._clock, limit)
