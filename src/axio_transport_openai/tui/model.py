"""The form for one model of a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.models import Capability, ModelSpec
from textual.widgets import Input

from axio_transport_openai.catalogue import CHAT

from .column import capabilities
from .field import Field, abilities, amount, model_id, price, tokens, words
from .sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["ModelEditScreen"]

_FIELDS: Final = (
    Field("id", "Model id", "as the service calls it", model_id, required=True),
    Field("context_window", "Context window", "tokens", amount, required=True),
    Field("max_output_tokens", "Longest answer", "tokens", amount, required=True),
    Field("capabilities", "Capabilities", "text, tool_use", abilities),
    Field("input_cost", "$ per million tokens in", "0", price),
    Field("output_cost", "$ per million tokens out", "0", price),
)
_NEW: Final = ModelSpec("", CHAT)


class ModelEditScreen(Sheet[ModelSpec]):
    """One model; closes with it, or with None."""

    def __init__(self, model: ModelSpec | None = None, taken: Collection[str] = ()) -> None:
        """Edit this model, or add one; no other may have its id."""
        shown = model or _NEW
        texts = {
            "id": shown.id,
            "context_window": str(shown.context_window),
            "max_output_tokens": str(shown.max_output_tokens),
            "capabilities": capabilities(shown),
            "input_cost": f"{shown.input_cost:.12g}",
            "output_cost": f"{shown.output_cost:.12g}",
        }
        super().__init__("Edit a model" if model else "Add a model", _FIELDS, texts)
        self._taken = frozenset(taken) - {shown.id}

    def valid(self) -> bool:
        """Whether every field will do, and the id is no other's."""
        if not super().valid():
            return False
        if self.texts["id"] in self._taken:
            self.lines[0].complain("There is a model with this id.")
            self.lines[0].query_one(Input).focus()
            return False
        return True

    def keep(self) -> None:
        """Close with the model."""
        texts = self.texts
        able = words(texts["capabilities"]) or [*_NEW.capabilities]  # what the hint says
        self.dismiss(
            ModelSpec(
                texts["id"],
                frozenset(ability for ability in Capability if str(ability) in able),
                tokens(texts["max_output_tokens"]),
                tokens(texts["context_window"]),
                float(texts["input_cost"] or 0),
                float(texts["output_cost"] or 0),
            )
        )
