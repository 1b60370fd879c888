"""Subclasses as users write them, for a server of their own or for a habit of their own."""

from __future__ import annotations

import pickle
from copy import copy, deepcopy
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, Any, override

import pytest
from axio.models import Capability, ModelRegistry, ModelSpec
from tests.asking import answered

from axio_transport_openai import OpenAICompatibleTransport, OpenAITransport
from axio_transport_openai.testing import Service, says

if TYPE_CHECKING:
    import aiohttp

MODEL = ModelSpec("small", frozenset({Capability.text}))


@dataclass
class OnPort(OpenAITransport):
    """One that makes its address, and calls no inherited ``__post_init__``."""

    port: int = 0

    @override
    def __post_init__(self) -> None:
        self.base_url = f"http://127.0.0.1:{self.port}/v1"


@dataclass(slots=True)
class OnPortWithSlots(OpenAITransport):
    """The same with slots, for which its class is made twice."""

    port: int = 0

    @override
    def __post_init__(self) -> None:
        self.base_url = f"http://127.0.0.1:{self.port}/v1"


class OnPortBelow(OnPort):
    """The same below another that is one, which it calls."""

    @override
    def __post_init__(self) -> None:
        super().__post_init__()


class Addressed:
    """What makes an address, for whatever class it is mixed into."""

    port: int

    def __post_init__(self) -> None:
        self.base_url = f"http://127.0.0.1:{self.port}/v1"


@dataclass
class OnMixedPort(Addressed, OpenAITransport):
    """The same with an address that is mixed in."""

    port: int = 0


class OnMixedPortBelow(OnMixedPort):
    """The same below another."""


@dataclass
class Patient(OpenAITransport):
    """One with an argument that is no setting."""

    patience: InitVar[float] = 5.0

    def __post_init__(self, patience: float) -> None:
        self.idle_timeout = patience


@dataclass
class MorePatient(Patient):
    """One that replaces what the one above it does."""

    @override
    def __post_init__(self, patience: float) -> None:
        self.idle_timeout = patience * 2


class Tagged(OpenAITransport):
    """One that is made in a way of its own, and remembers how."""

    def __init__(self, host: str) -> None:
        super().__init__(base_url=f"http://{host}")
        self.host = host
        self._tags = ["one"]

    @override
    def __post_init__(self) -> None:
        self.base_url += "/v1"

    @property
    def tags(self) -> list[str]:
        return self._tags


class Used(OpenAITransport):
    """One with a slot that has nothing in it before the first use."""

    __slots__ = ("used",)
    used: list[str]


def _port(service: Service) -> int:
    return int(service.url.rpartition(":")[2])


@pytest.mark.parametrize(
    "kind", [OnPort, OnPortWithSlots, OnPortBelow, OnMixedPort, OnMixedPortBelow]
)
async def test_a_subclass_need_not_call_the_inherited_post_init(
    session: aiohttp.ClientSession, kind: type[OnPort | OnMixedPort]
) -> None:
    async with Service(says("Hello")) as service:
        given: dict[str, Any] = {"max_retries": "1"}  # as a file of an app's settings has it
        made = kind(port=_port(service), session=session, **given)
        transport = replace(made, model=MODEL)
        await transport.fetch_models()

        assert await answered(transport) == "Hello"
    assert transport.max_retries == 1
    assert [request.json["model"] for request in service.requests] == ["small"]


def test_what_a_subclass_sets_is_read_like_a_setting() -> None:
    assert Patient().idle_timeout == 5.0
    assert MorePatient().idle_timeout == 10.0
    with pytest.raises(ValueError, match="idle_timeout must be a number, at least 0, not -1"):
        Patient(patience=-1.0)


def test_a_pickle_holds_what_a_subclass_has_beside_the_settings() -> None:
    again = pickle.loads(pickle.dumps(Tagged("localhost")))

    assert (again.host, again.tags, again.base_url) == ("localhost", ["one"], "http://localhost/v1")


def test_a_subclass_whose_making_takes_more_than_settings_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(MorePatient(patience=7.0))).idle_timeout == 14.0


def test_a_slot_is_copied_where_there_is_something_in_it() -> None:
    unused, used = Used(), Used()
    used.used = ["once"]

    assert not hasattr(copy(unused), "used")
    assert not hasattr(deepcopy(unused), "used")
    assert copy(used).used is used.used
    assert deepcopy(used).used == used.used
    assert deepcopy(used).used is not used.used


async def test_a_custom_providers_subclass_has_the_models_that_it_sets() -> None:
    @dataclass
    class Mine(OpenAICompatibleTransport):
        base_url: str = "http://localhost:8080/v1"
        size: str = field(default="small", kw_only=True)

        @override
        def __post_init__(self) -> None:
            self.models = ModelRegistry([ModelSpec(self.size, MODEL.capabilities)])

    transport = Mine()
    await transport.fetch_models()

    assert transport.model == MODEL
    assert [*transport.models.values()] == [MODEL]


@pytest.mark.parametrize(
    "method", ["build_payload", "build_chat_payload", "build_responses_payload"]
)
def test_a_method_that_would_be_passed_over_is_warned_of(method: str) -> None:
    with pytest.warns(UserWarning, match=rf"Hotter\.{method} is never called: set extra_params"):
        type("Hotter", (OpenAITransport,), {method: dict})
