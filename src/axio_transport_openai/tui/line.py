"""One field of a form: its label, its text, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Paste

    from .field import Field

__all__ = ["Line"]

_WRONG: Final = "! "


class _Entry(Input):
    """An input that takes all lines that are pasted in it, not the first alone."""

    def on_paste(self, event: Paste) -> None:
        """Put the lines together: what a terminal or a page has wrapped was one line before."""
        event.stop()
        event.prevent_default()
        if pasted := "".join(map(str.strip, event.text.splitlines())):
            self.replace(pasted, *self.selection)


class Line(Vertical):
    """A field on a line of its own; what is wrong with its text stands below it."""

    def __init__(self, field: Field, text: str = "") -> None:
        """Show the field with this text in it."""
        super().__init__(id=f"line-{field.name}", classes="line")
        self.field = field
        self.before = text

    def compose(self) -> ComposeResult:
        """Show label and text, and room for a complaint."""
        with Horizontal():
            yield Label(Content(self.field.label))
            yield _Entry(
                self.before,
                placeholder=self.field.hint,
                password=self.field.secret,
                id=self.field.name,
            )
        yield Static(id=f"problem-{self.field.name}", classes="problem")

    @property
    def text(self) -> str:
        """What is written, without blanks around it; at first what there was before."""
        entries = self.query(Input)
        return (entries.first().value if entries else self.before).strip()

    @property
    def meant(self) -> str:
        """The text as it is to be kept, or as it is written while something is wrong with it."""
        text = self.text
        return text if self.field.problem(text) else self.field.meant(text)

    @property
    def changed(self) -> bool:
        """Whether something else is written than at first."""
        return self.text != self.before.strip()

    def write(self, text: str) -> None:
        """Put this text in the field."""
        self.query_one(Input).value = text

    def check(self) -> bool:
        """Whether the text will do; where it will not, that is said below it."""
        problem = self.field.problem(self.text)
        self.complain(problem)
        return not problem

    def complain(self, problem: str) -> None:
        """Show what is wrong, or nothing."""
        self.query_one(".problem", Static).update(Content(f"{_WRONG}{problem}" if problem else ""))
        self.set_class(bool(problem), "-wrong")

    def reveal(self) -> None:
        """Show what is masked, or mask it again."""
        if self.field.secret:
            masked = self.query_one(Input)
            masked.password = not masked.password

    def on_input_changed(self) -> None:
        """Check the text as it is typed, but do not call a form incomplete that is not begun."""
        if self.text or self.has_class("-wrong"):
            self.check()
