"""Every example of the README runs, and its tables say what the code says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path
from subprocess import PIPE

import pytest
from axio.models import Capability
from tests.examples import run

from axio_transport_openai import OPENAI_MODELS, OpenAITransport, errors
from axio_transport_openai.local import LocalServerError

_ROOT = Path(__file__).parent.parent
_README = (_ROOT / "README.md").read_text()
_EXAMPLES = re.findall(r"```python\n(.*?)```", _README, re.DOTALL)
_COMMANDS = re.findall(r"^\$ (.*)$", _README, re.MULTILINE)
#: What a shell and make would both make something of.
_QUESTION = "$5, $$ and $(shell echo nothing) in 'quotes' and \"these\" # all of it"


@pytest.mark.parametrize("code", _EXAMPLES, ids=lambda code: code.strip().splitlines()[-1][:40])
async def test_an_example_runs(code: str) -> None:
    await run(code)


async def test_the_first_example_prints_the_answer_and_its_usage() -> None:
    assert await run(_EXAMPLES[0]) == "2 + 2 is 4.\n12 tokens in, 6 out\n"


@pytest.mark.parametrize("command", [c for c in _COMMANDS if c.startswith("make ")])
def test_a_make_command_has_its_target(command: str) -> None:
    target = command.split()[1]

    assert re.search(rf"^{target}:", (_ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        pytest.param([], [f"PROMPT={_QUESTION}"], id="to make"),
        pytest.param(["env", f"PROMPT={_QUESTION}"], [], id="in the environment"),
    ],
)
def test_a_question_is_asked_as_it_was_written(before: list[str], behind: list[str]) -> None:
    told = "told:\n\t@printenv PROMPT\n"
    command = [*before, "make", "-s", "-f", "Makefile", "-f", "-", "told", *behind]
    made = subprocess.run(command, cwd=_ROOT, input=told, text=True, stdout=PIPE, check=True)

    assert made.stdout == f"{_QUESTION}\n"


@pytest.mark.parametrize("command", [c for c in _COMMANDS if c.startswith("pip ")])
def test_an_install_command_names_extras_that_exist(command: str) -> None:
    project = (_ROOT / "pyproject.toml").read_text()
    (named,) = re.findall(r"axio-transport-openai(?:\[([a-z,]+)\])?", command)

    assert all(
        re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in named.split(",") if extra
    )


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = dict(re.findall(r"^\| (`[a-z_`, ]+`) \| (.*?) \|", _README, re.MULTILINE))
    named = {
        name: default for names, default in table.items() for name in re.findall("[a-z_]+", names)
    }
    made = OpenAITransport(api_key="", base_url="")
    settings = [known.name for known in fields(OpenAITransport) if known.init]

    assert [name for name in settings if name not in named] == []
    numbers = {name: named[name].strip("`") for name in settings if re.match("`[0-9]", named[name])}
    assert {name: str(getattr(made, name)) for name in numbers} == numbers


def test_the_table_of_models_is_the_registry() -> None:
    rows = re.findall(
        r"^\| ([a-z0-9.-]+) \| ([0-9,]+) \| ([0-9,]+) \| (.*?) \| (.*?) / (.*?) \|",
        _README,
        re.MULTILINE,
    )
    told = [
        (
            name,
            int(window.replace(",", "")),
            int(output.replace(",", "")),
            frozenset(Capability(word.replace(" ", "_")) for word in words.split(", ")),
            float(price_in),
            float(price_out),
        )
        for name, window, output, words, price_in, price_out in rows
    ]

    assert told == [
        (
            spec.id,
            spec.context_window,
            spec.max_output_tokens,
            spec.capabilities,
            spec.input_cost,
            spec.output_cost,
        )
        for spec in OPENAI_MODELS.values()
    ]


def test_the_table_of_methods_has_every_method() -> None:
    table = _section("Methods")
    methods = [name for name in dir(OpenAITransport) if callable(getattr(OpenAITransport, name))]
    public = [name for name in methods if name[0] != "_" and name != "client"]  # for our modules

    assert sorted(re.findall(r"`(?:await )?(\w+)\(", table)) == public


def test_the_error_tree_names_every_error_below_its_base() -> None:
    drawn = re.findall(r"^([| ]*)\+-- ([\w, ]+?)(?:  |$)", _section("Errors"), re.MULTILINE)
    path: list[str] = []
    bases: dict[str, str] = {}
    for margin, names in drawn:
        path[len(margin) // 4 :] = [names]
        base = path[-2] if path[1:] else "StreamError"
        bases |= dict.fromkeys(names.split(", "), base)
    classes = [getattr(errors, name) for name in errors.__all__]

    assert bases == {
        known.__name__: known.__base__.__name__ for known in (LocalServerError, *classes)
    }


def test_every_attribute_of_an_error_is_told() -> None:
    told = re.findall(r"`(\w+)`", _section("Errors"))

    assert vars(errors.APIError("")).keys() - set(told) == set()


def _section(title: str) -> str:
    return _README.partition(f"## {title}\n")[2].partition("\n## ")[0]
