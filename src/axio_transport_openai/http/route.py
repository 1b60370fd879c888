"""How one endpoint of a service is reached: what is the same for every request to it."""

from __future__ import annotations

import math
from contextvars import Context
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from axio_transport_openai.secret import Unshown

from .pool import Pool, pool_of, queues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from axio_transport_openai.origin import Origin
    from axio_transport_openai.retry import Budget, RetryPolicy

    from .body import Clocks

__all__ = ["Route"]


@lru_cache(maxsize=8)
def _timeout(connect: float, *, queued: bool) -> aiohttp.ClientTimeout:
    """The one limit that aiohttp keeps: how long a connection may take, in seconds.

    It holds for looking up the name and for a proxy's part too, unless the wait of a ``queued``
    request for its turn would be counted with them. A timer for one of the two is enough.
    """
    limit = connect if connect < math.inf else None
    if queued:
        return aiohttp.ClientTimeout(total=None, sock_connect=limit)
    return aiohttp.ClientTimeout(total=None, connect=limit)


class Route(Unshown, kw_only=True):
    """An endpoint: how it is reached and asked, how often and how long."""

    session: aiohttp.ClientSession
    origin: Origin
    method: str
    url: str
    headers: Mapping[str, str]
    policy: RetryPolicy
    clocks: Clocks
    budget: Budget
    #: Whether what is sent and comes is logged.
    debug: bool
    #: The connections that its requests go over.
    pool: Pool = msgspec.field(default_factory=Pool)
    timeout: aiohttp.ClientTimeout = aiohttp.ClientTimeout()
    #: That of all its timers: without it, each keeps a copy of its own, an object more a stream. A
    #: context runs in one thread at a time, as the loop of a session does.
    context: Context = msgspec.field(default_factory=Context)

    def __post_init__(self) -> None:
        """Find its connections in the session."""
        self.pool = pool_of(self.session, self.url)
        self.timeout = _timeout(self.clocks.connect, queued=queues(self.session))
