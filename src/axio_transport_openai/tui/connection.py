"""The connection test: one line for each thing a service should do, as it is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Static

from .dialog import Dialog
from .notice import Readable
from .probe import Step, findings

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from .probe import Finding, Probe

__all__ = ["ConnectionScreen"]

#: A mark for each outcome and a colour, so that nothing is shown by colour alone.
_OUTCOMES: Final = {True: ("✓", "-good"), False: ("✗", "-bad"), None: ("-", "")}
_WIDTH: Final = max(len(step) for step in Step) + 2


class _Lines(Readable):
    """The lines, which scroll once a service has so much to say that they leave no room below."""

    def on_resize(self) -> None:
        """Give way where the buttons are out of sight."""
        box, below = self.screen.query_one(".box"), self.screen.query_one(".buttons")
        if not box.region.contains_region(below.region):
            box.add_class("tall")


class ConnectionScreen(Dialog[None]):
    """Asks a service what it can do; leaving cancels."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Stop and close")]

    def __init__(self, probe: Probe) -> None:
        """Be ready to ask this service."""
        super().__init__()
        self._probe = probe

    def compose(self) -> ComposeResult:
        """Show what is to be found out."""
        with Vertical(classes="box"):
            yield Static(Content(f"Testing {self._probe.name}"), classes="title")
            with _Lines(classes="fields"):
                for step in Step:
                    yield Static(Content(f"· {step}"), id=f"step-{step.name}", classes="step")
            with Horizontal(classes="buttons"):
                yield Button("Stop", id="close", variant="primary")
        yield Footer()

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#close").focus()
        self.asking = self._ask()

    @work(exclusive=True)
    async def _ask(self) -> None:
        waiting = list(Step)
        self._tell(waiting[0], "·", "asking")
        async with self._probe as probe:
            async for finding in findings(probe):
                waiting.remove(finding.step)
                self._show(finding)
                for step in waiting[:1]:
                    self._tell(step, "·", "asking")
        for step in waiting:
            self._tell(step, "-", "not tried")
        self.query_one("#close", Button).label = "Close"
        self.add_class("-done")

    def _line(self, step: Step) -> Static:
        return self.query_one(f"#step-{step.name}", Static)

    def _tell(self, step: Step, mark: str, said: str) -> None:
        self._line(step).update(Content(f"{mark} {step:<{_WIDTH}}{said}"))

    def _show(self, finding: Finding) -> None:
        mark, style = _OUTCOMES[finding.good]
        self._tell(finding.step, mark, finding.said)
        if style:
            self._line(finding.step).add_class(style)

    @on(Button.Pressed, "#close")
    def action_leave(self) -> None:
        """Close; what is still being asked is given up."""
        self.dismiss(None)
