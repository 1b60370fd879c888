"""The settings of a transport, where they come from, and how they are saved."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass, field, fields
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import aiohttp
from axio.models import ModelRegistry, ModelSpec

from . import setting
from .catalogue import OPENAI_DEFAULT, openai_models
from .dialect import Dialect
from .errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from axio.types import Usage

    from .listing import Listing
    from .origin import Origin

__all__ = ["Configuration", "variable"]

logger = logging.getLogger("axio_transport_openai")

_PASSED_OVER: Final = "A saved %s transport: %s; it is passed over"
_BASE_URL: Final = "https://api.openai.com/v1"
#: What makes a request in other transports of this name, where a subclass may replace it.
_BUILDERS: Final = ("build_payload", "build_chat_payload", "build_responses_payload")
#: The settings that a request depends on.
_INPUTS: Final = attrgetter("session", "name", "base_url", "api_key", "model", *setting.READERS)


def variable(name: str = "", fallback: str = "") -> str:
    """An environment variable; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or fallback


@dataclass
class Configuration:
    """The settings of a transport; numbers may come as strings, as saved settings do.

    Raises:
        ValueError: One that is given, or set later, is not what it should be; the message names it.
    """

    display_name: ClassVar[str] = "OpenAI"
    #: The variables that hold a key, for apps that look for one.
    env_vars: ClassVar[tuple[str, ...]] = ("OPENAI_API_KEY",)
    #: The variable that holds a base URL; empty where there is none.
    url_variable: ClassVar[str] = "OPENAI_BASE_URL"
    default_base_url: ClassVar[str] = _BASE_URL
    supports_temperature: ClassVar[bool] = True
    supports_max_tokens: ClassVar[bool] = True
    supports_debug: ClassVar[bool] = True
    supports_thinking: ClassVar[bool] = True
    #: Which model an app takes for which role, where the user chose none.
    default_models: ClassVar[dict[str, str]] = {
        "chat": "gpt-4.1-mini",
        "compact": "gpt-4.1-nano",
        "subagent": "gpt-4.1-mini",
        "guard": "gpt-4.1-nano",
        "vision": "gpt-4.1-mini",
        "reasoning": "o4-mini",
    }
    #: How the service is asked for its models; None where it is not.
    listing: ClassVar[Listing | None] = None

    #: What people call the service.
    name: str = "OpenAI"
    #: Sent as a bearer token; empty sends none.
    api_key: str = field(default_factory=lambda: variable("OPENAI_API_KEY"), repr=False)
    #: Where the service is, mostly up to ``/v1``; a query in it is kept.
    base_url: str = field(default_factory=lambda: variable("OPENAI_BASE_URL", _BASE_URL))
    #: The active model, of ``models`` or not; a saved one may be its id.
    model: ModelSpec = OPENAI_DEFAULT
    #: The models to choose from, with windows and lengths in tokens, prices in dollars per million.
    models: ModelRegistry = field(default_factory=openai_models, repr=False)
    #: What requests are sent with; whoever made it closes it. Its own timeouts are not used.
    session: aiohttp.ClientSession | None = field(default=None, repr=False, compare=False)
    #: How often a request is sent in all; 0 still sends it once.
    max_retries: int = 10
    #: Seconds before the second attempt; each further wait is twice as long, up to a minute.
    retry_base_delay: float = 5.0
    #: Further request parameters, merged last; None removes one, ``tools`` are merged by name.
    extra_params: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True)
    #: Headers, and query, of every request; a header of ours by the same name is left out.
    extra_headers: Mapping[str, str] = field(
        default_factory=dict[str, str], repr=False, kw_only=True
    )
    extra_query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, kw_only=True)
    temperature: float | None = field(default=None, kw_only=True)
    #: The most tokens an answer may have; None leaves it to the service.
    max_output_tokens: int | None = field(default=None, kw_only=True)
    #: How hard the model thinks, in the service's own words (``low``, ``medium``, ``high``).
    reasoning_effort: str | None = field(default=None, kw_only=True)
    #: What the service takes, where that is not what its address suggests.
    dialect: Dialect | None = field(default=None, kw_only=True)
    #: What services were found to take, by model, address and the user's own dialect; clones share
    #: it.
    learnt: dict[str, Dialect] = field(
        default_factory=dict[str, Dialect], repr=False, compare=False, kw_only=True
    )
    #: How long embedding vectors are to be, where the model can shorten them.
    dimensions: int | None = field(default=None, kw_only=True)
    #: Whether requests and responses are logged, without keys.
    debug: bool = field(default=False, kw_only=True)
    #: Seconds to wait for a connection; 0 or None in a timeout is no limit.
    connect_timeout: float | None = field(default=30.0, kw_only=True)
    #: Seconds to wait for the first event of an answer, at each attempt.
    first_event_timeout: float | None = field(default=600.0, kw_only=True)
    #: Seconds of silence after which an answer is given up.
    idle_timeout: float | None = field(default=600.0, kw_only=True)
    #: Seconds a whole answer may take, its retries included.
    total_timeout: float | None = field(default=None, kw_only=True)
    #: Seconds a service may ask to wait before a retry; beyond it the failure is raised.
    max_retry_wait: float = field(default=120.0, kw_only=True)
    #: What the last answer used, as far as it was reported.
    last_usage: Usage | None = field(default=None, init=False, repr=False, compare=False)

    _read = False  # whether the settings were made of what was given
    _in_app = False  # whether an app sets what its user types

    def __post_init__(self) -> None:
        """Take the settings as people give them."""
        for name in setting.NAMES:
            setattr(self, name, setting.read(self, name, getattr(self, name)))
        self.api_key, self.base_url = setting.in_place(self, self.api_key, self.base_url)
        self._read = True

    if not TYPE_CHECKING:  # to a type checker it would allow any attribute

        def __setattr__(self, name: str, value: object) -> None:
            """Take what is set later as people give it; a mapping that is right is kept."""
            read = setting.later(self, name, value, app=self._in_app) if self._read else value
            kept = isinstance(read, dict) and read == value
            super().__setattr__(name, value if kept else read)

    def __init_subclass__(cls) -> None:
        """Keep our ``__repr__``, which a dataclass would replace by one that shows all.

        A subclass's ``__post_init__``, its own or one that it mixes in, need not call this one:
        that is called after it. A ``build_payload`` and the like are warned of: in other transports
        of this name they make what is sent, and here they would be passed over in silence.
        """
        super().__init_subclass__()
        if "__repr__" not in vars(cls):
            type.__setattr__(cls, "__repr__", cls.__repr__)
        for name in [name for name in _BUILDERS if hasattr(cls, name)]:
            message = f"{cls.__name__}.{name} is never called: set extra_params instead"
            warnings.warn(message, stacklevel=2)
        giver = next(kind for kind in cls.__mro__ if "__post_init__" in vars(kind))
        if cls is not _ours(cls) and (giver is cls or not issubclass(giver, Configuration)):
            type.__setattr__(cls, "__post_init__", cls._followed_by_ours(cls.__post_init__))

    @classmethod
    def _followed_by_ours(cls, own: Callable[..., None]) -> Callable[..., None]:
        """A user's ``__post_init__``, and ours after it unless it called that itself.

        A subclass that was written for the specification's class does not: that class has none.
        """
        ours = _ours(cls).__post_init__

        @wraps(own)
        def followed(self: Configuration, *given: object) -> None:
            own(self, *given)
            if not self._read:
                ours(self)

        return followed

    def __repr__(self) -> str:
        """The settings, without what may be secret in them."""
        origin = self._origin()
        shown = {known.name: getattr(self, known.name) for known in fields(self) if known.repr}
        shown["base_url"] = origin.address
        settings = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__qualname__}({origin.secrets.masked(settings)})"

    def _inputs(self) -> list[object]:
        """All that a request depends on; of what can change in place, every item.

        The lengths come before the items, so that lists which agree up to there are equally long.
        """
        headers, query, params = self.extra_headers, self.extra_query, self.extra_params
        return [
            *(*_INPUTS(self), len(headers), len(query), len(params)),
            *(*headers, *query, *params),
            *(*headers.values(), *query.values(), *params.values()),
        ]

    def _origin(self) -> Origin:
        """The service, and the secrets in what is sent to it."""
        from .lenient import named
        from .origin import Origin
        from .secret import secrets_sent

        hidden = secrets_sent(self.extra_headers, self.extra_query, named(self.extra_params))
        return Origin(self.name, self.base_url.strip(), self.api_key.strip(), hidden)

    def to_dict(self) -> dict[str, object]:
        """The settings as JSON-able values, the key among them; the session is none."""
        from .saved import Saved

        saved = Saved(
            name=self.name,
            base_url=self.base_url,
            api_key=self.api_key,
            models=tuple(self.models.values()),
            model=self.model,
            settings=setting.chosen(self),
        )
        return saved.to_dict()

    @classmethod
    def from_dict(
        cls, data: Mapping[str, object], *, session: aiohttp.ClientSession | None = None
    ) -> Self:
        """The transport that ``to_dict`` wrote down.

        Empty values fall back to the environment and the defaults; what cannot be used is passed
        over with a warning.
        """
        from .saved import restored

        saved, problems = restored(setting.filled(data))
        settings, unusable = setting.usable(saved.settings)
        for problem in (*problems, *saved.notes, *unusable):
            logger.warning(_PASSED_OVER, cls.display_name, problem)
        given: dict[str, Any] = {
            "name": saved.name,
            "base_url": saved.base_url.strip(),
            "api_key": saved.api_key.strip(),
            "model": saved.model,
            "models": ModelRegistry(saved.models),
        }
        given = {key: value for key, value in given.items() if value} | settings
        return cls(session=session, **given)

    def __getstate__(self) -> dict[str, object]:
        """All that it has, a subclass's too, without what is this process's: key and session."""
        made = vars(_ours(type(self))())
        state: dict[str, object] = {key: it for key, it in vars(self).items() if key not in made}
        state |= {known.name: getattr(self, known.name) for known in fields(self)}
        given = bool(self.api_key.strip()) and self.api_key.strip() == self._variable()
        return state | {"api_key": "", "session": None, "_given": given}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Take the settings; a key that the environment gave is taken from it again."""
        given = state.pop("_given")
        for name, value in state.items():
            setattr(self, name, value)
        self.api_key = self._variable() if given else ""
        _ours(type(self)).__post_init__(self)  # what a subclass makes of them, it has made

    def _variable(self) -> str:
        return variable(*self.env_vars[:1])

    @classmethod
    def has_credentials(cls, config: Mapping[str, object] | None = None) -> bool:
        """Whether a request can be sent: there is a key, or a server of one's own."""
        said = {key: text.strip() for key, text in (config or {}).items() if isinstance(text, str)}
        names = ("api_key", *cls.env_vars)
        if any(said.get(name) or variable(name) for name in names):
            return True
        address = said.get("base_url") or variable(cls.url_variable)
        return bool(address) and address.rstrip("/") != cls.default_base_url

    @classmethod
    def _require_credentials(cls, settings: Mapping[str, object]) -> None:
        if not cls.has_credentials(settings):
            wanted = " or ".join(cls.env_vars) or "a base URL"
            raise NotSent(f"{cls.display_name} is not set up: set {wanted}, or open its settings.")

    @classmethod
    def known_settings(cls, settings: Mapping[str, object]) -> dict[str, Any]:
        """The settings that an app has saved, as far as there are such; a blank text is none."""
        names = {known.name for known in fields(cls) if known.init}
        for name in sorted(settings.keys() - names):
            logger.warning(_PASSED_OVER, cls.display_name, f"there is no setting {name!r}")
        return {name: value for name, value in setting.filled(settings).items() if name in names}

    @staticmethod
    def format_error(error: BaseException) -> str:
        """What went wrong, for people, in one line."""
        return " ".join(str(error).split()) or type(error).__name__


def _ours(kind: type[Configuration]) -> type[Configuration]:
    """The nearest of its bases that is defined here; those below it are the user's."""
    bases = (base for base in kind.__mro__ if issubclass(base, Configuration))
    return next(base for base in bases if base.__module__.startswith(f"{__package__}."))
