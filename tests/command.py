"""The ``axio-openai`` command as a person runs it: a program of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping

_PIPE = asyncio.subprocess.PIPE


async def started(
    *arguments: str,
    stdout: int = _PIPE,
    stderr: int = _PIPE,
    stdin: int = asyncio.subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """The running command, in an environment that names no service but these variables."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("OPENAI_")}
    inherited.pop(
        "PYTHONUNBUFFERED", None
    )  # few people have it, and it hides a failure at the exit
    program = (sys.executable, "-W", "error", "-m", "axio_transport_openai", *arguments)
    return await asyncio.create_subprocess_exec(
        *program,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=inherited | dict(environment or {}),
    )


async def ran(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    """The command's exit status, output and errors."""
    process = await started(*arguments, environment=environment)
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()
