"""Copies of values with some fields changed."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

Value = TypeVar("Value", bound=NamedTuple)


def replace(value: Value, **changes: Any) -> Value:
    """Return a copy with these fields changed; raises `ValueError` for a field that is none."""
    return value._replace(**changes)
