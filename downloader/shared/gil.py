"""Whether this interpreter has a global lock (PEP 703)."""

from __future__ import annotations

import sys


def is_gil_enabled() -> bool:
    """Return True if one thread at a time runs Python code; a free-threaded build may do more."""
    ask = getattr(sys, "_is_gil_enabled", None)  # new in Python 3.13
    return ask is None or bool(ask())
