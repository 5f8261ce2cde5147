"""What the sequential run would have taken, and what held this run back (pure functions)."""

from __future__ import annotations

from downloader.models import HeldBackBy, Observations, Sequential


def sequential(seen: Observations) -> Sequential:
    """Estimate the seconds of the same work done one item after another, with a range."""
    total = sum(s.seconds for s in seen.samples) * seen.stride + seen.hash_cpu
    return Sequential(total, total, total, "estimated")


def held_back_by(seen: Observations) -> HeldBackBy | None:
    """Name what limited this run."""
    return "latency" if seen.samples else "hashing"
