"""Fixtures of this folder's tests."""

from __future__ import annotations

from pipeline_fixtures import flow, make_flow

__all__ = ["flow", "make_flow"]
