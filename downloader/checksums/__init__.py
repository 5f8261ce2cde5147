"""Checksums: as people write them (parse, fragments), and set against what a file has (compare)."""

from __future__ import annotations

from downloader.checksums.fragments import in_fragment
from downloader.checksums.parse import (
    CRCS,
    HOW,
    algorithm,
    checked,
    from_base64,
    known,
    read,
    size,
    split,
)

__all__ = [
    "CRCS",
    "HOW",
    "algorithm",
    "checked",
    "from_base64",
    "in_fragment",
    "known",
    "read",
    "size",
    "split",
]
