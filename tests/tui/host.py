"""An app to show screens in that, like axio-tui, sends any submitted input to the model."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from html import unescape
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from textual.pilot import Pilot
    from textual.screen import Screen

SMALL = (80, 24)
LARGE = (120, 40)
DARK = "textual-dark"
LIGHT = "textual-light"
#: The words in a picture of the screen, apart from its title.
_WORDS = re.compile(r"<text [^>]*clip-path[^>]*>([^<]*)</text>")
#: Seconds after which a test gives up waiting; nothing here takes one.
PATIENCE = 20.0


class Host(App[None]):
    """Remembers what was sent to the model, and what a screen closed with."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.results: list[object] = []

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.sent.append(event.value)


@asynccontextmanager
async def shown(
    screen: Screen[Any], size: tuple[int, int] = SMALL, theme: str = DARK
) -> AsyncGenerator[tuple[Host, Pilot[None]]]:
    """The screen in an app, and the keyboard."""
    host = Host()
    host.theme = theme
    async with host.run_test(size=size) as pilot:
        host.push_screen(screen, host.results.append)
        await until(pilot, lambda: screen.is_current and bool(screen.focused))
        yield host, pilot


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Let the app go on until this holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await pilot.pause()
    except TimeoutError:
        raise AssertionError(text(pilot.app.screen)) from None


def text(screen: Screen[Any]) -> str:
    """What can be read on the screen, without borders, as one line."""
    shown = " ".join(_WORDS.findall(screen.app.export_screenshot()))
    return " ".join(unescape(shown).replace("│", " ").split())
