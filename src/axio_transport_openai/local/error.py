"""The error of a local server that could not be started, or that ended."""

from __future__ import annotations

from axio.exceptions import StreamError

__all__ = ["LocalServerError"]


class LocalServerError(StreamError):
    """The local server could not be started, or ended by itself."""
