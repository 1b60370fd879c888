"""What is known of a model, in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.models import Capability

if TYPE_CHECKING:
    from axio.models import ModelSpec

__all__ = ["capabilities", "row", "tokens"]

_ID: Final = 34
_THOUSAND: Final = 1000
#: What of a model is told in a list, in few letters; text is what nearly all do.
_SHORT: Final = {
    Capability.tool_use: "tools",
    Capability.vision: "sees",
    Capability.audio: "hears",
    Capability.reasoning: "thinks",
    Capability.embedding: "embeds",
}


def row(model: ModelSpec) -> str:
    """A model as one line: id, window, abilities, dollars per million tokens in and out."""
    name = model.id if len(model.id) <= _ID else f"{model.id[: _ID - 1]}…"
    prices = (
        f"${model.input_cost:g}/{model.output_cost:g}"
        if model.input_cost or model.output_cost
        else ""
    )
    can = " ".join(word for ability, word in _SHORT.items() if ability in model.capabilities)
    return f"{name:<{_ID}} {tokens(model.context_window):>5}  {prices:<10} {can}".rstrip()


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
