"""Runs an example as its reader would: a script of its own, talking to a service on loopback."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from axio_transport_openai.testing import Service, answer, embeddings, models, sends, streams

if TYPE_CHECKING:
    from axio_transport_openai.testing import Exchange

_SECONDS = 60


async def _anything(exchange: Exchange) -> None:
    """Answer whatever an example may ask."""
    request = exchange.request
    if request.path.endswith("/models"):
        await sends(models("one/model", "two/model"))(exchange)
    elif request.path.endswith("/embeddings"):
        await sends(embeddings([[0.5, 1.0] for _ in request.json["input"]]))(exchange)
    else:
        await streams(*answer("2 + 2 is ", "4.", tokens=(12, 6)))(exchange)


async def run(code: str, **variables: str) -> str:
    """What the example printed; a service on loopback stands in for the real one."""
    async with Service(forever=_anything) as service:
        environment = {
            "OPENAI_BASE_URL": service.base_url,
            "OPENAI_API_KEY": "sk-example",
            "PATH": os.environ["PATH"],
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-W",
            "error",
            "-c",
            code,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment | variables,
        )
        printed, complained = await asyncio.wait_for(process.communicate(), _SECONDS)

    assert process.returncode == 0, complained.decode()
    assert b"Traceback" not in complained, complained.decode()
    return printed.decode()
