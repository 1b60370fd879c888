"""The faults that settings screens have had, none of which these may have."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import axio.transport
import pytest
from axio.models import Capability, ModelSpec
from tests.tui.host import LARGE, SMALL, shown, text, until
from textual.events import Paste
from textual.widgets import Button, Input

from axio_transport_openai import (
    APIError,
    NebiusTransport,
    OpenAICompatibleTransport,
    OpenAITransport,
    OpenRouterTransport,
)
from axio_transport_openai.errors import ConnectionFailed, NotSent
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store, default_path
from axio_transport_openai.testing import Service, lists, refuses
from axio_transport_openai.tui import (
    CustomHubScreen,
    ModelEditScreen,
    NebiusSettingsScreen,
    OpenAISettingsScreen,
    OpenRouterSettingsScreen,
    ProviderEditScreen,
)
from axio_transport_openai.tui.choice import Choice
from axio_transport_openai.tui.confirm import ConfirmScreen
from axio_transport_openai.tui.connection import ConnectionScreen
from axio_transport_openai.tui.pick import PickScreen
from axio_transport_openai.tui.probe import Probe
from axio_transport_openai.tui.settings import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from axio.transport import TransportEntry
    from textual.screen import Screen

CHAT = ModelSpec("llama3.2", frozenset({Capability.text, Capability.tool_use}), 4_096, 131_072)
MANY = Saved("many", "http://x/v1", models=tuple(ModelSpec(f"m{at}") for at in range(30)))
LOCAL = Saved("local", "http://localhost:11434/v1", "sk-secret", (CHAT,))
FORMS: dict[str, Callable[[], Screen[Any]]] = {
    "openai": lambda: OpenAISettingsScreen({"api_key": "sk-secret"}),
    "nebius": lambda: NebiusSettingsScreen({"api_key": "sk-secret"}),
    "openrouter": lambda: OpenRouterSettingsScreen({"api_key": "sk-secret"}),
    "provider": lambda: ProviderEditScreen(MANY),
    "model": lambda: ModelEditScreen(CHAT),
    "models to pick": lambda: PickScreen(Probe(base_url="http://127.0.0.1:9/v1", max_retries=1)),
}
#: Dialogs with much to say.
WORDY: dict[str, Callable[[], Screen[Any]]] = {
    "a long error": lambda: OpenAISettingsScreen({"_error": "It failed. " * 60}),
    "a long question": lambda: ConfirmScreen("Really? " * 60, "Save"),
    "a connection": lambda: ConnectionScreen(
        Probe(base_url="http://127.0.0.1:9/v1", max_retries=1)
    ),
}


def opener(name: str, service: type[OpenAITransport]) -> TransportEntry:
    """What an app opens a service with; the oldest axio that is supported leaves it to the app."""
    if not hasattr(axio.transport, "TransportEntry"):
        pytest.skip("this axio opens no transport for an app")
    return axio.transport.TransportEntry.from_target(name, service)


def hub(path: Path) -> CustomHubScreen:
    """A hub over this file."""
    kind: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})
    return kind({})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "axio" / "openai-custom.json"


# 1: Enter in a field was sent to the model.


@pytest.mark.parametrize("form", FORMS)
async def test_enter_in_any_field_sends_nothing_to_the_model(form: str) -> None:
    async with shown(FORMS[form]()) as (host, pilot):
        for field in host.screen.query(Input):
            field.value = field.value or "1"
            field.focus()
            await pilot.press("enter")

        assert host.sent == []


# 2: reloading the models emptied them.


async def test_models_are_there_after_every_reload(path: Path) -> None:
    Store(path).save([LOCAL])
    (transport,) = type(hub(path)).load_config()

    for _ in range(2):
        transport.models.clear()
        await transport.fetch_models()

    assert [model.id for model in transport.models.values()] == ["llama3.2"]


# 3: a file that could not be read, or one bad entry, lost everything at the next save.


async def test_the_hub_tells_what_it_cannot_read_and_keeps_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('[{"name": "bad", "models": 5}, {"name": "good", "base_url": "http://x/v1"}]')
    async with shown(hub(path), LARGE) as (host, pilot):
        told = text(host.screen)
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        await pilot.click("#yes")
        await until(pilot, lambda: isinstance(host.screen, CustomHubScreen))
        await until(pilot, lambda: "good" not in text(host.screen))

    assert "models is 5, not a list" in told
    assert json.loads(path.read_text()) == [{"name": "bad", "models": 5}]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_hub_tells_what_it_cannot_read_once(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{ nope")
    kind = type(hub(path))
    async with shown(kind({"_error": f"It is not set up: {path} is not JSON."}), LARGE) as (
        host,
        _,
    ):
        assert text(host.screen).count("is not JSON") == 1


# 4: Save and Cancel were out of sight.


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 12), SMALL, LARGE])
@pytest.mark.parametrize("dialog", [*FORMS, *WORDY])
async def test_every_button_is_in_sight(dialog: str, size: tuple[int, int]) -> None:
    async with shown((FORMS | WORDY)[dialog](), size) as (host, pilot):
        await until(pilot, lambda: "Asking" not in text(host.screen))

        for button in host.screen.query(Button):
            left, top, width, height = button.region
            corners = [(left, top), (left + width - 1, top + height - 1)]
            assert width > len(str(button.label))
            assert {host.screen.get_widget_at(*corner)[0] for corner in corners} == {button}


async def test_every_field_can_be_scrolled_to() -> None:
    async with shown(ProviderEditScreen(MANY), (80, 16)) as (host, pilot):
        whole, fields = host.screen.region, host.screen.query_one(".fields")
        for field in (*host.screen.query(Input), host.screen.query_one(Choice)):
            field.focus()
            await pilot.pause()

            assert whole.contains_region(field.region.intersection(fields.region))
            assert fields.region.overlaps(field.region)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
async def test_the_last_of_many_providers_can_be_gone_to(path: Path, size: tuple[int, int]) -> None:
    Store(path).save([Saved(f"p{number}", "http://x/v1") for number in range(50)])
    async with shown(hub(path), size) as (host, pilot):
        await until(pilot, lambda: "p9" in text(host.screen))
        await pilot.press("end")

        await until(pilot, lambda: "+ Add a provider" in text(host.screen))


async def test_the_buttons_stay_in_sight_below_a_long_list_of_models() -> None:
    async with (
        Service(lists(*(f"model-{number}" for number in range(100)))) as service,
        shown(PickScreen(Probe(base_url=service.base_url))) as (host, pilot),
    ):
        await until(pilot, lambda: "100 of 100" in text(host.screen))

        for button in host.screen.query(Button):
            assert host.screen.region.contains_region(button.region)


# 5: two entries had one name, and a service without a key counted as ready.


def test_each_service_has_a_name_of_its_own() -> None:
    services = (OpenAITransport, NebiusTransport, OpenRouterTransport, OpenAICompatibleTransport)

    assert len({service.display_name for service in services}) == len(services)
    assert len({service.name for service in services}) == len(services)


@pytest.mark.parametrize(
    "service", [OpenAITransport, NebiusTransport, OpenRouterTransport, OpenAICompatibleTransport]
)
async def test_a_service_without_a_key_does_not_open(
    service: type[OpenAITransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NEBIUS_API_KEY", "OPENROUTER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    entry = opener("it", service)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NotSent, match="is not set up"):
            await entry.open(session=session).__aenter__()


async def test_an_app_with_a_hub_has_each_provider_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    Store().save([LOCAL])
    async with aiohttp.ClientSession() as session:
        (provider,) = CustomHubScreen.load_config(session)
        with pytest.raises(NotSent, match="is not set up"):
            await OpenAICompatibleTransport.open_for_app(session=session).__aenter__()

    assert provider.name == "local"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "is not set up: add a provider in its settings.", id="no file"),
        pytest.param('[{"name": "a"}, {"name": "b"}]', "one by itself: a, b.", id="providers"),
        pytest.param("{ nope", "is not JSON", id="no JSON"),
        pytest.param('[{"name": "a"}, {"models": 5}]', "models is 5, not a list", id="a bad entry"),
    ],
)
async def test_an_app_with_a_hub_is_told_what_there_is_in_place_of_one_transport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, told: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    if content is not None:
        default_path().parent.mkdir()
        default_path().write_text(content)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NotSent) as caught:
            await OpenAICompatibleTransport.open_for_app(session=session).__aenter__()

    assert told in str(caught.value)


# 6: fields took anything.


@pytest.mark.parametrize(
    ("form", "field", "typed", "told"),
    [
        ("openai", "base_url", "localhost:8080", "must begin with http:// or https://"),
        ("openai", "base_url", "http://", "It names no host that can be asked."),
        ("openai", "base_url", "http://me@h", "a user name or password; use the API key."),
        ("openai", "api_key", "sk-κ", "The API key for this service contains characters"),
        ("openai", "max_retries", "-1", "at least 0"),
        ("openai", "max_retries", "1.5", "a whole number"),
        ("openai", "idle_timeout", "nan", "a number"),
        ("openai", "reasoning_effort", "hihg", "Unknown effort 'hihg'"),
        ("provider", "name", "a:b", "cannot hold a colon"),
        ("provider", "name", "a[/b]", "reads as markup and is none: 'a[/b]'"),
        ("provider", "name", "", "Name is missing"),
        ("provider", "base_url", "", "Base URL is missing"),
        ("model", "id", "", "Model id is missing"),
        ("model", "id", "m[/]", "reads as markup and is none"),
        ("model", "context_window", "", "Context window is missing"),
        ("model", "max_output_tokens", "", "Longest answer is missing"),
        ("model", "context_window", "0", "above zero"),
        ("model", "max_output_tokens", "many", "above zero"),
        ("model", "max_output_tokens", "9" * 5000, "above zero"),
        ("openai", "max_retries", "9" * 5000, "a number"),
        ("model", "capabilities", "text, tool_usee", "'tool_usee' is none of"),
        ("model", "input_cost", "-1", "at least 0"),
        ("model", "output_cost", "nan", "a number"),
    ],
)
async def test_what_is_wrong_is_told_beside_the_field(
    form: str, field: str, typed: str, told: str
) -> None:
    async with shown(FORMS[form]()) as (host, pilot):
        host.screen.query_one(f"#{field}", Input).value = typed
        await pilot.press("ctrl+s")

        assert told in text(host.screen)
        assert host.results == []


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        pytest.param("sk-key\n", "sk-key", id="a line"),
        pytest.param("\n  sk-key  \n", "sk-key", id="an empty line before"),
        pytest.param("sk-\r\n  key", "sk-key", id="a wrapped line"),
        pytest.param("\n", "", id="nothing"),
    ],
)
async def test_all_of_what_is_pasted_is_taken(pasted: str, expected: str) -> None:
    async with shown(FORMS["openai"]()) as (host, pilot):
        field = host.screen.query_one("#api_key", Input)
        host.post_message(Paste(pasted))
        await pilot.pause()
        await pilot.press("x")

        assert field.value == f"{expected}x"


EFFORTS = pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("default", None, id="what the field says"),
        pytest.param("off", "none", id="another word for none"),
        pytest.param("HIGH", "high", id="a word in capitals"),
    ],
)


@EFFORTS
async def test_an_effort_is_kept_as_the_service_knows_it(typed: str, kept: str | None) -> None:
    screen = OpenAISettingsScreen({"reasoning_effort": "low"})
    async with shown(screen):
        screen.query_one("#reasoning_effort", Input).value = typed

        assert screen.result().get("reasoning_effort") == kept


@pytest.mark.parametrize("form", ["openai", "provider"])
async def test_efforts_are_those_of_the_service_whose_address_is_written(form: str) -> None:
    async with shown(FORMS[form]()) as (host, pilot):
        effort = host.screen.query_one("#reasoning_effort", Input)
        host.screen.query_one("#base_url", Input).value = "https://openrouter.ai/api/v1"
        effort.value = "2000"
        await pilot.pause()

        assert "Unknown effort" not in text(host.screen)

        host.screen.query_one("#base_url", Input).value = "https://api.mistral.ai/v1"
        effort.value = "3000"
        await pilot.pause()

        assert "Unknown effort '3000'" in text(host.screen)


@EFFORTS
async def test_an_effort_of_a_provider_is_kept_as_the_service_knows_it(
    path: Path, typed: str, kept: str | None
) -> None:
    provider = Saved("a", "http://x/v1", settings={"reasoning_effort": "low"})
    screen = ProviderEditScreen(provider, Store(path))
    async with shown(screen) as (host, pilot):
        screen.query_one("#reasoning_effort", Input).value = typed
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    (saved,) = Store(path).load()
    assert saved.settings.get("reasoning_effort") == kept


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("text, tool_use,", {Capability.text, Capability.tool_use}, id="a comma"),
        pytest.param(" embedding", {Capability.embedding}, id="another one"),
        pytest.param("", {Capability.text, Capability.tool_use}, id="nothing, as hinted"),
        pytest.param(" , ", {Capability.text, Capability.tool_use}, id="commas"),
    ],
)
async def test_a_model_can_do_what_is_written_and_never_nothing(
    typed: str, expected: set[Capability]
) -> None:
    async with shown(ModelEditScreen(None)) as (host, pilot):
        host.screen.query_one("#id", Input).value = "m"
        host.screen.query_one("#capabilities", Input).value = typed
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    assert isinstance(host.results[0], ModelSpec)
    assert host.results[0].capabilities == expected


async def test_a_model_id_may_hold_slashes_and_colons_and_brackets() -> None:
    async with shown(ModelEditScreen(None)) as (host, pilot):
        host.screen.query_one("#id", Input).value = "org/model:free[beta]"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    assert isinstance(host.results[0], ModelSpec)
    assert host.results[0].id == "org/model:free[beta]"


@pytest.mark.parametrize(
    ("field", "typed", "changed"),
    [
        pytest.param("id", "other", {"id": "other"}, id="its id"),
        pytest.param("max_output_tokens", "2,000", {"max_output_tokens": 2_000}, id="its answers"),
        pytest.param("context_window", "9_000", {"context_window": 9_000}, id="its window"),
        pytest.param("input_cost", "", {"input_cost": 0.0}, id="no price in"),
        pytest.param("output_cost", "", {"output_cost": 0.0}, id="no price out"),
    ],
)
async def test_of_a_model_only_what_is_edited_is_another(
    field: str, typed: str, changed: dict[str, Any]
) -> None:
    model = replace(CHAT, input_cost=0.15, output_cost=0.6)
    async with shown(ModelEditScreen(model)) as (host, pilot):
        host.screen.query_one(f"#{field}", Input).value = typed
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    assert host.results == [replace(model, **changed)]


async def test_what_prices_are_for_is_told_beside_them() -> None:
    async with shown(ModelEditScreen(CHAT)) as (host, _):
        assert "$ per million tokens in 0 $ per million tokens out 0" in text(host.screen)


async def test_an_id_that_another_model_has_gets_the_cursor_back() -> None:
    async with shown(ModelEditScreen(CHAT, ["llama3.2", "taken"])) as (host, pilot):
        host.screen.query_one("#id", Input).value = "taken"
        host.screen.query_one("#output_cost", Input).focus()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "There is a model with this id." in text(host.screen))

        assert host.focused is host.screen.query_one("#id")


# 7: why a transport could not be opened was not told, and a bad save replaced a working one.


async def test_why_the_transport_could_not_be_opened_is_shown() -> None:
    settings = {"_error": "OpenAI did not accept [the] key", "timeout": "7"}
    async with shown(OpenAISettingsScreen(settings)) as (host, _):
        assert "! OpenAI did not accept [the] key" in text(host.screen)


@pytest.mark.parametrize("dialog", ["settings", "hub", "models"])
async def test_a_long_notice_can_be_read_to_its_end_by_keys(path: Path, dialog: str) -> None:
    said = "It failed. " * 40 + "That is all."
    names = [*"abcdefgh", "That is all."]
    path.parent.mkdir()
    path.write_text(json.dumps([{"name": name, "models": 5} for name in names]))
    async with Service(refuses(400, said)) as service:
        probe = Probe(base_url=service.base_url, max_retries=1)
        dialogs: dict[str, Callable[[], Screen[Any]]] = {
            "settings": lambda: OpenAISettingsScreen({"_error": said}),
            "hub": lambda: hub(path),
            "models": lambda: PickScreen(probe),
        }
        async with shown(dialogs[dialog](), (60, 16)) as (host, pilot):
            await until(pilot, lambda: "! " in text(host.screen))
            assert "That is all." not in text(host.screen)
            await pilot.press("shift+tab", "end")

            await until(pilot, lambda: "That is all." in text(host.screen))


async def test_a_short_notice_is_no_stop_on_the_way_through_the_fields() -> None:
    async with shown(OpenAISettingsScreen({"_error": "It failed."})) as (host, pilot):
        await pilot.press("shift+tab")

        assert isinstance(host.screen.focused, Button)


async def test_settings_that_do_not_work_are_saved_only_on_demand() -> None:
    async with Service(refuses(401, "wrong key"), refuses(401, "wrong key")) as service:
        screen = OpenAISettingsScreen({"base_url": service.base_url, "api_key": "sk-wrong"})
        async with shown(screen) as (host, pilot):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
            told = text(host.screen)
            await pilot.press("enter")
            await until(pilot, lambda: screen.is_current)
            first = list(host.results)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
            await pilot.click("#yes")
            await until(pilot, lambda: bool(host.results))

    assert "wrong key" in told
    assert first == []
    assert host.results == [{"base_url": service.base_url, "api_key": "sk-wrong"}]


async def test_a_wrong_address_is_told_at_once_when_an_app_opens_it() -> None:
    async with Service() as service:
        nowhere = service.base_url
    entry = opener("nebius", NebiusTransport)
    async with aiohttp.ClientSession() as session, asyncio.timeout(4):
        with pytest.raises(ConnectionFailed, match="127"):
            await entry.open(session=session, base_url=nowhere, api_key="k").__aenter__()


# 8: a connection could not be tested, nor models discovered (test_connection.py, test_pick.py).


async def test_a_provider_gets_its_models_from_the_service(path: Path) -> None:
    async with Service(lists("one", "two")) as service:
        screen = ProviderEditScreen(Saved("x", service.base_url), Store(path))
        async with shown(screen) as (host, pilot):
            await pilot.press("ctrl+g")
            await until(pilot, lambda: "2 of 2 shown" in text(host.screen))
            await pilot.press("t", "w", "down", "enter", "ctrl+s")
            await until(pilot, lambda: screen.is_current)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: bool(host.results))

    (saved,) = Store(path).load()
    assert [model.id for model in saved.models] == ["two"]


async def test_a_provider_without_models_is_said_to_need_them(path: Path) -> None:
    models = (CHAT, ModelSpec("other"))
    Store(path).save([Saved("bare", "http://x/v1"), Saved("full", "http://y/v1", models=models)])
    async with shown(hub(path)) as (host, pilot):
        for name in ("full", "bare"):
            host.screen.query_one(Choice).highlighted = ["bare", "full"].index(name)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
            await until(pilot, lambda: bool(host.screen.focused))
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(host.screen, CustomHubScreen))
            await until(pilot, lambda: bool(host.screen.focused))

            assert "full has no models" not in text(host.screen)

        await until(pilot, lambda: "! bare has no models yet: open it" in text(host.screen))


# 9: the first Enter did nothing, and deleting asked nothing.


async def test_the_first_enter_in_the_hub_opens_something(path: Path) -> None:
    Store(path).save([LOCAL])
    async with shown(hub(path)) as (host, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))

        assert host.screen.query_one("#name", Input).value == "local"


async def test_nothing_is_deleted_or_dropped_without_a_question(path: Path) -> None:
    Store(path).save([LOCAL])
    screen = hub(path)
    async with shown(screen) as (host, pilot):
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        await pilot.press("escape")
        await until(pilot, lambda: screen.is_current)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
        await pilot.press("x", "escape")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))

        assert host.screen.query_one("#name", Input).value == "x"
    assert [saved.name for saved in Store(path).load()] == ["local"]


# 10: editing changed what was not edited, and could crash the app.


async def test_an_edit_changes_only_what_was_edited(path: Path) -> None:
    path.parent.mkdir()
    model = {"id": "m", "context_window": 5, "max_output_tokens": 4, "capabilities": ["text"]}
    model |= {"input_cost": 0.1, "output_cost": 0.2, "theirs": [1]}
    entry: dict[str, object] = {
        "name": "a",
        "base_url": "http://x/v1",
        "api_key": "k",
        "models": [model],
    }
    entry |= {"extra_headers": {"a": "b"}, "idle_timeout": 5, "of_another_version": {"x": 1}}
    path.write_text(json.dumps([entry]))
    async with shown(hub(path)) as (host, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
        host.screen.query_one("#name", Input).value = "b"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(host.screen, CustomHubScreen))

    assert json.loads(path.read_text()) == [entry | {"name": "b"}]


@pytest.mark.parametrize(
    ("keys", "active"),
    [
        pytest.param(["enter", "down", "end", "backspace", "ctrl+s"], "a", id="edited"),
        pytest.param(["delete", "right", "enter"], "b", id="taken out"),
    ],
)
async def test_the_active_model_is_as_the_form_describes_it(
    path: Path, keys: list[str], active: str
) -> None:
    path.parent.mkdir()
    models = [{"id": name, "context_window": 80_000} for name in "ab"]
    entry = {"name": "p", "base_url": "http://x/v1", "models": models, "model": "a"}
    path.write_text(json.dumps([entry]))
    screen = ProviderEditScreen(Store(path).load()[0], Store(path))
    async with shown(screen) as (host, pilot):
        screen.query_one("#models").focus()
        await pilot.press(keys[0])
        await until(pilot, lambda: host.screen is not screen and bool(host.screen.focused))
        await pilot.press(*keys[1:])
        await until(pilot, lambda: host.screen is screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    (kept,) = Store(path).load()
    found = OpenAICompatibleTransport.from_dict(kept.to_dict())
    assert found.model.id == active
    assert found.model == kept.models[0]


async def test_a_model_that_is_called_otherwise_stays_what_it_was_beside(path: Path) -> None:
    path.parent.mkdir()
    models = [{"id": name, "theirs": name, "capabilities": ["text", "novel"]} for name in "ab"]
    entry = {"name": "p", "base_url": "http://x/v1", "models": models, "model": "b"}
    path.write_text(json.dumps([entry]))
    screen = ProviderEditScreen(Store(path).load()[0], Store(path))
    async with shown(screen) as (host, pilot):
        for id in ("bc", "bcd"):
            screen.query_one("#models").focus()
            await pilot.press("end", "enter")
            await until(pilot, lambda: host.screen is not screen and bool(host.screen.focused))
            host.screen.query_one("#id", Input).value = id
            await pilot.press("ctrl+s")
            await until(pilot, lambda: host.screen is screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    (kept,) = json.loads(path.read_text())
    found = [(model["id"], model["theirs"], model["capabilities"]) for model in kept["models"]]
    assert found == [("a", "a", ["text", "novel"]), ("bcd", "b", ["text", "novel"])]
    assert kept["model"] == "bcd"


async def test_a_provider_without_limits_can_be_edited_and_keeps_none(path: Path) -> None:
    path.parent.mkdir()
    entry: dict[str, object] = {"name": "a", "base_url": "http://x/v1", "connect_timeout": None}
    entry |= {"max_retries": None, "total_timeout": None, "reasoning_effort": None}
    path.write_text(json.dumps([entry]))
    screen = ProviderEditScreen(Store(path).load()[0], Store(path))
    async with shown(screen) as (host, pilot):
        fields = ("connect_timeout", "total_timeout", "max_retries", "reasoning_effort")
        written = [screen.query_one(f"#{name}", Input).value for name in fields]
        screen.query_one("#api_key", Input).value = "k"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(host.results))

    assert written == ["0", "0", "", ""]
    (saved,) = json.loads(path.read_text())
    assert {name: saved[name] for name in entry} == entry


@pytest.mark.parametrize("keys", [["ctrl+s"], ["ctrl+t", "escape", "ctrl+s"]], ids=["save", "test"])
async def test_a_setting_that_only_another_version_knows_is_kept(keys: list[str]) -> None:
    async with Service(forever=lists("m")) as service:
        saved = {"base_url": service.base_url, "api_key": "k", "organization": "acme"}
        screen = NebiusSettingsScreen(saved)
        async with shown(screen) as (host, pilot):
            for key in keys:
                await until(pilot, lambda: bool(host.screen.focused))
                await pilot.press(key)
            await until(pilot, lambda: bool(host.results))

    assert host.results == [saved]


async def test_a_saved_setting_that_has_no_field_can_be_mended_where_it_is_wrong() -> None:
    async with Service(forever=lists("m")) as service:
        good = {"base_url": service.base_url, "api_key": "k", "max_output_tokens": "5"}
        screen = NebiusSettingsScreen(good | {"temperature": "hot", "dialect": "{"})
        async with shown(screen) as (host, pilot):
            assert not screen.query("#max_output_tokens")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "dialect must be a JSON object" in text(host.screen))
            screen.query_one("#dialect", Input).value = ""
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "temperature must be a number" in text(host.screen))
            screen.query_one("#temperature", Input).value = "0.5"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: bool(host.results))

    assert host.results == [good | {"temperature": "0.5"}]


async def test_headers_that_are_to_be_mended_are_masked_until_they_are_asked_for() -> None:
    settings = {"extra_headers": '{"x-api-key": "sk-secret"', "dialect": "{"}
    async with shown(OpenAISettingsScreen(settings), LARGE) as (host, pilot):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "extra_headers must be a JSON object" in text(host.screen))
        assert "sk-secret" not in text(host.screen)
        assert "dialect {" in text(host.screen)
        await pilot.press("ctrl+r")

        await until(pilot, lambda: "sk-secret" in text(host.screen))


@pytest.mark.parametrize("address", ["nowhere", "local:/no/model"])
async def test_an_address_of_the_environment_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    async with shown(OpenAISettingsScreen({"api_key": "k"})) as (host, pilot):
        await pilot.press("ctrl+s")

        told = f"the base URL '{address}' must begin with http:// or https://"
        await until(pilot, lambda: told in text(host.screen))


async def test_settings_that_the_service_does_not_take_are_told() -> None:
    async with shown(OpenAISettingsScreen({"models": "gpt-4o"})) as (host, pilot):
        for key in ("ctrl+s", "ctrl+t"):
            await pilot.press(key)
            await until(pilot, lambda: "! models must be a ModelRegistry" in text(host.screen))

        assert host.results == []


async def test_two_providers_cannot_have_one_name(path: Path) -> None:
    Store(path).save([LOCAL])
    async with shown(ProviderEditScreen(None, Store(path))) as (host, pilot):
        host.screen.query_one("#name", Input).value = "local"
        host.screen.query_one("#base_url", Input).value = "http://y/v1"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "another" in text(host.screen))

        assert host.screen.query_one("#base_url", Input).value == "http://y/v1"
    assert Store(path).load() == [LOCAL]


async def test_a_name_that_reads_as_markup_is_shown_as_it_is(path: Path) -> None:
    Store(path).save([Saved("[/red][x", "http://x/v1")])
    async with shown(hub(path)) as (host, _):
        assert "[/red][x" in text(host.screen)


async def test_a_key_in_an_address_is_shown_nowhere_but_in_its_field(path: Path) -> None:
    async with Service(forever=lists("m")) as service:
        address = f"{service.base_url}?api-key=sk-secret"
        Store(path).save([Saved("one", address)])
        async with shown(hub(path)) as (host, pilot):
            await until(pilot, lambda: service.base_url in text(host.screen))
            assert "sk-secret" not in text(host.screen)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(host.screen, ProviderEditScreen))
            await pilot.press("ctrl+t")
            await until(pilot, lambda: host.screen.has_class("-done"))

            assert f"Reachable {service.base_url}" in text(host.screen)
            assert text(host.screen).count("sk-secret") == 1  # in the field, which is below


async def test_a_failing_deletion_is_told(path: Path) -> None:
    Store(path).save([LOCAL])
    async with shown(hub(path)) as (host, pilot):
        path.unlink()
        path.mkdir()
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmScreen))
        await until(pilot, lambda: bool(host.screen.focused))
        await pilot.press("right", "enter")

        await until(pilot, lambda: "! " in text(host.screen))
        assert "cannot be read" in text(host.screen)


async def test_a_failing_save_is_told_and_loses_nothing(path: Path) -> None:
    path.parent.mkdir()
    (path.parent / "openai-custom.json").mkdir()
    async with shown(ProviderEditScreen(None, Store(path, patience=0.1))) as (host, pilot):
        host.screen.query_one("#name", Input).value = "new"
        host.screen.query_one("#base_url", Input).value = "http://y/v1"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot be" in text(host.screen))

        assert host.screen.query_one("#name", Input).value == "new"


# 11: one refusal was printed three times, with a traceback.


async def test_a_refusal_is_one_line_for_people() -> None:
    async with (
        Service(refuses(401, "wrong\nkey")) as service,
        Probe(base_url=service.base_url, api_key="sk-wrong", max_retries=1) as probe,
    ):
        with pytest.raises(APIError, match="wrong") as caught:
            await asyncio.wait_for(probe.fetch_models(), 5)

    assert len(OpenAITransport.format_error(caught.value).splitlines()) == 1


def test_the_hints_of_patience_are_the_transport_s_own_figures() -> None:
    transport = OpenAITransport()
    hints = {field.name: field.hint for field in PATIENCE}

    assert hints == {
        name: "no limit" if (value := getattr(transport, name)) is None else f"{value:g}"
        for name in hints
    }
    assert {"10", "600", "no limit"} <= {*hints.values()}
