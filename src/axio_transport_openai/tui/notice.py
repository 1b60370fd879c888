"""A notice at the head of a dialog."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

__all__ = ["Notice", "Readable"]


class Readable(VerticalScroll):
    """Text to read; where not all of it is in sight, Tab reaches it and it can be scrolled."""

    def allow_focus(self) -> bool:
        """Whether it is a stop for Tab: only where not all of it is in sight."""
        return self.max_scroll_y > 0


class Notice(Readable):
    """A few rows of text."""

    def __init__(self, text: str = "", *, id: str = "notice", classes: str = "notice") -> None:
        """Begin with this text."""
        self._text = Static(Content(text))
        super().__init__(self._text, id=id, classes=classes)

    def tell(self, text: str) -> None:
        """Show this, from its beginning."""
        self._text.update(Content(text))
        self.scroll_home(animate=False)
