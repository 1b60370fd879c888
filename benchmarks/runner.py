"""Takes the samples: one process at a time beside the server, the clients in turn."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from .outcome import Outcome
from .roster import BASE, CLIENTS, OURS, ROOT
from .wire import Reply
from .workload import WORKLOADS, Workload

__all__ = ["Failed", "Runner", "TooSlow", "allow_files", "server"]

#: Who the goals are about; they take part in every round.
_ALWAYS: Final = (OURS, BASE)
#: Seconds after which one of those, or another, takes part in no more rounds of a workload.
_LONGEST: Final = 240
_SHARE: Final = 2
#: How many rounds those take whatever the time, so that no goal hangs on a single sample.
_LEAST: Final = 3
#: Seconds one sample may take, and a peer's.
_PATIENCE: Final = 120
_PEER_PATIENCE: Final = 30
#: Open files that are no streams.
_OTHER_FILES: Final = 100
_IMPORTS: Final = Path(__file__).with_name("imports.py")


class Failed(Exception):
    """A sample could not be taken."""


class TooSlow(Failed):
    """It was not done in time."""


def allow_files() -> int:
    """How many files a process may open, raised as far as this system lets it be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return hard if hard != resource.RLIM_INFINITY else sys.maxsize


@contextmanager
def server(scripts: dict[str, list[Reply]], core: int = -1) -> Generator[int]:
    """The port of a server that says this, until the block ends."""
    told = json.dumps({name: [asdict(reply) for reply in made] for name, made in scripts.items()})
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", told, str(core)],
        cwd=ROOT,
        stdin=subprocess.PIPE,  # its end is what the server ends at
        stdout=subprocess.PIPE,
    ) as process:
        yield int(process.stdout.readline() if process.stdout else b"")


class Runner:
    """Takes samples of the chosen clients into an outcome."""

    def __init__(
        self,
        clients: Sequence[str],
        outcome: Outcome,
        *,
        files: int = sys.maxsize,
        core: int = -1,
        say: Callable[[str], object] = len,
    ) -> None:
        self._clients = clients
        self._outcome = outcome
        self._files = files
        self._core = core
        self._say = say

    def run(self, name: str, rounds: int | None = None) -> None:
        """Take every sample of one workload: each client in turn, every other round backwards.

        So those that are next to one another are measured at nearly the same time. Rounds that are
        not asked for by number end when the workload's time is over; of who the goals are about,
        not before there are a few.
        """
        workload = WORKLOADS[name]
        if workload.streams + _OTHER_FILES > self._files:
            self._outcome.left_out[name] = f"this system allows {self._files} open files"
            return
        clients = [client for client in self._clients if CLIENTS[client].joins(name)]
        taken = self._outcome.samples.setdefault(name, {client: [] for client in clients})
        spent = dict.fromkeys(clients, 0.0)
        began = time.monotonic()
        for nth in range(rounds or workload.rounds):
            over = not rounds and time.monotonic() - began > workload.seconds
            if over and nth >= _LEAST:
                return
            share = 0 if over and nth else _SHARE
            for client in clients[:: -1 if nth % 2 else 1]:
                if spent[client] > (_LONGEST if client in _ALWAYS else share):
                    taken[client].append(None)
                    continue
                self._say(f"{name}, round {nth + 1}: {client}")
                start = time.monotonic()
                told = self._sample(workload, client)
                spent[client] += time.monotonic() - start if told else math.inf
                taken[client].append(told)

    def _sample(self, workload: Workload, client: str) -> dict[str, float] | None:
        try:
            told = self.sample(workload, client)
        except Failed as failure:
            slow = isinstance(failure, TooSlow) and CLIENTS[client].requires
            where = self._outcome.left_out if slow else self._outcome.failures
            where[f"{workload.name}, {client}"] = str(failure)
            return None
        found: dict[str, float] | None = told.get("figures")
        return found

    def sample(self, workload: Workload, client: str) -> dict[str, Any]:
        """What one worker told: its figures, or that the client cannot do it.

        Raises:
            TooSlow: It was not done in time.
            Failed: It ended otherwise, with the last line of what it had to say.
        """
        entry = CLIENTS[client]
        python, patience = str(entry.python), _PEER_PATIENCE if entry.requires else _PATIENCE
        if workload.sample == "imports":
            return _told([python, "-P", str(_IMPORTS), entry.imports, entry.own], patience)
        with server(workload.scripts, self._core) as port:
            task = {
                "client": client,
                "sample": workload.sample,
                "port": port,
                "scripts": {
                    name: [asdict(reply) for reply in replies]
                    for name, replies in workload.scripts.items()
                },
                "params": workload.params,
                "began": time.monotonic_ns(),
            }
            return _told([python, "-m", "benchmarks.worker", json.dumps(task)], patience)


def _told(command: list[str], patience: float) -> dict[str, Any]:
    settings = os.environ | {"PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=settings,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooSlow(f"took more than {patience:g} seconds") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Failed(lines[-1] if lines else f"ended with status {done.returncode}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
