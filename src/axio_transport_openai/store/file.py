"""A small private file that is replaced whole, by one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

__all__ = ["locked", "make_private", "replace", "set_aside"]

_FILE: Final = 0o600
_FOLDER: Final = 0o700
#: How long between two looks at a lock that another holds, in seconds.
_PAUSE: Final = 0.02


def make_private(path: Path) -> None:
    """Leave a file to its owner alone, where others may read it and that can be changed."""
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode
        # A folder that is named by mistake stays as it is: nobody could look into it any more.
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~_FILE:
            path.chmod(_FILE)


@contextmanager
def locked(path: Path, patience: float) -> Generator[None]:
    """Exclude every other writer of this file, as long as each goes through here.

    Its folder is made where there is none. Windows has no such locks, and writers there may cross.

    Raises:
        TimeoutError: Another writer goes on holding it for ``patience`` seconds.
    """
    _make_folder(path.parent)
    if sys.platform == "win32":
        yield
        return
    holder = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE)
    try:
        deadline = time.monotonic() + patience
        while not _taken(holder):
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program holds its lock")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(holder)


def _taken(holder: int) -> bool:
    if sys.platform != "win32":
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, for their owner only; those that are there stay."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(_FOLDER, exist_ok=True)


def set_aside(path: Path) -> Path:
    """Rename the file, out of the way; returned is where it is then."""
    names = (path.with_name(f"{path.name}.unreadable-{number}") for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    make_private(aside)
    return aside


def replace(path: Path, content: bytes) -> None:
    """Write the file anew: whoever reads it, and whatever fails, finds all of the old or the new.

    The caller holds its lock.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # of a writer that was killed
    try:
        holder = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
        with os.fdopen(holder, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have a rename written to the disk; Windows cannot do that for a folder."""
    if sys.platform != "win32":
        holder = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(holder)
        finally:
            os.close(holder)
