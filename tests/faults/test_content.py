"""Content, row by row: what is stored is what was sent, and what its checksums say.

The numbers are those of the catalogue of faults. Each run is a whole one, without pools.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer, Reply
from ranged import Ranged
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader import Digest, Event, Finished, Options, Outcome, UrlItem, UsageError, Warned, fetch
from downloader.models import Failure, Job, ResumePoint

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
    "checksum", ["sha256:" + "a" * 63, "sha256:" + "g" * 64, "crc64:00000000", "sha256", HEX]
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
    with GoodServer({"/x": DATA, "/other": DATA}) as server:
        told = run(tmp_path, server.url("/x"), server.url("/other"), sums=(str(sums),))
    assert [outcome.verified for outcome in told.outcomes] == ["none", "given"]
    assert told.warnings == [f"1 item was not checked by --sums: not named in {sums}"]


PAGE = b"\xef\xbb\xbf\n<!-- portal -->\n<!DOCTYPE html><title>Log in</title>" + b"." * 3000
SAID = "the server sent a web page in place of a .gz file (a login or error page?)"


@by_any_way
@pytest.mark.parametrize("chunked", [0, 1, 4000], ids=["whole", "byte by byte", "chunked"])
@pytest.mark.parametrize("kind", ["text/html", "application/gzip"])
def test_c6_page_in_place_of_a_file_is_refused_once(
    make_rig: Callable[..., Rig], chunked: int, kind: str
) -> None:
    page = Reply(PAGE, headers={"Content-Type": kind}, chunked=chunked)
    with GoodServer({"/data.tar.gz": page}) as server:
        rig = make_rig()
        failure = rig.fetch(server.url("/data.tar.gz"), "data.tar.gz").failure
        assert failure == Failure("content", SAID)
        assert (server.paths, rig.stop.sleeps) == (["/data.tar.gz"], [])
    assert rig.left_over() == []


@by_any_way
def test_c6_large_page_is_refused_too(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/a": PAGE + bytes(1_000_000)}) as server:
        rig = make_rig()
        assert rig.fetch(server.url("/a"), "x/a.JPG").failure == Failure(
            "content", SAID.replace(".gz", ".JPG")
        )
    assert rig.left_over() == []


@by_any_way
@pytest.mark.parametrize("name", ["data.html", "data", "data.csv"])
def test_c6_page_under_another_name_is_a_file(make_rig: Callable[..., Rig], name: str) -> None:
    with GoodServer({"/x": PAGE}) as server:
        result = make_rig().fetch(server.url("/x"), name)
    assert Path(result.part).read_bytes() == PAGE


@by_any_way
@pytest.mark.parametrize("body", [b"\x1f\x8b<html>", b" \n\n", b"<!-- x -->", b"<", b""])
def test_c6_file_that_has_a_type_of_pages_is_a_file(
    make_rig: Callable[..., Rig], body: bytes
) -> None:
    page = Reply(body, headers={"Content-Type": "text/html; charset=utf-8"})
    with GoodServer({"/x": page}) as server:
        result = make_rig().fetch(server.url("/x"), "a.gz")
    assert Path(result.part).read_bytes() == body


@by_any_way
def test_c6_allowed_page_is_taken(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/x": PAGE}) as server:
        result = make_rig(allow_html=True).fetch(server.url("/x"), "a.gz")
    assert Path(result.part).read_bytes() == PAGE


LARGE = PAGE + bytes(600_000)


@pytest.mark.parametrize("held", [3, 40, 300_000, len(LARGE)])
def test_c6_page_is_refused_though_only_its_rest_comes(
    make_rig: Callable[..., Rig], held: int
) -> None:
    rig, resume = make_rig(), ResumePoint(held, len(LARGE), '"1"')
    part = rig.local.open_part("a.gz", resume.version)
    part.write_at(0, LARGE[:held])
    part.close()
    file = Ranged(LARGE, etag='"1"')
    with GoodServer({"/x": file}) as server:
        url = server.url("/x")
        result = rig.run(Job(UrlItem(url), url, "a.gz", resume=resume))
    assert file.seen[0] is not None
    assert result.failure == Failure("content", SAID)
    assert rig.left_over() == []


@pytest.mark.parametrize("options", [{}, {"sequential": True}, {"fetch_processes": 2}])
def test_c6_run_stores_none_of_many_pages(tmp_path: Path, options: dict[str, Any]) -> None:
    pages = {f"/{number}.zip": PAGE for number in range(40)} | {"/40.txt": PAGE}
    with GoodServer(pages) as server:
        given = Options(dir=str(tmp_path / "d"), proxy="", **options)
        report = fetch([server.url(path) for path in pages], given)
        assert sorted(server.paths) == sorted(pages)
    assert [each.error and each.error.kind for each in report.failures] == ["content"] * 40
    assert set(files(tmp_path)) <= {"40.txt", "journal.sqlite3", "lock"}


def test_c4_a_sums_file_that_names_nothing_is_refused_before_any_request(tmp_path: Path) -> None:
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{HEX}  other\n")
    with GoodServer({"/x": DATA}) as server, pytest.raises(UsageError) as caught:
        run(tmp_path, server.url("/x"), sums=(str(sums),))
    assert (server.paths, (tmp_path / "d").exists()) == ([], False)
    why = f"no item is named in {sums}, which names 'other': nothing was fetched"
    assert str(caught.value) == f"--sums: {why}"


@pytest.mark.parametrize("options", [{}, {"sequential": True}, {"fetch_processes": 2}])
@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"server_names": True}, []),
        ({"server_names": True, "allow_html": True}, ["data.zip"]),
        ({}, ["download"]),
    ],
)
def test_c6_page_under_a_name_that_its_server_gives_is_refused_too(
    tmp_path: Path, options: dict[str, Any], more: dict[str, Any], kept: list[str]
) -> None:
    page = Reply(PAGE, headers={"Content-Disposition": 'attachment; filename="data.zip"'})
    with GoodServer({"/download?id=5": page}) as server:
        given = Options(dir=str(tmp_path / "d"), proxy="", **options, **more)
        report = fetch([server.url("/download?id=5")], given)
        assert len(server.paths) == 1
    said = [each.error and each.error.message for each in report.failures]
    assert said == ([] if kept else [SAID.replace(".gz", ".zip")])
    assert [name for name in files(tmp_path) if name not in ("journal.sqlite3", "lock")] == kept
