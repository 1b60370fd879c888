"""The goals, each a figure of ours with a limit, and whether a run held them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .outcome import Outcome, Spread
from .roster import BASE, OURS

__all__ = ["GOALS", "Goal"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What one figure of ours is to be."""

    workload: str
    figure: str
    limit: float
    #: The client it is measured in; empty where the limit is the figure's own.
    against: str = ""
    #: Whether that client is to take at least ``limit`` times what ours takes.
    lead: bool = False
    unit: str = ""

    @property
    def said(self) -> str:
        """The goal in words."""
        if self.lead:
            return f"{self.limit:g} x less than {self.against}"
        unit = f" x {self.against}" if self.against else f" {self.unit}".rstrip()
        return f"at most {self.limit:g}{unit}"

    def measured(self, outcome: Outcome) -> Spread | None:
        """What the limit is held against; None where it was not measured."""
        if self.lead:
            return outcome.ratio(self.workload, self.against, OURS, self.figure)
        if self.against:
            return outcome.ratio(self.workload, OURS, self.against, self.figure)
        return outcome.spread(self.workload, OURS, self.figure)

    def held(self, outcome: Outcome) -> bool | None:
        """Whether the median keeps to the limit; None where it was not measured."""
        if (found := self.measured(outcome)) is None:
            return None
        return found.middle >= self.limit if self.lead else found.middle <= self.limit


#: Above it a cost is not in proportion to the size: 1 is linear, 2 is quadratic.
_LINEAR: Final = 1.2


def _goals() -> Iterator[Goal]:
    yield Goal("coalesced", "us", 1.0, BASE)
    yield Goal("coalesced", "us", 8, "axio-0.12.2", lead=True)
    yield Goal("coalesced", "us", 25, "openai", lead=True)
    yield Goal("thought", "us", 1.0, BASE)
    yield Goal("chunk", "us", 1.25, BASE)
    yield Goal("chunk", "us", 6, "axio-0.12.2", lead=True)
    for count in (100, 1000, 5000):
        yield Goal(f"streams-{count}", "us", 1.1, BASE)
    for count in (100, 1000, 5000):
        yield Goal(f"paced-{count}", "us", 1.1, BASE)
        yield Goal(f"paced-{count}", "p50", 1.1, BASE)
        yield Goal(f"paced-{count}", "kib", 30, unit="KiB a stream")
    for name in ("call", "event", "history"):
        yield Goal(name, "exponent", _LINEAR, unit="as exponent of growth")
    yield Goal("call", "us", 1.25, BASE)
    yield Goal("event", "us", 1.5, BASE)
    for name in ("request-short", "request-long", "request-image"):
        yield Goal(name, "first", 1.2, BASE)
        yield Goal(name, "turn", 1.0, BASE)
    yield Goal("history", "old", 3, unit="µs for each old message")
    yield Goal("import", "ms", 1.1, BASE)
    yield Goal("import", "own", 25, unit="modules")
    yield Goal("embed-floats", "ms", 1.15, BASE)
    yield Goal("embed-base64", "ms", 1.15, BASE)
    yield Goal("connections", "prompt", 1, unit="connection")
    yield Goal("connections", "late", 1, unit="connection")


GOALS: Final = tuple(_goals())
