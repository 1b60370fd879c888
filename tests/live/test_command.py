"""The command with a real model."""

from __future__ import annotations

import os
import shlex
import signal
from typing import TYPE_CHECKING

import pytest
from tests.command import ran, started
from tests.live.process import children

if TYPE_CHECKING:
    from axio_transport_openai.local import LocalServer

pytestmark = pytest.mark.live

_QUESTION = "What is the capital of France?"


async def test_without_a_service_a_local_model_answers() -> None:
    status, output, errors = await ran("ask", _QUESTION)

    assert status == 0
    assert output.strip()
    assert " tokens in, " in errors


async def test_empty_variables_name_no_service() -> None:
    status, output, _ = await ran("ask", _QUESTION, OPENAI_BASE_URL="", OPENAI_API_KEY="")

    assert status == 0
    assert output.strip()


async def test_a_model_file_that_is_not_there_is_one_sentence() -> None:
    status, output, errors = await ran("ask", "--model", "missing.gguf", _QUESTION)

    assert (status, output) == (1, "")
    instead = "Or name a service with --base-url or --api-key."
    assert errors == f"Error: There is no model file at missing.gguf. {instead}\n"


async def test_a_model_that_is_killed_as_it_answers_is_told() -> None:
    process = await started("ask", "Tell me a long story.")
    assert process.stdout
    await process.stdout.readexactly(1)
    (server,) = children(process.pid)
    os.kill(server, signal.SIGKILL)
    _, errors = await process.communicate()

    assert process.returncode == 1
    assert errors.decode().startswith("Error: The local server ended by itself: it was killed")


async def test_a_wrong_key_is_one_sentence(server: LocalServer) -> None:
    status, output, errors = await ran(
        "ask", _QUESTION, OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY="wrong"
    )

    assert (status, output) == (1, "")
    assert len(errors.splitlines()) == 1
    assert "wrong" not in errors


async def test_one_program_serves_what_another_asks() -> None:
    service = await started("serve", "--context-window", "1024")
    assert service.stdout
    lines = [(await service.stdout.readline()).decode() for _ in range(5)]
    command, *assignments = shlex.split(lines[-1])
    variables = dict(assignment.split("=", 1) for assignment in assignments)

    answered = await ran("ask", _QUESTION, **variables)
    service.send_signal(signal.SIGINT)
    _, errors = await service.communicate()
    refused = await ran("ask", _QUESTION, **variables)

    assert command == "export"
    assert answered[0] == 0
    assert answered[1].strip()
    assert (service.returncode, errors.strip()) == (130, b"")
    assert refused[0] == 1
