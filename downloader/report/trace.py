"""A run as a trace: the JSON object form of the Trace Event format, which Perfetto opens.

Threads are the lanes of `lanes.in_lanes`: a complete event ("X") for each item, and within it one
for each of its states. Times are microseconds since the run began.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from downloader.models import Report, Span
from downloader.report.json import as_json
from downloader.report.lanes import in_lanes, states

# The process ids of the stages, and what their lanes are called.
_STAGES: Mapping[str, tuple[int, str]] = {"fetch": (1, "transfer"), "hash": (2, "hash process")}


def write_trace(spans: Iterable[Span], report: Report, stream: TextIO) -> None:
    """Write all spans, in the order in which they began, an event a line."""
    stream.write('{"displayTimeUnit":"ms","traceEvents":[\n')
    for number, event in enumerate(_events(spans)):
        stream.write((",\n" if number else "") + json.dumps(event, separators=(",", ":")))
    account = {name: value for name, value in as_json(report).items() if name != "failures"}
    stream.write(f'\n],"otherData":{json.dumps(account)}}}\n')


def _events(spans: Iterable[Span]) -> Iterator[dict[str, object]]:
    for stage, (process, _) in _STAGES.items():
        yield _named("process_name", process, 0, stage)
    known: set[tuple[str, int]] = set()
    for lane, span in in_lanes(spans):
        if (span.stage, lane) not in known:
            known.add((span.stage, lane))
            process, called = _STAGES[span.stage]
            yield _named("thread_name", process, lane + 1, f"{called} {lane + 1}")
        yield _complete(span.name, span.status, span, lane, (span.began, span.ended)) | _more(span)
        if span.stage == "fetch":
            for state, began, ended in states(span):
                yield _complete(state, state, span, lane, (began, ended))


def _named(what: str, process: int, thread: int, name: str) -> dict[str, object]:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _complete(
    name: str, category: str, span: Span, lane: int, between: tuple[float, float]
) -> dict[str, object]:
    began, ended = (round(1e6 * moment, 1) for moment in between)
    return {
        "ph": "X",
        "name": name,
        "cat": category,
        "pid": _STAGES[span.stage][0],
        "tid": lane + 1,
        "ts": began,
        "dur": round(ended - began, 1),
    }


def _more(span: Span) -> dict[str, object]:
    told = {
        "bytes": span.bytes,
        "host": span.host,
        "attempts": span.attempts,
        "hash_ms": round(1e3 * span.hash_seconds, 3),
    }
    return {"args": told}
