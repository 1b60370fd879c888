"""The connections that wait in aiohttp's pool, as far as can be told from outside.

aiohttp does not tell whether a request goes out over a connection that was used before. One of
those may turn out dead, which says nothing about the service: llama.cpp promises to keep a
connection, and closes it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Pool", "pool_of", "queues"]

#: Whom a URL asks: its scheme, host and port.
type Service = tuple[str, str | None, int]

#: How long aiohttp keeps a connection that is not used, in seconds.
_KEPT: Final = 15.0
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class Pool:
    """The connections to one service that are believed to wait for a request."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        """Begin with none."""
        self._until: deque[float] = deque()  # when each is forgotten, the first one first

    def take(self) -> bool:
        """Take a connection for a request; whether one is believed to wait."""
        now = asyncio.get_running_loop().time()
        while self._until:
            if self._until.popleft() > now:
                return True
        return False

    def give(self, response: aiohttp.ClientResponse) -> None:
        """Take back the connection of a response that was read to its end, if it is kept."""
        if _kept(response):
            self._until.append(asyncio.get_running_loop().time() + _KEPT)


#: By what holds the connections, which several sessions may share.
_POOLS: Final[WeakKeyDictionary[aiohttp.BaseConnector, dict[Service, Pool]]] = WeakKeyDictionary()


def pool_of(session: aiohttp.ClientSession, url: str) -> Pool:
    """The connections that requests of this session to this URL are sent over."""
    if session.connector is None:  # it is closed
        return Pool()
    pools, service = _POOLS.setdefault(session.connector, {}), _service(url)
    if (pool := pools.get(service)) is None:
        pool = pools[service] = Pool()
    return pool


def queues(session: aiohttp.ClientSession) -> bool:
    """Whether requests of this session may have to wait until others have ended."""
    connector = session.connector
    return connector is None or bool(connector.limit or connector.limit_per_host)


@lru_cache(maxsize=64)
def _service(url: str) -> Service:
    """Whom a URL asks."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _kept(response: aiohttp.ClientResponse) -> bool:
    """Whether the connection outlives the response (RFC 9112 sections 6.3 and 9.3)."""
    headers, version = response.headers, response.version
    if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
        return False  # its end is the connection's
    said = headers.get("Connection", "").lower()
    old = version is not None and version < aiohttp.HttpVersion11
    return "keep-alive" in said if old else "close" not in said
