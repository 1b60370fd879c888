"""OpenRouter: one API over hundreds of models from many providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from axio.models import ModelRegistry, ModelSpec

from .catalogue import OPENROUTER_DEFAULT
from .configuration import variable
from .listing import Listing
from .transport import OpenAITransport

__all__ = ["OpenRouterTransport"]

_BASE_URL: Final = "https://openrouter.ai/api/v1"


@dataclass
class OpenRouterTransport(OpenAITransport):
    """OpenRouter; its models are known once :meth:`fetch_models` has asked for them."""

    display_name: ClassVar[str] = "OpenRouter"
    env_vars: ClassVar[tuple[str, ...]] = ("OPENROUTER_API_KEY",)
    url_variable: ClassVar[str] = "OPENROUTER_BASE_URL"
    default_base_url: ClassVar[str] = _BASE_URL
    default_models: ClassVar[dict[str, str]] = {}
    listing: ClassVar[Listing | None] = Listing()

    name: str = "OpenRouter"
    api_key: str = field(default_factory=lambda: variable("OPENROUTER_API_KEY"), repr=False)
    base_url: str = field(default_factory=lambda: variable("OPENROUTER_BASE_URL", _BASE_URL))
    model: ModelSpec = OPENROUTER_DEFAULT
    models: ModelRegistry = field(
        default_factory=lambda: ModelRegistry([OPENROUTER_DEFAULT]), repr=False
    )
