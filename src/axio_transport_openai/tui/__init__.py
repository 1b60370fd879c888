"""Settings screens for axio-tui: one for each service, and a hub for providers of one's own."""

from . import requirement as requirement  # first: it tells what is missing
from .custom import CustomHubScreen
from .model import ModelEditScreen
from .provider import ProviderEditScreen
from .settings import NebiusSettingsScreen, OpenAISettingsScreen, OpenRouterSettingsScreen

__all__ = [
    "CustomHubScreen",
    "ModelEditScreen",
    "NebiusSettingsScreen",
    "OpenAISettingsScreen",
    "OpenRouterSettingsScreen",
    "ProviderEditScreen",
]
