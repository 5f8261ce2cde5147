"""Checksums: as people write them (parse), and set against what a file has (compare)."""

from __future__ import annotations

from downloader.checksums.parse import (
    HOW,
    algorithm,
    checked,
    from_base64,
    known,
    read,
    size,
    split,
)

__all__ = ["HOW", "algorithm", "checked", "from_base64", "known", "read", "size", "split"]
