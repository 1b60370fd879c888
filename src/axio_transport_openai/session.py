"""A session that a transport makes for itself and its clones."""

from __future__ import annotations

from typing import Final, Self

import aiohttp

__all__ = ["OwnSession"]

#: The longest header that is read, in bytes: gateways send policies longer than aiohttp's 8190.
_LONGEST_HEADER: Final = 64 * 1024


class OwnSession:
    """A session that is open until the last of those that entered it has left."""

    def __init__(self) -> None:
        """Make the session; nobody has entered it yet."""
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), max_field_size=_LONGEST_HEADER
        )
        self._entered = 0

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """The same: it holds sockets."""
        return self

    def enter(self) -> None:
        """Count one more who has to leave."""
        self._entered += 1

    async def leave(self) -> None:
        """Close the session behind the last."""
        self._entered -= 1
        if not self._entered:
            await self.session.close()
