"""The user's own providers, in one JSON file that is written whole or not at all."""

from .entry import StoreError
from .providers import Shelf, Store, default_path

__all__ = ["Shelf", "Store", "StoreError", "default_path"]
