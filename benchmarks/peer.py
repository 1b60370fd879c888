"""The peers' environments: which of them are there, and ``make bench-peers``, which makes them.

Each is a folder of its own under ``.bench``; the pins of this project hold for what it shares with
us, so that a peer and we run on the same aiohttp.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .roster import CLIENTS, PEERS, ROOT, Entry

__all__ = ["absence", "install", "main", "version"]

#: Prints those of the named distributions that are there, with their versions.
_VERSIONS = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""
#: Seconds that making one environment may take.
_PATIENCE = 600


def absence(entry: Entry) -> str:
    """Why this client cannot take part; empty where it can."""
    if not entry.requires or _installed(entry) == entry.requires:
        return ""
    return f"not installed: make bench-peers PEERS={entry.name}"


def _installed(entry: Entry) -> str:
    try:
        return (entry.home / "installed").read_text().strip()
    except OSError:
        return ""


def version(entry: Entry) -> str:
    """The versions of what the client is made of, for people."""
    command = [str(entry.python), "-c", _VERSIONS, *entry.parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return ", ".join(done.stdout.splitlines())


def install(entry: Entry) -> str:
    """Make the peer's environment; the reason where that fails, else nothing."""
    uv = os.environ.get("UV", "uv")
    pins = ROOT / "pins.txt"
    commands: list[list[str | Path]] = [
        [uv, "venv", "-q", "--allow-existing", "--python", sys.executable, entry.home],
        [uv, "pip", "install", "-q", "--python", entry.python, "-c", pins, *entry.requires.split()],
    ]
    for command in commands:
        try:
            subprocess.run(
                command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=_PATIENCE
            )
        except subprocess.CalledProcessError as error:
            return str(error.stderr).strip() or f"{uv} ended with status {error.returncode}"
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    (entry.home / "installed").write_text(entry.requires)
    return ""


def main(names: Sequence[str]) -> int:
    """Install these peers, or all of them, and say how it went."""
    if unknown := [name for name in names if name not in PEERS]:
        print(f"no such peer: {', '.join(unknown)}; there are: {', '.join(PEERS)}")
        return 2
    for name in names or PEERS:
        entry = CLIENTS[name]
        if absence(entry):
            print(f"{name}: installing {entry.requires}", flush=True)
            if reason := install(entry):
                print(f"{name}: left out, {reason}")
                continue
        print(f"{name}: {version(entry)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
