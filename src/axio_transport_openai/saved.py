"""The JSON a transport is saved as.

It is the specification's object with further keys that its readers pass over: ``model``, the
active model (the id of one of ``models``, or a whole entry where it is none of them), and the
transport's other settings, each under its own name. Keys that nobody here knows are kept.

A saved object is input like any other: people edit it, and other versions write it. Null counts as
absent. :func:`restored` takes what can be used and says what it passed over; :func:`checked`
raises instead. A capability that nobody here knows is kept like a key, and noted; a length that
no model has is noted, and counts as unsaid.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from axio.models import Capability, ModelSpec

from .catalogue import CHAT
from .lenient import LARGEST, is_list, is_number, is_object, strings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "KEYS",
    "MODEL_KEYS",
    "Saved",
    "SavedError",
    "checked",
    "restored",
    "unknown_capabilities",
]

_CAPABILITIES: Final = {str(word): word for word in Capability}

type _Tokens = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
type _Dollars = Annotated[float, msgspec.Meta(ge=0, lt=LARGEST)]


class _Entry(msgspec.Struct):
    """One of the keys and types of ``models``."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    context_window: _Tokens = ModelSpec("").context_window
    max_output_tokens: _Tokens = ModelSpec("").max_output_tokens
    capabilities: list[str] | None = None
    input_cost: _Dollars = 0.0
    output_cost: _Dollars = 0.0


class _Service(msgspec.Struct):
    """The keys and types of the object itself, but for its models."""

    name: str = ""
    base_url: str = ""
    api_key: str = ""


#: The keys of the object that are read here.
KEYS: Final = frozenset({*_Service.__struct_fields__, "models", "model"})
#: Where other versions write 0 or -1 for what nobody knows, or has no limit.
_LENGTHS: Final = frozenset({"context_window", "max_output_tokens"})
#: The keys of one of its models that are read here.
MODEL_KEYS: Final = frozenset(_Entry.__struct_fields__)


class SavedError(ValueError):
    """A saved object that cannot be used as it is."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Tell all of the problems at once."""
        #: Each names the entry and the field.
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Saved:
    """What a transport is saved as, or what was saved."""

    name: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    models: tuple[ModelSpec, ...] = ()
    #: The active model; None where none was saved.
    model: ModelSpec | None = None
    #: All other keys: settings of the transport, and what only another version knows.
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    #: The keys of a model, by its id, that are no part of a ModelSpec; of its capabilities, those.
    beside: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )
    #: What was passed over though nothing is wrong with it: what only another version knows.
    notes: tuple[str, ...] = field(default=(), compare=False)

    def to_dict(self) -> dict[str, object]:
        """The object, ready to be written as JSON."""
        known: dict[str, object] = {
            "name": self.name,
            "base_url": self.base_url,
            "api_key": self.api_key,
            "models": [self._entry(model) for model in self.models],
        }
        if self.model is not None and self.model.id:
            known["model"] = self.model.id if self.model in self.models else self._entry(self.model)
        return known | {key: value for key, value in self.settings.items() if key not in known}

    def _entry(self, model: ModelSpec) -> dict[str, object]:
        beside = dict(self.beside.get(model.id, {}))
        unknown = unknown_capabilities(beside)
        beside.pop("capabilities", None)
        return {
            "id": model.id,
            "context_window": model.context_window,
            "max_output_tokens": model.max_output_tokens,
            "capabilities": [
                *(str(word) for word in Capability if word in model.capabilities),
                *unknown,
            ],
            "input_cost": model.input_cost,
            "output_cost": model.output_cost,
            **beside,
        }


def restored(found: object) -> tuple[Saved, tuple[str, ...]]:
    """What was saved, as far as it can be used, and what had to be passed over."""
    if not is_object(found):
        return Saved(), (f"is {reprlib.repr(found)}, not an object",)
    reader = _Reader()
    service = msgspec.convert(reader.fields(found, _Service, ""), _Service)
    models = tuple(reader.models(found.get("models")))
    saved = Saved(
        name=service.name,
        base_url=service.base_url,
        api_key=service.api_key,
        models=models,
        model=reader.active(found.get("model"), models),
        settings={key: value for key, value in found.items() if key not in KEYS},
        beside=reader.beside,
        notes=tuple(reader.notes),
    )
    return saved, tuple(reader.problems)


def checked(found: object) -> Saved:
    """What was saved, all of it.

    Raises:
        SavedError: Some of it cannot be used.
    """
    saved, problems = restored(found)
    if problems:
        raise SavedError(problems)
    return saved


class _Reader:
    """The problems met on the way through one object."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.beside: dict[str, dict[str, object]] = {}

    def fields(
        self,
        found: dict[str, object],
        kind: type[msgspec.Struct],
        where: str,
    ) -> dict[str, object]:
        """The fields of this struct that are there and of their type, numbers in strings too."""
        good: dict[str, object] = {}
        for known in msgspec.structs.fields(kind):
            value = found.get(known.name)
            if value is None:
                continue
            try:
                good[known.name] = msgspec.convert(value, known.type, strict=False)
            except ValueError as error:  # half a character is not even looked into
                shown = "..." if known.name == "api_key" else reprlib.repr(value)
                told = self.notes if known.name in _LENGTHS and is_number(value) else self.problems
                told.append(f"{where}{known.name} is {shown}: {_lowered(error)}")
        return good

    def models(self, found: object) -> list[ModelSpec]:
        if found is None:
            return []
        if not is_list(found):
            self.problems.append(f"models is {reprlib.repr(found)}, not a list")
            return []
        read = (self.model(entry, f"models[{place}]") for place, entry in enumerate(found))
        return [model for model in read if model is not None]

    def model(self, found: object, where: str) -> ModelSpec | None:
        if not is_object(found):
            self.problems.append(f"{where} is {reprlib.repr(found)}, not an object")
            return None
        good = self.fields(found, _Entry, f"{where}.")
        if "id" not in good:
            if found.get("id") is None:
                self.problems.append(f"{where}.id is missing")
            return None
        entry = msgspec.convert(good, _Entry)
        unknown = {key: value for key, value in found.items() if key not in MODEL_KEYS}
        if words := unknown_capabilities(found):
            unknown["capabilities"] = words
            known = ", ".join(_CAPABILITIES)
            self.notes += (
                f"{where}.capabilities has {reprlib.repr(word)}, which is none of: {known}"
                for word in words
            )
        if unknown:
            self.beside[entry.id] = unknown
        return ModelSpec(
            entry.id,
            _capabilities(entry.capabilities),
            entry.max_output_tokens,
            entry.context_window,
            entry.input_cost,
            entry.output_cost,
        )

    def active(self, found: object, models: tuple[ModelSpec, ...]) -> ModelSpec | None:
        if found is None or found == "":
            return None
        if isinstance(found, str):
            listed = (model for model in models if model.id == found)
            # Other versions write "<not initialized: ...>" where no model was chosen yet.
            return next(listed, None if found.startswith("<") else ModelSpec(found, CHAT))
        return self.model(found, "model")


def unknown_capabilities(model: Mapping[str, object]) -> list[str]:
    """The capabilities of a saved model that only another version knows."""
    return [word for word in strings(model.get("capabilities")) if word not in _CAPABILITIES]


def _capabilities(words: list[str] | None) -> frozenset[Capability]:
    if words is None:
        return CHAT
    return frozenset(_CAPABILITIES[word] for word in words if word in _CAPABILITIES)


def _lowered(error: ValueError) -> str:
    words = str(error).replace("`", "")
    return words[:1].lower() + words[1:]
