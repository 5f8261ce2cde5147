"""Content, row by row: what is stored is what was sent, and what its checksums say.

The numbers are those of the catalogue of faults. Each run is a whole one, without pools.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest
from good import GoodServer, Reply

from downloader import Digest, Event, Finished, Options, Outcome, UrlItem, UsageError, Warned, fetch

DATA = b"data" * 1000
HEX = hashlib.sha256(DATA).hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


class Told:
    """What a run told."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.warnings: list[str] = []

    def tell(self, event: Event) -> None:
        """Take note of outcomes and warnings."""
        match event:
            case Finished(outcome):
                self.outcomes.append(outcome)
            case Warned(message):
                self.warnings.append(message)


def run(folder: Path, *items: str | UrlItem, **options: object) -> Told:
    told = Told()
    given = Options(dir=str(folder / "d"), sequential=True, proxy="", **options)  # type: ignore[arg-type]  # a test's own
    fetch(items, given, reporter=told)
    return told


def one(folder: Path, item: str | UrlItem, **options: object) -> Outcome:
    (outcome,) = run(folder, item, **options).outcomes
    return outcome


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "d").rglob("*") if path.is_file())


@pytest.mark.parametrize("coding", ["gzip", "br", "unheard-of"])
def test_c1_a_coding_that_nobody_asked_for_is_stored_as_sent_with_a_warning(
    tmp_path: Path, coding: str
) -> None:
    sent = gzip.compress(DATA)
    with GoodServer({"/x": Reply(sent, headers={"Content-Encoding": coding})}) as server:
        told = run(tmp_path, server.url("/x"))
        assert server.requests[0].headers["accept-encoding"] == "identity"
    (outcome,) = told.outcomes
    assert (tmp_path / "d" / "x").read_bytes() == sent
    assert outcome.digests == (Digest("sha256", hashlib.sha256(sent).hexdigest()),)
    assert told.warnings == [
        f"{server.url('/x')}: it was sent with Content-Encoding {coding}: stored as it was sent"
    ]


def test_c4_mismatch_is_tried_once_more_from_zero_and_never_kept(tmp_path: Path) -> None:
    with GoodServer({"/x": DATA}) as server:
        outcome = one(tmp_path, server.url("/x"), checksum=f"sha256:{OTHER}")
        assert server.paths == ["/x", "/x"]
        assert all("range" not in request.headers for request in server.requests)
    assert outcome.error
    assert (outcome.error.kind, outcome.error.retryable) == ("checksum", False)
    assert outcome.error.message == f"expected sha256 {OTHER}, got {HEX}"
    assert set(files(tmp_path)) <= {"journal.sqlite3", "lock"}


def test_c4_mismatch_leaves_the_file_of_an_earlier_run(tmp_path: Path) -> None:
    with GoodServer({"/x": [b"old", DATA]}) as server:
        assert one(tmp_path, server.url("/x")).status == "stored"
        assert one(tmp_path, server.url("/x"), checksum=f"sha256:{OTHER}").status == "failed"
    assert (tmp_path / "d" / "x").read_bytes() == b"old"


@pytest.mark.parametrize(
    "checksum", ["sha256:" + "a" * 63, "sha256:" + "g" * 64, "crc32:00000000", "sha256", HEX]
)
def test_c4_bad_syntax_is_a_usage_error_before_any_request(tmp_path: Path, checksum: str) -> None:
    with GoodServer({"/x": DATA}) as server:
        with pytest.raises(UsageError, match="--checksum: "):
            run(tmp_path, server.url("/x"), checksum=checksum)
        assert server.connections == 0


def test_c4_bad_syntax_in_a_list_fails_its_line_alone(tmp_path: Path) -> None:
    with GoodServer({"/x": DATA, "/y": DATA}) as server:
        listed = tmp_path / "list"
        listed.write_text(f"{server.url('/x')}  sha256:12\n{server.url('/y')}  sha256:{HEX}\n")
        first, second = run(tmp_path, str(listed)).outcomes
        assert server.paths == ["/y"]
    assert first.error
    assert (first.error.kind, first.line, second.verified) == ("checksum", 1, "given")


@pytest.mark.parametrize("form", [HEX.upper(), HEX])
def test_c4_upper_case_is_the_same_checksum(tmp_path: Path, form: str) -> None:
    with GoodServer({"/x": DATA}) as server:
        item = UrlItem(server.url("/x"), checksums=(Digest("SHA256", form),))
        assert one(tmp_path, item).verified == "given"


def test_c4_two_algorithms_that_disagree_are_a_mismatch(tmp_path: Path) -> None:
    with GoodServer({"/x": DATA}) as server:
        checksums = Digest("sha256", HEX), Digest("md5", "0" * 32)
        outcome = one(tmp_path, UrlItem(server.url("/x"), checksums=checksums))
    assert outcome.error
    assert outcome.error.message.startswith("expected md5 00000000000000000000000000000000, got ")


@pytest.mark.parametrize(
    "line",
    [
        *(f"{HEX}  a b.iso", f"{HEX} *a b.iso\r", f"SHA256 (a b.iso) = {HEX}"),
        *(f"{HEX}  ./pub/a b.iso", f"{'0' * 64}  other\n{HEX.upper()}  a b.iso"),
    ],
)
def test_c4_lines_of_sums_files_are_found_by_name(tmp_path: Path, line: str) -> None:
    sums = tmp_path / "SHA256SUMS"
    sums.write_bytes(f"{line}\n".encode())
    with GoodServer({"/pub/a%20b.iso": DATA}) as server:
        outcome = one(tmp_path, server.url("/pub/a%20b.iso"), sums=(str(sums),))
    assert (outcome.status, outcome.verified) == ("stored", "given")


def test_c4_names_that_are_missing_in_a_sums_file_are_counted(tmp_path: Path) -> None:
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{HEX}  other\n")
    with GoodServer({"/x": DATA}) as server:
        told = run(tmp_path, server.url("/x"), sums=(str(sums),))
    assert told.outcomes[0].verified == "none"
    assert told.warnings == [f"1 item was not checked by --sums: not named in {sums}"]
