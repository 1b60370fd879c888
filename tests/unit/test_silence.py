"""A failed answer is left to the app, as long as nobody asks for what is logged."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from axio_transport_openai.errors import APIError, NotSent
from axio_transport_openai.silence import unrepeated

if TYPE_CHECKING:
    from collections.abc import Generator

AGENT = logging.getLogger("axio.agent")


def logged(failure: Exception) -> None:
    """Log a failure as axio's agent does."""
    AGENT.error("Transport error: %s", failure, exc_info=failure)


@contextmanager
def unheard() -> Generator[None]:
    """No handler gets what the agent logs, so Python itself prints it."""
    AGENT.propagate = False
    try:
        yield
    finally:
        AGENT.propagate = True


def test_a_services_failure_is_not_printed_where_nobody_listens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with unheard(), unrepeated():
        logged(APIError("no"))

    assert capsys.readouterr().err == ""


def test_another_failure_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with unheard(), unrepeated():
        logged(ValueError("a fault of the app's own"))

    assert "a fault of the app's own" in capsys.readouterr().err


def test_what_is_no_failure_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with unheard(), unrepeated():
        AGENT.warning("a tool takes long")

    assert "a tool takes long" in capsys.readouterr().err


def test_who_listens_gets_everything(caplog: pytest.LogCaptureFixture) -> None:
    with unrepeated():
        logged(NotSent("no"))

    assert [record.getMessage() for record in caplog.records] == ["Transport error: no"]


def test_nothing_is_kept_back_once_every_app_has_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with unrepeated(), unrepeated():
        pass
    with unheard():
        logged(NotSent("no"))

    assert "Transport error: no" in capsys.readouterr().err
