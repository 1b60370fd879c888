"""One logical request, sent as often as helps.

A request is repeated before its ``take`` has returned and never after, so nothing that was given
away can come twice.
"""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp

from axio_transport_openai import errors
from axio_transport_openai.encoding import unpacked
from axio_transport_openai.refusal import read_body
from axio_transport_openai.retry import asked_wait, should_retry
from axio_transport_openai.secret import Unshown
from axio_transport_openai.verdict import refused

from .body import Body
from .failure import FAILURES, dropped, read_failure, stalled
from .journal import LOGGED, Journal, tell
from .payload import Outgoing, payload_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from axio_transport_openai.encoding import Piece

    from .route import Route

__all__ = ["Sender"]

logger = logging.getLogger("axio_transport_openai")

#: How much of an error's body is read, in bytes, and for how long, in seconds.
_ERROR_BODY: Final = 64 * 1024
_ERROR_TIME: Final = 30.0
_NEVER: Final = math.inf
#: How many idle connections that turn out dead are replaced by one attempt, and within how many
#: seconds that must show: a service that restarts leaves as many as were used at once.
_REPLACED: Final = 8
_AT_ONCE: Final = 1.0
#: The statuses of whole answers: all of success, also of a gateway's own (RFC 9110 section 15), but
#: those of what is yet to come, of nothing and of a part.
_TAKEN: Final = frozenset(range(200, 300)) - {202, 204, 205, 206}


