"""Reading a file that the user named, with errors for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .error import LocalServerError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["read_file"]


def read_file(name: str | PathLike[str], missing: str, most: int = -1) -> tuple[Path, bytes]:
    """The path of the file of this name, and its content or the ``most`` bytes it begins with.

    Raises:
        LocalServerError: There is none, for which ``missing`` is the message, or it is unreadable.
    """
    try:
        path = Path(name).expanduser()
        if not path.is_file():
            raise LocalServerError(missing)
        with path.open("rb") as file:
            return path, file.read(most)
    except OSError as error:
        raise LocalServerError(f"{name} cannot be read: {error.strerror}.") from error
    except RuntimeError:  # nobody has such a home
        raise LocalServerError(missing) from None
