"""One sample, in a process that the client's own interpreter runs; it prints one JSON object."""

from __future__ import annotations

import asyncio
import json
import sys

from .client import Unsupported
from .roster import CLIENTS
from .sample import SAMPLES, Task
from .wire import Reply

__all__ = ["main"]


def main() -> None:
    """Take the sample that the first argument describes."""
    told = json.loads(sys.argv[1])
    task = Task(
        adapter=CLIENTS[told["client"]].load(),
        port=told["port"],
        scripts={
            name: [Reply(**reply) for reply in replies] for name, replies in told["scripts"].items()
        },
        params=told["params"],
        began=told["began"],
    )
    try:
        print(json.dumps({"figures": asyncio.run(_taken(told["sample"], task))}))
    except Unsupported as reason:
        print(json.dumps({"unsupported": str(reason)}))


async def _taken(sample: str, task: Task) -> dict[str, float]:
    return await SAMPLES[sample](task)


if __name__ == "__main__":
    main()
