"""Where a new provider can begin: services whose addresses are known."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Footer, OptionList, Static

from .choice import Choice
from .dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["BLANK", "Preset", "PresetScreen", "presets"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A service to begin from."""

    title: str
    name: str = ""
    base_url: str = ""
    #: What it takes, in a few words.
    about: str = ""


BLANK: Final = Preset("Any other service", about="you know its address")


def presets() -> tuple[Preset, ...]:
    """The services of the table, in its order."""
    table = tomllib.loads(Path(__file__).with_name("presets.toml").read_text("utf-8"))
    return tuple(Preset(**entry) for entry in table["preset"])


class PresetScreen(Dialog[Preset | None]):
    """Asks where to begin; closes with a preset, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel"),
    ]

    def __init__(self) -> None:
        """Read the table."""
        super().__init__()
        self._choices = (BLANK, *presets())

    def compose(self) -> ComposeResult:
        """Show the services."""
        with Vertical(classes="box"):
            yield Static("What do you want to add?", classes="title")
            yield Choice()
        yield Footer()

    def on_mount(self) -> None:
        """Make Enter choose the first."""
        choice = self.query_one(Choice)
        choice.fill(f"{found.title:<20} {found.about}" for found in self._choices)
        choice.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close with what was chosen."""
        event.stop()
        self.dismiss(self._choices[event.option_index])
