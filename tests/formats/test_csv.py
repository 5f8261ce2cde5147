"""CSV records: rows that read back under their header."""

from __future__ import annotations

import csv
import io

from outcome_values import FAILED, STORED

from downloader.formats import Shape
from downloader.formats.csv import header, row, writer
from downloader.models import Outcome


def test_rows_read_back_under_their_header() -> None:
    shape = Shape(("sha256", "md5"))
    write = writer(shape)
    raw = header(shape) + write(STORED) + write(FAILED)
    stored, failed = csv.DictReader(io.StringIO(raw.decode(), newline=""))
    assert (stored["digests.sha256"], stored["digests.md5"], stored["size"]) == ("ab", "", "5")
    assert (failed["error.kind"], failed["error.message"]) == ("dns", "no\\nhost")
    assert (failed["url"], failed["error.retryable"]) == (
        'http://h/"x",\\x1b\\u202e\\x7f',
        "false",
    )


def test_lines_end_as_rfc_4180_says_and_paths_keep_their_bytes() -> None:
    line = row(Outcome("stored", path="byte\udcff,1"), ())
    assert b',"byte\xff,1",' in line
    assert line.endswith(b"\r\n")
