"""JSON: one item as one object a line, in ASCII without control bytes in any form."""

from __future__ import annotations

import json
import math

from downloader.formats import Shape, Write
from downloader.models import Failure, Outcome

SCHEMA = 1
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def writer(_: Shape) -> Write:
    """Return what writes the record of each item, failed ones included."""
    return lambda outcome: text(record(outcome)).encode("ascii") + b"\n"


def record(outcome: Outcome) -> dict[str, object]:
    """Return the JSON record of one item; its keys and their order are promised."""
    return {
        "schema": SCHEMA,
        "line": outcome.line,
        "url": outcome.url,
        "final_url": outcome.final_url,
        "status": outcome.status,
        "path": outcome.path,
        "size": outcome.size,
        "digests": {digest.algorithm: digest.hexdigest for digest in outcome.digests},
        "verified": outcome.verified,
        "http_status": outcome.http_status,
        "attempts": outcome.attempts,
        "resumed_from": outcome.resumed_from,
        "fetch_seconds": number(outcome.fetch_seconds),
        "hash_seconds": number(outcome.hash_seconds),
        "error": _error(outcome.error),
    }


def _error(failure: Failure | None) -> dict[str, object] | None:
    if failure is None:
        return None
    return {"kind": failure.kind, "message": failure.message, "retryable": failure.retryable}


def number(value: float) -> float | None:
    """Return a number that JSON can express, to the microsecond; `None` for NaN and infinity."""
    return round(value, 6) if math.isfinite(value) else None


def text(value: object) -> str:
    r"""Return compact JSON in printable ASCII only (`json` itself leaves DEL as it is)."""
    return _ENCODER.encode(value).replace("\x7f", "\\u007f")
