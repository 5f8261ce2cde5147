"""Signals, streams and host programs, row by row, with the real command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from good import GoodServer, Reply
from installed import TOO_LONG, Installed, Running
from machine import TRUTH, listed, sentences, serving, wrong
from raw import RawServer, Script

SOON = 30.0
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
STALLED = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000
# Where a name that is not ASCII can neither be printed nor be a file's.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc here")


@pytest.fixture(scope="module")
def web() -> Iterator[GoodServer]:
    with serving() as server:
        yield server


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begun(dl: Installed, server: RawServer, *before: str) -> Running:
    """Begin a run through a program; return when its first file is there, and the second stalls."""
    names = dl.write_list([server.url("/a"), server.url("/b")])
    command = [*before, sys.executable, "-m", "downloader", "fetch", names, "--format", "paths"]
    process = Running(
        command,
        cwd=dl.folder,
        env=dl.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"downloads/a\n"
    until(lambda: {each.path for each in server.requests} == {"/a", "/b"})
    return process


# L5, P8: signals


def test_l5_nohup_keeps_a_run_going_when_its_terminal_closes(dl: Installed) -> None:
    gate = threading.Event()
    paths = {"/a": Script([WHOLE], then="keep"), "/b": Script([gate, WHOLE], then="keep")}
    with RawServer(paths=paths) as server, begun(dl, server, "nohup") as process:
        process.send_signal(signal.SIGHUP)
        gate.set()
        process.communicate(timeout=SOON)
    assert process.returncode == 0
    assert dl.files() == {"a": b"whole", "b": b"whole"}


@needs_proc
def test_l5_a_run_that_is_stopped_and_continued_loses_nothing(dl: Installed) -> None:
    gate = threading.Event()
    paths = {"/a": Script([WHOLE], then="keep"), "/b": Script([gate, WHOLE], then="keep")}
    with RawServer(paths=paths) as server, begun(dl, server) as process:
        process.send_signal(signal.SIGSTOP)  # SIGTSTP stops none in an orphaned group, as in CI
        until(lambda: state_of(process.pid) == "T")
        gate.set()
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=SOON)
    assert process.returncode == 0, err
    assert dl.files() == {"a": b"whole", "b": b"whole"}


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_l5_a_job_that_sh_starts_with_an_ampersand_outlives_ctrl_c(dl: Installed) -> None:
    with GoodServer({"/a": b"a", "/b": Reply(b"b", delay=0.5)}) as server:
        names = dl.write_list([server.url("/a"), server.url("/b")])
        began = "while [ ! -f downloads/a ]; do sleep 0.02; done"
        script = f"$DL fetch {names} -q & {began}; kill -INT $!; wait $!; echo status $?"
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=dl.folder,
            env=dl.environ | {"DL": f"{sys.executable} -m downloader"},
            capture_output=True,
            timeout=TOO_LONG,
            check=False,
        )
    assert b"status 0" in done.stdout
    assert dl.files() == {"a": b"a", "b": b"b"}


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_p8_an_interrupted_run_is_finished_by_the_next_one(
    dl: Installed, signum: signal.Signals
) -> None:
    stalled = Script([STALLED], then="stall")
    whole = Script([WHOLE], then="keep")
    with RawServer(paths={"/a": whole, "/b": [stalled, whole]}) as server:
        with begun(dl, server) as process:
            process.send_signal(signum)
            _, err = process.communicate(timeout=SOON)
        assert process.returncode == 128 + signum
        sentences(err)
        again = dl("fetch", "urls.txt", "--continue")
    assert again.returncode == 0, again.stderr
    assert (dl.files(), dl.parts()) == ({"a": b"whole", "b": b"whole"}, [])


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1, 0.2, 0.3])
def test_p8_a_signal_at_any_moment_leaves_no_traceback(
    dl: Installed, web: GoodServer, delay: float
) -> None:
    with dl.begin("fetch", listed(dl, web)) as process:
        time.sleep(delay)  # any moment will do: the start of the interpreter, the run, its end
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SOON)
    # The interpreter itself was still starting: nothing is ours to say.
    if b"Traceback" in err or b"Fatal Python error: init_import_site" in err:
        assert b"/downloader/cli/" not in err
    else:
        assert process.returncode in (0, 130, -signal.SIGINT)
    assert not (dl.folder / "downloads").is_dir() or not wrong(dl)


# L6, P10


@needs_proc
@pytest.mark.parametrize("victim", ["the command", "the group"])
def test_l6_the_next_run_finishes_what_a_killed_one_began(dl: Installed, victim: str) -> None:
    stalled, whole = Script([STALLED], then="stall"), Script([WHOLE], then="keep")
    with RawServer(paths={"/a": whole, "/b": [stalled, whole]}) as server:
        with begun(dl, server, "setsid") as process:
            kill = os.kill if victim == "the command" else os.killpg
            kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=SOON)
        assert dl.files() == {"a": b"whole"}
        again = dl("fetch", "urls.txt", "--continue")
    assert again.returncode == 0, again.stderr
    assert (dl.files(), dl.parts()) == ({"a": b"whole", "b": b"whole"}, [])


# L7: streams and locales


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_l7_a_name_that_the_locale_cannot_write_is_that_items_failure(
    dl: Installed, mode: list[str]
) -> None:
    with GoodServer({"/%E2%98%83": b"snow", "/a": b"a"}) as server:
        urls = [server.url("/%E2%98%83"), server.url("/a")]
        done = dl("fetch", *urls, "--format", "json", "-q", *mode, env=ASCII)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = {record["url"]: record["error"] and record["error"]["kind"] for record in records}
    assert done.returncode == 1
    assert kinds == {urls[0]: "name", urls[1]: None}
    assert "use a UTF-8 locale" in sentences(done.stderr)[0]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "cp037"])
def test_l7_no_encoding_of_the_output_loses_a_record(dl: Installed, encoding: str) -> None:
    with GoodServer({"/%E2%98%83": b"snow"}) as server:
        done = dl("fetch", server.url("/%E2%98%83"), env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0
    assert done.stdout.endswith("  downloads/☃\n".encode())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("lost", ["2>/dev/full", "2>&-", "2>&- <&-"])
def test_l7_lost_errors_cost_no_file_and_no_status(
    dl: Installed, web: GoodServer, lost: str
) -> None:
    done = dl.shell(f"$DL fetch {listed(dl, web)} {web.url('/gone')} {lost}")
    assert done.returncode == 1
    assert dl.files() == TRUTH
    assert done.stdout.count(b"\n") == len(TRUTH)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("lost", [">/dev/full", ">&-", "<&- >&- 2>&-", "| true"])
def test_l7_lost_records_cost_no_file_and_are_said(
    dl: Installed, web: GoodServer, lost: str
) -> None:
    done = dl.shell(f"set -o pipefail; $DL fetch {listed(dl, web)} -q {lost}")
    assert done.returncode in ({0, 120} if "true" in lost else {120})
    assert dl.files() == TRUTH
    sentences(done.stderr)


def test_l8_a_terminal_may_change_its_size(dl: Installed, web: GoodServer) -> None:
    with dl.begin("fetch", listed(dl, web)) as process:
        process.send_signal(signal.SIGWINCH)
        process.communicate(timeout=SOON)
    assert process.returncode == 0


# L10: host programs

FETCH = """
from downloader import Options, fetch
report = fetch(["urls.txt"], Options(threads=4, processes=2))
print("stored", report.items.stored)
"""
FORKS = f"""
import os, sys
{FETCH}
child = os.fork()
if not child:
    os.chdir("child")
    exec({FETCH!r})
    sys.stdout.flush()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
