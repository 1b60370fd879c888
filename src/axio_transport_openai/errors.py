"""What can go wrong, as a tree.

axio.exceptions.StreamError
+-- APIError                      any failure of one request
    +-- NotSent                   the request could not be made
    +-- ConnectionFailed          no response came back
    +-- Stalled                   a clock ran out: connect, first event, idle or total
    +-- StatusError               a response came back with a status that carries no answer
    |   +-- AuthenticationFailed      401, or 400 for an invalid key
    |   +-- PermissionRefused         403
    |   +-- NotFound                  404 or 410, or 400 or 503 for an unknown model
    |   +-- BadRequest                400, 413, 422, any status not named here (302, 204)
    |   |   +-- ContentFiltered       a filter refused what was sent
    |   |   +-- ContextOverflow       the conversation does not fit the model's window
    |   +-- RateLimited               429
    |   +-- QuotaExhausted            402, or any status where the account has no money
    |   +-- ServerFailed              5xx
    +-- ProviderError             a 200 carried an error
    +-- ProtocolError             the bytes are not chat completions
    +-- Interrupted               a 200 body stopped before its end

Attributes are for programs, the message is for people. Every text that a service wrote is
redacted and bounded before it gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from axio.exceptions import StreamError

if TYPE_CHECKING:
    from axio.types import Usage

__all__ = [
    "APIError",
    "AuthenticationFailed",
    "BadRequest",
    "ConnectionFailed",
    "ContentFiltered",
    "ContextOverflow",
    "Interrupted",
    "NotFound",
    "NotSent",
    "PermissionRefused",
    "ProtocolError",
    "ProviderError",
    "QuotaExhausted",
    "RateLimited",
    "ServerFailed",
    "Stalled",
    "StatusError",
]


class APIError(StreamError):
    """A failure of one request: of the caller, of the network or of the service."""

    def __init__(
        self,
        message: str,
        *,
        said: str = "",
        status: int | None = None,
        code: str = "",
        names: frozenset[str] = frozenset(),
        param: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        retryable: bool = False,
        usage: Usage | None = None,
    ) -> None:
        """Hold what a program may ask of the failure beside its message."""
        super().__init__(message)
        #: What the service itself said, without our words around it; empty where it said nothing.
        self.said = said
        #: The HTTP status, or None where no response came back.
        self.status = status
        #: The service's own code or type for the failure; empty where it gave none.
        self.code = code
        #: Every code and type that it gives the failure, in lower case.
        self.names = names
        #: The parameter it names as wrong; empty where it names none.
        self.param = param
        #: The service's name for the request, to quote to its support; empty where it gave none.
        self.request_id = request_id
        #: Seconds the service asked to wait before trying again, or None.
        self.retry_after = retry_after
        #: Whether the same request may yet succeed.
        self.retryable = retryable
        #: The tokens counted before the failure, or None where none were reported.
        self.usage = usage


class NotSent(APIError):
    """The request could not be made: no session, a wrong URL, a block nobody can send."""


class ConnectionFailed(APIError):
    """No response came back."""


class Stalled(APIError):
    """A clock ran out."""

    #: Which clock: ``"connect"``, ``"first event"``, ``"idle"`` or ``"total"``.
    clock: str = ""
    #: How long it was allowed to run, in seconds.
    limit: float = 0.0


class StatusError(APIError):
    """A response came back with a status that carries no answer."""


class AuthenticationFailed(StatusError):
    """The service did not accept the API key (401, 400)."""


class PermissionRefused(StatusError):
    """The key is valid but may not do this (403)."""


class NotFound(StatusError):
    """No such model or address (404, 410, 400, 503)."""


class BadRequest(StatusError):
    """The service does not accept the request as it is, or not at this address (400, 422, 302)."""


class ContentFiltered(BadRequest):
    """A filter refused what was sent, so that the model never saw it (400, 403, 451)."""


class ContextOverflow(BadRequest):
    """The conversation does not fit the model's window."""

    #: The window, in tokens, where the service named it.
    limit: int | None = None
    #: What the request came to, in tokens, where the service named it.
    asked: int | None = None


class RateLimited(StatusError):
    """Too many requests or tokens for the moment (429)."""


class QuotaExhausted(StatusError):
    """The account has no money or quota left; asking again does not fill it (402, 429, 403)."""


class ServerFailed(StatusError):
    """The service failed, by its own account (5xx)."""


class ProviderError(APIError):
    """A 200 carried an error, in place of an answer or in the middle of one."""


class ProtocolError(APIError):
    """The bytes are not chat completions: HTML, not JSON, more than can be held."""


class Interrupted(APIError):
    """A 200 body stopped before its end: what came of the answer is not all of it."""
