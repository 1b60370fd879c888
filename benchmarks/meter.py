"""What is measured: processor time, memory, and when a request's first byte is written."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["FirstByte", "cpu", "resident"]

#: Seconds of processor time this process has used, user and system, in all its threads.
cpu = time.process_time

_MEMORY = Path("/proc/self/statm")


def resident() -> float:
    """Bytes this process holds in memory; 0 where the system does not say."""
    try:
        return int(_MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class FirstByte:
    """When a socket of this process is first given bytes after :meth:`arm`, in processor time.

    It looks at Python's own socket class, where every client ends.
    """

    def __init__(self) -> None:
        self.at = 0.0
        for name in ("send", "sendall", "sendmsg"):
            setattr(socket.socket, name, self._watched(getattr(socket.socket, name)))

    def arm(self) -> None:
        """Wait for the next first byte."""
        self.at = 0.0

    def _watched[**P, R](self, method: Callable[P, R]) -> Callable[P, R]:
        def watched(*args: P.args, **kwargs: P.kwargs) -> R:
            if not self.at:
                self.at = cpu()
            return method(*args, **kwargs)

        return watched
