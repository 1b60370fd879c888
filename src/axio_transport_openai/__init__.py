"""OpenAI-compatible streaming chat completions, embeddings and models for axio.

The whole API for most uses is :class:`OpenAITransport`; what it raises is in :mod:`.errors`.
To import it loads the settings; what sends and reads is loaded by the first request.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from .catalogue import OPENAI_MODELS
from .dialect import Dialect
from .errors import APIError
from .transport import OpenAITransport

if TYPE_CHECKING:
    from .custom import OpenAICompatibleTransport
    from .nebius import NebiusTransport
    from .openrouter import OpenRouterTransport
    from .think import ThinkTagParser
    from .usage import PricedUsage

__all__ = [
    "OPENAI_MODELS",
    "APIError",
    "Dialect",
    "NebiusTransport",
    "OpenAICompatibleTransport",
    "OpenAITransport",
    "OpenRouterTransport",
    "PricedUsage",
    "ThinkTagParser",
]

#: The modules of the names that are loaded when they are asked for.
_LATER: Final = {
    "NebiusTransport": "nebius",
    "OpenAICompatibleTransport": "custom",
    "OpenRouterTransport": "openrouter",
    "PricedUsage": "usage",
    "ThinkTagParser": "think",
}


def __dir__() -> list[str]:
    """The names that are loaded when they are asked for, too."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
