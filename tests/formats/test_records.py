"""Records: the promised JSON, and sums lines that are those of the GNU tools to the byte."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from downloader.formats import records
from downloader.models import Digest, Failure, Outcome

STORED = Outcome(
    "stored",
    3,
    "urls.txt",
    "http://h/a",
    "http://h/b",
    "d/a.bin",
    5,
    (Digest("sha256", "ab"),),
    "given",
    200,
    1,
    0,
    0.12345678,
    0.002,
)
FAILED = Outcome("failed", 4, url='http://h/"x",\x1b\u202e\x7f', error=Failure("dns", "no\nhost"))
NAMES = ["plain", " blank ", "back\\slash", "new\nline", "cr\rname", "all\\\n\r", "byte\udcff", "é"]


def test_the_record_has_the_promised_keys_in_order() -> None:
    expected = (
        '{"schema":1,"line":3,"url":"http://h/a","final_url":"http://h/b","status":"stored",'
        '"path":"d/a.bin","size":5,"digests":{"sha256":"ab"},"verified":"given","http_status":200,'
        '"attempts":1,"resumed_from":0,"fetch_seconds":0.123457,"hash_seconds":0.002,"error":null}'
    )
    assert records.json_text(records.record(STORED)) == expected


def test_json_is_printable_ascii_and_reads_back() -> None:
    shown = records.json_text(records.record(FAILED))
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown)["url"] == FAILED.url
    assert json.loads(shown)["error"] == {"kind": "dns", "message": "no\nhost", "retryable": False}


def test_a_number_that_json_cannot_express_is_null() -> None:
    assert records.number(float("nan")) is records.number(float("inf")) is None


def gnu(folder: Path, *command: str) -> bytes:
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on this machine")
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def make(folder: Path) -> list[str]:
    for name in NAMES:
        (folder / name).write_bytes(b"x")
    return NAMES


def test_lines_are_those_of_sha256sum(tmp_path: Path) -> None:
    """Its escapes of backslash and line break included, and names that are not UTF-8."""
    lines = gnu(tmp_path, "sha256sum", *make(tmp_path))
    hexdigest = lines.split(b" ")[0].decode()
    assert b"".join(records.gnu_line(hexdigest, name) for name in NAMES) == lines


def test_lines_that_end_in_nul_are_those_of_sha256sum_zero(tmp_path: Path) -> None:
    lines = gnu(tmp_path, "sha256sum", "--zero", *make(tmp_path))
    hexdigest = lines.split(b" ")[0].decode()
    assert b"".join(records.gnu_line(hexdigest, name, "\0") for name in NAMES) == lines


@pytest.mark.parametrize(
    ("tool", "algorithm"), [("sha256sum", "sha256"), ("b2sum", "blake2b"), ("md5sum", "md5")]
)
def test_bsd_lines_are_those_of_the_gnu_tools(tmp_path: Path, tool: str, algorithm: str) -> None:
    lines = gnu(tmp_path, tool, "--tag", *make(tmp_path))
    digest = Digest(algorithm, lines.split(b"\n")[0].rsplit(b" ", 1)[1].decode())
    assert b"".join(records.bsd_line(digest, name) for name in NAMES) == lines


def test_algorithms_are_spelled_as_other_tools_spell_them() -> None:
    assert records.bsd_line(Digest("sha3_256", "ab"), "p") == b"SHA3-256 (p) = ab\n"
    assert records.bsd_line(Digest("blake3", "ab"), "p") == b"BLAKE3 (p) = ab\n"


def test_csv_rows_read_back_under_their_header() -> None:
    algorithms = ("sha256", "md5")
    raw = records.csv_header(algorithms) + records.csv_row(STORED, algorithms)
    raw += records.csv_row(FAILED, algorithms)
    stored, failed = csv.DictReader(io.StringIO(raw.decode(), newline=""))
    assert (stored["digests.sha256"], stored["digests.md5"], stored["size"]) == ("ab", "", "5")
    assert (failed["error.kind"], failed["error.message"]) == ("dns", "no\\nhost")
    assert (failed["url"], failed["error.retryable"]) == (
        'http://h/"x",\\x1b\\u202e\\x7f',
        "false",
    )


def test_csv_lines_end_as_rfc_4180_says_and_paths_keep_their_bytes() -> None:
    row = records.csv_row(Outcome("stored", path="byte\udcff,1"), ())
    assert b',"byte\xff,1",' in row
    assert row.endswith(b"\r\n")
