"""Faults of this machine, row by row: disk, folder, open files, memory, workers, clock."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from good import GoodServer, Reply
from installed import Installed, Running
from machine import (
    TRUTH,
    as_user,
    listed,
    needs_mount,
    needs_strace,
    sentences,
    serving,
    target_paths,
    traced,
    wrong,
)
from raw import RawServer, Script

SOON = 30.0
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000


@pytest.fixture(scope="module")
def web() -> Iterator[GoodServer]:
    with serving() as server:
        yield server


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


@pytest.fixture
def names(dl: Installed, web: GoodServer) -> str:
    return listed(dl, web)


def killed_half_way(dl: Installed) -> Path:
    """Kill a run in the middle of a body; return the part that is left."""
    folder = dl.folder / "downloads" / ".dl" / "parts"
    with (
        RawServer([HALF], then="stall") as server,
        dl.begin("fetch", server.url("/half")) as process,
    ):
        assert server.sent.wait(SOON)
        deadline = time.monotonic() + SOON
        while not any(part.stat().st_size for part in folder.glob("*.part")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
    (part,) = folder.glob("*.part")
    return part


def test_p1_a_killed_run_leaves_nothing_at_the_final_name(dl: Installed) -> None:
    killed_half_way(dl)
    assert dl.files() == {}


@needs_strace
def test_n14_bytes_are_synced_before_the_name_and_the_folder_after_it(
    dl: Installed, web: GoodServer
) -> None:
    """What power loss could show is what was not asked for in this order."""
    log = dl.folder / "log"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
    done = dl.shell(
        f"strace -f -y -qq -o {log} -e {calls} $DL fetch {web.url('/f.bin')} --fsync --sequential"
    )
    assert done.returncode == 0, done.stderr
    lines = log.read_text().splitlines()
    top = os.path.realpath(dl.folder / "downloads")
    (named,) = [at for at, line in enumerate(lines) if "rename" in line and '"f.bin"' in line]
    assert any("sync(" in line and ".part>" in line for line in lines[:named])
    assert any("sync(" in line and f"<{top}>" in line for line in lines[named:])


# N9: what others put into the folder


def test_n9_a_link_in_place_of_a_part_is_not_written_through(dl: Installed) -> None:
    part = killed_half_way(dl)
    (dl.folder / "precious").write_text("precious")
    part.unlink()
    part.symlink_to(dl.folder / "precious")
    with GoodServer({"/half": b"whole"}) as server:
        assert dl("fetch", server.url("/half")).returncode == 0
    assert dl.files() == {"half": b"whole"}
    assert (dl.folder / "precious").read_text() == "precious"


def test_n9_a_foreign_part_never_becomes_a_file(dl: Installed) -> None:
    killed_half_way(dl).write_bytes(b"foreign" * 20000)
    with GoodServer({"/half": b"whole"}) as server:
        assert dl("fetch", server.url("/half")).returncode == 0
    assert (dl.files(), dl.parts()) == ({"half": b"whole"}, [])


@pytest.mark.parametrize("damage", [b"", b"garbage" * 999, b"SQLite format 3\0" + b"\xff" * 5000])
def test_n9_a_damaged_journal_costs_its_history_and_no_file(
    dl: Installed, names: str, damage: bytes
) -> None:
    assert dl("fetch", names).returncode == 0
    journal = dl.folder / "downloads" / ".dl" / "journal.sqlite3"
    for each in journal.parent.glob("journal.sqlite3*"):
        each.unlink()
    journal.write_bytes(damage)
    done = dl("fetch", names, "--overwrite")
    assert done.returncode == 0, done.stderr
    assert dl.files() == TRUTH
    sentences(done.stderr)


def test_n9_a_journal_that_another_program_holds_stops_the_run(dl: Installed, names: str) -> None:
    assert dl("fetch", names).returncode == 0
    journal = dl.folder / "downloads" / ".dl" / "journal.sqlite3"
    holder = sqlite3.connect(journal, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = dl("fetch", names)
    holder.close()
    assert done.returncode == 3
    assert "another program holds it" in sentences(done.stderr)[-1]
    assert dl.files() == TRUTH


# N10: disks


@pytest.fixture
def tiny(dl: Installed) -> str:
    """The start of a line of shell that has a target of 1 MiB."""
    (dl.folder / "downloads").mkdir()
    return "unshare -m sh -c 'mount -t tmpfs -o size=1m none downloads"


@needs_mount
@pytest.mark.parametrize("mode", ["", "--sequential"])
def test_n10_a_full_disk_stops_the_run_and_keeps_what_is_whole(
    dl: Installed, names: str, tiny: str, mode: str
) -> None:
    copy = "mkdir copy; cp -r downloads copy; exit $s"
    done = dl.shell(f"{tiny} && {{ $DL fetch {names} -q {mode}; s=$?; {copy}; }}'")
    assert done.returncode == 3
    assert "No space left on device: free some space and run again" in sentences(done.stderr)[-1]
    found = dl.files("copy/downloads")
    assert found
    assert all(TRUTH[name] == data for name, data in found.items())
    assert dl.parts("copy/downloads") == []


@needs_mount
def test_n10_a_read_only_file_system_is_said_in_one_line(dl: Installed, web: GoodServer) -> None:
    (dl.folder / "downloads").mkdir()
    mount = "mount -t tmpfs -o ro,size=1m none downloads"
    done = dl.shell(f"unshare -m sh -c '{mount} && $DL fetch {web.url('/a.bin')}'")
    assert done.returncode == 3
    assert sentences(done.stderr) == ["dl: cannot write in downloads: Read-only file system"]


@as_user
def test_n10_a_folder_that_is_not_writable_is_said_in_one_line(dl: Installed, names: str) -> None:
    (dl.folder / "downloads").mkdir(mode=0o500)
    done = dl("fetch", names)
    assert done.returncode == 3
    assert len(sentences(done.stderr)) == 1


# The call, the fault, and the status: 3 stops the run, 1 is the item's.
CALLS = [
    ("openat", "EACCES", 3),
    ("openat", "EROFS", 3),
    ("pwrite64", "EDQUOT", 3),
    ("pwrite64", "EIO", 3),
    ("pwrite64", "EFBIG", 1),
    ("fchmod", "EIO", 3),
    ("renameat,rename", "EDQUOT", 3),
    ("renameat,rename", "EROFS", 3),
    ("renameat,rename", "EXDEV", 1),
    ("renameat,rename", "EACCES", 1),
]


@needs_strace
@pytest.mark.parametrize(("calls", "error", "status"), CALLS)
def test_n10_each_fault_of_the_disk_is_one_sentence_and_costs_no_other_file(
    dl: Installed, web: GoodServer, calls: str, error: str, status: int
) -> None:
    parts = target_paths(dl.folder / "downloads", parts_only=True)
    address = web.url("/b.bin")
    done, happened = traced(dl, f"{calls}:error={error}", "fetch", address, "-q", paths=parts)
    assert happened
    assert done.returncode == status
    assert os.strerror(getattr(errno, error)) in sentences(done.stderr)[-1]
    assert dl.files() == {}
    assert dl("fetch", address).returncode == 0


@needs_strace
@pytest.mark.parametrize("call", ["close", "fchmod"])
def test_n10_what_the_disk_reports_only_at_the_end_is_noticed(
    dl: Installed, web: GoodServer, call: str
) -> None:
    """Network file systems and quotas report at close what they took at write."""
    parts = target_paths(dl.folder / "downloads", parts_only=True)
    address = web.url("/b.bin")
    done, happened = traced(
        dl, f"{call}:error=EDQUOT:when=1", "fetch", address, "-q", paths=parts[1:]
    )
    assert happened
    assert done.returncode == 3
    assert dl.files() == {}


def test_n10_a_limit_of_file_sizes_fails_the_large_ones_only(dl: Installed, names: str) -> None:
    done = dl.shell(f"ulimit -f 300; $DL fetch {names} -q")
    assert done.returncode == 1
    assert all("File too large" in line for line in sentences(done.stderr))
    assert set(dl.files()) == {name for name, data in TRUTH.items() if len(data) <= 300 * 1024}
    assert not wrong(dl)


# N11: other file systems


@needs_strace
def test_n11_a_rename_between_devices_fails_and_nothing_is_copied(
    dl: Installed, names: str
) -> None:
    done, happened = traced(dl, "renameat:error=EXDEV:when=2", "fetch", names, "-q")
    assert happened
    assert done.returncode == 1
    assert len(sentences(done.stderr)) == 1
    assert len(dl.files()) == len(TRUTH) - 1
    assert not wrong(dl)


@needs_strace
def test_n11_a_file_system_without_locks_is_said(dl: Installed, names: str) -> None:
    done, _ = traced(dl, "flock:error=ENOLCK", "fetch", names)
    assert done.returncode == 3
    assert "cannot lock " in sentences(done.stderr)[-1]


# N12: open files


@pytest.mark.parametrize("limit", [64, 20])
def test_n12_few_open_files_make_the_run_smaller_and_fail_no_item(
    dl: Installed, limit: int
) -> None:
    files = {f"/{number}": Reply(b"%d" % number, delay=0.02) for number in range(120)}
    with GoodServer(files) as server:
        names = dl.write_list([server.url(path) for path in files])
        done = dl.shell(f"ulimit -n {limit}; $DL fetch {names} -t 256")
    assert done.returncode == 0, done.stderr
    assert "too few open files are allowed" in sentences(done.stderr)[0]
    assert dl.files() == {path[1:]: reply.body for path, reply in files.items()}


@needs_strace
def test_n12_the_systems_own_limit_is_waited_out(dl: Installed, web: GoodServer) -> None:
    done, happened = traced(dl, "socket:error=ENFILE:when=1", "fetch", web.url("/b.bin"))
    assert happened
    assert done.returncode == 0, done.stderr
    assert not wrong(dl)


# N13 and hash workers


@pytest.mark.parametrize("mib", [60, 75, 100, 150, 200, 250])
def test_n13_little_memory_is_either_enough_or_said(dl: Installed, names: str, mib: int) -> None:
    """Under any limit: all files and status 0, or a status that says that some are missing."""
    done = dl.shell(f"ulimit -v {mib << 10}; $DL fetch {names}")
    if done.returncode == 0:
        assert dl.files() == TRUTH
        assert done.stdout.count(b"\n") == len(TRUTH)
    else:
        assert b"MemoryError" in done.stderr or sentences(done.stderr)[-1].startswith("dl: ")
        assert not (dl.folder / "downloads").is_dir() or not wrong(dl)


def workers_of(process: Running) -> list[int]:
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:
        found = [int(pid) for pid in children.read().split()]
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_n13_hash_workers_that_are_killed_cost_no_file(dl: Installed) -> None:
    """As the kernel does where memory runs out."""
    gate = threading.Event()
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
    paths = {"/a": Script([whole], then="keep"), "/b": Script([gate, whole], then="keep")}
    with RawServer(paths=paths) as server:
        names = dl.write_list([server.url("/a"), server.url("/b")])
        with dl.begin("fetch", names, "--format", "json", "-p", "2") as process:
            assert process.stdout
            process.stdout.readline()
            for pid in workers_of(process):
                with suppress(ProcessLookupError):  # the death of one may be that of all
                    os.kill(pid, signal.SIGKILL)
            gate.set()
            out, err = process.communicate(timeout=SOON)
    assert process.returncode == 0, err
    assert json.loads(out)["digests"]["sha256"] == hashlib.sha256(b"whole").hexdigest()
    sentences(err)


# P6, P9, L9


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_p6_files_threads_and_memory_do_not_grow_with_the_list(dl: Installed) -> None:
    last = threading.Event()
    files = {f"/{number}": b"x" for number in range(600)}
    scripts = {path: Script([reply(body)], then="keep") for path, body in files.items()}
    with RawServer(paths=scripts | {"/last": Script([last, reply(b"")], then="keep")}) as server:
        lines = [server.url(path) for path in files]
        bad = [f"not a url {number}" for number in range(40_000)]
        names = dl.write_list([*lines, *bad, server.url("/last")])
        with dl.begin("fetch", names, "--format", "paths", "-t", "4", "-q") as process:
            assert process.stdout
            drain = threading.Thread(target=process.stderr.read if process.stderr else int)
            drain.start()
            for _ in files:
                process.stdout.readline()
            while "/last" not in {each.path for each in server.requests}:
                time.sleep(0.02)
            handles = len(os.listdir(f"/proc/{process.pid}/fd"))
            status = Path(f"/proc/{process.pid}/status").read_text()
            last.set()
            drain.join()
            process.stdout.read()
    assert handles < 64
    assert number(status, "Threads") < 20
    assert number(status, "VmHWM") < 160 << 10  # KiB


def number(status: str, name: str) -> int:
    (line,) = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])


def reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def test_p9_bad_items_stop_no_other(dl: Installed, web: GoodServer) -> None:
    bad = ["http://127.0.0.1:1/refused", web.url("/gone"), "ftp://h/", "http://a..b/", "\x1b"]
    lines = [line for pair in zip(bad, TRUTH, strict=False) for line in pair]
    urls = [web.url(f"/{line}") if line in TRUTH else line for line in lines]
    done = dl("fetch", dl.write_list(urls), "--retries", "0")
    assert done.returncode == 1
    assert len(dl.files()) == len(bad)
    assert not wrong(dl)


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_l9_a_servers_clock_decides_nothing(dl: Installed, date: str) -> None:
    headers = {"Date": date, "Last-Modified": date, "Expires": date}
    busy = Reply(b"", 503, headers | {"Retry-After": date})
    with GoodServer({"/x": [busy, Reply(b"x", headers=headers)]}) as server:
        done = dl("fetch", server.url("/x"), "--max-retry-wait", "1")
    assert done.returncode == 0, done.stderr
    assert dl.files() == {"x": b"x"}
