"""What CONTRIBUTING says of the repository is so."""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parent.parent
_PROJECT: Final = tomllib.loads((_ROOT / "pyproject.toml").read_text())
_FLOORS, _CORE, *_ = _PROJECT["tool"]["importlinter"]["contracts"]
_TOLD: Final = (_ROOT / "CONTRIBUTING.md").read_text()
_MARKS, _TABLE = zip(*re.findall(r"^\|(.*?)\| (`.*?) \|", _TOLD, re.MULTILINE), strict=True)
#: What it calls a file that somebody may add.
_EXAMPLES: Final = {"NAME.headers.txt"}
#: The modules of each floor and of each row of the table, from the top.
_LAYERS: Final[list[list[str]]] = [re.findall(r"\w+", layer) for layer in _FLOORS["layers"]]
_ROWS: Final[list[list[str]]] = [re.findall(r"`(\w+)/?`", row) for row in _TABLE]


def floors_of(row: list[str]) -> set[int]:
    """The floors, counted from the top, that the modules of a row are on."""
    return {at for at, layer in enumerate(_LAYERS) for module in layer if module in row}


def test_a_row_of_the_table_is_of_one_floor_and_above_those_below_it() -> None:
    floors = [*map(floors_of, _ROWS)]

    assert [row for row, found in zip(_ROWS, floors, strict=True) if len(found) > 1] == []
    assert sorted(floors, key=min) == floors


def test_a_row_is_marked_where_it_is_of_the_floor_above_it() -> None:
    shared = [floors_of(above) == floors_of(row) for above, row in pairwise(_ROWS)]

    assert ["same" in mark for mark in _MARKS] == [False, *shared]


def test_the_table_has_every_module_once() -> None:
    told = [module for row in _ROWS for module in row]

    assert sorted(told) == sorted(name for layer in _LAYERS for name in layer if name[0] != "_")


def test_no_module_has_more_lines_than_it_may() -> None:
    (most,) = map(int, re.findall(r"module has at most (\d+) lines", _TOLD))
    paths = (_ROOT / "src").rglob("*.py")

    assert [path for path in paths if len(path.read_text().splitlines()) > most] == []


def test_every_module_below_the_io_is_held_to_do_none() -> None:
    (io,) = (at for at, layer in enumerate(_LAYERS) if "http" in layer)
    core = [f"axio_transport_openai.{name}" for layer in _LAYERS[io + 1 :] for name in layer]

    assert sorted(_CORE["source_modules"]) == sorted(core)


@pytest.mark.parametrize(
    "path", sorted({*re.findall(r"[\w./]+\.(?:py|txt|md)\b", _TOLD)} - _EXAMPLES)
)
def test_a_file_that_is_named_is_there(path: str) -> None:
    package = _ROOT / "src" / "axio_transport_openai"

    assert [place for place in (_ROOT, package) if (place / path).is_file()]


@pytest.mark.parametrize("name", sorted({*re.findall(r"AXIO_\w+", _TOLD)}))
def test_a_variable_that_is_named_is_read(name: str) -> None:
    tests = (path.read_text() for path in (_ROOT / "tests").rglob("*.py"))

    assert any(f'environ.get("{name}")' in text for text in tests)


def test_random_changes_to_streams_find_no_chunk_that_gives_something_else_where_it_flows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["flow.py", "0", "1000"])
    runpy.run_path(str(_ROOT / "fuzz/flow.py"), run_name="__main__")

    assert capsys.readouterr().out == "1000 rows of chunks, no difference\n"
