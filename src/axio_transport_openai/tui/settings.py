"""The settings of the services that have a transport of their own: one screen, as data."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from axio_transport_openai.errors import APIError
from axio_transport_openai.nebius import NebiusTransport
from axio_transport_openai.openrouter import OpenRouterTransport
from axio_transport_openai.setting import READERS
from axio_transport_openai.transport import OpenAITransport

from .confirm import ConfirmScreen
from .connection import ConnectionScreen
from .field import Field, address, key, number, thinking
from .probe import Probe
from .registry import prefer
from .sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "PATIENCE",
    "NebiusSettingsScreen",
    "OpenAISettingsScreen",
    "OpenRouterSettingsScreen",
    "SettingsScreen",
]

_SETTINGS: Final = {field.name: field for field in dataclasses.fields(OpenAITransport)}


def _amount(name: str, label: str) -> Field:
    """A number that is the transport's own where nothing is written."""
    default = _SETTINGS[name].default
    return Field(name, label, "no limit" if default is None else f"{default:g}", number(name))


#: How often and how long any service is waited for.
PATIENCE: Final = (
    _amount("max_retries", "Attempts"),
    _amount("retry_base_delay", "Seconds between them"),
    _amount("connect_timeout", "Seconds to connect"),
    _amount("first_event_timeout", "Seconds to first word"),
    _amount("idle_timeout", "Seconds of silence"),
    _amount("total_timeout", "Seconds in all"),
)


class SettingsScreen(Sheet[dict[str, str]]):
    """The settings of one service; closes with those to be saved, or with None."""

    service: ClassVar[type[OpenAITransport]] = OpenAITransport
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "test", "Test connection", priority=True),
    ]

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """Show these settings; ``_error`` is why the transport could not be opened with them."""
        saved = dict(settings or {})
        error = saved.pop("_error", "")
        self._saved = saved
        title = f"{self.service.display_name} settings"
        super().__init__(title, self._fields(), saved, notice=error)

    def _fields(self) -> tuple[Field, ...]:
        service = self.service
        variables = "".join(f"from ${name}, if set" for name in service.env_vars[:1])
        fields = (
            Field("api_key", "API key", variables, key, secret=True),
            Field("base_url", "Base URL", service.default_base_url, address),
            Field("model", "Model", service.model.id),
            thinking(self.address),
        )
        shown = (*(fields if service.supports_thinking else fields[:-1]), *PATIENCE)
        return (*shown, *self._unusable({field.name for field in shown}))

    def _unusable(self, shown: set[str]) -> Iterable[Field]:
        """Fields to mend those saved settings in that no other field shows."""
        for name in sorted((self._saved.keys() & READERS.keys()) - shown):
            secret = not _SETTINGS[name].repr  # headers may hold a key
            field = Field(name, name, "not set", number(name), secret=secret)
            if field.problem(self._saved[name]):
                yield field

    def buttons(self) -> Iterable[Button]:
        """The connection can be tested."""
        return (Button("Test connection", id="test"),)

    def result(self) -> dict[str, str]:
        """The settings as they are to be saved, those that no field shows among them."""
        return {name: text for name, text in (self._saved | self.texts).items() if text}

    def valid(self) -> bool:
        """Whether every field will do, and the service takes them with what no field shows."""
        if not super().valid():
            return False
        try:
            self.probe()
        except ValueError as error:
            self.tell(str(error))
            return False
        return True

    def probe(self) -> Probe:
        """The service as the fields describe it."""
        return Probe.of(self.service(**self.service.known_settings(self.result())))

    @on(Button.Pressed, "#test")
    def action_test(self) -> None:
        """Ask the service what it can do with what is written."""
        if self.valid():
            self.show(ConnectionScreen(self.probe()))

    def keep(self) -> None:
        """Close with the settings, if the service can be asked with them or the user insists."""
        self.begin(self._keep)

    async def _keep(self) -> None:
        probe = self.probe()
        try:
            with self.telling("Asking the service; Escape stops."), self.alone(stops=True):
                async with probe:
                    await probe.fetch_models()
        except APIError as error:
            self.tell(str(error))
            question = f"{error}\n\nSave this nevertheless?"
            if not await self.asked(ConfirmScreen(question, "Save")):
                return
        if self._chosen(probe):
            await prefer(self.app, type(self), probe.model)
        self.dismiss(self.result())

    def _chosen(self, probe: Probe) -> bool:
        """Whether another model is named than before, or the service's own one is there again."""
        changed = any(line.changed for line in self.lines if line.field.name == "model")
        return changed and (bool(self.texts["model"]) or probe.model.id in probe.models)


class OpenAISettingsScreen(SettingsScreen):
    """OpenAI's settings."""


class NebiusSettingsScreen(SettingsScreen):
    """Nebius AI Studio's settings."""

    service: ClassVar[type[OpenAITransport]] = NebiusTransport


class OpenRouterSettingsScreen(SettingsScreen):
    """OpenRouter's settings."""

    service: ClassVar[type[OpenAITransport]] = OpenRouterTransport
