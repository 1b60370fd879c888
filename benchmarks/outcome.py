"""What was measured, and what it comes to: medians with their ranges, and ratios inside rounds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Self

__all__ = ["Outcome", "Spread"]

type Round = dict[str, float] | None


@dataclass(frozen=True, slots=True)
class Spread:
    """A median between its extremes."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self | None:
        """The spread of these; None of none."""
        found = sorted(values)
        return cls(found[0], median(found), found[-1]) if found else None


@dataclass(slots=True)
class Outcome:
    """Every sample of a run, in rounds; None where there is none."""

    #: The machine, Python, the date.
    facts: dict[str, str] = field(default_factory=dict[str, str])
    #: The versions of each client that took part.
    versions: dict[str, str] = field(default_factory=dict[str, str])
    samples: dict[str, dict[str, list[Round]]] = field(
        default_factory=dict[str, dict[str, list[Round]]]
    )
    #: Clients that took no part and workloads that did not run, and why.
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    #: Samples that failed, by workload and client.
    failures: dict[str, str] = field(default_factory=dict[str, str])

    def rounds(self, workload: str, client: str) -> list[Round]:
        """What this client's samples told, in the order of the rounds."""
        return self.samples.get(workload, {}).get(client, [])

    def spread(self, workload: str, client: str, figure: str) -> Spread | None:
        """One figure over all the rounds."""
        rounds = self.rounds(workload, client)
        return Spread.of(told[figure] for told in rounds if told and figure in told)

    def ratio(self, workload: str, client: str, base: str, figure: str) -> Spread | None:
        """One client's figure over another's, each round by itself."""
        pairs = zip(self.rounds(workload, client), self.rounds(workload, base), strict=False)
        return Spread.of(
            one[figure] / other[figure]
            for one, other in pairs
            if one and other and figure in one and other.get(figure, 0) > 0
        )

    def save(self, path: Path) -> None:
        """Write all of it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """What :meth:`save` wrote."""
        return cls(**json.loads(path.read_text()))
