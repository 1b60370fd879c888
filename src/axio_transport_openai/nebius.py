"""Nebius AI Studio, the service of Nebius Token Factory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from axio.models import ModelRegistry, ModelSpec

from .catalogue import NEBIUS_DEFAULT
from .configuration import variable
from .listing import Listing
from .transport import OpenAITransport

__all__ = ["NebiusTransport"]

_BASE_URL: Final = "https://api.tokenfactory.nebius.com/v1"


@dataclass
class NebiusTransport(OpenAITransport):
    """Nebius AI Studio; its models are known once :meth:`fetch_models` has asked for them."""

    display_name: ClassVar[str] = "Nebius AI Studio"
    env_vars: ClassVar[tuple[str, ...]] = ("NEBIUS_API_KEY",)
    url_variable: ClassVar[str] = "NEBIUS_BASE_URL"
    default_base_url: ClassVar[str] = _BASE_URL
    default_models: ClassVar[dict[str, str]] = {}
    listing: ClassVar[Listing | None] = Listing(query=(("verbose", "true"),))

    name: str = "Nebius AI Studio"
    api_key: str = field(default_factory=lambda: variable("NEBIUS_API_KEY"), repr=False)
    base_url: str = field(default_factory=lambda: variable("NEBIUS_BASE_URL", _BASE_URL))
    model: ModelSpec = NEBIUS_DEFAULT
    models: ModelRegistry = field(
        default_factory=lambda: ModelRegistry([NEBIUS_DEFAULT]), repr=False
    )
