"""The base of every screen here: a dialog that keeps what is typed in it to itself."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from textual import getters
    from textual.app import App
    from textual.events import Resize
    from textual.screen import Screen
    from textual.worker import Worker

    def _any_app() -> type[App[object]]: ...


__all__ = ["Dialog"]

#: Columns and rows from which on there is room for any dialog as it is.
_WIDE: Final = 80
_HIGH: Final = 20


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

    #: Whether something is under way that must end before anything else is done here.
    busy = False
    #: Whether that can be stopped by leaving.
    _stops = False
    _worker: Worker[object] | None = None
    #: What asks a service as long as the dialog is open. It is given up before that is taken apart:
    #: an answer that comes meanwhile would not find where to be shown.
    asking: Worker[None] | None = None
    #: What it closes with once it is on top, where it was to be closed below another screen.
    _late: tuple[Result | None] | None = None

    def on_resize(self, event: Resize) -> None:
        """Draw closer where there is little room: what the buttons do must be in reach."""
        self.set_class(event.size.width < _WIDE, "-narrow")
        self.set_class(event.size.height < _HIGH, "-short")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was submitted here, and go on to the next field."""
        event.stop()
        self.focus_next()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close once, and nothing but this: Textual closes what is on top, whatever that is.

        A key that is pressed again before the dialog is gone does nothing. Below another screen,
        such as the command palette, the dialog closes as soon as that is gone.
        """
        if self.is_active:
            if self.asking is not None:
                self.asking.cancel()
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._late = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Close now, where that was to be done below another screen."""
        if self._late is not None:
            self.dismiss(*self._late)

    def begin(self, work: Callable[[], Coroutine[None, None, object]]) -> None:
        """Start this work in place of what is under way, unless that must end first.

        What is under way below another screen waits for that, so nothing takes its place.
        """
        if not self.busy and self.is_active:
            self._worker = self.run_worker(work, exclusive=True)

    def stop(self) -> None:
        """Stop what is under way, where that can be."""
        if self._stops and self._worker:
            self._worker.cancel()

    @contextmanager
    def alone(self, *, stops: bool = False) -> Generator[None]:
        """Let nothing be done here meanwhile; with ``stops``, leaving stops it and stays here."""
        box, focused = self.query_one(".box"), self.focused
        self.set_focus(None)  # at once: what is disabled lets go of it later
        self.busy, self._stops, box.disabled = True, stops, True
        try:
            yield
        finally:
            self.busy = box.disabled = False
            if focused is not None and self.is_attached:
                self.set_focus(focused, from_app_focus=True)  # which selects none of its text

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: none does before all that it may look for is there.

        Nor does one while something must end first.
        """
        if not self.is_mounted or (self.busy and not (self._stops and action == "leave")):
            return None
        return super().check_action(action, parameters)

    def show(self, screen: Screen[Any]) -> None:
        """Put another screen on top of this one."""
        self.begin(partial(self.asked, screen))

    async def asked[Answer](self, screen: Screen[Answer]) -> Answer | None:
        """What the user does with another screen; only a worker can wait for it."""
        return await self.app.push_screen_wait(screen)

    def action_leave(self) -> None:
        """Close the dialog without a result."""
        self.dismiss(None)
