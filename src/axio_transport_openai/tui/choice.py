"""A list in which Enter chooses, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Choice"]


class Choice(OptionList):
    """Rows to choose from; one is always highlighted, so that Enter does something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose"),
        Binding("space", "select", show=False),
    ]

    def on_resize(self) -> None:
        """Scroll rather than reach below the box that it stands in."""
        box = self.parent
        if isinstance(box, Vertical) and not box.content_region.contains_region(self.region):
            box.add_class("tall")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense: Textual turns no page of which it has drawn no line."""
        if action in {"page_up", "page_down"} and not self.scrollable_content_region:
            return False
        return super().check_action(action, parameters)

    def fill(self, rows: Iterable[str], highlighted: int | None = None) -> None:
        """Show these rows, as they are written; the same place stays highlighted."""
        at = (self.highlighted or 0) if highlighted is None else highlighted
        self.clear_options()
        self.add_options(Content(row) for row in rows)
        if self.option_count:
            self.highlighted = min(at, self.option_count - 1)
