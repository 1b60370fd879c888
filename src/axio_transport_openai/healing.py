"""One request, composed again in another dialect where the service refuses it.

A refusal that names a parameter or a form is read as an edit of the dialect (:mod:`.heal`), and the
request is composed again in it; so it is where what came cannot be read, if another form may be
asked for. What helped is remembered for the service and its model.
"""

from __future__ import annotations

import logging
from functools import reduce
from typing import TYPE_CHECKING, Final

from .encoding import unpacked
from .errors import ProtocolError, ProviderError, StatusError
from .heal import edit_for
from .refusal import Refusal
from .secret import Unshown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence

    from .dialect import Dialect, Edit
    from .encoding import Piece
    from .errors import APIError
    from .origin import Origin

__all__ = ["Healing"]

logger = logging.getLogger("axio_transport_openai")

#: The most edits that one request is composed anew for.
_MOST: Final = 8
#: The errors that tell what to change: refusals, and answers that cannot be read.
_TELLING: Final = (StatusError, ProviderError, ProtocolError)
#: What a service means by an error in a 200 that names no status: the request is at fault.
_BAD_REQUEST: Final = 400


class Healing(Unshown):
    """A request that is composed in a dialect, and in another where that one is refused."""

    compose: Callable[[Dialect], Sequence[Piece]]
    dialect: Dialect
    #: What services were found to take, and the key of this one and its model.
    learnt: MutableMapping[str, Dialect]
    key: str
    origin: Origin
    #: The edit that asks for another form of the answer, where one came that cannot be read.
    unread: Edit | None = None
    #: The request as it is to be sent, in pieces.
    body: Sequence[Piece] = ()
    #: The dialects in which it was refused.
    tried: tuple[Dialect, ...] = ()
    #: The bodies that were refused, by their hashes.
    refused: frozenset[int] = frozenset()
    #: The last edit for each thing that the service said, and the parameter it named: one before
    #: it, after which the service said the same again, was not about that.
    edits: Mapping[tuple[str, str], Edit] = {}
    #: What each edit came to, for the error if none of them helps.
    why: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Compose it in what was learnt under this key, else in the dialect."""
        self.dialect = self.learnt.get(self.key, self.dialect)
        self.body = self.compose(self.dialect)

    def mend(self, error: APIError) -> Sequence[Piece] | None:
        """The request composed anew, or None where the error does not tell what to change."""
        if not isinstance(error, _TELLING) or len(self.tried) >= _MOST:
            return None
        refused = b"".join(unpacked(self.body))
        self.refused |= {hash(refused)}
        dialect, tried = self.dialect, self.tried
        while edit := self._edit(error, dialect, refused, tried):
            tried += (dialect,)
            dialect = edit.apply(dialect)
            body = self.compose(dialect)
            if hash(b"".join(unpacked(body))) in self.refused:
                continue  # there is nothing in it that this edit is about, or it was tried
            if isinstance(error, ProtocolError):
                logger.warning("%s; %s", error, edit.why)
            else:
                message = "%s refused the request: %s; %s"
                logger.warning(message, self.origin.shown, error.said, edit.why)
            self.why += (edit.why,)
            self.dialect, self.tried, self.body = dialect, tried, body
            said = (error.said, error.param)
            others = {key: made for key, made in self.edits.items() if key != said}
            self.edits = others | {said: edit}  # the last is last
            return body
        return None

    def _edit(
        self, error: APIError, dialect: Dialect, refused: bytes, tried: Collection[Dialect]
    ) -> Edit | None:
        """What to change in the request that this body is, or None if the error does not tell."""
        if not isinstance(error, ProtocolError):
            said = Refusal(error.said, error.code, error.names, error.status, error.param)
            return edit_for(error.status or _BAD_REQUEST, said, dialect, refused, tried)
        # Where a service said something, as by a web page, it is no answer in any form.
        edit = None if error.said else self.unread
        return edit if edit and edit.apply(dialect) not in (dialect, *tried) else None

    def helped(self) -> None:
        """Remember the dialect as far as it lasts, for the request was taken in it."""
        if not self.tried:
            return
        lasting = reduce(
            lambda dialect, edit: edit.learn(dialect), self.edits.values(), self.tried[0]
        )
        if lasting != self.tried[0]:
            self.learnt[self.key] = lasting

    def failed(self, error: APIError) -> None:
        """Add to a refusal what was tried in vain."""
        if self.why and isinstance(error, StatusError | ProviderError):
            error.args = (f"{error} (Tried in vain: {'; '.join(self.why)}.)",)
