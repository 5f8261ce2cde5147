"""What held the run back: the one thing that more of would have made it faster."""

from __future__ import annotations

from downloader.estimate import links, peace, waits
from downloader.estimate.peace import HOST_WAIT
from downloader.estimate.sequential import by_host, is_computing, is_crowded
from downloader.models import HeldBackBy, Observations, Sample

# Share of one processor above which this process was busy computing: threads share the interpreter.
BUSY = 0.8
# Share of the wall that the hash stage needs alone, after the last file has landed.
HASHING_TAIL = 0.3
# Share of the wall that hashing must be busy to be what held the run back.
WORTH = 0.3
# Hashing that computes less than this share of its time waits for the disk.
COMPUTES = 0.3


def held_back_by(observed: Observations) -> HeldBackBy | None:
    """Name what limited this run; `None` if it did nothing."""
    if peace.own_limit(observed):
        return "own-limit"
    if observed.host_wait > HOST_WAIT * observed.wall:
        return "pushed-back" if observed.pauses else "host-limit"
    if not observed.samples:
        return _hashing(observed)
    if observed.wall - observed.fetch > HASHING_TAIL * observed.wall:
        return _hashing(observed)
    if observed.cpu > BUSY * observed.wall:
        return "cpu"
    return _fetching(observed)


def _hashing(observed: Observations) -> HeldBackBy | None:
    # Starting the workers took longer than the work.
    if observed.busy_hash <= WORTH * observed.wall:
        return None
    return "hashing" if observed.hash_cpu >= COMPUTES * observed.busy_hash else "disk"


def _fetching(observed: Observations) -> HeldBackBy:
    waiting = sum(sample.waiting for sample in observed.samples)
    reading = sum(sample.reading for sample in observed.samples)
    if reading > waiting:
        if is_computing(observed):
            return "cpu"
        return "bandwidth" if 2 * _crowded_seconds(observed) > reading else "host-limit"
    return "server" if _queued(observed.samples) else "latency"


def _crowded_seconds(observed: Observations) -> float:
    """Return the seconds of reading on connections that slowed each other down."""
    total = 0.0
    for samples in by_host(observed.samples):
        fit = links.fit(observed.windows, samples[0].host, computing=is_computing(observed))
        if is_crowded(samples, fit.best if fit else None):
            total += sum(sample.reading for sample in samples)
    return total


def _queued(samples: tuple[Sample, ...]) -> bool:
    """Return True if most of the waiting was for other requests of this run."""
    alone = sum(
        waits.alone(host, crowded_link=False).seconds * len(host) for host in by_host(samples)
    )
    return alone < sum(sample.waiting for sample in samples) / 2
