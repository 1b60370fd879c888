"""The models a service says it has, to pick from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from axio.models import ModelSpec
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Input, OptionList, Static

from axio_transport_openai.errors import APIError
from axio_transport_openai.local import LocalServerError

from .choice import Choice
from .column import row
from .dialog import Dialog
from .notice import Notice

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import ComposeResult

    from .probe import Probe

__all__ = ["PickScreen"]


class PickScreen(Dialog[tuple[ModelSpec, ...] | None]):
    """Asks a service for its models; closes with those that are picked, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", "Use the picked", priority=True),
        Binding("ctrl+n", "all", "Pick all shown", priority=True),
        Binding("escape", "leave", "Cancel"),
        Binding("tab", "app.focus_next", "Next"),
    ]

    def __init__(self, probe: Probe, picked: Collection[str] = ()) -> None:
        """Ask this service; the models of these ids are picked to begin with."""
        super().__init__()
        self._probe = probe
        self._picked = set(picked)
        #: None until the service has said which there are.
        self._models: tuple[ModelSpec, ...] | None = None
        self._shown: list[ModelSpec] = []

    def compose(self) -> ComposeResult:
        """Show a filter above the models."""
        with Vertical(classes="box tall"):
            yield Static(Content(f"Models of {self._probe.name}"), classes="title")
            yield Notice("Asking the service; Escape stops.", id="told", classes="told")
            yield Input(placeholder="type to filter", id="filter", classes="filter")
            yield Choice(id="models")
            with Horizontal(classes="buttons"):
                yield Button("Use the picked", id="take", variant="primary")
                yield Button("Pick all shown", id="all")
                yield Button("Cancel", id="cancel")
        yield Footer()

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#filter").focus()
        self.asking = self._ask()

    @work(exclusive=True)
    async def _ask(self) -> None:
        try:
            async with self._probe as probe:
                await probe.fetch_models()
        except (APIError, LocalServerError) as error:
            self.query_one(Notice).tell(f"! {error}")
            return
        self._models = tuple(self._probe.models.values())
        self._filter()
        self.query_one("#models", Choice).highlighted = 0

    @on(Input.Changed, "#filter")
    def _filter(self) -> None:
        """Show those models whose line has all the words that are typed."""
        wanted = self.query_one("#filter", Input).value.lower().split()
        self._shown = [
            model
            for model in self._models or ()
            if all(word in f"{model.id} {row(model)}".lower() for word in wanted)
        ]
        self._show()

    def _show(self) -> None:
        if self._models is None:  # the notice says why, and stays
            return
        rows = (
            f"[{'x' if model.id in self._picked else ' '}] {row(model)}" for model in self._shown
        )
        self.query_one("#models", Choice).fill(rows)
        ticks = sum(model.id in self._picked for model in self._models)
        count = f"{len(self._shown)} of {len(self._models)} shown, {ticks} picked"
        self.query_one(Notice).tell(count if self._models else "The service lists no models.")

    @on(OptionList.OptionSelected)
    def pick(self, event: OptionList.OptionSelected) -> None:
        """Pick a model, or drop it."""
        event.stop()
        self._picked ^= {self._shown[event.option_index].id}
        self._show()

    @on(Button.Pressed, "#all")
    def action_all(self) -> None:
        """Pick every model that is shown."""
        self._picked |= {model.id for model in self._shown}
        self._show()

    @on(Button.Pressed, "#take")
    def action_take(self) -> None:
        """Close with the picked models, once there are any to pick from."""
        if self._models is not None:
            self.dismiss(tuple(model for model in self._models if model.id in self._picked))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Close with nothing; what is still being asked is given up."""
        self.dismiss(None)
