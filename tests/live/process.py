"""Which processes there are, as Linux tells it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children(parent: int) -> set[int]:
    """The living processes whose parent this is."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The name in parentheses may hold anything, spaces too.
            state, above, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(above) == parent and state != "Z":
                found.add(int(folder.name))
    return found


def alive(pid: int) -> bool:
    """Whether this process lives."""
    with suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False
