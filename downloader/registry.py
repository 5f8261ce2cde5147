"""Names to parts: tables are looked up once, with "did you mean", and parts loaded when used."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, TypeVar

from downloader.errors import UsageError

T = TypeVar("T")


def look_up(table: Mapping[str, T], name: str, what: str) -> T:
    """Return the table's row; raises `UsageError` naming the nearest rows for an unknown name."""
    try:
        return table[name]
    except KeyError:
        raise UsageError(unknown(name, table, what)) from None


def unknown(name: str, known: Mapping[str, object], what: str) -> str:
    """Say that a name is unknown, and which one was perhaps meant."""
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of " + ", ".join(sorted(known))
    return f"unknown {what} {name!r}: {hint}"


def load(dotted: str) -> Any:
    """Import `package.module:attribute` and return the attribute."""
    module, _, attribute = dotted.partition(":")
    return getattr(importlib.import_module(module), attribute)
