"""OpenAI-compatible streaming chat completions, embeddings and models for axio.

The whole API for most uses is :class:`OpenAITransport`; what it raises is in :mod:`.errors`.
"""

from .catalogue import OPENAI_MODELS
from .custom import OpenAICompatibleTransport
from .dialect import Dialect
from .errors import APIError
from .nebius import NebiusTransport
from .openrouter import OpenRouterTransport
from .think import ThinkTagParser
from .transport import OpenAITransport
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
