"""Many streams at once: what comes of each is checked as it comes, so that none of it is kept."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from array import array
from typing import Final

from .client import Own
from .meter import cpu, resident
from .wire import STAMP

__all__ = ["Clock", "Crowd", "Lost", "Raw", "Reader", "Text"]

_STAMP: Final = re.compile(rb'"content":"(\d{%d})"' % STAMP)


class Lost(Exception):
    """A client did not give what was sent."""


class Crowd:
    """Streams at once: what has come of them all, and the machine at its middle."""

    def __init__(self, streams: int, size: int) -> None:
        self.total = streams * size
        self.come = 0
        self.began = 0.0
        self.held = 0.0
        self.delays = array("q")
        self.stamps = array("q")

    def counted(self, size: int) -> None:
        """Take notice of so many characters or bytes."""
        if not self.come:
            self.began = cpu()
        self.come += size
        if not self.held and self.come * 2 >= self.total:
            self.held = resident()

    def seen(self, stamp: int) -> None:
        """Take notice of when something was sent."""
        self.delays.append(time.monotonic_ns() - stamp)
        self.stamps.append(stamp)


class Reader(ABC):
    """One stream of them, and how much of it is still to come."""

    def __init__(self, crowd: Crowd, text: str, size: int) -> None:
        self.crowd = crowd
        self.text = text
        self.left = size

    @abstractmethod
    def take(self, piece: Own) -> None:
        """Take what came of this stream."""


class Raw(Reader):
    """Bytes, counted."""

    def take(self, piece: bytes) -> None:
        self.crowd.counted(len(piece))
        self.left -= len(piece)
        for stamp in _STAMP.findall(piece):
            self.crowd.seen(int(stamp))


class Text(Reader):
    """Text that is compared as it comes, so that none of it is kept."""

    def take(self, piece: str) -> None:
        self.crowd.counted(len(piece))
        if not self.text.startswith(piece, len(self.text) - self.left):
            raise Lost("read something that was not sent")
        self.left -= len(piece)


class Clock(Reader):
    """Clock readings, each as late as it is."""

    def take(self, piece: str) -> None:
        self.crowd.seen(int(piece))
        self.crowd.counted(len(piece))
        self.left -= len(piece)
