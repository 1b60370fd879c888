"""The body of a ``/models`` response as model specs.

No two services describe a model alike, so every field is read wherever it may stand and in any
form it may have. What is missing, malformed or nonsense (a negative price, a window of zero
tokens) costs that field, not the entry; an entry without an id costs the entry, not the list.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec
from axio.models import ModelRegistry, ModelSpec

from .ability import able
from .envelope import unwrapped
from .errors import ProtocolError
from .lenient import LARGEST, is_object, values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .origin import Origin

__all__ = ["Listed", "Listing"]

#: In dollars: nobody sells a million tokens for less than this, or a single one for as much.
_CHEAPEST_MILLION: Final = Decimal("0.001")

#: What is assumed of a model whose entry does not say.
_UNKNOWN: Final = ModelSpec("")

#: The paths at which an entry may have its window, the figure in force first: LM Studio as loaded;
#: OpenRouter, Nebius, Venice; vLLM; tabbyAPI; Mistral; Groq; Novita; llama.cpp as started, and as
#: trained; OpenRouter's best provider; Hugging Face's first; DeepInfra; Ark; Copilot.
_WINDOW: Final = (
    ("loaded_context_length",),
    ("context_length",),
    ("max_model_len",),
    ("parameters", "max_seq_len"),
    ("max_context_length",),
    ("context_window",),
    ("context_size",),
    ("meta", "n_ctx"),
    ("meta", "n_ctx_train"),
    ("top_provider", "context_length"),
    ("providers", "context_length"),
    ("metadata", "context_length"),
    ("token_limits", "context_window"),
    ("capabilities", "limits", "max_context_window_tokens"),
)
#: The longest output likewise, Chutes' and Vercel's too.
_OUTPUT: Final = (
    ("top_provider", "max_completion_tokens"),
    ("max_output_tokens",),
    ("max_completion_tokens",),
    ("max_output_length",),
    ("model_spec", "maxCompletionTokens"),
    ("metadata", "max_tokens"),
    ("token_limits", "max_output_token_length"),
    ("capabilities", "limits", "max_output_tokens"),
    ("max_tokens",),
)
#: Where its prices are, the entry itself last: Requesty's.
_PRICING: Final = (
    ("pricing",),
    ("model_spec", "pricing"),
    ("providers", "pricing"),
    ("metadata", "pricing"),
    (),
)
#: What the price of a token that goes in is called there, and of one that comes out.
_PRICE_IN: Final = (("prompt",), ("input",), ("input", "usd"), ("input_tokens",), ("input_price",))
_PRICE_OUT: Final = (
    ("completion",),
    ("output",),
    ("output", "usd"),
    ("output_tokens",),
    ("output_price",),
)


class Listed(msgspec.Struct, frozen=True):
    """The models a service says it has."""

    models: ModelRegistry
    #: How many entries were no model.
    skipped: int
    #: Whether the service says that it has more: how those are asked for, each has its own way.
    partial: bool


class Listing(msgspec.Struct, frozen=True):
    """How one service is asked for its models."""

    #: Appended to the base URL.
    path: str = "/models"
    query: tuple[tuple[str, str], ...] = ()

    def read(self, body: bytes, origin: Origin) -> Listed:
        """The models in the body of a response, in its order; ``origin`` is who sent it.

        Raises:
            ProviderError: It is an error, though the status was 200.
            Interrupted: It breaks off.
            ProtocolError: It is not a list of models.
        """
        entries, around = unwrapped(body, "its models", origin)
        specs = [spec for spec in map(self._spec, entries) if spec is not None]
        if entries and not specs:
            message = f"{origin.shown} sent a list of {len(entries)}, but none of them is a model."
            raise ProtocolError(message, status=200)
        partial = around.get("has_more") is True
        return Listed(ModelRegistry(specs), len(entries) - len(specs), partial)

    def _spec(self, entry: object) -> ModelSpec | None:
        if not is_object(entry) or not isinstance(name := entry.get("id"), str) or not name.strip():
            return None
        window = _first(map(_tokens, values(entry, _WINDOW)), _UNKNOWN.context_window)
        output = _first(
            map(_tokens, values(entry, _OUTPUT)),
            min(_UNKNOWN.max_output_tokens, window),
        )
        price_in, price_out = _prices(entry)
        return ModelSpec(name, able(entry), output, window, price_in, price_out)


def _first[Found](candidates: Iterable[Found | None], fallback: Found) -> Found:
    return next((found for found in candidates if found is not None), fallback)


def _tokens(found: object) -> int | None:
    number = _decimal(found)
    return int(number) if number is not None and number >= 1 else None


def _prices(entry: dict[str, object]) -> tuple[float, float]:
    """Dollars per million tokens, in and out; 0 where they are not given or make no sense.

    Under the same names, services give the price of a token (OpenRouter, Vercel) or of a million
    (Chutes, Together). Few say which; their sizes do.
    """
    pricing = next(filter(is_object, values(entry, _PRICING)))
    given = [values(pricing, names) for names in (_PRICE_IN, _PRICE_OUT)]
    prices = [_first(map(_price, found), Decimal(0)) for found in given]
    of_million = "million" in str(pricing.get("unit")) or max(prices) >= _CHEAPEST_MILLION
    price_in, price_out = (price if of_million else price * 1_000_000 for price in prices)
    return float(price_in), float(price_out)


def _price(found: object) -> Decimal | None:
    price = _decimal(found)
    return price if price is not None and price >= 0 else None


def _decimal(found: object) -> Decimal | None:
    """A number of a sane size, also one in a string; as a decimal, in which prices are exact."""
    try:
        number = Decimal(str(found))  # what is no number is none in words either
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None
