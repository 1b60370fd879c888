"""The connections that wait in aiohttp's pool, as far as can be seen from outside.

aiohttp does not say whether a request goes out over a connection that was used before. One of
those may turn out dead, which says nothing about the service: llama.cpp promises to keep a
connection, and closes it.

Before a request is sent it can only be guessed; once it was, its connection is known, as a rule.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary, WeakSet, ref

import aiohttp
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Pool", "is_linked", "link_of", "pool_of", "queues"]

#: The host and port of a URL.
type Endpoint = tuple[str | None, int]
#: A connection, by what aiohttp has for each; None where it does not say which. Compare it with
#: None: one on which nothing came is false.
type Link = ResponseHandler | None

#: How long aiohttp keeps a connection that is not used, in seconds.
_KEPT: Final = 15.0
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class Pool:
    """The connections to one service that are believed to wait for a request."""

    __slots__ = ("_used", "_waiting")

    def __init__(self) -> None:
        """Begin with none."""
        #: When each is forgotten, the first one first, and how it is reached.
        self._waiting: deque[tuple[float, Callable[[], Link] | None]] = deque()
        #: Those over which a response has come, whether they wait or have been taken again.
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def take(self, *, known: bool) -> bool:
        """Take a connection for a request; whether one is believed to wait.

        With ``known``, only one counts that is open still, as far as this side can tell.
        """
        now = asyncio.get_running_loop().time()
        while self._waiting:
            until, reach = self._waiting.popleft()
            if until > now and (not known if reach is None else await _waits(reach())):
                return True
        return False

    def give(self, response: aiohttp.ClientResponse, link: Link) -> None:
        """Take back the connection of a response that was read to its end, if it is kept."""
        if _kept(response):
            until = asyncio.get_running_loop().time() + _KEPT
            self._waiting.append((until, None if link is None else ref(link)))
            if link is not None:
                self._used.add(link)

    def used(self, link: Link) -> bool:
        """Whether a response has come over this connection before.

        A request that had to wait for its turn went out over one that no other was seen to leave.
        """
        return link in self._used


#: By what holds the connections, which several sessions may share.
_POOLS: Final[WeakKeyDictionary[aiohttp.BaseConnector, dict[Endpoint, Pool]]] = WeakKeyDictionary()


def pool_of(session: aiohttp.ClientSession, url: str) -> Pool:
    """The connections that requests of this session to this URL are sent over."""
    if session.connector is None:  # it is closed
        return Pool()
    return _POOLS.setdefault(session.connector, {}).setdefault(_endpoint(url), Pool())


def link_of(response: aiohttp.ClientResponse) -> Link:
    """The connection of a response; None where all of it has come, which gives that back."""
    connection = response.connection
    return None if connection is None else connection.protocol


def is_linked(response: aiohttp.ClientResponse) -> bool:
    """Whether the connection of a response is open still."""
    return _is_open(link_of(response))


def queues(session: aiohttp.ClientSession) -> bool:
    """Whether requests of this session may have to wait until others have ended."""
    connector = session.connector
    return connector is None or bool(connector.limit or connector.limit_per_host)


@lru_cache(maxsize=64)
def _endpoint(url: str) -> Endpoint:
    """The endpoint of a URL, with the port that its scheme stands for."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def _kept(response: aiohttp.ClientResponse) -> bool:
    """Whether the connection outlives the response (RFC 9112 sections 6.3 and 9.3)."""
    headers, version = response.headers, response.version
    if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
        return False  # its end is the connection's
    said = headers.get("Connection", "").lower()
    old = version is not None and version < aiohttp.HttpVersion11
    return "keep-alive" in said if old else "close" not in said


async def _waits(link: Link) -> bool:
    """Whether a connection may take a request; one on which something came unasked is closed.

    aiohttp would take that for the answer to the next request, and so give every later request the
    answer to the one before it.
    """
    if not _is_open(link):
        return False
    if not _unread(link):
        return True
    # A request that had to wait for its turn may have been given it: that reads what came for it
    # before this goes on, and what nobody asked for stays.
    await asyncio.sleep(0)
    if link is not None and _unread(link):
        link.close()
    return False


def _unread(link: Link) -> bool:
    """Whether a response came over a connection that nobody took yet."""
    return link is not None and len(link) > 0


def _is_open(link: Link) -> bool:
    return link is not None and link.is_connected()
