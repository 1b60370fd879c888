"""The screens in the real axio-tui, against scripted services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from axio.models import Capability, ModelSpec
from tests.tui.application import answers, running
from tests.tui.host import until
from textual.widgets import Input

from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store, default_path
from axio_transport_openai.testing import Service
from axio_transport_openai.tui import (
    CustomHubScreen,
    NebiusSettingsScreen,
    OpenAISettingsScreen,
    OpenRouterSettingsScreen,
    ProviderEditScreen,
)
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.preset import PresetScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.application import Person

    from axio_transport_openai.tui.settings import SettingsScreen

axio_tui = pytest.importorskip("axio_tui.app", reason="axio-tui is not installed")

CHAT = frozenset({Capability.text, Capability.tool_use})
SERVICES = ("nebius", "openai", "openai-custom", "openrouter")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, without keys."""
    for service in ("OPENAI", "NEBIUS", "OPENROUTER"):
        monkeypatch.delenv(f"{service}_API_KEY", raising=False)
        monkeypatch.delenv(f"{service}_BASE_URL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(axio_tui, "DB_PATH", tmp_path / "axio.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def provider(name: str, service: Service, *models: str, key: str = "") -> Saved:
    """A provider of the user's own, at this service."""
    return Saved(name, service.base_url, key, tuple(ModelSpec(model, CHAT) for model in models))


def keep(*providers: Saved) -> None:
    """Put providers where the hub puts them."""
    Store(default_path()).save(providers)


async def sets_up(
    person: Person, title: str, screen: type[SettingsScreen], key: str, service: Service
) -> None:
    """Configure a service in its settings screen, by keys alone."""
    await person.command(title)
    await person.until_on(screen)
    await person.write("api_key", key)
    await person.write("base_url", service.base_url)
    await person.press("ctrl+s")
    await person.until_in_the_chat()


async def edits(person: Person, name: str, field: str, words: str) -> None:
    """Change one field of a provider in the hub."""
    await person.command("Configure Openai Custom")
    await person.until_on(CustomHubScreen)
    await person.go_to(name)
    await person.press("enter")
    await person.until_on(ProviderEditScreen)
    await person.write(field, words)
    await person.press("ctrl+s")
    await person.until_on(CustomHubScreen)
    await person.press("escape")
    await person.until_in_the_chat()


async def test_a_person_sets_a_service_up_and_chats_and_adds_a_provider_of_their_own() -> None:
    async with Service(forever=answers) as service:
        async with running(axio_tui) as person:
            await person.until_sees("Configure a transport")
            await person.command("Configure Openai")
            screen = await person.until_on(OpenAISettingsScreen)
            assert "OpenAI is not set up" in person.sees
            await person.write("api_key", "sk-first-key")
            await person.write("base_url", service.base_url)
            await person.press("shift+tab")
            for field in screen.query(Input):
                assert person.app.focused is field
                await person.press("enter")
            assert screen.is_current
            assert service.requests == []

            await person.press("ctrl+t")
            await person.until_on(ConnectionScreen)
            await until(person.pilot, lambda: person.app.screen.has_class("-done"))
            assert person.sees.count("✓") == 5
            await person.press("enter")
            await until(person.pilot, lambda: screen.is_current)
            await person.press("ctrl+s")
            await person.hears("gpt-4.1-mini", "sk-first-key")

            assert "openai 15 models" in await person.reloads(2)
            await person.command("Configure OpenAI")
            await person.until_on(OpenAISettingsScreen)
            await person.write("api_key", "sk-other-key")
            await person.press("ctrl+s")
            await person.hears("gpt-4.1-mini", "sk-other-key")

            await person.command("Configure Openai Custom")
            await person.until_on(CustomHubScreen)
            await person.press("n")
            await person.until_on(PresetScreen)
            await person.press("enter")
            await person.until_on(ProviderEditScreen)
            await person.write("name", "mine")
            await person.write("base_url", service.base_url)
            await person.press("ctrl+g")
            await person.until_on(PickScreen)
            await person.until_sees("2 of 2 shown")
            await person.press("f", "r", "e", "e", "down", "enter", "ctrl+s")
            await person.until_on(ProviderEditScreen)
            await person.press("ctrl+s")
            await person.until_on(CustomHubScreen)
            await person.press("escape")
            await person.chooses("openai-custom.mine", "org/second:free")
            await person.hears("org/second:free", "no key")

        async with running(axio_tui) as person:
            await person.hears("org/second:free", "no key")
            assert "openai-custom.mine 1 models" in await person.reloads(2)
            await person.hears("org/second:free", "no key")

    questions = [
        message["content"]
        for request in service.requests
        if request.method == "POST"
        for message in request.json["messages"]
        if message["role"] == "user"
    ]
    assert not any("sk-" in str(question) for question in questions)


async def test_without_keys_every_service_is_listed_and_can_be_set_up() -> None:
    async with Service(forever=answers) as service, running(axio_tui) as person:
        listed = await person.reloads(1)
        for name in SERVICES:
            assert f"[ ] {name} (not configured)" in listed
        assert set(person.app._transports.errors) == set(SERVICES)

        title = "Configure Nebius"
        await sets_up(person, title, NebiusSettingsScreen, "sk-nebius", service)
        await person.hears("deepseek-ai/DeepSeek-V3-0324", "sk-nebius")
        title = "Configure Openrouter"
        await sets_up(person, title, OpenRouterSettingsScreen, "sk-router", service)
        await person.chooses("openrouter", "org/second:free")
        await person.hears("org/second:free", "sk-router")
        listed = await person.reloads(1)

    assert "[*] nebius 2 models" in listed
    assert "[*] openrouter 2 models" in listed


async def test_with_keys_in_the_environment_each_service_chats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Service(forever=answers) as service:
        for name in ("OPENAI", "NEBIUS", "OPENROUTER"):
            monkeypatch.setenv(f"{name}_API_KEY", f"sk-{name.lower()}")
            monkeypatch.setenv(f"{name}_BASE_URL", service.base_url)
        keep(provider("mine", service, "gpt-4.1-mini", key="sk-openai-custom.mine"))
        async with running(axio_tui) as person:
            for name in ("nebius", "openai", "openai-custom.mine", "openrouter"):
                await person.chooses(name, "gpt-4.1-mini")
                await person.hears("gpt-4.1-mini", f"sk-{name}")


async def names_a_model(person: Person, model: str) -> None:
    """Change the model in OpenAI's settings."""
    await person.command("Configure OpenAI")
    await person.until_on(OpenAISettingsScreen)
    await person.write("model", model)
    await person.press("ctrl+s")


async def test_the_model_of_the_settings_is_the_chats_at_once_and_after_a_restart() -> None:
    async with Service(forever=answers) as service:
        async with running(axio_tui) as person:
            await person.command("Configure Openai")
            await person.until_on(OpenAISettingsScreen)
            await person.write("api_key", "sk-key")
            await person.write("base_url", service.base_url)
            await person.write("model", "not/listed:free")
            await person.press("ctrl+s")
            await person.hears("not/listed:free", "sk-key")

        async with running(axio_tui) as person:
            await person.hears("not/listed:free", "sk-key")
            await names_a_model(person, "gpt-5")
            await person.hears("gpt-5", "sk-key")
            await names_a_model(person, "another")
            await person.hears("another", "sk-key")
            await person.reloads(1)

        async with running(axio_tui) as person:
            await person.hears("another", "sk-key")


async def test_a_chat_with_one_service_stays_there_when_another_gets_another_model() -> None:
    async with Service(forever=answers) as service:
        keep(provider("mine", service, "first", key="sk-mine"))
        async with running(axio_tui) as person:
            await person.hears("first", "sk-mine")
            await sets_up(person, "Configure Nebius", NebiusSettingsScreen, "sk-other", service)
            await person.command("Configure Nebius AI Studio")
            await person.until_on(NebiusSettingsScreen)
            await person.write("model", "org/second:free")
            await person.press("ctrl+s")
            await person.hears("first", "sk-mine")


async def test_the_running_chat_uses_a_providers_new_key_and_survives_its_new_name() -> None:
    async with Service(forever=answers) as service:
        keep(provider("mine", service, "first", "second", key="sk-old"))
        async with running(axio_tui) as person:
            await person.chooses("openai-custom.mine", "second")
            await person.hears("second", "sk-old")
            await edits(person, "mine", "api_key", "sk-new")
            await person.hears("second", "sk-new")
            await edits(person, "mine", "name", "ours")
            await person.hears("second", "sk-new")
            listed = await person.reloads(1)

        async with running(axio_tui) as person:
            await person.hears("second", "sk-new")

    assert "openai-custom.ours 2 models" in listed
    assert "openai-custom.mine" not in listed


async def test_providers_whose_names_an_app_cannot_use_are_told_and_can_be_renamed() -> None:
    async with Service(forever=answers) as service:
        entries = [
            provider("a:b", service, "first").to_dict(),
            provider("[/b]", service, "second").to_dict(),
            provider("marked", service, "third[/i]").to_dict(),
            provider("[home] good", service, "fourth", key="sk-good").to_dict(),
        ]
        default_path().parent.mkdir(parents=True)
        default_path().write_text(json.dumps(entries))
        async with running(axio_tui) as person:
            await person.hears("fourth", "sk-good")
            await person.command("Configure Openai Custom")
            await person.until_on(CustomHubScreen)
            for told in (
                "'a:b' is passed over",
                "'[/b]' is passed over",
                "'marked' is passed over",
            ):
                assert told in person.sees
            await person.press("escape")
            await edits(person, "a:b", "name", "ab")
            await person.chooses("openai-custom.ab", "first")
            await person.hears("first", "no key")

    written = json.loads(default_path().read_text())
    assert [entry["name"] for entry in written] == ["ab", "[/b]", "marked", "[home] good"]


async def test_deleting_the_provider_in_use_leaves_a_valid_one_and_says_so() -> None:
    async with Service(forever=answers) as service, Service(forever=answers) as other:
        keep(
            provider("mine", service, "first", key="sk-mine"),
            provider("other", other, "second", key="sk-other"),
        )
        async with running(axio_tui) as person:
            await person.chooses("openai-custom.mine", "first")
            await person.hears("first", "sk-mine")
            await person.command("Configure Openai Custom")
            await person.until_on(CustomHubScreen)
            await person.go_to("mine")
            await person.press("delete")
            await person.until_on(ConfirmScreen)
            await person.press("tab", "enter")
            await person.until_on(CustomHubScreen)
            await person.until_sees("Chat uses second now.")
            await person.press("escape")
            await person.hears("second", "sk-other")

        async with running(axio_tui) as person:
            await person.hears("second", "sk-other")


async def test_deleting_the_only_provider_leaves_an_app_that_asks_for_another() -> None:
    async with Service(forever=answers) as service:
        keep(provider("mine", service, "first", key="sk-mine"))
        async with running(axio_tui) as person:
            await person.hears("first", "sk-mine")
            await person.command("Configure Openai Custom")
            await person.until_on(CustomHubScreen)
            await person.press("enter")
            await person.until_on(ProviderEditScreen)
            await person.press("shift+tab", "shift+tab", "enter")
            await person.until_on(ConfirmScreen)
            await person.press("right", "enter")
            await person.until_sees("No model is left for chat; configure a transport.")
            await person.press("escape")
            await person.until_sees("Model: | Tokens")
            await person.paste("hello")
            await person.press("enter")
            await person.until_sees("Configure a transport from the command palette first.")

        async with running(axio_tui) as person:
            await person.until_sees("Configure a transport")
