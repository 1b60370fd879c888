"""A form to be filled in: fields, what is wrong with them, and a way to keep or drop it all."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Static

from .confirm import ConfirmScreen
from .dialog import Dialog
from .line import Line
from .notice import Notice

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from .field import Field

__all__ = ["Sheet"]


class Sheet[Result](Dialog[Result | None]):
    """A form; what is typed stays until the user saves or drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("ctrl+r", "reveal", "Show key"),
        Binding("escape", "leave", "Cancel"),
        Binding("tab", "app.focus_next", "Next"),
    ]

    def __init__(
        self,
        title: str,
        fields: Iterable[Field],
        texts: Mapping[str, str],
        *,
        notice: str = "",
    ) -> None:
        """Show the fields with these texts in them, below a notice where there is one."""
        super().__init__()
        self.lines = [Line(field, texts.get(field.name, "")) for field in fields]
        self._title = title
        self._notice = notice

    def compose(self) -> ComposeResult:
        """Show the form: its buttons are always in sight, its fields scroll."""
        with Vertical(classes="box sheet"):
            yield Static(Content(self._title), classes="title")
            yield Notice()
            with VerticalScroll(classes="fields", can_focus=False):
                yield from self.lines
                yield from self.further()
            with Horizontal(classes="buttons"):
                yield Button("Save", id="save", variant="primary")
                yield from self.buttons()
                yield Button("Cancel", id="cancel")
        yield Footer()

    def further(self) -> Iterable[Widget]:
        """What a form has below its fields."""
        return ()

    def buttons(self) -> Iterable[Button]:
        """What a form can do beside saving."""
        return ()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.tell(self._notice)
        self.query(Input).first().focus()

    def tell(self, notice: str) -> None:
        """Show this above the fields, or nothing."""
        found = self.query_one(Notice)
        found.tell(f"! {notice}")
        found.display = bool(notice)

    @contextmanager
    def telling(self, notice: str) -> Generator[None]:
        """Show this above the fields meanwhile."""
        self.tell(notice)
        try:
            yield
        finally:
            if self.is_attached:
                self.tell("")

    @property
    def texts(self) -> dict[str, str]:
        """What is written, by field, and as it is to be kept where nothing is wrong with it."""
        return {line.field.name: line.meant for line in self.lines}

    def address(self) -> str:
        """The base URL that is written, or where there is none, the one that its field hints at."""
        line = next(line for line in self.lines if line.field.name == "base_url")
        return line.text or line.field.hint

    def changed(self) -> bool:
        """Whether there is something to lose."""
        return any(line.changed for line in self.lines)

    def valid(self) -> bool:
        """Whether every field will do; the first that will not is shown and gets the cursor."""
        wrong = [line for line in self.lines if not line.check()]
        if wrong:
            wrong[0].query_one(Input).focus()
            wrong[0].scroll_visible()
        return not wrong

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Keep what is written, where it will do."""
        if not self.busy and self.valid():
            self.keep()

    @abstractmethod
    def keep(self) -> None:
        """Do with the texts what the form is for; all of them have been checked."""

    def action_reveal(self) -> None:
        """Show keys as they are, or mask them again."""
        for line in self.lines:
            line.reveal()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense: a form without a key has none to show."""
        if action == "reveal" and not any(line.field.secret for line in self.lines):
            return False
        return super().check_action(action, parameters)

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Drop what is written, after a question where there is something to lose.

        Where something is under way that can be stopped, it is, and nothing is dropped.
        """
        if self.busy:
            self.stop()
        else:
            self.begin(self._leave)

    async def _leave(self) -> None:
        question = "What you have changed here is not saved. Drop it?"
        if not self.changed() or await self.asked(ConfirmScreen(question, "Drop")):
            self.dismiss(None)
