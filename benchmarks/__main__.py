"""The command: measure, print, and write what was measured.

python -m benchmarks --only chunk,request --rounds 3 --clients ours,L2
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from . import plot, report
from .goal import GOALS
from .outcome import Outcome
from .peer import absence, version
from .roster import CLIENTS, ROOT
from .runner import Runner, allow_files
from .workload import WORKLOADS, chosen


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measures ours, limits and peers."
    )
    parser.add_argument("--only", default="", help="workloads, or beginnings of their names")
    parser.add_argument(
        "--clients", default="", help="which clients; all that are there if not said"
    )
    parser.add_argument(
        "--rounds", type=int, help="samples of each client, instead of each workload's own"
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / ".bench" / "results", help="a folder to write to"
    )
    parser.add_argument(
        "--show", type=Path, metavar="JSON", help="show what was measured before, and write it anew"
    )
    parser.add_argument(
        "--list", action="store_true", help="list workloads and clients, and measure nothing"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 if a goal is not held or a sample failed"
    )
    return parser.parse_args()


def main() -> int:
    """Do what the options say; the exit status."""
    options = _options()
    console = Console() if sys.stdout.isatty() else Console(width=120)
    if options.list:
        for workload in WORKLOADS.values():
            console.print(f"{workload.name:16}{workload.title}", highlight=False)
        for entry in CLIENTS.values():
            console.print(f"{entry.name:16}{absence(entry) or 'here'}", highlight=False)
        return 0
    if options.show:
        outcome = Outcome.load(options.show)
    else:
        try:
            outcome = _measured(options, console)
        except ValueError as error:
            console.print(str(error))
            return 2
    _write(outcome, options.out, console)
    failed = bool(outcome.failures) or any(goal.held(outcome) is False for goal in GOALS)
    return int(options.strict and failed)


def _measured(options: argparse.Namespace, console: Console) -> Outcome:
    """What a run measured, as far as it came.

    Raises:
        ValueError: There is no such workload or client.
    """
    names = chosen(options.only) if options.only else list(WORKLOADS)
    wanted = options.clients.split(",") if options.clients else list(CLIENTS)
    if unknown := [name for name in wanted if name not in CLIENTS]:
        raise ValueError(f"there is no client {unknown[0]!r}, but: {', '.join(CLIENTS)}")
    outcome = Outcome(facts=_facts())
    outcome.left_out = {name: why for name in wanted if (why := absence(CLIENTS[name]))}
    clients = [name for name in wanted if name not in outcome.left_out]
    outcome.versions = {name: version(CLIENTS[name]) for name in clients}
    for name, why in outcome.left_out.items():
        console.print(f"Left out: {name}, {why}", highlight=False)
    with console.status("") as status:
        runner = Runner(clients, outcome, files=allow_files(), core=_core(), say=status.update)
        try:
            for name in names:
                runner.run(name, options.rounds)
                if name in outcome.samples:
                    report.show(report.measured(WORKLOADS[name], outcome), console)
        except KeyboardInterrupt:
            console.print("Stopped; what follows is as far as it came.")
    return outcome


def _core() -> int:
    """The core that the server has to itself, where there are two; all else keeps to another."""
    if not hasattr(os, "sched_setaffinity") or len(cores := sorted(os.sched_getaffinity(0))) == 1:
        return -1
    os.sched_setaffinity(0, {cores[-1]})
    return cores[0]


def _facts() -> dict[str, str]:
    """What was measured on, and when."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(": ")[2] for line in told.splitlines() if line.startswith("model name")]
    cpu = names[0] if names else platform.processor() or platform.machine()
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _write(outcome: Outcome, folder: Path, console: Console) -> None:
    """Print the tables that no workload has, and write everything."""
    found = list(report.pages(outcome))
    for page in found[len(outcome.samples) :]:
        report.show(page, console)
    folder.mkdir(parents=True, exist_ok=True)
    outcome.save(folder / "results.json")
    (folder / "results.md").write_text(report.markdown(found))
    (folder / "plot.svg").write_text(plot.drawn(outcome))
    console.print(f"Written to {folder}: results.json, results.md, plot.svg", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
