"""Paths alone, for `xargs` and the like: the bytes that stand on disk, one a line or NUL-ended."""

from __future__ import annotations

import os

from downloader.formats import Shape, Write
from downloader.models import Outcome


def writer(shape: Shape) -> Write:
    """Return what writes the path of each item that is there."""
    end = shape.end

    def write(outcome: Outcome) -> bytes:
        if outcome.status == "failed" or outcome.path is None:
            return b""
        return os.fsencode(outcome.path + end)

    return write
