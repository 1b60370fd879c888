"""A scripted service and the means to script it, for the tests of this package and of its users.

::

    async with Service(refuses(503), says("Hello")) as service, aiohttp.ClientSession() as session:
        transport = OpenAITransport(base_url=service.base_url, api_key="k", session=session)
        ...

    assert len(service.requests) == 2
"""

from .body import (
    DONE,
    answer,
    call,
    chunk,
    completion,
    cut,
    embeddings,
    error,
    event,
    finish,
    models,
    opening,
    reasoning,
    text,
    usage,
)
from .exchange import Departed, Exchange
from .line import Request
from .reply import (
    Reply,
    closes,
    drops_after,
    embeds,
    hangs_up,
    lists,
    refuses,
    repeats,
    says,
    sends,
    stalls,
    streams,
    writes,
)
from .service import Service, UnexpectedRequest

__all__ = [
    "DONE",
    "Departed",
    "Exchange",
    "Reply",
    "Request",
    "Service",
    "UnexpectedRequest",
    "answer",
    "call",
    "chunk",
    "closes",
    "completion",
    "cut",
    "drops_after",
    "embeddings",
    "embeds",
    "error",
    "event",
    "finish",
    "hangs_up",
    "lists",
    "models",
    "opening",
    "reasoning",
    "refuses",
    "repeats",
    "says",
    "sends",
    "stalls",
    "streams",
    "text",
    "usage",
    "writes",
]
