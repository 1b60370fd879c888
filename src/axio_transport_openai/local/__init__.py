"""A real model on this machine: llama.cpp's server for as long as a program needs it."""

from .error import LocalServerError
from .server import LocalServer

__all__ = ["LocalServer", "LocalServerError"]
