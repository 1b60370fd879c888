"""What aiohttp and the sockets under it raise, as our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from axio_transport_openai import errors, refusal, verdict
from axio_transport_openai.secret import without_credentials

if TYPE_CHECKING:
    from axio_transport_openai.origin import Origin

    from .payload import Outgoing

__all__ = ["FAILURES", "dropped", "read_failure", "stalled"]

#: All that may be raised, but for cancellation.
FAILURES: Final = (
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
)
#: What is wrong with a session, by a word of the RuntimeError that says so.
_SESSION: Final = {
    "loop": "its session belongs to another event loop; make one in the loop that asks",
    "closed": "Session is closed; give an open one",
}
_WAITED: Final = {
    "connect": "could not be connected to",
    "first event": "sent no event",
    "idle": "sent nothing more",
    "total": "did not finish",
}


def stalled(origin: Origin, clock: str, limit: float) -> errors.Stalled:
    """The error for a clock that ran out after ``limit`` seconds."""
    setting = f"{clock.replace(' ', '_')}_timeout"
    error = errors.Stalled(
        f"{origin.shown} {_WAITED[clock]} within {limit:g} seconds ({setting}).",
        retryable=clock != "total",
    )
    error.clock, error.limit = clock, limit
    return error


def dropped(error: Exception) -> bool:
    """Whether a connection that was there ended before anything of a response had come."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)
    broken = isinstance(error, aiohttp.ClientOSError | ConnectionError)
    return broken and not isinstance(error, aiohttp.ClientConnectorError)


def read_failure(
    error: Exception, origin: Origin, *, begun: bool, sent: Outgoing | None = None
) -> errors.APIError:
    """One of ``FAILURES`` as our error.

    It came once a response had ``begun``, or when this much of the request's body was ``sent``.
    """
    words = without_credentials(_words(error))  # a proxy's address may hold a password
    said = origin.clean(words, 300).removesuffix(".")
    if isinstance(error, aiohttp.InvalidURL):
        told = f"cannot be sent: {said} is no address. Check the base URL and any proxy in between."
        return errors.NotSent(f"The request to {origin.shown} {told}")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        answer = f"{error.status} {said}".rstrip()
        return errors.ConnectionFailed(
            f"{origin.shown} could not be reached: the proxy answered {answer}.",
            retryable=verdict.refused(error.status, refusal.Refusal(), origin).retryable,
        )
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError):
        told = f"does not speak HTTP as it should: {said}. Check the base URL."
        return errors.ProtocolError(f"{origin.shown} {told}")
    if begun:
        return errors.Interrupted(
            f"{origin.shown} broke off before the answer was finished: {said}.", retryable=True
        )
    if isinstance(error, aiohttp.ClientError | OSError):
        return errors.ConnectionFailed(
            f"{origin.shown} {_unanswered(error, said, sent)}",
            retryable=not isinstance(error, aiohttp.ClientSSLError),
        )
    if isinstance(error, RuntimeError):  # asyncio's own words tell which task, at length
        said = next((why for word, why in _SESSION.items() if word in words), said)
    return errors.NotSent(f"The request to {origin.shown} was not sent: {said}.")


def _unanswered(error: aiohttp.ClientError | OSError, said: str, sent: Outgoing | None) -> str:
    """How no response came back, and what to do about it."""
    if dropped(error):
        if sent is None or sent.whole:
            return f"closed the connection without an answer: {said}."
        if sent.began:
            return (
                "closed the connection before it had all of the request."
                " That may be larger than the service, or a proxy in between, takes."
            )
    match error:
        case aiohttp.ClientSSLError():
            advice = "Check its certificate, and whether it speaks https."
        case aiohttp.ClientProxyConnectionError():
            advice = "Check the proxy."
        case _:
            advice = "Check the base URL, that the service runs there, and any proxy in between."
    return f"could not be reached: {said}. {advice}"


def _words(error: Exception) -> str:
    """What the error says."""
    if isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str):
        return "the server closed the connection"  # the message is the headers, cookies included
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message
    return str(error) or type(error).__name__
