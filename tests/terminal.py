"""The real apps as a person has them: programs of their own, in a terminal."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Mapping

FOLDER = Path(sys.executable).parent
PROMPT = "repl> "
#: Seconds after which a test gives up waiting for the program.
PATIENCE = 30.0
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """What a program writes, and the keyboard."""

    def __init__(self, process: Process, holder: int) -> None:
        self.process = process
        self._holder = holder
        #: All that was written, with colours and moves of the cursor.
        self.written = ""
        self._read_to = 0
        self._over = False
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(holder, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._holder, 65_536)
        except OSError:  # the program has closed its end
            data = b""
        if not data:
            self._over = True
            asyncio.get_running_loop().remove_reader(self._holder)
        self.written += data.decode(errors="replace")
        self._more.set()

    async def until(self, text: str) -> str:
        """What is written up to this text, from where the last wait ended, without colours."""
        async with asyncio.timeout(PATIENCE):
            while text not in self.written[self._read_to :]:
                assert not self._over, self.written
                self._more.clear()
                await self._more.wait()
        end = self.written.index(text, self._read_to) + len(text)
        begin, self._read_to = self._read_to, end
        return _COLOURS.sub("", self.written[begin:end]).replace("\r\n", "\n")

    def press(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._holder, keys.encode())

    async def answer(self, line: str) -> str:
        """What the program has to say to this line."""
        self.press(f"{line}\n")
        await self.until("\n")  # the line itself, as the terminal shows it
        return (await self.until(PROMPT)).removesuffix(PROMPT)

    async def quit(self) -> int:
        """The exit status, once the program has been told to end."""
        self.press("/quit\n")
        return await self.ended()

    async def ended(self) -> int:
        """The exit status, once the program has ended."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def close(self) -> None:
        """End the program, where it still runs."""
        if self.process.returncode is None:
            self.process.kill()
        asyncio.get_running_loop().remove_reader(self._holder)
        os.close(self._holder)


@asynccontextmanager
async def terminal(
    home: Path,
    *arguments: str,
    program: str = "axio-repl",
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Terminal]:
    """The program in this home folder, with nothing in its environment but these variables."""
    holder, end = os.openpty()
    variables = {"HOME": str(home), "TERM": "dumb", "PATH": os.defpath, "COLUMNS": "500"}
    try:
        process = await asyncio.create_subprocess_exec(
            FOLDER / program,
            *arguments,
            stdin=end,
            stdout=end,
            stderr=end,
            cwd=home,
            env=variables | dict(environment or {}),
            start_new_session=True,
        )
    finally:
        os.close(end)
    running = Terminal(process, holder)
    try:
        yield running
    finally:
        running.close()
        await process.wait()


async def said(
    home: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The exit status of an axio-repl that asks nothing, and all that it writes."""
    process = await asyncio.create_subprocess_exec(
        FOLDER / "axio-repl",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=home,
        env={"HOME": str(home), "COLUMNS": "500", **(environment or {})},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, _COLOURS.sub("", output.decode())
