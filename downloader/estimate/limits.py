"""What held the run back: the one thing that more of would have made it faster."""

from __future__ import annotations

from downloader.estimate import links, waits
from downloader.estimate.sequential import by_host, is_computing, is_crowded
from downloader.models import HeldBackBy, Observations, Sample

# Share of one processor above which this process was busy computing: threads share the interpreter.
BUSY = 0.8
# Share of the wall in which threads were free and hosts were to be left alone.
HOST_WAIT = 0.5
# Share of the wall that the hash lane needs alone, after the last file has landed.
HASHING_TAIL = 0.3
# Share of the wall that hashing must be busy to be what held the run back.
WORTH = 0.3
# Hashing that computes less than this share of its time waits for the disk.
COMPUTES = 0.3


def held_back_by(seen: Observations) -> HeldBackBy | None:
    """Name what limited this run; `None` where it did nothing."""
    if seen.host_wait > HOST_WAIT * seen.wall:
        return "host-limit"
    if not seen.samples:
        return _hashing(seen)
    if seen.wall - seen.fetch > HASHING_TAIL * seen.wall:
        return _hashing(seen)
    if seen.cpu > BUSY * seen.wall:
        return "cpu"
    return _fetching(seen)


def _hashing(seen: Observations) -> HeldBackBy | None:
    if seen.busy_hash <= WORTH * seen.wall:  # starting the workers took longer than the work
        return None
    return "hashing" if seen.hash_cpu >= COMPUTES * seen.busy_hash else "disk"


def _fetching(seen: Observations) -> HeldBackBy:
    waiting = sum(sample.waiting for sample in seen.samples)
    reading = sum(sample.reading for sample in seen.samples)
    if reading > waiting:
        if is_computing(seen):
            return "cpu"
        return "bandwidth" if 2 * _crowded_seconds(seen) > reading else "host-limit"
    return "host-limit" if _queued(seen.samples) else "latency"


def _crowded_seconds(seen: Observations) -> float:
    """Return the seconds of reading on connections that slowed each other down."""
    total = 0.0
    for samples in by_host(seen.samples):
        fit = links.fit(seen.windows, samples[0].host, computing=is_computing(seen))
        if is_crowded(samples, fit.best if fit else None):
            total += sum(sample.reading for sample in samples)
    return total


def _queued(samples: tuple[Sample, ...]) -> bool:
    """Return True if most of the waiting was for other requests of this run."""
    alone = sum(
        waits.alone(host, crowded_link=False).seconds * len(host) for host in by_host(samples)
    )
    return alone < sum(sample.waiting for sample in samples) / 2
