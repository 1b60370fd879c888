"""One request with aiohttp: sent, sent again where that helps, and its body read by the clock.

Only here are aiohttp's exceptions known. Whatever goes wrong leaves as one of our errors, without
aiohttp's own behind it, for those hold the headers and the key.
"""

from .body import Body, Clocks
from .route import Route
from .sender import Sender

__all__ = ["Body", "Clocks", "Route", "Sender"]
