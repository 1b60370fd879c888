"""A model on this machine as one of a user's own providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from axio.agent import Agent
from axio.context import MemoryContextStore

from axio_transport_openai.resident import SCHEME, resident
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store
from axio_transport_openai.tui import CustomHubScreen, ProviderEditScreen
from axio_transport_openai.tui.probe import Step, findings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.live


async def test_a_local_provider_is_served_when_it_is_first_asked(tmp_path: Path) -> None:
    path = tmp_path / "providers.json"
    written = Saved("local", SCHEME)
    try:
        async with ProviderEditScreen.probe_of(written) as probe:
            found = {finding.step: finding.good async for finding in findings(probe)}
        Store(path).save([Saved("local", SCHEME, models=tuple(probe.models.values()))])
        hub: type[CustomHubScreen] = type("Hub", (CustomHubScreen,), {"CONFIG_PATH": path})
        async with aiohttp.ClientSession() as session:
            (transport,) = hub.load_config(session)
            agent = Agent(system="", tools=[], transport=transport)
            said = await agent.run("Say hello.", MemoryContextStore())
    finally:
        await resident(SCHEME).stop()

    assert found[Step.reachable]
    assert found[Step.streaming]
    assert said
