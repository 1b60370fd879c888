"""The local server, as far as no process is needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from axio_transport_openai.local import LocalServer, LocalServerError

if TYPE_CHECKING:
    from pathlib import Path


async def test_without_llama_cpp_the_command_that_brings_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    with pytest.raises(LocalServerError) as raised:
        await LocalServer().start()

    assert "pip install 'axio-transport-openai[local]'" in str(raised.value)


async def test_on_windows_no_server_is_started_that_would_end_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # which only Windows lacks

    with pytest.raises(LocalServerError, match="Linux and macOS only"):
        await LocalServer().start()


async def test_a_process_that_the_system_refuses_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    with pytest.raises(
        LocalServerError, match=r"could not be started: No such file or directory\."
    ):
        await LocalServer(model).start()


async def test_what_was_not_started_is_not_waited_for() -> None:
    with pytest.raises(LocalServerError, match=r"was not started: use 'async with' or start\(\)"):
        await LocalServer().ready()


async def test_what_was_not_started_is_stopped_already() -> None:
    await LocalServer().stop()


@pytest.mark.parametrize(
    ("window", "threads", "slots"), [(0, 1, 1), (512, 0, 1), (512, 1, 0), (-1, None, 1)]
)
def test_numbers_below_one_are_refused(window: int, threads: int | None, slots: int) -> None:
    with pytest.raises(LocalServerError, match="threads and slots must be at least 1"):
        LocalServer(context_window=window, threads=threads, slots=slots)


@pytest.mark.parametrize(
    ("window", "threads", "slots"), [(2**31, 1, 1), (2**16, 1, 2**15), (1, 2**31, 1)]
)
def test_numbers_that_are_too_large_for_it_are_refused(
    window: int, threads: int, slots: int
) -> None:
    with pytest.raises(LocalServerError, match="times slots, must be at most 2147483647"):
        LocalServer(context_window=window, threads=threads, slots=slots)
