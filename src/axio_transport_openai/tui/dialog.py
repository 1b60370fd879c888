"""What every screen here is: a dialog that keeps what is typed in it to itself."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

__all__ = ["Dialog"]


class Dialog[Result](ModalScreen[Result]):
    """A dialog over the app, left with Escape.

    An app may take any submitted input for a message to the model, so none leaves a dialog.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
    ]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was submitted here, and go on to the next field."""
        event.stop()
        self.focus_next()

    def action_leave(self) -> None:
        """Close the dialog without a result."""
        self.dismiss(None)
