"""Settings screens for axio-tui: one for each service, and a hub for providers of one's own."""

from . import requirement as requirement  # first: it tells what is missing
from .custom import CustomHubScreen

__all__ = ["CustomHubScreen"]
