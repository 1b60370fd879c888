"""The services in the real axio-repl, each against a scripted one on loopback."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from axio.models import Capability, ModelSpec
from tests.terminal import PROMPT, said, terminal

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.testing import Service, lists, refuses, says

if TYPE_CHECKING:
    from pathlib import Path

    from axio_transport_openai.testing import Exchange

if find_spec("axio_repl") is None:
    pytest.skip("axio-repl is not installed", allow_module_level=True)

SERVICES = ("nebius", "openai", "openai-custom", "openrouter")
CHAT = frozenset({Capability.text, Capability.tool_use})
LABELS = {"nebius": "Nebius AI Studio", "openai": "OpenAI", "openrouter": "OpenRouter"}


async def answers(exchange: Exchange) -> None:
    """A service with two models, which says which one and with which key it was asked."""
    request = exchange.request
    if request.path.endswith("/models"):
        await lists("org/first", "org/second:free")(exchange)
        return
    key = request.headers.get("authorization", "no key").removeprefix("Bearer ")
    await says(f"{request.json['model']} heard you with {key}.")(exchange)


def provider(name: str, service: Service, *models: str, key: str = "") -> Saved:
    """A provider of the user's own, at this service."""
    specs = tuple(ModelSpec(model, CHAT) for model in models)
    return Saved(name, service.base_url, key, specs)


def keep(home: Path, *providers: Saved) -> None:
    """Put providers where the settings screens of axio-tui put them."""
    Store(home / ".local/share/axio/openai-custom.json").save(providers)


def configured(home: Path, service: str, scripted: Service) -> dict[str, str]:
    """The environment of a person who has set this service up, at a scripted one."""
    if service == "openai-custom":
        keep(home, provider("mine", scripted, "org/first", "org/second:free", key="sk-mine"))
        return {}
    name = service.upper()
    return {f"{name}_API_KEY": "sk-mine", f"{name}_BASE_URL": scripted.base_url}


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_starts_lists_its_models_and_chats(tmp_path: Path, service: str) -> None:
    async with Service(forever=answers) as scripted:
        environment = configured(tmp_path, service, scripted)
        async with terminal(tmp_path, environment=environment) as repl:
            greeting = await repl.until(PROMPT)
            listed = await repl.answer("/model")
            switched = await repl.answer("/model " + ("4.1-nano" if service == "openai" else "sec"))
            heard = await repl.answer("Hello!")
            again = await repl.answer("And now?")
            thinking = await repl.answer("/thinking")
            status = await repl.quit()

    model = "gpt-4.1-nano" if service == "openai" else "org/second:free"
    assert f"REPL ready ({LABELS.get(service, 'mine')})" in greeting
    assert model in listed
    assert model in switched
    assert f"{model} heard you with sk-mine." in heard
    assert f"{model} heard you with sk-mine." in again
    assert "default" in thinking
    assert status == 0
    (_, second) = (asked for asked in scripted.requests if asked.method == "POST")
    assert [message["role"] for message in second.json["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]


async def test_without_keys_it_starts_and_names_what_can_be_set(tmp_path: Path) -> None:
    async with terminal(tmp_path) as repl:
        greeting = await repl.until(PROMPT)
        told = await repl.answer("Hello!")

    for text in (greeting, told):
        assert "NEBIUS_API_KEY (nebius); OPENAI_API_KEY (openai); OPENROUTER_API_KEY" in text
    assert "Traceback" not in greeting + told


async def test_every_service_is_on_offer(tmp_path: Path) -> None:
    status, usage = await said(tmp_path, "--help")

    assert status == 0
    assert "--transport {" + ",".join(SERVICES) + "}" in usage


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_not_set_up_is_told_in_one_line(
    tmp_path: Path, service: str
) -> None:
    status, told = await said(tmp_path, "--transport", service, "Hello!")

    assert status == 1
    assert len(told.strip().splitlines()) == 1
    assert "is not set up" in told


@pytest.mark.parametrize("service", ["openai", "openai-custom"])
async def test_a_setting_that_cannot_be_ends_no_conversation(tmp_path: Path, service: str) -> None:
    async with Service(forever=answers) as scripted:
        environment = configured(tmp_path, service, scripted)
        async with terminal(tmp_path, "--transport", service, environment=environment) as repl:
            await repl.until(PROMPT)
            await repl.answer("/temperature 0.5")
            negative = await repl.answer("/temperature -1")
            none = await repl.answer("/max-tokens 0")
            kept = await repl.answer("/temperature")
            answer = await repl.answer("Hello!")
            status = await repl.quit()

    assert "temperature must be a number, at least 0, not -1.0; it stays as it was" in negative
    assert "max_output_tokens must be a number, at least 1, not 0; it stays as it was" in none
    assert "Temperature: 0.5" in kept
    assert "heard you" in answer
    assert status == 0
    assert scripted.requests[-1].json["temperature"] == 0.5


async def test_what_is_sent_and_comes_is_shown_where_it_is_asked_for(tmp_path: Path) -> None:
    async with Service(says("Hello!")) as service:
        environment = configured(tmp_path, "openai", service)
        arguments = ("--transport", "openai", "--debug", "Good morning")
        status, told = await said(tmp_path, *arguments, environment=environment)

    assert status == 0
    assert "Good morning" in told.partition("answered 200")[0]
    assert '"content":"Hello!"' in told.partition("answered 200")[2]


async def test_one_can_go_from_provider_to_provider(tmp_path: Path) -> None:
    async with Service(forever=answers) as here, Service(forever=answers) as there:
        keep(
            tmp_path,
            provider("here", here, "one", "both", key="sk-here"),
            provider("there", there, "org/two:free", "both"),
        )
        arguments = ("--transport", "openai-custom", "--model", "org/two:free")
        async with terminal(tmp_path, *arguments) as repl:
            greeting = await repl.until(PROMPT)
            second = await repl.answer("Hello!")
            await repl.answer("/temperature 0.5")
            await repl.answer("/model here:both")
            first = await repl.answer("Hello!")
            several = await repl.answer("/model both")
            await repl.answer("/model there:both")
            third = await repl.answer("Hello!")

    assert "REPL ready (there)" in greeting
    assert "org/two:free heard you with no key." in second
    assert "both heard you with sk-here." in first
    assert "here:both, there:both" in several
    assert "both heard you with no key." in third
    assert [request.json["model"] for request in here.requests] == ["both"]
    assert [request.json["model"] for request in there.requests] == ["org/two:free", "both"]
    assert [request.json.get("temperature") for request in there.requests] == [None, 0.5]


@pytest.mark.parametrize("service", ["openai", "openai-custom"])
async def test_a_refused_key_is_told_once_in_one_line(tmp_path: Path, service: str) -> None:
    async with Service(forever=refuses(401, "your key has expired")) as scripted:
        environment = configured(tmp_path, service, scripted)
        async with terminal(tmp_path, environment=environment) as repl:
            await repl.until(PROMPT)
            told = [line for line in (await repl.answer("Hello!")).splitlines() if line]

    error, usage = told
    assert error.startswith("Error: ")
    assert "401" in error
    assert "your key has expired" in error
    assert usage == "[0in/0out tokens]"
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("service", ["nebius", "openrouter"])
async def test_a_key_that_is_refused_at_the_start_is_told_in_one_line(
    tmp_path: Path, service: str
) -> None:
    async with Service(forever=refuses(401, "your key has expired")) as scripted:
        environment = configured(tmp_path, service, scripted)
        status, told = await said(tmp_path, environment=environment)

    assert status == 1
    assert len(told.strip().splitlines()) == 1
    assert "your key has expired" in told
