"""A question before something is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Static

from .dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["ConfirmScreen", "deletion"]


class ConfirmScreen(Dialog[bool]):
    """Asks whether to go on; not to is what Enter and Escape choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "No"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", "Choose", key_display="←→"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        """Ask this; ``yes`` is what the button says that goes on."""
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Show the question and its answers."""
        with Vertical(classes="box small"):
            with VerticalScroll(classes="said"):
                yield Static(Content(self._question))
            with Horizontal(classes="buttons"):
                yield Button("Go back", id="no")
                yield Button(self._yes, id="yes", variant="error")
        yield Footer()

    def on_mount(self) -> None:
        """Make the answer that loses nothing the one that Enter gives."""
        self.query_one("#no").focus()

    @on(Button.Pressed, "#yes")
    def agree(self) -> None:
        """Go on."""
        self.dismiss(result=True)

    @on(Button.Pressed, "#no")
    def action_leave(self) -> None:
        """Do not."""
        self.dismiss(result=False)


def deletion(provider: str) -> ConfirmScreen:
    """The question before a provider is deleted."""
    return ConfirmScreen(f"Delete the provider {provider}, its key and its models?", "Delete")
