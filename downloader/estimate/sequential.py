"""The sequential run's time, put together from its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from downloader.estimate import links, peace, waits
from downloader.estimate.averages import fmean
from downloader.estimate.links import Fit, Link
from downloader.estimate.waits import Span
from downloader.models import Observations, Sample, Sequential

# Share by which two runs of the same work differ anyway.
DOUBT = 0.05
# The same if processors rule: caches, clock rates and whatever else the machine does.
COMPUTING_DOUBT = 0.35
# Processor time is known to a few per cent only: caches and clock rates differ from run to run.
CPU_DOUBT = 0.2
# Processor seconds of transfers in each second of fetching from which they count as computing.
COMPUTING = 0.5
# Bodies read alone that are enough to go by.
ENOUGH_ALONE = 5
# Times slower than alone from which connections count as crowding each other.
CROWDED = 1.4
# A host that gets less than this share of what its connections were due has a cap of its own.
CAPPED_SHARE = 0.6


def sequential(observed: Observations) -> Sequential:
    """Estimate the seconds of the same work done one item after another, with a range."""
    hosts = by_host(observed.samples)
    spans = [_of_host(samples, observed) for samples in hosts]
    stride = observed.items / len(observed.samples) if observed.samples else 1.0
    fetch = _sum(spans).times(stride)
    local = observed.coordinator_cpu + observed.hash_cpu
    at_limits = peace.by_limits(observed, (len(samples) * stride for samples in hosts))
    alone = [(host[0].host, span.seconds * stride) for host, span in zip(hosts, spans, strict=True)]
    bound = max(peace.with_pauses(observed, alone) + local, at_limits)
    least, most = _bounds(observed, stride)
    found = max(fetch.seconds + local, _computed(observed, stride), bound)
    seconds = min(max(found, least), max(most, bound))
    doubt = (COMPUTING_DOUBT if is_computing(observed) else DOUBT) * seconds
    return Sequential(
        seconds,
        max(at_limits, min(seconds - doubt, fetch.low + local * (1 - CPU_DOUBT))),
        max(seconds + doubt, fetch.high + local * (1 + CPU_DOUBT)),
        basis="estimated",
    )


def _computed(observed: Observations, stride: float) -> float:
    """Return the processor time: one thread computes no more than a second a second."""
    exchanges = sum(sample.cpu for sample in observed.samples) * stride
    return exchanges + observed.coordinator_cpu + observed.hash_cpu


def _bounds(observed: Observations, stride: float) -> tuple[float, float]:
    """Return the least and the most that the same transfers take one after another.

    One at a time is not faster than all that ran, and no item takes longer alone than in a crowd.
    """
    own = sum(sample.seconds for sample in observed.samples) * stride
    if peace.own_limit(observed) == "--limit-rate":
        own = observed.fetch  # which one connection uses up as many do
    local = observed.coordinator_cpu + observed.hash_cpu
    return (1 - DOUBT) * observed.fetch, (1 + DOUBT) * (own + local)


def by_host(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Gather samples by host."""
    gathered: dict[str, list[Sample]] = {}
    for sample in samples:
        gathered.setdefault(sample.host, []).append(sample)
    return list(gathered.values())


def is_crowded(samples: Sequence[Sample], link: Link | None) -> bool:
    """Return True if a host's connections were slowed down by each other on a full link."""
    if link is None or not samples:
        return False
    reading = fmean(sample.load_reading for sample in samples)
    return link.crowded(reading) > CROWDED


def is_computing(observed: Observations) -> bool:
    """Return True if the transfers kept about a processor busy."""
    samples = observed.samples
    busy = sum(sample.cpu for sample in samples) * observed.items / max(1, len(samples))
    return busy > COMPUTING * observed.fetch


