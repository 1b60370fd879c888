"""The body of a ``/models`` response as model specs.

No two services describe a model alike, so every field is read wherever it may stand and in any
form it may have. What is missing, malformed or nonsense (a negative price, a window of zero
tokens) costs that field, not the entry; an entry without an id costs the entry, not the list.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec
from axio.models import Capability, ModelRegistry, ModelSpec

from .catalogue import CHAT
from .envelope import unwrapped
from .errors import ProtocolError
from .lenient import LARGEST, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .origin import Origin

__all__ = ["Listed", "Listing"]

#: In dollars: nobody sells a million tokens for less than this, or a single one for as much.
_CHEAPEST_MILLION: Final = Decimal("0.001")

#: What is assumed of a model whose entry does not say.
_UNKNOWN: Final = ModelSpec("")

#: The paths at which an entry may have its window, the figure in force first: OpenRouter, Nebius,
#: Venice; vLLM; Mistral; Groq; Novita; llama.cpp as started, and as trained; OpenRouter's best
#: provider; Hugging Face's first; DeepInfra; Ark; Copilot.
_WINDOW: Final = (
    ("context_length",),
    ("max_model_len",),
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
#: Lists of words, or objects of flags, that say what a model can do.
_ABILITIES: Final = (
    ("supported_parameters",),
    ("supported_features",),
    ("features",),
    ("features", "tools"),
    ("capabilities",),
    ("capabilities", "supports"),
    ("model_spec", "capabilities"),
    ("providers",),
)
#: Where the same words stand among others: in the tags of Vercel and DeepInfra, and as flags of the
#: entry itself. That one is missing here does not deny the ability.
_MENTIONS: Final = (("tags",), ("metadata", "tags"), ())

#: The words for an ability, lower case and without "supports", underscores and hyphens.
_WORDS: Final = {
    "tools": Capability.tool_use,
    "toolchoice": Capability.tool_use,
    "tooluse": Capability.tool_use,
    "toolcalls": Capability.tool_use,
    "toolcalling": Capability.tool_use,
    "functioncalling": Capability.tool_use,
    "reasoning": Capability.reasoning,
    "includereasoning": Capability.reasoning,
    "thinking": Capability.reasoning,
    "structuredoutputs": Capability.structured_outputs,
    "structuredoutput": Capability.structured_outputs,
    "responseschema": Capability.structured_outputs,
    "responseformat": Capability.json_mode,
    "jsonmode": Capability.json_mode,
    "vision": Capability.vision,
    "imagein": Capability.vision,
    "imageinput": Capability.vision,
    "audio": Capability.audio,
    "audioinput": Capability.audio,
    "videoin": Capability.video,
    "videoinput": Capability.video,
    "embedding": Capability.embedding,
    "embeddings": Capability.embedding,
}

#: The paths of its modalities, or else the entry itself; and their keys there.
_MODALITIES: Final = (("architecture",), ("modalities",))
_MODAL: Final = frozenset({"input_modalities", "output_modalities", "modality"})
#: The capabilities of a model that takes a modality, and of one that gives it.
_TAKES: Final = {
    "text": Capability.text,
    "image": Capability.vision,
    "audio": Capability.audio,
    "video": Capability.video,
}
_GIVES: Final = {
    "embedding": Capability.embedding,
    "embeddings": Capability.embedding,
    "image": Capability.image_generation,
    "video": Capability.video_generation,
}


class Listed(msgspec.Struct, frozen=True):
    """The models a service says it has."""

    models: ModelRegistry
    #: How many entries were no model.
    skipped: int
    #: Whether the service says that it has more: how those are asked for, each has its own way.
    partial: bool


class Listing(msgspec.Struct, frozen=True):
    """How one service is asked for its models, and what is assumed where it says little of one."""

    #: Appended to the base URL.
    path: str = "/models"
    query: tuple[tuple[str, str], ...] = ()
    #: What a model for text is assumed to do if its entry speaks of no abilities at all.
    assumed: frozenset[Capability] = CHAT

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
        name = entry.get("id") if is_object(entry) else None
        if not is_object(entry) or not isinstance(name, str) or not name.strip():
            return None
        window = _first(map(_tokens, _values(entry, _WINDOW)), _UNKNOWN.context_window)
        output = _first(
            map(_tokens, _values(entry, _OUTPUT)),
            min(_UNKNOWN.max_output_tokens, window),
        )
        price_in, price_out = _prices(entry)
        capabilities = self._capabilities(entry)
        return ModelSpec(name, capabilities, output, window, price_in, price_out)

    def _capabilities(self, entry: dict[str, object]) -> frozenset[Capability]:
        """What its modalities and its abilities say that a model can do."""
        takes, gives = _modalities(entry)
        found = _known(takes, _TAKES) | _known(gives, _GIVES)
        words = _words(entry, _ABILITIES)
        if words is None and (not gives or "text" in gives):
            found |= self.assumed - _denied(entry)
        found |= _known((words or set()) | (_words(entry, _MENTIONS) or set()), _WORDS)
        return frozenset(found if takes else {Capability.text, *found})


def _values(entry: dict[str, object], paths: Iterable[tuple[str, ...]]) -> Iterator[object]:
    """What stands at each of these paths, or None; of a list on the way the first item counts."""
    for path in paths:
        found: object = entry
        for key in path:
            found = next(iter(found), None) if is_list(found) else found
            found = found.get(key) if is_object(found) else None
        yield found


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
    pricing = next(filter(is_object, _values(entry, _PRICING)))
    given = [_values(pricing, names) for names in (_PRICE_IN, _PRICE_OUT)]
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


def _modalities(entry: dict[str, object]) -> tuple[set[str], set[str]]:
    """What a model takes and what it gives, as words; empty where its entry does not say."""
    places = filter(is_object, _values(entry, _MODALITIES))
    said = next((place for place in places if not _MODAL.isdisjoint(place)), entry)
    takes, gives = _strings(said.get("input_modalities")), _strings(said.get("output_modalities"))
    modality = said.get("modality")
    if isinstance(modality, str) and not takes and not gives:
        before, _, after = modality.partition("->")
        takes, gives = set(before.split("+")), set(after.split("+"))
    return takes, gives or {str(entry.get("type"))} & _GIVES.keys()


def _words(entry: dict[str, object], paths: Iterable[tuple[str, ...]]) -> set[str] | None:
    """The words for abilities at these paths; None where nothing is said of any.

    An empty list says that there is nothing the model can do; an empty object does not say.
    """
    spoken = [
        found for found in _values(entry, paths) if is_list(found) or (is_object(found) and found)
    ]
    if not spoken:
        return None
    return {_word(word) for found in spoken for word in _claimed(found)}


def _denied(entry: dict[str, object]) -> set[Capability]:
    """What flags of the entry itself say that the model cannot do, as Fireworks' do."""
    return _known({_word(key) for key, value in entry.items() if value is False}, _WORDS)


def _known(words: set[str], table: dict[str, Capability]) -> set[Capability]:
    """The capabilities that these words stand for, of those that this table has."""
    return {table[word] for word in words & table.keys()}


def _claimed(found: object) -> set[str]:
    """The words in a list, and the flags of an object that are true; of a list of objects, all."""
    words: set[str] = set()
    for item in found if is_list(found) else [found]:
        if isinstance(item, str):
            words.add(item)
        elif is_object(item):
            words |= {key for key, value in item.items() if value is True}
    return words


def _word(claimed: str) -> str:
    """The word as the table has it."""
    word = claimed.lower().replace("_", "").replace("-", "")
    return word.removeprefix("supports")


def _strings(found: object) -> set[str]:
    return {word for word in found if isinstance(word, str)} if is_list(found) else set()
