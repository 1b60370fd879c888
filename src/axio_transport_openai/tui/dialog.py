"""What every screen here is: a dialog that keeps what is typed in it to itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

if TYPE_CHECKING:
    from textual import getters
    from textual.app import App
    from textual.screen import Screen

    def _any_app() -> type[App[object]]: ...


__all__ = ["Dialog"]


class Dialog[Result](ModalScreen[Result]):
    """A dialog over the app, left with Escape.

    An app may take any submitted input for a message to the model, so none leaves a dialog.
    """

    CSS_PATH = Path(__file__).with_name("screens.tcss")  # whole: a subclass may live elsewhere
    DEFAULT_CLASSES = "axio-openai"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    if TYPE_CHECKING:
        app = getters.app(_any_app)  # Textual's own declaration leaves the app's type open

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was submitted here, and go on to the next field."""
        event.stop()
        self.focus_next()

    def show(self, screen: Screen[Any]) -> None:
        """Put another screen on top of this one."""
        self.app.push_screen(screen)

    async def asked[Answer](self, screen: Screen[Answer]) -> Answer | None:
        """What the user does with another screen; only a worker can wait for it."""
        return await self.app.push_screen_wait(screen)

    def action_leave(self) -> None:
        """Close the dialog without a result."""
        self.dismiss(None)
