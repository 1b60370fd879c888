"""An outcome as tables: the same rows for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from .goal import GOALS
from .outcome import Outcome, Spread
from .roster import BASE
from .workload import WORKLOADS, Workload

__all__ = ["Page", "markdown", "measured", "pages", "show"]

#: Columns of words rather than numbers.
_WORDS: Final = {"client", "what", "goal", "why", "which"}


@dataclass(frozen=True, slots=True)
class Page:
    """One table; of its columns the first is text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def pages(outcome: Outcome) -> Iterator[Page]:
    """All the tables of an outcome."""
    for name in outcome.samples:
        yield measured(WORKLOADS[name], outcome)
    yield _goals(outcome)
    if outcome.left_out:
        yield Page("Left out", ("what", "why"), [*outcome.left_out.items()])
    if outcome.failures:
        yield Page("Failed", ("what", "why"), [*outcome.failures.items()])
    facts = {**outcome.facts, **outcome.versions}
    yield Page("Measured with", ("what", "which"), [*facts.items()])


def measured(workload: Workload, outcome: Outcome) -> Page:
    """The table of one workload."""
    head, *others = workload.figures
    columns = ["client", head.title, "range", f"x {BASE}", "range", *(one.title for one in others)]
    rows: list[list[str]] = []
    for client in outcome.samples[workload.name]:
        found = outcome.spread(workload.name, client, head.key)
        if found is None:
            continue
        ratio = outcome.ratio(workload.name, client, BASE, head.key)
        row = [client, *_middle(found, head.digits), *_middle(ratio, 2)]
        for figure in others:
            told = outcome.spread(workload.name, client, figure.key)
            row.append(_middle(told, figure.digits)[0])
        rows.append(row)
    return Page(f"{workload.name}: {workload.title}", columns, rows)


def _goals(outcome: Outcome) -> Page:
    answers = {True: "held", False: "NOT HELD", None: "not measured"}
    rows: list[tuple[str, ...]] = []
    for goal in (goal for goal in GOALS if goal.workload in outcome.samples):
        figures = {one.key: one.title for one in WORKLOADS[goal.workload].figures}
        what = f"{goal.workload}: {figures[goal.figure]}"
        measured = _middle(goal.measured(outcome), 2)
        rows.append((what, goal.said, *measured, answers[goal.held(outcome)]))
    return Page("Goals", ("what", "goal", "measured", "range", ""), rows)


def _middle(spread: Spread | None, digits: int) -> tuple[str, str]:
    """A median and its range."""
    if spread is None:
        return "", ""
    low, middle, high = (
        f"{value:,.{digits}f}" for value in (spread.low, spread.middle, spread.high)
    )
    return middle, f"{low}-{high}"


def show(page: Page, console: Console) -> None:
    """Print a table."""
    console.print(page.title, style="bold", highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    for column in page.columns:
        table.add_column(
            column, justify="left" if column in _WORDS else "right", no_wrap=column != "why"
        )
    for row in page.rows:
        table.add_row(*row)
    console.print(table)


def markdown(found: Sequence[Page]) -> str:
    """Tables as Markdown."""
    said = ["# Measured\n", "![Each workload as a ratio to L2](plot.svg)\n"]
    for page in found:
        rule = ["-" if column in _WORDS else "-:" for column in page.columns]
        said.append(f"## {page.title}\n")
        said += [f"| {' | '.join(row)} |" for row in (page.columns, rule, *page.rows)]
        said.append("")
    return "\n".join(said)
