"""The running app: the user's providers among its transports, and which models it uses.

An app keeps its transports to itself, so each thing that is reached for here may be missing; the
providers are then found when it starts again.
"""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from axio.models import Capability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from axio.models import ModelSpec
    from typing_extensions import TypeIs

    from axio_transport_openai.custom import OpenAICompatibleTransport

    from .provider import Change

__all__ = ["prefer", "register"]

_PREFIX: Final = "openai-custom."
#: What a model must be able to do for a role.
_ABILITIES: Final = {"vision": Capability.vision, "reasoning": Capability.reasoning}


class _Binding(Protocol):
    """Which model an app uses for a role."""

    @property
    def transport(self) -> str: ...
    @property
    def model(self) -> ModelSpec: ...


@runtime_checkable
class _Registry(Protocol):
    """An app's transports."""

    def unregister_by_prefix(self, prefix: str) -> None: ...
    def register_dynamic(self, name: str, instance: object) -> None: ...
    def resolve(self, config_value: str) -> _Binding | None: ...
    def encode(self, name: str, model_id: str) -> str: ...
    def default_model(self, role: str, capability: Capability) -> _Binding | None: ...
    def settings_screens(self) -> Mapping[str, type]: ...


async def register(
    app: object, providers: Sequence[OpenAICompatibleTransport], change: Change
) -> str:
    """Give the app these providers in place of those it has.

    A role that used the provider that changed goes on with it, or gets another model; returned is
    what to tell the user about that.
    """
    registry: object = getattr(app, "_transports", None)
    if not isinstance(registry, _Registry):
        return ""
    registry.unregister_by_prefix(_PREFIX)
    for provider in providers:
        provider.session = getattr(registry, "_session", None)
        registry.register_dynamic(f"{_PREFIX}{provider.name}", provider)
    return await _bound(app, registry, providers, change)


async def prefer(app: object, screen: type, model: ModelSpec) -> None:
    """Have the app chat with this model of the service whose settings such a screen shows.

    A chat with another service stays there.
    """
    registry, bindings = getattr(app, "_transports", None), getattr(app, "_role_bindings", None)
    if not isinstance(registry, _Registry) or not _is_bindings(bindings):
        return
    names = [name for name, known in registry.settings_screens().items() if known is screen]
    bound = bindings.get("chat")
    if not names or (bound is not None and bound.transport != names[0]):
        return
    if is_dataclass(bound) and not isinstance(bound, type):
        bindings["chat"] = replace(bound, model=model)
    encoded = registry.encode(names[0], model.id)
    await _call(getattr(app, "_config", None), "set", "model.chat", encoded)


async def _bound(
    app: object,
    registry: _Registry,
    providers: Sequence[OpenAICompatibleTransport],
    change: Change,
) -> str:
    """Bind the roles of the provider that changed anew; the news of those with another model."""
    bindings: object = getattr(app, "_role_bindings", None)
    if not _is_bindings(bindings):
        return ""
    after = next((known for known in providers if known.name == change.after), None)
    news: list[str] = []
    renewed: dict[str, None] = {}
    for role, binding in list(bindings.items()):
        if binding.transport != f"{_PREFIX}{change.before}":
            continue
        found = _successor(registry, str(role), binding, after)
        if found is None:
            del bindings[role]
            news.append(f"No model is left for {role}; configure a transport.")
            await _forget(app, str(role))
            continue
        bindings[role] = found
        renewed[found.transport] = None
        encoded = registry.encode(found.transport, found.model.id)
        await _call(getattr(app, "_config", None), "set", f"model.{role}", encoded)
        if found.model.id != binding.model.id or after is None:
            news.append(f"{str(role).capitalize()} uses {found.model.id} now.")
    if after is not None and after.model.id and "chat" not in bindings:
        await _call(app, "_activate_transport", f"{_PREFIX}{after.name}")
    for name in renewed:
        await _call(app, "_reconfigure_transport", name)
    await _call(app, "_update_status")
    return " ".join(news)


def _is_bindings(found: object) -> TypeIs[dict[str, _Binding]]:
    return isinstance(found, dict)


def _successor(
    registry: _Registry, role: str, binding: _Binding, after: OpenAICompatibleTransport | None
) -> _Binding | None:
    """The same model of the provider as it is now, or its first, or the app's own choice."""
    if after is not None:
        for model in (binding.model, after.model):
            name = registry.encode(f"{_PREFIX}{after.name}", model.id)
            if found := registry.resolve(name):
                return found
    return registry.default_model(role, _ABILITIES.get(role, Capability.text))


async def _forget(app: object, role: str) -> None:
    """Leave a role without a model, as the app does where a transport is gone."""
    await _call(getattr(app, "_config", None), "delete", f"model.{role}")
    if role == "chat":
        nothing = {"_agent": None, "_chat_transport": None, "_chat_model": None}
        for name, value in (nothing | {"_model_name": "", "sub_title": ""}).items():
            setattr(app, name, value)


async def _call(owner: object, name: str, *arguments: str) -> None:
    """Call this method of the app's, where it has it."""
    method: object = getattr(owner, name, None)
    if callable(method):
        result: object = method(*arguments)
        if isawaitable(result):
            await result
