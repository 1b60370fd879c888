"""The hub: the user's own providers, to add, edit and remove."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import OptionList

from axio_transport_openai.custom import OpenAICompatibleTransport
from axio_transport_openai.saved import checked
from axio_transport_openai.store import Store, default_path

from .dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import aiohttp
    from textual.app import ComposeResult

__all__ = ["CustomHubScreen"]


@cache
def _store(path: Path) -> Store:
    """The one store of this process for this file: it knows what was loaded here."""
    return Store(path)


class CustomHubScreen(Dialog[dict[str, str] | None]):
    """The user's own providers, and the way to them."""

    #: The file that holds them; None for the one in the user's data folder.
    CONFIG_PATH: ClassVar[Path | None] = None

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """Begin; the hub has no settings of its own."""
        super().__init__()
        self._settings = dict(settings or {})

    @classmethod
    def store(cls) -> Store:
        """Where the providers are kept."""
        return _store(Path(cls.CONFIG_PATH or default_path()))

    @classmethod
    def load_config(
        cls, session: aiohttp.ClientSession | None = None
    ) -> list[OpenAICompatibleTransport]:
        """The providers that can be read; the log tells of the others.

        Raises:
            StoreError: There is a file, and it cannot be opened.
        """
        return [
            OpenAICompatibleTransport.from_dict(saved.to_dict(), session=session)
            for saved in cls.store().load()
        ]

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
        yield OptionList()
