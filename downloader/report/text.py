"""The account of a run, as text for people (pure functions)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from downloader.models import Counts, HeldBackBy, Report, Saved
from downloader.report.table import Row, aligned, same_point
from downloader.text import escaped, plural, rate, seconds, size

# What holds a run back, and what would help.
ADVICE: dict[HeldBackBy, str] = {
    "latency": "more threads help",
    "bandwidth": "more threads will not help",
    "cpu": "this machine is busy, more threads will not help",
    "hashing": "more processes help if there are CPUs for them",
    "host-limit": "connections are capped, more threads help",
    "server": "it answers no faster, more threads will not help",
    "pushed-back": "hosts want fewer requests, fewer threads do",
    "own-limit": "{} allows no more",
    "disk": "it is no faster, more threads will not help",
}
INTERRUPTED = "interrupted: finished files are kept: run again with --continue"
UNCHECKED = "interrupted: the others were not checked"


def as_text(report: Report, paint: Callable[[str], str] = str, *, verbose: bool = False) -> str:
    """Return the report as lines for people, without a line end after the last one.

    `paint` gives the words that say how items ended their colour. `verbose` adds on what
    interpreter it ran.
    """
    rows = [*_rows(report), _interpreter(report)] if verbose else _rows(report)
    lines = [_summary(report, paint), *aligned(rows)]
    if report.stopped:
        lines.append(stop_line(report))
    elif report.interrupted is not None:
        lines.append(UNCHECKED if report.checked else INTERRUPTED)
    return "\n".join(lines)


def stop_line(report: Report) -> str:
    """Return which limit of failures ended a run, and how it is finished."""
    return f"stopped by {report.stopped}: finished files are kept: run again with --continue"


def _summary(report: Report, paint: Callable[[str], str]) -> str:
    wall = report.seconds.wall
    files = plural("file", report.items.total)
    known = wall > 0 and report.bytes > 0
    speed = f" ({rate(report.bytes / wall)})" if known else ""
    ways = ", ".join(_checked(report.items, paint) if report.checked else _fetched(report, paint))
    return f"{files}, {size(report.bytes)} in {seconds(wall)}{speed}: {ways}"


def _fetched(report: Report, paint: Callable[[str], str]) -> Iterable[str]:
    items, done = report.items, "stored" if report.fetched else "hashed"
    others = {"unchanged": items.unchanged, "kept": items.kept, "failed": items.failed}
    yield from _ways(items, done, items.stored, others, paint)
    if report.passed_over:
        yield f"{report.passed_over} passed over"


def _checked(items: Counts, paint: Callable[[str], str]) -> Iterable[str]:
    others = {"repaired": items.repaired, "failed": items.failed}
    others |= {"missing": items.missing, "extra": items.extra}
    yield from _ways(items, "ok", items.ok, others, paint)


def _ways(
    items: Counts,
    done: str,
    count: int,
    others: Mapping[str, int],
    paint: Callable[[str], str],
) -> Iterable[str]:
    yield f"{count} {paint(done) if count else done}"
    yield from (f"{count} {paint(way)}" for way, count in others.items() if count)
    missing = items.total - count - sum(others.values())
    if missing > 0:
        yield f"{missing} not done"


def _rows(report: Report) -> list[Row]:
    if report.interrupted is not None or report.stopped:  # part of the work: nothing to compare
        return list(_stages(report))
    rows = [*_stages(report), _sequential(report), *_saved(report)]
    if report.held_back_by is not None:
        advice = ADVICE[report.held_back_by].format(report.own_limit or "an option")
        rows.append(Row("held back by", f"{report.held_back_by}: {advice}"))
    return rows


def _interpreter(report: Report) -> Row:
    lock = "on: one thread at a time runs Python" if report.gil else "off: threads run side by side"
    return Row("global lock", lock)


def _stages(report: Report) -> Iterable[Row]:
    """Yield a line a stage, and say who hashed the files."""
    spans = same_point([seconds(report.busy.fetch), seconds(report.busy.hash)])
    if not report.fetched:
        spans = [seconds(report.busy.hash)] * 2
    else:
        who = _who(report, plural("thread", report.threads))
        yield Row(f"fetch   {who}", seconds(report.seconds.fetch), f"busy {spans[0]}")
    yield _hashing(report, spans[1])


def _hashing(report: Report, busy: str) -> Row:
    landed, others = report.hashed_while_landing, report.hashed_by_workers
    if landed and not others:
        return Row("hash    while landing", seconds(report.seconds.fetch), f"busy {busy}")
    who = _who(report, plural("process", report.processes))
    share = f", {landed} of {landed + others} while landing" if landed else ""
    return Row(f"hash    {who}", seconds(report.seconds.hash), f"busy {busy}{share}")


def _who(report: Report, workers: str) -> str:
    return workers if report.mode == "parallel" else "1 at a time"


def _sequential(report: Report) -> Row:
    took = report.sequential
    match took.basis:
        case "measured":
            remark = f"measured on {_day(took.when)}" if took.when else "measured"
        case "estimated":
            remark = f"estimated{_range(took.low, took.high, _decimals(report))}"
        case "this-run":
            remark = "this run" if report.saved else "this run; compare: without --sequential"
    return Row("sequential", seconds(took.seconds, _decimals(report)), remark)


def _saved(report: Report) -> Iterable[Row]:
    if report.saved is None:
        return
    if report.mode == "sequential":
        parallel = seconds(report.sequential.seconds - report.saved.seconds, _decimals(report))
        when = f"measured on {_day(report.parallel_when)}" if report.parallel_when else "measured"
        yield Row("parallel", parallel, when)
    # In a parallel run it is plain who was faster.
    who = "parallel was " if report.mode == "sequential" else ""
    yield _saving(report.saved, _decimals(report), who)


def _saving(saved: Saved, decimals: int, who: str) -> Row:
    span = seconds(abs(saved.seconds), decimals)
    if not math.isfinite(saved.seconds):
        return Row("time saved", "unknown")
    if round(saved.seconds, decimals) == 0:
        return Row("time saved", span, "no difference")
    if saved.seconds < 0:
        return Row("time saved", "none", f"parallel was {span} slower")
    faster = f"{saved.speedup:.1f}x faster" if math.isfinite(saved.speedup) else "faster"
    return Row("time saved", span, who + faster)


def _decimals(report: Report) -> int:
    """Return how exact an estimate is: no hundredths, unless there is nothing else."""
    return 1 if report.sequential.seconds >= 1 else 2


def _range(low: float, high: float, decimals: int) -> str:
    first, last = seconds(low, decimals), seconds(high, decimals)
    if first == last or not math.isfinite(low + high):
        return ""
    share_unit = round(high, decimals) < 60
    return f", {first.removesuffix(' s') if share_unit else first} to {last}"


def _day(when: str | None) -> str:
    """Return a moment (ISO 8601; UTC if it names no zone) in the user's own time."""
    try:
        moment = datetime.fromisoformat(when or "")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return f"{moment.astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return escaped(when or "an unknown day")