THREAD = f"""
import threading
ours = threading.Thread(target=exec, args=({FETCH!r}, {{}}))
ours.start(), ours.join()
"""
NOTEBOOK = f"""
import sys, types
main = sys.modules["__main__"] = types.ModuleType("__main__")
main.__spec__ = None
exec({FETCH!r}, main.__dict__)
"""
DAEMON = f"""
import multiprocessing
def work(): exec({FETCH!r}, {{}})
if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start(), process.join()
    assert process.exitcode == 0
"""
HOSTS = {
    "without a main guard": FETCH,
    "that forks": FORKS,
    "with threads": THREAD,
    "like a notebook": NOTEBOOK,
    "with daemons": DAEMON,
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("way", ["file", "-c", "-"])
def test_l10_any_program_can_fetch(dl: Installed, web: GoodServer, host: str, way: str) -> None:
    listed(dl, web)
    (dl.folder / "child").mkdir()
    os.link(dl.folder / "urls.txt", dl.folder / "child" / "urls.txt")
    (dl.folder / "program.py").write_text(HOSTS[host])
    operands = {"file": ["program.py"], "-c": ["-c", HOSTS[host]], "-": ["-"]}[way]
    done = subprocess.run(
        [sys.executable, *operands],
        cwd=dl.folder,
        env=dl.environ,
        input=HOSTS[host].encode(),
        capture_output=True,
        timeout=TOO_LONG,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert set(done.stdout.split(b"\n")) == {b"stored 6", b""}
    assert dl.files() == TRUTH
    if host == "that forks":
        assert dl.files("child/downloads") == TRUTH


# L11


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_l11_a_certificate_that_nobody_vouches_for_is_refused_once(
    dl: Installed, mode: list[str]
) -> None:
    with GoodServer({"/x": b"x"}, tls=True) as server:
        done = dl("fetch", server.url("/x"), "--format", "json", *mode)
        assert server.requests == []
        assert server.connections == 1
    (record,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, record["error"]["kind"], record["attempts"]) == (1, "tls", 1)
    assert "certificate verify failed" in record["error"]["message"]
    assert record["error"]["retryable"] is False
