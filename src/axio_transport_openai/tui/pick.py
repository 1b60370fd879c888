"""The models a service says it has, to pick from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from axio.models import ModelSpec
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from axio_transport_openai.errors import APIError

from .column import row
from .dialog import Dialog

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
    ]

    def __init__(self, probe: Probe, picked: Collection[str] = ()) -> None:
        """Ask this service; the models of these ids are picked to begin with."""
        super().__init__()
        self._probe = probe
        self._picked = set(picked)
        self._models: tuple[ModelSpec, ...] = ()
        self._shown: list[ModelSpec] = []
        self._list = SelectionList[str](id="models")

    def compose(self) -> ComposeResult:
        """Show a filter above the models."""
        with Vertical(classes="box"):
            yield Static(Content(f"Models of {self._probe.name}"), classes="title")
            yield Static(Content("Asking the service; Escape stops."), id="told")
            yield Input(placeholder="type to filter", id="filter", classes="filter")
            yield self._list
            with Horizontal(classes="buttons"):
                yield Button("Use the picked", id="take", variant="primary")
                yield Button("Pick all shown", id="all")
                yield Button("Cancel", id="cancel")
        yield Footer()

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#filter").focus()
        self.run_worker(self._ask(), exclusive=True)

    async def _ask(self) -> None:
        try:
            async with self._probe as probe:
                await probe.fetch_models()
        except APIError as error:
            self.query_one("#told", Static).update(Content(f"! {error}"))
            return
        self._models = tuple(self._probe.models.values())
        self._fill("")

    def _fill(self, words: str) -> None:
        """Show those models whose line has all of these words."""
        wanted = words.lower().split()
        self._shown = [
            model
            for model in self._models
            if all(word in f"{model.id} {row(model)}".lower() for word in wanted)
        ]
        self._list.clear_options()
        self._list.add_options(
            Selection(Content(row(model)), model.id, model.id in self._picked)
            for model in self._shown
        )
        self._count()

    def _count(self) -> None:
        told = f"{len(self._shown)} of {len(self._models)} shown, {len(self._picked)} picked"
        self.query_one("#told", Static).update(Content(f"{told}; Space picks."))

    @on(Input.Changed, "#filter")
    def filter(self, event: Input.Changed) -> None:
        """Show what has the words typed."""
        self._fill(event.value)

    @on(SelectionList.SelectionToggled)
    def pick(self, event: SelectionList.SelectionToggled[str]) -> None:
        """Pick a model, or drop it."""
        event.stop()
        self._picked ^= {event.selection.value}
        self._count()

    @on(Button.Pressed, "#all")
    def action_all(self) -> None:
        """Pick every model that is shown."""
        self._picked |= {model.id for model in self._shown}
        self._fill(self.query_one("#filter", Input).value)

    @on(Button.Pressed, "#take")
    def action_take(self) -> None:
        """Close with the picked models."""
        self.dismiss(tuple(model for model in self._models if model.id in self._picked))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Close with nothing; what is still being asked is given up."""
        self.dismiss(None)
