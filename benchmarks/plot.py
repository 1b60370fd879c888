"""An outcome as a picture: each figure of each client as a ratio to L2, in SVG.

On the left ours and the limits on a plain scale, on the right everybody on a logarithmic one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from .goal import GOALS
from .outcome import Outcome, Spread
from .roster import BASE, OURS, PEERS
from .workload import WORKLOADS

__all__ = ["drawn"]

type Scale = Callable[[float], float]

_ROW: Final = 24
_TOP: Final = 92
_LABELS: Final = 236
_NEAR: Final = (_LABELS, 300)  # where the left panel begins, and how wide it is
_FAR: Final = (_LABELS + 360, 400)
_WIDTH: Final = _FAR[0] + _FAR[1] + 24
#: The most that the left panel shows.
_MOST: Final = 2.0
_COLOURS: Final = ("#c05621", "#b7791f", "#2f855a", "#6b46c1", "#b83280", "#718096")
#: The limits beside L2, which is one on both scales.
_LIMITS: Final = {"L1": "#4a5568", "L3": "#a0aec0"}
_COLOUR: Final = {OURS: "#2b6cb0"} | _LIMITS | dict(zip(PEERS, _COLOURS, strict=False))


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    ratios: dict[str, Spread]
    #: The most that ours may be.
    goal: float | None


def _rows(outcome: Outcome) -> Iterator[_Row]:
    goals = {(goal.workload, goal.figure): goal.limit for goal in GOALS if goal.against == BASE}
    for name, samples in outcome.samples.items():
        first, *_ = WORKLOADS[name].figures
        for figure in WORKLOADS[name].figures:
            found = {client: outcome.ratio(name, client, BASE, figure.key) for client in samples}
            ratios = {client: one for client, one in found.items() if one and client != BASE}
            label = name if figure is first else f"{name}, {figure.title}"
            if figure.drawn and ratios:
                yield _Row(label, ratios, goals.get((name, figure.key)))


def _text(x: float, y: float, said: str, *more: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {" ".join(more)}>{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, *more: str) -> str:
    where = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f"<line {where} {' '.join(more)}/>"


def _dot(x: float, y: float, client: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{_COLOUR[client]}" stroke="white"/>'


def _grid(at: float, bottom: float, said: str, *, base: bool) -> Iterator[str]:
    look = 'stroke="#2d3748"' if base else 'stroke="#e2e8f0"'
    yield _line(at, _TOP - 4, at, bottom, look)
    yield _text(at, _TOP - 10, said, 'text-anchor="middle" fill="#4a5568"')


def _near(row: _Row, y: float, scale: Scale) -> Iterator[str]:
    """Ours as a bar with its range and its goal, the limits as marks."""
    if ours := row.ratios.get(OURS):
        zero, end = scale(0), scale(ours.middle)
        size = f'x="{zero:.1f}" y="{y - 7:.1f}" width="{end - zero:.1f}" height="14"'
        yield f'<rect {size} fill="{_COLOUR[OURS]}" opacity="0.75"/>'
        yield _line(scale(ours.low), y, scale(ours.high), y, 'stroke="#1a365d" stroke-width="2"')
        yield _text(_NEAR[0] + _NEAR[1] + 8, y + 4, f"{ours.middle:.2f}", 'font-weight="bold"')
    for name in _LIMITS:
        if limit := row.ratios.get(name):
            yield _dot(scale(limit.middle), y, name)
    if row.goal:
        at = scale(row.goal)
        yield _line(at, y - 10, at, y + 10, 'stroke="#c53030" stroke-width="2"')


def _far(row: _Row, y: float, scale: Scale) -> Iterator[str]:
    """Everybody as a dot with its range."""
    for client, ratio in row.ratios.items():
        colour = _COLOUR[client]
        ends = scale(ratio.low), scale(ratio.high)
        yield _line(ends[0], y, ends[1], y, f'stroke="{colour}" stroke-width="2"')
        yield _dot(scale(ratio.middle), y, client)


def _legend(clients: list[str]) -> Iterator[str]:
    at = 24.0
    for client in clients:
        yield _dot(at, 50, client)
        yield _text(at + 9, 54, client)
        at += 36 + 7.2 * len(client)
    yield _line(at, 42, at, 58, 'stroke="#c53030" stroke-width="2"')
    yield _text(at + 9, 54, "goal of ours")


def _versions(outcome: Outcome) -> str:
    """What ours is made of, and each peer."""
    return "; ".join(told for name, told in outcome.versions.items() if name in {OURS, *PEERS})


def _open(height: float) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    look = 'font-family="sans-serif" font-size="12" fill="#1a202c"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>'


def drawn(outcome: Outcome) -> str:
    """The picture."""
    rows = list(_rows(outcome))
    seen = {client for row in rows for client in row.ratios}
    ends = [
        end for row in rows for one in row.ratios.values() for end in (one.low, one.high) if end > 0
    ]
    low, high = math.log10(min([0.5, *ends])), math.log10(max([20.0, *ends]))

    def near(value: float) -> float:
        return _NEAR[0] + _NEAR[1] * min(max(value, 0), _MOST) / _MOST

    def far(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if value > 0 else 0
        return _FAR[0] + _FAR[1] * share

    bottom = _TOP + _ROW * len(rows)
    height = bottom + 52
    body = [
        _open(height),
        '<rect width="100%" height="100%" fill="white"/>',
        _text(
            24,
            26,
            f"Cost as a ratio to {BASE}; less is better",
            'font-size="17" font-weight="bold"',
        ),
        *_legend([client for client in _COLOUR if client in seen]),
        *(
            part
            for tick in (0, 0.5, 1, 1.5, 2)
            for part in _grid(near(tick), bottom, f"{tick:g}", base=tick == 1)
        ),
    ]
    ticks = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    for tick in ticks:
        if low <= math.log10(tick) <= high:
            body += _grid(far(tick), bottom, f"{tick:g}", base=tick == 1)
    for nth, row in enumerate(rows):
        y = _TOP + _ROW * nth + _ROW / 2
        body += [_text(_LABELS - 10, y + 4, row.label, 'text-anchor="end"')]
        body += [*_near(row, y, near), *_far(row, y, far)]
    small = 'fill="#4a5568" font-size="11"'
    body += [
        _text(24, height - 30, ", ".join(outcome.facts.values()), small),
        _text(24, height - 12, _versions(outcome), small),
        "</svg>",
    ]
    return "\n".join(body) + "\n"
