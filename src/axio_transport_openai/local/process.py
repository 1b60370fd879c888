"""The server's child process, seen from its parent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Process"]

_PROGRAM: Final = Path(__file__).with_name("program.py")
#: How much is shown of what a process wrote: lines, of this many bytes at the most.
_LAST_LINES: Final = 5
_LAST_BYTES: Final = 4096


class Process:
    """A running :mod:`.program`. It ends when this process does, however that comes about."""

    def __init__(self, process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self._process = process
        # A file needs no reader; a pipe that nobody reads fills up and brings the server to a halt.
        self._log = log

    @classmethod
    async def started(cls, settings: Mapping[str, object]) -> Self:
        """A process told to serve this."""
        with contextlib.ExitStack() as opened:
            log = opened.enter_context(tempfile.TemporaryFile())
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # so that it does not import the modules beside it
                _PROGRAM,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                process_group=0,  # Ctrl-C goes to this process alone, which may only end an answer
            )
            opened.pop_all()
        if process.stdin:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
        return cls(process, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def line(self) -> str:
        """The next line of the program's report, or nothing once it has ended."""
        if not self._process.stdout:
            return ""
        return (await self._process.stdout.readline()).decode().strip()

    async def last_words(self) -> str:
        """The last lines that it wrote about itself, once it has ended; or else, how it ended."""
        status = await self._process.wait()
        return self._written() or _ending(status)

    def _written(self) -> str:
        if self._log.closed:  # somebody has ended it meanwhile
            return ""
        end = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), _LAST_BYTES, max(0, end - _LAST_BYTES))
        return "\n".join(tail.decode(errors="replace").strip().splitlines()[-_LAST_LINES:])

    async def end(self) -> None:
        """End it, and wait until nothing of it is left, however often cancelled meanwhile."""
        if self._process.returncode is None:
            self._process.kill()
        cancelled: asyncio.CancelledError | None = None
        while True:
            # No task of its own waits: a loop that is told again to end cancels every one.
            try:
                await self._process.wait()
                break
            except asyncio.CancelledError as error:
                cancelled = error
        self._log.close()
        if cancelled is not None:
            raise cancelled


def _ending(status: int) -> str:
    """How a process ended that said nothing about it."""
    if status == -signal.SIGKILL:
        return "it was killed (SIGKILL), as a system does to what takes more memory than there is."
    if status < 0:
        return f"it was ended by signal {-status} ({signal.strsignal(-status)})."
    return f"it gave no reason, and exit status {status}."