def _of_host(samples: Sequence[Sample], observed: Observations) -> Span:
    host = samples[0].host
    idle = not observed.limit_rate and links.idles(observed.windows, host)
    fit = None if idle else links.fit(observed.windows, host, computing=is_computing(observed))
    waiting = waits.alone(samples, crowded_link=is_crowded(samples, fit.best if fit else None))
    reading = _reading(samples, fit, only_host=len(samples) == len(observed.samples))
    number = len(samples)
    fixed = sum(sample.earlier for sample in samples) + _connecting(samples)
    return Span(
        fixed + number * waiting.seconds + reading.seconds,
        fixed + number * waiting.low + reading.low,
        fixed + number * waiting.high + reading.high,
    )


def _connecting(samples: Sequence[Sample]) -> float:
    """Return the time to open connections: one if they are kept, else one an item."""
    opened = [sample.connecting for sample in samples if sample.connecting > 0]
    if not opened:
        return 0.0
    kept = len(opened) < len(samples) / 2
    return min(opened) * (1 if kept else len(opened))


def _reading(samples: Sequence[Sample], fit: Fit | None, *, only_host: bool) -> Span:
    observed = sum(sample.reading for sample in samples)
    lonely = waits.steady([s for s in samples if s.alone and s.size])
    if len(lonely) >= ENOUGH_ALONE:
        return _like(lonely, samples)
    if fit is None or (not only_host and _has_own_cap(samples, fit.best)):
        return Span(observed, 0.8 * observed, 1.05 * observed)
    if not is_crowded(samples, fit.best):
        least = min(_at(link, samples) for link in fit.believed)
        return Span(observed, min(0.95 * observed, least), 1.05 * observed)
    times = [_at(link, samples) for link in fit.believed]
    return Span(_at(fit.best, samples), 0.95 * min(times), 1.05 * max(times))


def _like(lonely: Sequence[Sample], samples: Sequence[Sample]) -> Span:
    """Read every body as the lonely ones were: a fixed time and a time for each byte."""
    lonely = _without_outliers(lonely)
    fixed, per_byte = _line(lonely)
    mean = fmean(sample.reading for sample in lonely)
    times = [
        min(max(sample.reading, sample.cpu), fixed + per_byte * sample.size) for sample in samples
    ]
    total = sum(times)
    spread = (fmean((sample.reading - mean) ** 2 for sample in lonely) / len(lonely)) ** 0.5
    doubt = CPU_DOUBT * total + spread * len(samples)
    return Span(total, total - doubt, total + doubt)


def _without_outliers(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Drop bodies that took three times as long as their size explains."""
    fixed, per_byte = _line(samples)
    return [s for s in samples if s.reading <= 3 * (fixed + per_byte * s.size)] or samples


def _line(samples: Sequence[Sample]) -> tuple[float, float]:
    """Fit reading = fixed + per_byte * size by least squares, neither of them negative."""
    mean_size = fmean(sample.size for sample in samples)
    mean = fmean(sample.reading for sample in samples)
    spread = sum((sample.size - mean_size) ** 2 for sample in samples)
    if spread < (0.1 * mean_size) ** 2 * len(samples):
        return 0.0, mean / mean_size
    common = sum((s.size - mean_size) * (s.reading - mean) for s in samples)
    per_byte = min(max(0.0, common / spread), mean / mean_size)
    return mean - per_byte * mean_size, per_byte


def _at(link: Link, samples: Sequence[Sample]) -> float:
    """Sum the bodies' times on the link, none of them longer than it was in the crowd."""
    return sum(min(sample.reading, sample.size / link.single) for sample in samples)


def _has_own_cap(samples: Sequence[Sample], link: Link) -> bool:
    """Return True if this host's connections got far less than their share of the link."""
    due = sum(
        sample.reading * link.rate(sample.load_reading) / max(1.0, sample.load_reading)
        for sample in samples
    )
    return sum(sample.size for sample in samples) < CAPPED_SHARE * due


def _sum(spans: Sequence[Span]) -> Span:
    return Span(
        sum(span.seconds for span in spans),
        sum(span.low for span in spans),
        sum(span.high for span in spans),
    )
