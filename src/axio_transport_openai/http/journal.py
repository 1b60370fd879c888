"""What a body says, logged as it comes and without what is secret."""

from __future__ import annotations

import codecs
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from axio_transport_openai.origin import Origin

__all__ = ["LOGGED", "Journal", "tell"]

#: The most of a text that is logged at once, in characters.
LOGGED: Final = 20_000


def tell(logger: logging.Logger, message: str, *values: object) -> None:
    """Log what somebody asked to see; where nobody has set logging up, as Python prints it then.

    axio-repl, say, has no logging, and promises to show requests on standard error.
    """
    level = logging.DEBUG if logger.hasHandlers() else logging.WARNING
    logger.log(level, message, *values, stacklevel=2)


class Journal:
    """What has come of a body.

    What may be the beginning of a secret waits for the next piece, or for the end.
    """

    __slots__ = ("_decoder", "_held", "_logger", "_origin")

    def __init__(self, logger: logging.Logger, origin: Origin) -> None:
        """Begin before the first piece."""
        self._logger = logger
        self._origin = origin
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def add(self, data: bytes) -> None:
        """Log a piece, as far as it can be shown."""
        text = self._held + self._decoder.decode(data)
        settled = self._origin.secrets.settled(text)
        self._held = text[settled:]
        self._log(text[:settled])

    def end(self) -> None:
        """Log what waits."""
        held, self._held = self._held, ""
        self._log(self._origin.secrets.masked(held, cut=True))

    def _log(self, text: str) -> None:
        if text:
            shown = self._origin.clean(text, LOGGED)
            tell(self._logger, "%s sent %s", self._origin.shown, shown)
