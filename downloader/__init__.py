"""Fetch many URLs on threads, hash them on processes, and see what running in parallel saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
