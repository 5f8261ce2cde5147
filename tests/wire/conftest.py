"""The fixtures of this folder."""

from rig_fixtures import make_rig, rig

__all__ = ["make_rig", "rig"]
