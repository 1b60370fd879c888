"""What a service can be found to do, one thing after the other."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from axio.blocks import TextBlock
from axio.events import ReasoningDelta, TextDelta, ToolUseStart
from axio.messages import Message
from axio.models import Capability
from axio.tool import Tool

from axio_transport_openai.catalogue import for_chat
from axio_transport_openai.custom import OpenAICompatibleTransport
from axio_transport_openai.errors import (
    APIError,
    AuthenticationFailed,
    ConnectionFailed,
    NotSent,
    PermissionRefused,
    Stalled,
)
from axio_transport_openai.listing import Listing
from axio_transport_openai.local import LocalServerError
from axio_transport_openai.origin import Origin
from axio_transport_openai.resident import SCHEME, resident
from axio_transport_openai.retry import Budget
from axio_transport_openai.transport import OpenAITransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from axio.models import ModelRegistry

__all__ = ["Finding", "Probe", "Step", "findings"]

_CONNECT: Final = 10.0
_ANSWER: Final = 60.0
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Step(StrEnum):
    """What is found out, in this order; each is what a line of the test says."""

    reachable = "Reachable"
    key = "Key accepted"
    models = "Models found"
    streaming = "Streaming works"
    tools = "Tools work"


@dataclass(frozen=True, slots=True)
class Finding:
    """How a step went."""

    step: Step
    #: None where it could not be found out.
    good: bool | None
    said: str = ""


@dataclass
class Probe(OpenAITransport):
    """A service that is asked once, without patience, and always for its models.

    What it refuses and can do without is left out, as in any other use.
    """

    asked: Listing = field(default=Listing(), kw_only=True)
    #: Whether it may be a model on this machine.
    resides: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Repeat nothing because it failed."""
        super().__post_init__()
        self._family.shared.budget = Budget(0)

    @classmethod
    def of(cls, transport: OpenAITransport) -> Probe:
        """The same service as this transport's."""
        return cls(
            name=transport.name,
            api_key=transport.api_key,
            base_url=transport.base_url,
            model=transport.model,
            asked=transport.listing or Listing(),
            resides=isinstance(transport, OpenAICompatibleTransport),
            connect_timeout=_CONNECT,
            first_event_timeout=_ANSWER,
            idle_timeout=_ANSWER,
            dialect=transport.dialect,
            extra_headers=transport.extra_headers,
            extra_query=transport.extra_query,
            extra_params=transport.extra_params,
        )

    async def _listed(self) -> ModelRegistry:
        """The models that the service lists; one on this machine is started for it."""
        if self.resides and self.base_url.startswith(SCHEME):
            server = await resident(self.base_url).serving()
            self.base_url, self.api_key = server.base_url, server.api_key
        return await self.client().models(self.asked)


async def findings(probe: Probe) -> AsyncGenerator[Finding]:
    """What is found out about a service; it ends at the first thing the rest depends on."""
    refused = False
    async for finding in _listing(probe):
        refused = refused or (finding.good is False and finding.step in {Step.reachable, Step.key})
        yield finding
    if refused:
        return
    if not probe.model.id:
        yield Finding(Step.streaming, None, "there is no model to ask; name one")
        return
    async for finding in _chat(probe):
        yield finding


async def _listing(probe: Probe) -> AsyncGenerator[Finding]:
    try:
        await probe.fetch_models()
    except (NotSent, ConnectionFailed, Stalled, LocalServerError) as error:
        yield Finding(Step.reachable, good=False, said=str(error))
        return
    except (AuthenticationFailed, PermissionRefused) as error:
        found = Finding(Step.key, good=False, said=_unkeyed(probe) or str(error))
    except APIError as error:
        found = Finding(Step.models, None, f"it lists none: {error}")
    else:
        found = _counted(probe)
    yield Finding(Step.reachable, good=True, said=Origin(base_url=probe.base_url).address)
    yield found


def _unkeyed(probe: Probe) -> str:
    return "" if probe.api_key else "the service wants a key, and none is set"


def _counted(probe: Probe) -> Finding:
    """How many models there are, and whether the active one is among them; sets one if none is."""
    if not probe.models:
        return Finding(Step.models, None, "it lists none")
    count = f"{len(probe.models)}"
    if not probe.model.id:
        probe.model = for_chat(probe.models.values()) or probe.model
    elif probe.model.id not in probe.models:
        count = f"{count}, but {probe.model.id} is none of them"
    return Finding(Step.models, good=True, said=count)


async def _chat(probe: Probe) -> AsyncGenerator[Finding]:
    try:
        streamed = await _asked(probe, "Say hello.", [], (TextDelta, ReasoningDelta))
    except (AuthenticationFailed, PermissionRefused) as error:
        yield Finding(Step.key, good=False, said=_unkeyed(probe) or str(error))
        return
    except APIError as error:
        yield Finding(Step.streaming, good=False, said=str(error))
        return
    yield Finding(Step.key, good=True, said="" if probe.api_key else "none is needed")
    said = probe.model.id if streamed else f"{probe.model.id} answered with nothing"
    yield Finding(Step.streaming, good=streamed, said=said)
    if Capability.tool_use not in probe.model.capabilities:
        yield Finding(Step.tools, None, f"{probe.model.id} is not said to use any")
        return
    yield await _tools(probe)


async def _tools(probe: Probe) -> Finding:
    tool = Tool("ready", _ready, "Says that you are ready.", context=_NOTHING)
    try:
        called = await _asked(probe, "Call the tool ready.", [tool], (ToolUseStart,))
    except APIError as error:
        return Finding(Step.tools, good=False, said=str(error))
    said = "" if called else f"{probe.model.id} answered in words instead of calling one"
    return Finding(Step.tools, good=called, said=said)


async def _ready() -> str:
    return "ready"


async def _asked(
    probe: Probe, question: str, tools: list[Tool[Any]], wanted: tuple[type, ...]
) -> bool:
    """Whether the answer has an event of one of these kinds; it is read no further."""
    messages = [Message("user", [TextBlock(question)])]
    async with aclosing(probe.stream(messages, tools, "")) as events:
        async for event in events:
            if isinstance(event, wanted):
                return True
    return False
