"""The hub: the user's own providers, to add, edit and remove."""

from __future__ import annotations

import asyncio
import logging
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Footer, OptionList, Static

from axio_transport_openai.custom import OpenAICompatibleTransport
from axio_transport_openai.origin import Origin
from axio_transport_openai.saved import checked
from axio_transport_openai.store import Store, StoreError, default_path

from .choice import Choice
from .column import fitted
from .confirm import deletion
from .dialog import Dialog
from .field import model_id, name
from .notice import Notice
from .preset import PresetScreen
from .provider import Change, ProviderEditScreen
from .registry import register

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import aiohttp
    from textual.app import ComposeResult

    from axio_transport_openai.saved import Saved

__all__ = ["CustomHubScreen"]

logger = logging.getLogger("axio_transport_openai")


@cache
def _store(path: Path) -> Store:
    """The one store of this process for this file: it knows what was loaded here."""
    return Store(path)


class CustomHubScreen(Dialog[dict[str, str] | None]):
    """The user's own providers, and the way to them.

    Every change is kept at once, and is in the running app at once.
    """

    #: The file that holds them; None for the one in the user's data folder.
    CONFIG_PATH: ClassVar[Path | None] = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", "Add"),
        Binding("delete", "delete", "Delete"),
        Binding("escape", "leave", "Close"),
    ]

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """Begin; of the settings only ``_error``, why no transport could be opened, is shown."""
        super().__init__()
        self._error = (settings or {}).get("_error", "")
        self._providers: list[Saved] = []
        self._problems: list[str] = []

    @classmethod
    def store(cls) -> Store:
        """Where the providers are kept."""
        return _store(Path(cls.CONFIG_PATH or default_path()))

    @classmethod
    def load_config(
        cls, session: aiohttp.ClientSession | None = None
    ) -> list[OpenAICompatibleTransport]:
        """The providers that can be read and used; the log tells of the others.

        Raises:
            StoreError: There is a file, and it cannot be opened.
        """
        kept = cls.store().load()
        for problem in filter(None, map(_problem, kept)):
            logger.warning("%s", problem)
        return [_transport(saved, session) for saved in kept if not _problem(saved)]

    @classmethod
    def save_config(cls, providers: Iterable[OpenAICompatibleTransport]) -> None:
        """Write these, and remove those loaded or saved before that are not among them.

        What other programs have added in the meantime stays.

        Raises:
            StoreError: The file cannot be written, or a provider cannot be used as it is.
        """
        cls.store().save([checked(provider.to_dict()) for provider in providers])

    def compose(self) -> ComposeResult:
        """Show the providers."""
        with Vertical(classes="box"):
            yield Static("Your own providers", classes="title")
            yield Notice()
            yield Choice(id="providers")
        yield Footer()

    async def on_mount(self) -> None:
        """Show what there is, and make Enter do something at once."""
        await self._read()
        self.query_one(Choice).focus()

    async def _read(self, highlighted: int = 0) -> None:
        """Read the file again; what is wrong with it stands above the list."""
        try:
            shelf = await asyncio.to_thread(self.store().read)
        except StoreError as error:
            problems = [str(error)]
        else:
            self._providers = shelf.providers
            problems = [*shelf.problems, *filter(None, map(_problem, shelf.providers))]
        if self._error and not problems and not self._providers:  # these tell more, as it is now
            problems = [self._error]
        self._problems = problems
        self._tell()
        rows = [_row(saved) for saved in self._providers]
        self.query_one(Choice).fill((*rows, "+ Add a provider"), highlighted)

    def _tell(self, *sentences: str) -> None:
        """Show these above the list, and what is wrong with the file."""
        shown = [*filter(None, sentences), *self._problems]
        notice = self.query_one(Notice)
        notice.tell("\n".join(f"! {sentence}" for sentence in shown))
        notice.display = bool(shown)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a provider, or add one."""
        event.stop()
        at = event.option_index
        if at < len(self._providers):
            screen = ProviderEditScreen(self._providers[at], self.store())
            self.begin(partial(self._edited, screen, at))
        else:
            self.action_add()

    def action_add(self) -> None:
        """Add a provider, beginning from a service that is known or from nothing."""
        self.begin(self._add)

    async def _add(self) -> None:
        begin = await self.asked(PresetScreen())
        if begin is not None:
            screen = ProviderEditScreen(None, self.store(), begin)
            await self._edited(screen, len(self._providers))

    def action_delete(self) -> None:
        """Remove the highlighted provider."""
        at = self.query_one(Choice).highlighted
        if at is not None and at < len(self._providers):
            self.begin(partial(self._delete, self._providers[at].name, at))

    async def _delete(self, name: str, at: int) -> None:
        if not await self.asked(deletion(name)):
            return
        try:
            with self.alone():
                await asyncio.to_thread(self.store().delete, name)
        except StoreError as error:
            self._tell(str(error))
        else:
            await self._changed(Change(before=name), at)

    async def _edited(self, screen: ProviderEditScreen, at: int) -> None:
        change = await self.asked(screen)
        if change is not None:
            await self._changed(change, at)

    async def _changed(self, change: Change, at: int) -> None:
        """Show the change here and make it in the app."""
        with self.alone():
            await self._read(at)
            usable = [saved for saved in self._providers if not _problem(saved)]
            providers = [_transport(saved) for saved in usable]
            news = await register(self.app, providers, change)
        self._tell(news, _lack(usable, change.after))


def _transport(
    saved: Saved, session: aiohttp.ClientSession | None = None
) -> OpenAICompatibleTransport:
    return OpenAICompatibleTransport.from_dict(saved.to_dict(), session=session)


def _problem(saved: Saved) -> str:
    """Why an app cannot have this provider, though it can be read; empty where it can."""
    wrong = [
        name("its name", saved.name),
        *(model_id("a model", model.id) for model in saved.models),
    ]
    why = next(filter(None, wrong), "")
    return f"provider {saved.name!r} is passed over: {why}" if why else ""


def _lack(providers: Iterable[Saved], name: str) -> str:
    """What this provider lacks before anybody can chat with it; empty where it lacks nothing."""
    if any(saved.name == name and not saved.models for saved in providers):
        return f"{name} has no models yet: open it to get them."
    return ""


def _row(saved: Saved) -> str:
    count = len(saved.models)
    models = "1 model" if count == 1 else f"{count} models"
    address = Origin(base_url=saved.base_url).address  # a key may be in its query
    return f"{fitted(saved.name, 20)} {fitted(address, 42)} {models}"
