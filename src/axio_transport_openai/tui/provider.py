"""The form for one provider of the user's own, and its models."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button, OptionList, Static

from axio_transport_openai.catalogue import for_chat
from axio_transport_openai.custom import OpenAICompatibleTransport
from axio_transport_openai.resident import SCHEME
from axio_transport_openai.saved import Saved
from axio_transport_openai.setting import READERS
from axio_transport_openai.store import Store, StoreError

from .choice import Choice
from .column import row
from .confirm import ConfirmScreen, deletion
from .connection import ConnectionScreen
from .field import Field, address, key, name, thinking
from .model import ModelEditScreen
from .pick import PickScreen
from .preset import BLANK, Preset
from .probe import Probe
from .settings import PATIENCE
from .sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from axio.models import ModelSpec
    from textual.widget import Widget

__all__ = ["Change", "ProviderEditScreen"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a provider: its name before and after, empty where there was or is none."""

    before: str = ""
    after: str = ""


def _address(label: str, text: str) -> str:
    """What is wrong with a base URL; a model on this machine has one of its own kind."""
    return "" if text.startswith(SCHEME) else address(label, text)


def _text(setting: str, value: object) -> str:
    """A saved setting as its field shows it; a clock that is None never runs out."""
    if value is None:
        return "0" if setting.endswith("_timeout") else ""
    return f"{value}"


#: Who a provider is.
_SERVICE: Final = (
    Field("name", "Name", "what you call it", name, required=True),
    Field("base_url", "Base URL", "http://localhost:8080/v1", _address, required=True),
    Field("api_key", "API key", "none is sent", key, secret=True),
)


