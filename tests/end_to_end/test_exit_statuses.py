"""Exit statuses and the one line that goes with them; a usage error fetches nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed
from raw import RawServer


def one_line(stderr: bytes) -> str:
    """Return the only line, which is the command's own."""
    text = stderr.decode()
    assert text.startswith("dl: ")
    assert text.count("\n") == 1
    return text


def test_all_stored_is_0(dl: Installed, urls: str) -> None:
    done = dl("fetch", urls)
    assert done.returncode == 0
    assert b"8 files" in done.stderr


def test_a_failed_item_is_1_and_stops_no_other(dl: Installed, web: GoodServer) -> None:
    (dl.folder / "list").write_text(f"{web.url('/gone')}\nnot a url\n{web.url('/a.bin')}\n")
    done = dl("fetch", "list", "-q")
    assert done.returncode == 1
    assert sorted(line.split(": ")[1] for line in done.stderr.decode().splitlines()) == [
        "list:1",
        "list:2",
    ]
    assert list(dl.files()) == ["a.bin"]


@pytest.mark.parametrize(
    "arguments", [["fetch", "URL", "-t", "0"], ["fetch", "URL", "--nonsense"], ["fetsh"], []]
)
def test_wrong_usage_is_2_in_one_line_and_fetches_nothing(
    dl: Installed, arguments: list[str]
) -> None:
    with GoodServer() as server:
        done = dl(*[each.replace("URL", server.url("/x")) for each in arguments])
        assert server.connections == 0
    assert (done.returncode, done.stdout) == (2, b"")
    one_line(done.stderr)


def test_a_wrong_variable_is_2_as_well(dl: Installed, web: GoodServer) -> None:
    done = dl("fetch", web.url("/a.bin"), env={"DL_SEQUENTIAL": "perhaps"})
    assert done.returncode == 2
    assert "DL_SEQUENTIAL=perhaps: give 1 or 0" in one_line(done.stderr)


def test_a_target_that_is_a_file_is_2(dl: Installed, web: GoodServer) -> None:
    (dl.folder / "downloads").write_text("")
    done = dl("fetch", web.url("/a.bin"))
    assert done.returncode == 2
    assert "--dir downloads" in one_line(done.stderr)


def test_a_second_run_on_the_folder_is_3_and_names_the_first(
    dl: Installed, web: GoodServer
) -> None:
    with RawServer(then="stall") as server, dl.begin("fetch", server.url("/x")) as first:
        try:
            assert server.sent.wait(30)
            second = dl("fetch", web.url("/a.bin"))
        finally:
            first.kill()
        assert second.returncode == 3
        assert f"process {first.pid}" in one_line(second.stderr)


def test_the_report_has_the_promised_keys(dl: Installed, web: GoodServer) -> None:
    done = dl("fetch", web.url("/a.bin"), web.url("/gone"), "-q", "--report", "report.json")
    report = json.loads((dl.folder / "report.json").read_text())
    assert done.returncode == 1
    assert list(report) == [
        *("schema", "mode", "threads", "processes", "items", "bytes", "seconds", "busy"),
        *("sequential", "saved", "held_back_by", "stopped", "passed_over"),
        *("gil", "failures"),
    ]
    assert report["items"] == {"total": 2, "stored": 1, "unchanged": 0, "kept": 0, "failed": 1}
    assert [failure["url"] for failure in report["failures"]] == [web.url("/gone")]


def test_the_report_can_go_to_what_is_no_file(dl: Installed, web: GoodServer) -> None:
    done = dl.shell(f"$DL fetch {web.url('/a.bin')} -q --report /dev/stderr")
    assert json.loads(done.stderr)["items"]["stored"] == 1


def test_an_older_report_stays_until_there_is_a_newer_one(dl: Installed) -> None:
    (dl.folder / "report.json").write_text("old")
    assert dl("fetch", "missing.txt", "--report", "report.json").returncode == 2
    assert (dl.folder / "report.json").read_text() == "old"
    assert [path.name for path in Path(dl.folder).iterdir()] == ["report.json"]


def test_a_bug_is_one_line_unless_it_is_looked_for(dl: Installed, web: GoodServer) -> None:
    """A module of the user's that breaks the library stands for the bug."""
    code = (
        "import sys; from downloader import api; api.fetch = lambda *a, **k: 1 / 0;"
        "from downloader.__main__ import main; sys.argv = ['dl', 'fetch', 'http://h/']; main()"
    )
    for debug, traceback in (("", False), ("1", True)):
        done = dl.python(code, env={"DL_DEBUG": debug})
        assert done.returncode == 3
        assert (b"Traceback" in done.stderr) is traceback
        last = done.stderr.decode().splitlines()[-1]
        assert last == "dl: internal error: ZeroDivisionError: division by zero: please report it"
