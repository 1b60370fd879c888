"""The benchmark's check of what a client has read."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from benchmarks import plot, report
from benchmarks.goal import GOALS, Goal
from benchmarks.outcome import Outcome, Round, Spread
from benchmarks.peer import absence, install
from benchmarks.roster import CLIENTS, PEERS, ROOT
from benchmarks.workload import WORKLOADS, chosen


def _us(*values: float | None) -> list[Round]:
    return [None if value is None else {"us": value} for value in values]


@pytest.fixture
def outcome() -> Outcome:
    samples = {
        "ours": _us(4, 6, 20),
        "L2": _us(2, 6, 10),
        "openai": _us(120, None, 200),
        "litellm": _us(None, None, None),
    }
    return Outcome(
        facts={"date": "2025-01-01", "machine": "<a machine>"},
        versions={"ours": "axio-transport-openai 1"},
        samples={"chunk": samples, "coalesced": samples},
        left_out={"langchain": "not installed"},
        failures={"chunk, litellm": "it fell over"},
    )


def test_a_figure_is_its_median_between_its_extremes(outcome: Outcome) -> None:
    assert outcome.spread("chunk", "ours", "us") == Spread(4, 6, 20)
    assert outcome.spread("chunk", "openai", "us") == Spread(120, 160, 200)


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds(outcome: Outcome) -> None:
    assert outcome.ratio("chunk", "ours", "L2", "us") == Spread(1, 2, 2)
    assert outcome.ratio("chunk", "openai", "ours", "us") == Spread(10, 20, 30)


@pytest.mark.parametrize(
    ("workload", "client", "figure"),
    [("chunk", "litellm", "us"), ("chunk", "ours", "kib"), ("event", "ours", "us")],
)
def test_what_was_not_measured_has_no_figure(
    outcome: Outcome, workload: str, client: str, figure: str
) -> None:
    assert outcome.spread(workload, client, figure) is None
    assert outcome.ratio(workload, client, "L2", figure) is None


def test_what_is_saved_is_loaded_again(outcome: Outcome, tmp_path: Path) -> None:
    outcome.save(tmp_path / "results.json")

    assert Outcome.load(tmp_path / "results.json") == outcome


@pytest.mark.parametrize(
    ("goal", "held"),
    [
        (Goal("chunk", "us", 2.0, "L2"), True),
        (Goal("chunk", "us", 1.9, "L2"), False),
        (Goal("chunk", "us", 6), True),
        (Goal("chunk", "us", 5), False),
        (Goal("chunk", "us", 20, "openai", lead=True), True),
        (Goal("chunk", "us", 21, "openai", lead=True), False),
        (Goal("chunk", "us", 8, "axio-0.12.2", lead=True), None),
        (Goal("event", "us", 1), None),
    ],
)
def test_a_goal_is_held_missed_or_not_measured(
    outcome: Outcome, goal: Goal, *, held: bool | None
) -> None:
    assert goal.held(outcome) is held


def test_every_goal_is_about_a_figure_that_is_measured() -> None:
    known = {(name, one.key) for name, made in WORKLOADS.items() for one in made.figures}

    assert [goal for goal in GOALS if (goal.workload, goal.figure) not in known] == []
    assert [goal.against for goal in GOALS if goal.against and goal.against not in CLIENTS] == []


def test_the_tables_tell_ratios_goals_and_what_is_missing(outcome: Outcome) -> None:
    told = report.markdown(list(report.pages(outcome)))

    assert "| ours | 6.00 | 4.00-20.00 | 2.00 | 1.00-2.00 |" in told
    assert "| chunk: CPU µs/chunk | at most 1.25 x L2 | 2.00 | 1.00-2.00 | NOT HELD |" in told
    assert "| langchain | not installed |" in told
    assert "| chunk, litellm | it fell over |" in told


def test_the_picture_shows_every_client_and_the_machine(outcome: Outcome) -> None:
    outcome.samples["chunk"] |= {name: _us(4, 6, 20) for name in CLIENTS}
    picture = plot.drawn(outcome)
    texts = {found.text for found in ET.fromstring(picture).iter() if found.text}  # noqa: S314 - our own

    assert {*CLIENTS, "chunk", "coalesced"} - {"L2"} <= texts
    assert any("<a machine>" in text for text in texts)


def test_a_name_chooses_itself_and_a_beginning_all_that_begin_so() -> None:
    assert chosen("paced-1") == ["paced-1"]
    assert chosen("embed,chunk") == ["embed-floats", "embed-base64", "chunk"]
    with pytest.raises(ValueError, match="no workload 'nothing'"):
        chosen("nothing")


def test_a_peer_that_is_not_there_is_told_with_the_way_to_install_it() -> None:
    absent = replace(PEERS["openai"], name="nobody")

    assert absence(absent) == "not installed: make bench-peers PEERS=nobody"
    assert absence(CLIENTS["ours"]) == ""


def test_a_peer_that_cannot_be_installed_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV", "/nowhere/uv")

    assert "/nowhere/uv" in install(replace(PEERS["openai"], name="nobody"))


def test_the_command_lists_what_there_is() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [name for name in (*WORKLOADS, *CLIENTS) if name not in done.stdout] == []
