"""Bags (RFC 8493) that are named by their folder, or by the list in it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from downloader.errors import UsageError

DECLARATION = "bagit.txt"
LIST = "fetch.txt"


def list_of(name: str) -> str:
    """Return the list of a bag that is named by its folder; other names stay as they are.

    Raises `UsageError` for a bag that has none.
    """
    if not os.path.isfile(os.path.join(name, DECLARATION)):
        return name
    listed = os.path.join(name, LIST)
    if not os.path.isfile(listed):
        raise UsageError(f"{name}: this bag has no {LIST}: there is nothing to be fetched")
    return listed


def folder_of(names: Sequence[str]) -> str | None:
    """Return the folder of a bag whose list is the only source, `None` for anything else."""
    if len(names) != 1:
        return None
    [name] = names
    folder = os.path.dirname(name) if os.path.basename(name) == LIST else name
    folder = folder or os.curdir
    return folder if os.path.isfile(os.path.join(folder, DECLARATION)) else None
