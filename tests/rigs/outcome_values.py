"""Outcomes that the tests of formats write."""

from __future__ import annotations

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
