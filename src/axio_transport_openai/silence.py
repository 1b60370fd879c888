"""Keeps a failure that an app shows from being printed a second time, by way of the log.

axio's agent logs a failed answer with its traceback and gives it to the app as an event. Where
nobody has set logging up, Python prints what is logged: a person at a prompt would be told of one
refused key twice, once on thirty lines.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from axio.exceptions import StreamError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["unrepeated"]

_AGENT: Final = logging.getLogger("axio.agent")


@contextmanager
def unrepeated() -> Generator[None]:
    """Leave a failed answer to the app, as long as nobody asks for what is logged."""

    def passes(record: logging.LogRecord) -> bool:
        failure = record.exc_info[1] if record.exc_info else None
        return not isinstance(failure, StreamError) or _AGENT.hasHandlers()

    _AGENT.addFilter(passes)
    try:
        yield
    finally:
        _AGENT.removeFilter(passes)
