"""A model as a line of columns, and the text of a column at its width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.models import Capability
from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from axio.models import ModelSpec

__all__ = ["capabilities", "fitted", "row", "tokens"]

_ID: Final = 34
_THOUSAND: Final = 1000
#: What a list says of a model, in few letters; text is what nearly all do.
_SHORT: Final = {
    Capability.tool_use: "tools",
    Capability.vision: "sees",
    Capability.audio: "hears",
    Capability.reasoning: "thinks",
    Capability.embedding: "embeds",
}


def row(model: ModelSpec) -> str:
    """A model as one line: id, window, abilities, dollars per million tokens in and out."""
    prices = (
        f"${model.input_cost:g}/{model.output_cost:g}"
        if model.input_cost or model.output_cost
        else ""
    )
    can = " ".join(word for ability, word in _SHORT.items() if ability in model.capabilities)
    return f"{fitted(model.id, _ID)} {tokens(model.context_window):>5}  {prices:<10} {can}".rstrip()


def fitted(text: str, width: int) -> str:
    """The text as wide as a column; of a longer one the end, for services begin many ids alike."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return f"…{set_cell_size(text[::-1], width - 1)[::-1]}"


def tokens(count: int) -> str:
    """A number of tokens in few digits."""
    if count < _THOUSAND:
        return str(count)
    if count < _THOUSAND**2:
        return f"{count // _THOUSAND}k"
    return f"{count / _THOUSAND**2:.3g}M"


def capabilities(model: ModelSpec) -> str:
    """The words for what a model can do, in axio's order."""
    return ", ".join(str(word) for word in Capability if word in model.capabilities)