class _Models(Choice):
    """A provider's models; the key that drops one is the list's, so the footer shows it there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "screen.drop", "Drop model")]


class ProviderEditScreen(Sheet[Change]):
    """A provider; closes with what became of it, which is then in the store, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "test", "Test", priority=True),
        Binding("ctrl+g", "discover", "Models", priority=True),
        Binding("ctrl+n", "add", "Add", priority=True),
    ]

    def __init__(
        self,
        provider: Saved | None = None,
        store: Store | None = None,
        begin: Preset = BLANK,
    ) -> None:
        """Edit this provider, or add one; what is not shown of it stays as it is."""
        self._before = before = provider or Saved()
        self._store = store or Store()
        self._models = list(before.models)
        #: The ids that models had before they were edited here, by those they have now.
        self._saved_ids: dict[str, str] = {}
        texts = {setting: _text(setting, value) for setting, value in before.settings.items()}
        texts |= {"name": before.name, "base_url": before.base_url, "api_key": before.api_key}
        title = f"Provider {before.name}" if provider else "Add a provider"
        super().__init__(title, (*_SERVICE, thinking(self.address), *PATIENCE), texts)
        self._begin = begin

    def further(self) -> Iterable[Widget]:
        """The models, below the fields."""
        return (
            Static("Models", classes="heading"),
            _Models(id="models", classes="models"),
        )

    def buttons(self) -> Iterable[Button]:
        """What can be done with a provider."""
        yield Button("Get models", id="discover")
        yield Button("New model", id="add")
        yield Button("Test", id="test")
        if self._before.name:
            yield Button("Delete", id="delete", variant="error")

    def on_mount(self) -> None:
        """Fill in what a new provider begins with, and show the models."""
        begun = {"name": self._begin.name, "base_url": self._begin.base_url}
        for line in self.lines:
            if text := begun.get(line.field.name):
                line.write(text)
        self._list()

    def _list(self) -> None:
        rows = [row(model) for model in self._models]
        none = "none yet: get them from the service, or add one"
        self.query_one("#models", Choice).fill(rows or [none])

    def changed(self) -> bool:
        """Whether there is something to lose: the models count too."""
        return super().changed() or tuple(self._models) != self._before.models

    def written(self) -> Saved:
        """The provider as the form has it; what was not touched is as it was."""
        texts = self.texts
        settings = dict(self._before.settings)
        for line in self.lines:
            setting = line.field.name
            if setting in READERS and line.changed:
                settings.pop(setting, None)
                if text := texts[setting]:
                    settings[setting] = READERS[setting](line.field.label, text)
        beside = {
            model.id: self._before.beside.get(self._saved_id(model), {}) for model in self._models
        }
        return replace(
            self._before,
            name=texts["name"],
            base_url=texts["base_url"],
            api_key=texts["api_key"],
            models=tuple(self._models),
            model=self._active(),
            settings=settings,
            beside={**self._before.beside, **beside},
        )

    def _active(self) -> ModelSpec | None:
        """The active model as the form describes it; none where it is taken out."""
        active = self._before.model
        if active is None or active not in self._before.models:
            return active
        return next((model for model in self._models if self._saved_id(model) == active.id), None)

    def _saved_id(self, model: ModelSpec) -> str:
        """The id that a model was saved under, also where it has another one now."""
        return self._saved_ids.get(model.id, model.id)

    def probe(self) -> Probe:
        """The service as the form describes it."""
        return self.probe_of(self.written())

    @staticmethod
    def probe_of(provider: Saved) -> Probe:
        """The service of a provider, to be asked with its first model that answers in words."""
        models = provider.models
        written = replace(provider, model=for_chat(models) or next(iter(models), None))
        return Probe.of(OpenAICompatibleTransport.from_dict(written.to_dict()))

    @on(Button.Pressed, "#test")
    def action_test(self) -> None:
        """Ask the service what it can do with what is written."""
        if self.valid():
            self.show(ConnectionScreen(self.probe()))

    @on(Button.Pressed, "#discover")
    def action_discover(self) -> None:
        """Pick models from those the service lists."""
        if self.valid():
            self.begin(self._discover)

    async def _discover(self) -> None:
        probe = self.probe()
        known = {model.id for model in self._models}
        picked = await self.asked(PickScreen(probe, known))
        if picked is None:
            return
        listed, chosen = probe.models.keys(), {model.id for model in picked}
        kept = [model for model in self._models if model.id in chosen or model.id not in listed]
        self._models = kept + [model for model in picked if model.id not in known]
        self._list()

    @on(Button.Pressed, "#add")
    def action_add(self) -> None:
        """Describe a model."""
        self.begin(partial(self._edit, None))

    @on(OptionList.OptionSelected)
    def edit(self, event: OptionList.OptionSelected) -> None:
        """Change what is known of a model."""
        event.stop()
        chosen = self._models[event.option_index] if self._models else None
        self.begin(partial(self._edit, chosen))

    async def _edit(self, model: ModelSpec | None) -> None:
        taken = [known.id for known in self._models]
        made = await self.asked(ModelEditScreen(model, taken))
        if made is not None:
            at = len(self._models)
            if model is not None:
                at = self._models.index(model)
                self._saved_ids[made.id] = self._saved_id(model)
            self._models[at : at + 1] = [made]
            self._list()

    def action_drop(self) -> None:
        """Take the highlighted model out."""
        self.begin(self._drop)

    async def _drop(self) -> None:
        at = self.query_one("#models", Choice).highlighted
        if at is None or not self._models:
            return
        question = f"Take {self._models[at].id} out of this provider?"
        if await self.asked(ConfirmScreen(question, "Take it out")):
            del self._models[at]
            self._list()

    @on(Button.Pressed, "#delete")
    def action_delete(self) -> None:
        """Remove the provider."""
        self.begin(self._delete)

    async def _delete(self) -> None:
        called = self._before.name
        if await self.asked(deletion(called)):
            change = Change(before=called)
            await self._change("Deleting.", change, lambda: self._store.delete(called))

    def keep(self) -> None:
        """Write the provider to the store, and close; where that fails, the form stays."""
        self.begin(self._keep)

    async def _keep(self) -> None:
        before, written = self._before.name, self.written()
        change = Change(before, written.name)
        await self._change("Saving.", change, lambda: self._store.update(before, written))

    async def _change(self, notice: str, change: Change, make: Callable[[], object]) -> None:
        """Make a change in the store, and close with it; where that fails, the form stays."""
        try:
            with self.telling(notice), self.alone():
                await asyncio.to_thread(make)
        except StoreError as error:
            self.tell(str(error))
        else:
            self.dismiss(change)
