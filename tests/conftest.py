"""Hypothesis profiles, and Ctrl-C as at a prompt."""

import os
import signal

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A shell lets what runs in the background ignore Ctrl-C, and so do the programs that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
