"""Draw the README's pictures: the settings screens in the real axio-tui, as SVG under docs/.

Run it with the development environment's Python; it needs nothing but this machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.screen import Screen

    from axio_transport_openai.testing import Exchange

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZE = (100, 26)
MODELS = [
    ("qwen3:8b", 40_960, ["tools", "reasoning"], ["text"], "0", "0"),
    ("llama3.2:3b", 131_072, ["tools"], ["text"], "0", "0"),
    ("gemma3:12b", 131_072, [], ["text", "image"], "0", "0"),
    ("openai/gpt-oss-120b", 131_072, ["tools", "reasoning"], ["text"], "1.5e-7", "6e-7"),
    ("moonshotai/kimi-k2", 262_144, ["tools"], ["text"], "6e-7", "2.5e-6"),
]


async def answers(exchange: Exchange) -> None:
    """A service that does everything well."""
    from axio_transport_openai.testing import lists, says

    if exchange.request.path.endswith("/models"):
        entries = [
            {
                "id": name,
                "context_length": window,
                "supported_parameters": abilities,
                "architecture": {"input_modalities": takes},
                "pricing": {"prompt": price_in, "completion": price_out},
            }
            for name, window, abilities, takes, price_in, price_out in MODELS
        ]
        await lists(*entries)(exchange)
        return
    calls = [("ready", "{}")] if b"Call the tool ready." in exchange.request.body else []
    await says("Hello", calls=calls)(exchange)


async def draw(pilot: Pilot[None], screen: Screen[Any], name: str, read: str) -> None:
    """Put the screen on the app, and draw it once this can be read on it."""
    app = pilot.app
    app.push_screen(screen)
    async with asyncio.timeout(20):
        while read not in app.export_screenshot().replace("&#160;", " "):
            await pilot.pause()
    drawn = re.sub(r"127\.0\.0\.1:\d{5}/v1", "localhost:11434/v1", app.export_screenshot())
    drawn = re.sub(r"terminal-\d+", "terminal", drawn)
    (DOCS / f"{name}.svg").write_text(
        "".join(f"{line.rstrip()}\n" for line in drawn.splitlines()), "utf-8"
    )
    screen.dismiss(None)
    await pilot.pause()


async def main() -> None:
    """Draw them all."""
    from axio_tui.app import AgentApp

    from axio_transport_openai.saved import Saved
    from axio_transport_openai.testing import Service
    from axio_transport_openai.tui import OpenAISettingsScreen, ProviderEditScreen
    from axio_transport_openai.tui.connection import ConnectionScreen
    from axio_transport_openai.tui.pick import PickScreen

    DOCS.mkdir(exist_ok=True)
    async with Service(forever=answers) as service:
        home = Saved("home", service.base_url)
        app = AgentApp()
        async with app.run_test(size=SIZE) as pilot:
            await app.ready.wait()
            form = ProviderEditScreen(home)
            app.push_screen(form)
            await pilot.pause()
            probe, listed = form.probe(), form.probe()
            form.dismiss(None)
            await pilot.pause()
            settings = {"api_key": "sk-0123456789", "reasoning_effort": "medium"}
            await draw(pilot, OpenAISettingsScreen(settings), "settings", "Seconds in all")
            await draw(pilot, ConnectionScreen(probe), "connection", "Tools work   ")
            await draw(pilot, PickScreen(listed, {"qwen3:8b"}), "models", "5 of 5")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        asyncio.run(main())