def _is_cancelled() -> bool:
    """Whether somebody cancelled this task; else a session that closed cancelled its waiting."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


class Sender(Unshown):
    """Sends one logical request, as often as the policy of its route allows."""

    route: Route
    #: The body in pieces; where there are none, there is no body.
    body: Sequence[Piece] = ()
    #: How many attempts were made.
    attempts: int = 0
    #: The loop time at which all is over.
    deadline: float = _NEVER
    #: The body of the last attempt.
    sent: Outgoing | None = None

    def __post_init__(self) -> None:
        """Begin before the first attempt."""
        self.deadline = asyncio.get_running_loop().time() + self.route.clocks.total

    async def send[T](
        self,
        take: Callable[[Body], Awaitable[T]],
        mend: Callable[[errors.APIError], Sequence[Piece] | None] = lambda _: None,
    ) -> T:
        """What ``take`` makes of the response's body.

        ``take`` leaves the body open only where it returns it. ``mend`` may give another body to
        send, at once, in place of the one that an error refused.

        Raises:
            APIError: No attempt succeeded; the last one's failure.
        """
        while True:
            try:
                taken = await self._attempt(take)
            except asyncio.CancelledError as cancelled:
                # It goes to whoever cancelled. The frames it comes from hold the headers and the
                # address, and by way of their timeout the task, which holds it.
                raise cancelled.with_traceback(None) from None
            except errors.APIError as error:
                # The frames that raised it hold it, and the request, until the collector comes.
                error.__traceback__ = None
                mended = mend(error) if self.attempts < self.route.policy.attempts else None
                if mended is not None:
                    self.body = mended
                    continue
                wait = self._wait(error)
                if wait is None:
                    raise
                logger.warning("%s; trying again in %.1f s", error, wait)
            else:
                self.route.budget.earn()
                return taken
            await asyncio.sleep(wait)

    def _wait(self, error: errors.APIError) -> float | None:
        """Seconds before the next attempt, or None where there is none."""
        if not error.retryable:
            return None
        wait = self.route.policy.wait(self.attempts, error.retry_after)
        if wait is None or asyncio.get_running_loop().time() + wait > self.deadline:
            return None
        return wait if self.route.budget.spend() else None

    async def _attempt[T](self, take: Callable[[Body], Awaitable[T]]) -> T:
        self.attempts += 1
        body = Body(self.route, self.deadline, scope := asyncio.timeout(None))
        try:
            async with scope:
                loop = asyncio.get_running_loop()
                replaced, lost = 0, 0.0
                while True:
                    waiting, began = await self.route.pool.take(known=replaced > 0), loop.time()
                    try:
                        return await self._exchange(take, body)
                    except FAILURES as error:
                        used, sent = self._sent_over()
                        # Not since it was asked for: it may have waited for its turn.
                        lost += loop.time() - (sent or began)
                        dead = (used or waiting) and dropped(error) and lost < _AT_ONCE
                        if not dead or replaced == _REPLACED:
                            raise
                    # A connection that was dead already says nothing about the service.
                    logger.debug(
                        "%s closed an idle connection; replacing it", self.route.origin.shown
                    )
                    replaced += 1
        except FAILURES as error:
            failure = self._failure(error, scope)
        finally:
            body.opened()
        raise failure  # here, where nothing of aiohttp's is behind it

    async def _exchange[T](self, take: Callable[[Body], Awaitable[T]], body: Body) -> T:
        route = self.route
        if route.debug:
            self._tell()
        self.sent = payload_of(self.body)
        try:
            # A response shows its address, which may hold a key, so none is left in a frame.
            begun = self._begin(
                body,
                await route.session.request(
                    route.method,
                    route.url,
                    data=self.sent,
                    headers=route.headers,
                    allow_redirects=False,
                    raise_for_status=False,
                    timeout=route.timeout,
                ),
            )
        except asyncio.CancelledError:
            if route.session.closed and not _is_cancelled():
                raise RuntimeError("Session is closed") from None
            raise
        if not begun:
            raise aiohttp.ServerDisconnectedError
        error: errors.APIError
        try:
            if body.status in _TAKEN:
                return await take(body)
            error = await self._refused(body)
        except errors.APIError as failure:
            error = failure
            # What came may repeat a key, and is in the frames of what could not read it.
            error.__context__ = None
        except BaseException:
            body.close()
            raise
        body.close()
        raise error

    def _begin(self, body: Body, response: aiohttp.ClientResponse) -> bool:
        """Let the body go on to this response, if that answers the request.

        It may only say that a connection which was not used is closed, and cross the request on its
        way (RFC 9110 section 15.5.9).
        """
        if response.status == HTTPStatus.REQUEST_TIMEOUT:
            used, sent = self._sent_over()
            if used and asyncio.get_running_loop().time() - sent < _AT_ONCE:
                response.close()
                return False
        body.begin(response, self.sent.link if self.sent else None)
        if self.route.debug:
            self._tell_on(body)
        return True

    def _sent_over(self) -> tuple[bool, float]:
        """Whether the body went over a connection known to have been used, and when; 0 if never."""
        sent = self.sent
        return (self.route.pool.used(sent.link), sent.began) if sent else (False, 0.0)

    def _tell(self) -> None:
        """Log what is sent."""
        route, text = self.route, b"".join(unpacked(self.body)).decode("utf-8", "replace")
        address, sent = route.url.partition("?")[0], route.origin.clean(text, LOGGED)
        tell(logger, "%s %s %s", route.method, route.origin.clean(address), sent)

    def _tell_on(self, body: Body) -> None:
        """Log what comes back, as it is read."""
        origin = self.route.origin
        tell(logger, "%s answered %d", origin.shown, body.status)
        body.log_to(Journal(logger, origin))

    async def _refused(self, body: Body) -> errors.StatusError:
        """The error that the response with this body stands for."""
        due = min(body.opening_due, asyncio.get_running_loop().time() + _ERROR_TIME)
        body.opened()  # the status is the failure, however long its words take
        found = read_body(await self._words(body, due))
        headers, status = body.headers, body.status
        return refused(
            status,
            found,
            self.route.origin,
            request_id=headers.get("x-request-id", ""),
            retry_after=asked_wait(headers, datetime.now(UTC)),
            should_retry=should_retry(headers),
            location=headers.get("location", ""),
        )

    async def _words(self, body: Body, due: float) -> bytes:
        """What an error's body says by then, without a secret that it breaks off in."""
        said = bytearray()
        try:
            async with asyncio.timeout_at(due):
                while len(said) < _ERROR_BODY:
                    if not (data := await body.read()):
                        return bytes(said)
                    said += data
        except (TimeoutError, errors.APIError):
            pass  # what was read of it has to do
        text = said[:_ERROR_BODY].decode("utf-8", "replace")
        return self.route.origin.secrets.masked(text, cut=True).encode()

    def _failure(self, error: Exception, scope: asyncio.Timeout) -> errors.APIError:
        """The error for an attempt that brought no response."""
        if scope.expired():
            return self._stalled()
        if isinstance(error, TimeoutError) and self.route.clocks.connect < _NEVER:
            return stalled(self.route.origin, "connect", self.route.clocks.connect)
        return read_failure(error, self.route.origin, begun=False, sent=self.sent)

    def _stalled(self) -> errors.Stalled:
        if asyncio.get_running_loop().time() >= self.deadline:
            return stalled(self.route.origin, "total", self.route.clocks.total)
        return stalled(self.route.origin, "first event", self.route.clocks.first_event)
