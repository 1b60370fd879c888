"""A service of the user's own: a local server, a gateway, a provider nobody here has heard of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from axio.models import ModelRegistry, ModelSpec

from .transport import OpenAITransport

__all__ = ["OpenAICompatibleTransport"]

_NONE = ModelSpec("")


@dataclass
class OpenAICompatibleTransport(OpenAITransport):
    """Any compatible service; its models are those it was made with.

    Nothing of it comes from the environment. Without a ``model`` the first of ``models`` is active.
    """

    display_name: ClassVar[str] = "OpenAI-compatible"
    env_vars: ClassVar[tuple[str, ...]] = ()
    url_variable: ClassVar[str] = ""
    default_base_url: ClassVar[str] = ""
    default_models: ClassVar[dict[str, str]] = {}

    name: str = "OpenAI-compatible"
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    model: ModelSpec = _NONE
    models: ModelRegistry = field(default_factory=ModelRegistry, repr=False)

    def __post_init__(self) -> None:
        """Remember the models it was made with, and make the first active where none is."""
        super().__post_init__()
        self._made_with = tuple(self.models.values())
        if not self.model.id and self._made_with:
            self.model = self._made_with[0]

    async def _listed(self) -> ModelRegistry:
        """The models it was made with."""
        return ModelRegistry(self._made_with)
