"""One item as one record: the JSON object, the lines of sums files, the CSV row (pure functions).

Paths are written as the bytes that stand on disk; all other text comes from servers and lists and
holds no control bytes in any form.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Sequence

from downloader.models import Digest, Failure, Outcome
from downloader.text import escaped

SCHEMA = 1
_SUMS_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
# As coreutils and OpenSSL spell them; all other names are written in capitals.
_TAGS = {
    "blake2b": "BLAKE2b",
    "sha3_224": "SHA3-224",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}


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


def json_text(value: object) -> str:
    r"""Return compact JSON in printable ASCII only (`json` itself leaves DEL as it is)."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("\x7f", "\\u007f")


def gnu_line(hexdigest: str, path: str, end: str = "\n") -> bytes:
    r"""Return the line that GNU `sha256sum` and its sisters print for a file.

    A name with a backslash or a line break is escaped, and the line then begins with a backslash;
    with `end="\0"` nothing is escaped, as with `--zero`.
    """
    mark, name = _sums_name(path, end)
    return os.fsencode(f"{mark}{hexdigest}  {name}{end}")


def bsd_line(digest: Digest, path: str, end: str = "\n") -> bytes:
    """Return the line `SHA256 (path) = hex`, as GNU `sha256sum --tag` prints it."""
    mark, name = _sums_name(path, end)
    tag = _TAGS.get(digest.algorithm, digest.algorithm.upper())
    return os.fsencode(f"{mark}{tag} ({name}) = {digest.hexdigest}{end}")


def _sums_name(path: str, end: str) -> tuple[str, str]:
    name = path if end == "\0" else path.translate(_SUMS_ESCAPES)
    return ("" if name == path else "\\"), name


def csv_header(algorithms: Sequence[str]) -> bytes:
    """Return the first line: the record's keys, nested ones with a dot (`digests.sha256`)."""
    return _csv_line(list(_flat(Outcome(status="failed"), algorithms)))


def csv_row(outcome: Outcome, algorithms: Sequence[str]) -> bytes:
    """Return one row (RFC 4180: CRLF, quotes doubled); what is not known is empty."""
    row = {key: _csv_field(value) for key, value in _flat(outcome, algorithms).items()}
    if outcome.path is not None:
        row["path"] = os.fsencode(outcome.path).decode("utf-8", "surrogateescape")
    return _csv_line(list(row.values()))


def _flat(outcome: Outcome, algorithms: Sequence[str]) -> dict[str, object]:
    digests = {digest.algorithm: digest.hexdigest for digest in outcome.digests}
    error = outcome.error
    flat: dict[str, object] = {}
    for key, value in record(outcome).items():
        if key == "digests":
            flat |= {f"digests.{name}": digests.get(name) for name in algorithms}
        elif key != "error":
            flat[key] = value
    flat["error.kind"] = error and error.kind
    flat["error.message"] = error and error.message
    flat["error.retryable"] = error and error.retryable
    return flat


def _csv_field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escaped(str(value))


def _csv_line(fields: Sequence[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(fields)
    return line.getvalue().encode("utf-8", "surrogateescape")
