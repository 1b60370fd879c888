"""The floors are checked as CONTRIBUTING draws them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent
_PROJECT: Final = tomllib.loads((_ROOT / "pyproject.toml").read_text())
_FLOORS, _CORE, *_ = _PROJECT["tool"]["importlinter"]["contracts"]
_TABLE: Final = re.findall(
    r"^\|.*?\| (`.*?) \|", (_ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
)
#: The modules of each floor and of each row of the table, from the top.
_LAYERS: Final[list[list[str]]] = [re.findall(r"\w+", layer) for layer in _FLOORS["layers"]]
_ROWS: Final[list[list[str]]] = [re.findall(r"`(\w+)/?`", row) for row in _TABLE]


def test_a_row_of_the_table_is_of_one_floor_and_above_those_below_it() -> None:
    floor_of = {module: at for at, layer in enumerate(_LAYERS) for module in layer}
    floors = [{floor_of[module] for module in row} for row in _ROWS]

    assert [row for row, found in zip(_ROWS, floors, strict=True) if len(found) > 1] == []
    assert sorted(floors, key=min) == floors


def test_the_table_has_every_module_once() -> None:
    told = [module for row in _ROWS for module in row]

    assert sorted(told) == sorted(name for layer in _LAYERS for name in layer if name[0] != "_")


def test_every_module_below_the_io_is_held_to_do_none() -> None:
    (io,) = (at for at, layer in enumerate(_LAYERS) if "http" in layer)
    core = [f"axio_transport_openai.{name}" for layer in _LAYERS[io + 1 :] for name in layer]

    assert sorted(_CORE["source_modules"]) == sorted(core)
