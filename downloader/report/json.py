"""The account of a run, as JSON for programs (pure functions)."""

from __future__ import annotations

from typing import TextIO

from downloader.formats.json import SCHEMA, number, record, text
from downloader.models import Busy, Counts, Report, Saved, Sequential, Stages


def as_json(report: Report) -> dict[str, object]:
    """Return the report as a JSON object; `failures` are records as on standard output.

    `saved` is `None` if there was nothing to compare with.
    """
    return _head(report) | {"failures": [record(outcome) for outcome in report.failures]}


def write_json(report: Report, stream: TextIO) -> None:
    """Write `as_json(report)`, a failure a line, holding one of them in memory at a time."""
    stream.write(text(_head(report)).removesuffix("}") + ',"failures":[')
    for index, outcome in enumerate(report.failures):
        stream.write((",\n" if index else "\n") + text(record(outcome)))
    stream.write("]}\n")


def _head(report: Report) -> dict[str, object]:
    """Return all of the JSON report but its failures, in the promised order."""
    return {
        "schema": SCHEMA,
        "mode": report.mode,
        "threads": report.threads,
        "processes": report.processes,
        "items": _checked(report.items) if report.checked else _counts(report.items),
        "bytes": report.bytes,
        "seconds": {"wall": number(report.seconds.wall), **_stages(report.seconds)},
        "busy": _stages(report.busy),
        "sequential": _sequential(report.sequential),
        "saved": report.saved and _saved(report.saved),
        "held_back_by": report.held_back_by,
        "stopped": report.stopped or None,
        "passed_over": report.passed_over,
        "gil": report.gil,
    }


def _counts(items: Counts) -> dict[str, int]:
    return {
        "total": items.total,
        "stored": items.stored,
        "unchanged": items.unchanged,
        "kept": items.kept,
        "failed": items.failed,
    }


def _checked(items: Counts) -> dict[str, int]:
    return {
        "total": items.total,
        "ok": items.ok,
        "repaired": items.repaired,
        "failed": items.failed,
        "missing": items.missing,
        "extra": items.extra,
    }


def _stages(spans: Stages | Busy) -> dict[str, float | None]:
    return {"fetch": number(spans.fetch), "hash": number(spans.hash)}


def _sequential(took: Sequential) -> dict[str, object]:
    return {
        "seconds": number(took.seconds),
        "low": number(took.low),
        "high": number(took.high),
        "basis": took.basis,
    }


def _saved(saved: Saved) -> dict[str, object]:
    return {"seconds": number(saved.seconds), "speedup": number(saved.speedup)}
