"""Fixtures of this folder's tests."""

from __future__ import annotations

from pipeline_fixtures import make_rig, rig

__all__ = ["make_rig", "rig"]
