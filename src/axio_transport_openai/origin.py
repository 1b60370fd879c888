"""The service that is asked: its URLs and headers, its name and address without secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from .errors import NotSent
from .secret import Secrets, secrets_in, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Origin"]

#: The most of a service's own words that a message repeats, in characters.
_QUOTED: Final = 1500
#: How much of what cannot be read is shown, in characters.
_SHOWN: Final = 300
#: How much of a text is searched for secrets and may be shown, in characters.
_READ: Final = 65_536
#: Control characters, the marks that reorder text, and halves of characters: none may shape a
#: terminal or a log line, or break it.
_CONTROL: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)
_NO_NAME: Final = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")  # of a header: RFC 9110 section 5.6.2
_USER_AGENT: Final = "axio-transport-openai/1.0"


@dataclass(frozen=True, repr=False)
class Origin:
    """The service at the other end of a request, and the secrets in what is sent to it."""

    #: The service's display name.
    name: str = "the service"
    base_url: str = ""
    secret: str = ""
    #: Other values that are sent and may be secret.
    private: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Who it is, without what may be secret."""
        return f"Origin({self.shown!r})"

    @cached_property
    def authority(self) -> str:
        """The host, with its port where one was given: the ``provider`` of stored blocks."""
        authority = re.split("[/?#]", self.base_url.partition("//")[2], maxsplit=1)[0]
        return authority.rpartition("@")[2].lower()

    @cached_property
    def shown(self) -> str:
        """The service as a message names it: its name, and its address without query."""
        address = self.address
        return f"{self._called} ({address})" if address else self._called

    @property
    def _called(self) -> str:
        return self.clean(self.name)

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The address of one of the service's endpoints; a query of the base URL is kept.

        Raises:
            NotSent: The base URL is none that can be asked.
        """
        if wrong := self.url_problem():
            raise NotSent(f"{self._called} cannot be asked: the base URL {self.address!r} {wrong}.")
        parts = urlsplit(self.base_url.strip())
        base = parts.path.rstrip("/").removesuffix("/chat/completions")
        asked = urlencode(query or {}, errors="replace")
        query_string = "&".join(filter(None, (parts.query, asked)))
        return urlunsplit(
            (parts.scheme.lower(), parts.netloc, f"{base}/{path.lstrip('/')}", query_string, "")
        )

    def headers(self, extra: Mapping[str, str], *, streamed: bool = False) -> dict[str, str]:
        """The headers of every request; ``extra`` ones win. An empty key sends no header.

        What is ``streamed`` is to come uncompressed: Express and HAProxy hold back what they
        compress until there is enough of it, or all, and lose that where the answer breaks off.

        Raises:
            NotSent: The key or a header holds what no header can.
        """
        made = {"Content-Type": "application/json", "User-Agent": _USER_AGENT}
        if streamed:
            made["Accept-Encoding"] = "identity"
        if self.secret:
            made["Authorization"] = f"Bearer {self.secret}"
        if not self.secret.isascii() or _CONTROL.search(self.secret):
            why = "contains characters that no key has; copy it again, as it is shown"
            raise NotSent(f"The API key for {self._called} {why}.")
        lower = {name.lower() for name in extra}
        made = {name: value for name, value in made.items() if name.lower() not in lower}
        for name, value in extra.items():
            if not name or _NO_NAME.search(name) or _CONTROL.search(value):
                shown = self.clean(_NO_NAME.split(name)[0], 40)  # the value may stand behind it
                told = "its name or its value has characters that no header may have"
                raise NotSent(f"The extra header {shown!r} cannot be sent: {told}.")
        return made | dict(extra)

    def fault(self, extra: Mapping[str, str]) -> str:
        """What is wrong with the address, the key or these headers; empty if nothing is."""
        try:
            self.url("")
            self.headers(extra)
        except NotSent as error:
            return str(error)
        return ""

    def url_problem(self) -> str:
        """What is wrong with the base URL: a sentence without its subject; empty if nothing is."""
        address = self.base_url.strip()
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return "has a wrong host or port"
        if parts.scheme.lower() not in {"http", "https"}:
            return "must begin with http:// or https://"
        if " " in address or _CONTROL.search(address):
            return "holds a space or a control character"
        if not parts.hostname or port == 0:
            return "names no host that can be asked"
        if parts.username is not None:  # an empty one too, before a password
            return "holds a user name or password; use the API key"
        return ""

    @property
    def path_hint(self) -> str:
        """What to add where nothing is found: the base URL lacks a path; empty where it has one."""
        path = urlsplit(self.base_url.strip()).path  # it has been asked, so it is a URL
        return "" if path.strip("/") else " Most base URLs end in /v1."

    @property
    def keyless(self) -> bool:
        """Whether there is nothing here that may be a key; a session may send one all the same."""
        return not any((self.secret, *self.private, *secrets_in(self.base_url)))

    @property
    def address(self) -> str:
        """The base URL without what may be secret in it."""
        address = without_credentials(self.base_url)
        return self.clean(re.split("[?#]", address, maxsplit=1)[0], 200)

    def clean(self, text: str, limit: int = _QUOTED, *, cut: bool = False) -> str:
        """The text without secrets and without control characters, cut to ``limit`` characters.

        ``cut`` says that it was cut off before, so that it may end within a secret.
        """
        if len(text) > _READ:
            text = text[: self.secrets.settled(text[:_READ])]
        text = _CONTROL.sub(" ", self.secrets.masked(text, cut=cut)).strip()
        return text if len(text) <= limit else f"{text[:limit]}..."

    def quoted(self, payload: bytes) -> str:
        """The beginning of what cannot be read, as a message may show it."""
        return repr(self.clean(payload.decode("utf-8", "replace"), _SHOWN))

    @cached_property
    def secrets(self) -> Secrets:
        """The key, and what else must not be shown."""
        return Secrets(self.secret, *self.private, *secrets_in(self.base_url))
