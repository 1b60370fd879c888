"""What a model can do, by what its entry in a service's list says of it, in any of the ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.models import Capability

from .catalogue import CHAT
from .lenient import is_list, is_object, strings, values

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["able"]

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
#: The word for nothing but that it chats: of what it can do beside that, Azure says nothing.
_CHATS: Final = "chatcompletion"

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
#: What else than to chat a model's type may say that it is for: Together's, Vercel's, Venice's.
_OTHERWISE: Final = frozenset(
    {
        *("audio", "speech", "tts", "transcribe", "transcription", "asr"),
        *("moderation", "rerank", "reranking"),
    }
)


def able(entry: dict[str, object]) -> frozenset[Capability]:
    """What its modalities and its abilities say that a model can do.

    A model for text is assumed to chat if its entry speaks of no abilities at all.
    """
    takes, gives = _modalities(entry)
    if not takes and str(entry.get("type")) in _OTHERWISE:
        return frozenset()
    found = _known(takes, _TAKES) | _known(gives, _GIVES)
    words = _words(entry, _ABILITIES)
    silent = words is None or _CHATS in words
    if silent and (not gives or "text" in gives):
        found |= CHAT - _denied(entry)
    if entry.get("type") == "vlm":  # LM Studio's
        found.add(Capability.vision)
    found |= _known((words or set()) | (_words(entry, _MENTIONS) or set()), _WORDS)
    return frozenset(found if takes else {Capability.text, *found})


def _modalities(entry: dict[str, object]) -> tuple[set[str], set[str]]:
    """What a model takes and what it gives, as words; empty where its entry does not say."""
    places = filter(is_object, values(entry, _MODALITIES))
    said = next((place for place in places if not _MODAL.isdisjoint(place)), entry)
    takes, gives = (set(strings(said.get(f"{way}_modalities"))) for way in ("input", "output"))
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
        found for found in values(entry, paths) if is_list(found) or (is_object(found) and found)
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
