"""Fetch many URLs on threads, hash them on processes, and see what running in parallel saved.

The public names are loaded when they are first used: importing the package starts nothing and
costs next to nothing, which every spawned hash worker is glad of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from downloader.api import fetch, hash_files, verify
    from downloader.comparison.cells import Cell, Matrix
    from downloader.comparison.compare import compare
    from downloader.comparison.speedup import Comparison, Pair
    from downloader.comparison.spread import Spread
    from downloader.errors import (
        BadUrl,
        DiskFailed,
        DownloaderError,
        FolderInUse,
        LocalError,
        UsageError,
    )
    from downloader.models import (
        Advanced,
        Began,
        Digest,
        Ended,
        Event,
        Failure,
        Finished,
        Outcome,
        Report,
        UrlItem,
        Warned,
    )
    from downloader.options import Options
    from downloader.report.timeline import Timeline
    from downloader.shared.stop import Stop

__version__ = "0.1.0"

_HOMES = {
    "downloader.api": ("fetch", "hash_files", "verify"),
    "downloader.comparison.compare": ("compare",),
    "downloader.errors": (
        *("BadUrl", "DiskFailed", "DownloaderError", "FolderInUse", "LocalError", "UsageError"),
    ),
    "downloader.models": (
        *("Advanced", "Began", "Digest", "Ended", "Event", "Failure", "Finished", "Outcome"),
        *("Report", "UrlItem", "Warned"),
    ),
    "downloader.options": ("Options",),
    "downloader.report.timeline": ("Timeline",),
    "downloader.shared.stop": ("Stop",),
    "downloader.comparison.cells": ("Cell", "Matrix"),
    "downloader.comparison.speedup": ("Comparison", "Pair"),
    "downloader.comparison.spread": ("Spread",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Advanced",
    "BadUrl",
    "Began",
    "Cell",
    "Comparison",
    "Digest",
    "DiskFailed",
    "DownloaderError",
    "Ended",
    "Event",
    "Failure",
    "Finished",
    "FolderInUse",
    "LocalError",
    "Matrix",
    "Options",
    "Outcome",
    "Pair",
    "Report",
    "Spread",
    "Stop",
    "Timeline",
    "UrlItem",
    "UsageError",
    "Warned",
    "compare",
    "fetch",
    "hash_files",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  nothing is imported before it is needed

    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
