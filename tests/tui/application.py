"""The real axio-tui, driven by its keys and menus as a person drives it."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.tui.host import LARGE, text, until
from textual.command import Command, CommandList, CommandPalette
from textual.events import Paste
from textual.widgets import Input, OptionList

from axio_transport_openai.testing import lists, says

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from types import ModuleType

    from textual.pilot import Pilot
    from textual.screen import Screen

    from axio_transport_openai.testing import Exchange


@asynccontextmanager
async def running(application: ModuleType) -> AsyncGenerator[Person]:
    """The application, as a person starts it, and the person."""
    app = application.AgentApp()
    app.animation_level = "none"  # a key waits for animations to end
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await until(pilot, app.ready.is_set)
        yield Person(app, pilot)


async def answers(exchange: Exchange) -> None:
    """A service with two models, which says which one was asked what, and with which key."""
    request = exchange.request
    if request.path.endswith("/models"):
        tools = ["tools"]
        await lists(
            {"id": "gpt-4.1-mini", "supported_parameters": tools},
            {"id": "org/second:free", "supported_parameters": tools},
        )(exchange)
        return
    key = request.headers.get("authorization", "no key").removeprefix("Bearer ")
    calls = [("ready", "{}")] if b"Call the tool ready." in request.body else []
    asked = request.json["messages"][-1]["content"].rpartition("] ")[2]  # the time is before it
    await says(f"{request.json['model']} heard {asked} with {key}", calls=calls)(exchange)


@dataclass
class Person:
    """Someone at the keyboard of the application."""

    #: axio-tui's own, which may not be installed.
    app: Any
    pilot: Pilot[None]
    _questions: Iterator[int] = field(init=False, default_factory=partial(itertools.count, 1))

    @property
    def sees(self) -> str:
        """What can be read on the screen, as one line."""
        return text(self.app.screen)

    async def until_on[Kind: Screen[Any]](self, kind: type[Kind]) -> Kind:
        """The screen in front, once it is of this kind and takes keys."""
        app = self.app
        await until(self.pilot, lambda: isinstance(app.screen, kind) and bool(app.screen.focused))
        found = app.screen
        assert isinstance(found, kind)
        return found

    async def until_sees(self, words: str) -> None:
        """Wait until this can be read."""
        await until(self.pilot, lambda: words in self.sees)

    async def until_in_the_chat(self) -> None:
        """Wait until no dialog is open, and the application is not at work."""
        app = self.app
        await until(self.pilot, lambda: len(app.screen_stack) == 1 and app.ready.is_set())
        await until(self.pilot, lambda: not app._is_running)

    async def press(self, *keys: str) -> None:
        """Press these keys."""
        await self.pilot.press(*keys)

    async def paste(self, words: str) -> None:
        """Paste these words where the cursor is, as a terminal does: no key takes a while."""
        self.app.post_message(Paste(words))
        await self.pilot.pause()

    async def write(self, field: str, words: str) -> None:
        """Go to a field with Tab, and write this in place of what it holds."""
        for _ in range(len(self.app.screen.focus_chain)):
            if self.app.focused.id == field:
                break
            await self.press("tab")
        assert self.app.focused.id == field
        await self.press("end", "ctrl+u")
        await self.paste(words)
        await until(self.pilot, lambda: self.app.focused.value == words)

    async def go_to(self, row: str) -> None:
        """Highlight the row of the list in front that begins with these words."""
        found = self.app.screen.query_one(OptionList)
        for _ in range(found.option_count + 1):
            at = found.highlighted
            if at is not None and str(found.get_option_at_index(at).prompt).startswith(row):
                return
            await self.press("down")
        raise AssertionError(row)

    async def command(self, title: str) -> None:
        """Choose a command in the palette."""
        await self.until_in_the_chat()
        await self.press("ctrl+p")
        palette = await self.until_on(CommandPalette)
        await self.paste(title)
        rows = palette.query_one(CommandList)

        def titles() -> list[str]:
            options = [rows.get_option_at_index(at) for at in range(rows.option_count)]
            return [option.hit.text or "" for option in options if isinstance(option, Command)]

        await until(self.pilot, lambda: title in titles())
        assert titles().count(title) == 1
        while titles()[rows.highlighted or 0] != title:
            await self.press("down")
        await self.press("enter")
        await until(self.pilot, lambda: self.app.screen is not palette)

    async def chooses(self, transport: str, model: str) -> None:
        """Make this the model of the chat, in the application's own dialogs."""
        await self.command("Change Model")
        await self.until_sees("Select Model Role")
        await self.go_to("Chat")
        await self.press("enter")
        await self.until_sees("Filter models")
        await self.paste(model)
        await self.press("down")
        await self.go_to(f"\\[{transport}] {model} ")
        await self.press("enter")
        await self.until_sees("Select Model Role")
        await self.press("escape")
        await self.until_in_the_chat()

    async def reloads(self, times: int) -> str:
        """What the application says of its transports after its models are reloaded so often."""
        await self.command("Manage Plugins")
        await self.until_sees("axio.guards")
        await self.go_to("axio.transport")
        await self.press("enter")
        await self.until_sees("reload model catalogues")
        for _ in range(times):
            await self.press("r")
            await self.until_sees("Reloaded.")
            await until(self.pilot, self.app.ready.is_set)
        told = self.sees
        await self.press("escape")
        await self.until_sees("Manage Plugins")
        await self.press("escape")
        await self.until_in_the_chat()
        return told

    async def hears(self, model: str, key: str) -> None:
        """Ask something, and wait until this model has answered that, asked with this key."""
        await self.until_in_the_chat()
        field = self.app.query_one("#input", Input)
        await until(self.pilot, lambda: self.app.focused is field)
        question = f"question {next(self._questions)}"
        await self.paste(question)
        await self.press("enter")
        await self.until_sees(f"{model} heard {question} with {key}")
