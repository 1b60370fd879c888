"""What the pages of docs say is so, and the README leads to them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from axio.blocks import TextBlock
from axio.messages import Message
from tests.command import ran
from tests.examples import run

from axio_transport_openai import (
    OPENAI_MODELS,
    NebiusTransport,
    OpenAICompatibleTransport,
    OpenAITransport,
    ThinkTagParser,
    errors,
)
from axio_transport_openai.testing import Service, says

_ROOT = Path(__file__).parent.parent
_README = (_ROOT / "README.md").read_text()
_DOCS = sorted((_ROOT / "docs").glob("*.md"))
_PAGES = [*sorted(_ROOT.glob("*.md")), *_DOCS, _ROOT / "benchmarks" / "README.md"]
_LINKS = [
    pytest.param(page, target, id=f"{page.parent.name}/{page.stem}-{target}")
    for page in _PAGES
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text())
]
_EXAMPLES = [
    pytest.param(code, id=page.stem)
    for page in _DOCS
    for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
]
_COMMANDS = re.findall(r"^\$ axio-openai (\w+)(?: \"(.*?)\")?", _README, re.MULTILINE)
#: What the other versions of this name have saved of a transport.
_SAVED: dict[str, Any] = {
    "name": "OpenAI",
    "base_url": "http://h/v1",
    "api_key": "k",
    "models": [
        {
            "id": "gpt-4o",
            "context_window": 128_000,
            "max_output_tokens": 16_384,
            "capabilities": ["text", "tool_use", "vision"],
            "input_cost": 2.5,
            "output_cost": 10.0,
        }
    ],
}


@pytest.mark.parametrize("code", _EXAMPLES)
async def test_an_example_of_a_page_runs(code: str) -> None:
    await run(code)


@pytest.mark.parametrize("page", _DOCS, ids=lambda page: page.name)
def test_the_readme_leads_to_every_page(page: Path) -> None:
    assert f"](docs/{page.name})" in _README


@pytest.mark.parametrize(("page", "target"), _LINKS)
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    name, _, anchor = target.partition("#")
    there = page.parent / name if name else page
    assert there.is_file()
    titles = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE) if anchor else []

    assert not anchor or anchor in {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles
    }


@pytest.mark.parametrize(("command", "question"), _COMMANDS)
async def test_a_command_of_the_readme_is_one(command: str, question: str) -> None:
    async with Service(forever=says("4")) as service:
        rest = ("--model", "m", question) if question else ("--help",)
        status, output, _ = await ran(command, *rest, OPENAI_BASE_URL=service.base_url)

    assert status == 0
    assert output == "4\n" if question else f" {command} [OPTIONS]" in output


def test_the_table_of_errors_has_every_class() -> None:
    told = re.findall(r"^\| `(\w+)` \|", (_ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    others = {
        "ImportError",
        "KeyError",
        "LocalServerError",
        "StoreError",
        "TypeError",
        "ValueError",
    }

    assert len(told) == len(set(told))
    assert {*told} == {*errors.__all__, *others} - {"APIError"}


def test_the_table_of_warnings_has_what_is_logged() -> None:
    page = (_ROOT / "docs" / "errors.md").read_text()
    told = page.partition("## Warnings in the log")[2]
    modules = [ast.parse(path.read_text()) for path in (_ROOT / "src").rglob("*.py")]
    phrases = {phrase(message) for module in modules for message in logged(module)}

    assert len(phrases) > 5
    assert sorted(one for one in phrases if one not in told) == []


def logged(module: ast.Module) -> set[str]:
    """The messages with which a module warns."""
    nodes = [*ast.walk(module)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    first = [call.args[0] for call in calls if ast.unparse(call.func).endswith(".warning")]
    names = {ast.unparse(one) for one in first}
    for node in nodes:
        match node:
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                first += [node.value] if node.value and ast.unparse(target) in names else []
            case _:
                pass
    return {str(one.value) for one in first if isinstance(one, ast.Constant)}


def phrase(message: str) -> str:
    """The longest part of a message that is the same each time."""
    return max((part.strip(" :") for part in re.split(r"%[.\d]*[a-z]|;", message)), key=len)


@pytest.mark.parametrize(
    "further",
    [
        pytest.param({}, id="0.6.2"),
        pytest.param(
            {"api": "responses", "model": "gpt-4o", "max_retries": 3, "retry_base_delay": 1.0},
            id="0.12.2",
        ),
    ],
)
def test_what_other_versions_have_saved_is_read(
    further: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    transport = OpenAITransport.from_dict(json.loads(json.dumps(_SAVED | further)))

    assert (transport.base_url, transport.api_key) == ("http://h/v1", "k")
    assert transport.models["gpt-4o"] == OPENAI_MODELS["gpt-4o"]
    assert transport.model.id == further.get("model", "gpt-4.1-mini")
    assert transport.max_retries == further.get("max_retries", 10)
    assert caplog.records == []


@pytest.mark.parametrize("setting", ["api", "reasoning_summary", "thinking"])
def test_a_setting_of_0_12_2_that_is_not_there_is_a_type_error(setting: str) -> None:
    given: dict[str, Any] = {setting: "auto"}

    with pytest.raises(TypeError, match=setting):
        NebiusTransport(**given)


def test_a_tag_behind_the_head_of_the_content_is_text_as_the_page_says() -> None:
    parser = ThinkTagParser()

    assert parser.feed("a <think>b</think>") + parser.flush() == [("text", "a <think>b</think>")]


async def test_a_conversation_without_a_word_is_not_sent_and_the_page_says_so() -> None:
    async with Service() as service, OpenAITransport(base_url=service.base_url) as transport:
        with pytest.raises(errors.NotSent):
            await anext(transport.stream([], [], ""))
    page = (_ROOT / "docs" / "switching.md").read_text()

    assert re.search(r"^\| a conversation without a word \|.*`NotSent` \|$", page, re.MULTILINE)


async def test_what_is_sent_differs_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    sent = {"model": "own", "extra_params": {"enable_thinking": True}}
    async with Service(forever=says("a")) as service:
        given: dict[str, Any] = {"base_url": service.base_url} | sent
        async with OpenAICompatibleTransport(**given) as transport:
            async for _ in transport.stream([Message("user", [TextBlock("Hi")])], [], ""):
                pass
    [request] = service.requests

    assert "authorization" not in request.headers
    assert request.json["enable_thinking"] is True
    assert request.json.keys().isdisjoint({"max_tokens", "max_completion_tokens"})
