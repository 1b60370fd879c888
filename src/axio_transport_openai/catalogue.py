"""The models that are known before any service has been asked, and finding one by its id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from axio.models import Capability, ModelRegistry, ModelSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CHAT",
    "NEBIUS_DEFAULT",
    "OPENAI_DEFAULT",
    "OPENAI_MODELS",
    "OPENROUTER_DEFAULT",
    "for_chat",
    "openai_models",
    "resolved",
]

#: What a model is assumed to do where nothing says what it does. An agent sends no tools to a model
#: that cannot call them, so a model that nothing is known of is assumed to call them.
CHAT: Final = frozenset({Capability.text, Capability.tool_use})
_SEES: Final = CHAT | {Capability.vision}
_THINKS: Final = CHAT | {Capability.reasoning}

#: id, window, longest output, capabilities, dollars per million tokens in and out.
_TABLE: Final = tuple(
    ModelSpec(name, capabilities, output, window, price_in, price_out)
    for name, window, output, capabilities, price_in, price_out in (
        ("gpt-5.4", 1_050_000, 128_000, _SEES, 10.0, 40.0),
        ("gpt-5.4-mini", 400_000, 128_000, _SEES, 1.5, 6.0),
        ("gpt-5.4-nano", 400_000, 128_000, CHAT, 0.3, 1.2),
        ("gpt-5.1", 400_000, 128_000, _SEES, 5.0, 20.0),
        ("gpt-5", 400_000, 128_000, _SEES, 5.0, 20.0),
        ("gpt-5-mini", 400_000, 128_000, _SEES, 1.25, 5.0),
        ("gpt-5-nano", 400_000, 128_000, CHAT, 0.25, 1.0),
        ("o4-mini", 200_000, 100_000, _THINKS, 1.1, 4.4),
        ("o3", 200_000, 100_000, _THINKS, 10.0, 40.0),
        ("o3-mini", 200_000, 100_000, _THINKS, 1.1, 4.4),
        ("gpt-4.1", 1_047_576, 32_768, _SEES, 2.0, 8.0),
        ("gpt-4.1-mini", 1_047_576, 32_768, _SEES, 0.4, 1.6),
        ("gpt-4.1-nano", 1_047_576, 32_768, CHAT, 0.1, 0.4),
        ("gpt-4o", 128_000, 16_384, _SEES, 2.5, 10.0),
        ("gpt-4o-mini", 128_000, 16_384, _SEES, 0.15, 0.6),
    )
)


def openai_models() -> ModelRegistry:
    """OpenAI's models, in a registry of the caller's own."""
    return ModelRegistry(_TABLE)


#: OpenAI's models, to look one up in. To keep or change a registry, make one: openai_models().
OPENAI_MODELS: Final = openai_models()

#: The model of OpenAI's that is asked where none is named.
OPENAI_DEFAULT: Final = OPENAI_MODELS["gpt-4.1-mini"]
#: The same of Nebius, described well enough here that it is sent tools before the list is fetched.
NEBIUS_DEFAULT: Final = ModelSpec("deepseek-ai/DeepSeek-V3-0324", CHAT)
#: The same of OpenRouter.
OPENROUTER_DEFAULT: Final = ModelSpec("google/gemini-2.5-pro-preview", CHAT, 65_536, 1_048_576)
#: What models do that are given text, and answer in something else.
_WORDLESS: Final = frozenset(
    {Capability.embedding, Capability.image_generation, Capability.video_generation}
)


def for_chat(models: Iterable[ModelSpec]) -> ModelSpec | None:
    """The first of these that answers in words; None where there is none.

    Models that embed or paint are passed over: services say of them that they take text, too.
    """
    able = (model for model in models if Capability.text in model.capabilities)
    return next((model for model in able if _WORDLESS.isdisjoint(model.capabilities)), None)


def resolved(models: ModelRegistry, name: str) -> ModelSpec | None:
    """The model of this id; a variant of a listed one (``id:nitro``) is that model by its own id.

    OpenRouter lists models, but not the variants of their ids, which tell it how to route.
    """
    if name in models:
        return models[name]
    base, colon, _ = name.rpartition(":")
    if not colon or base not in models:
        return None
    return replace(models[base], id=name)
