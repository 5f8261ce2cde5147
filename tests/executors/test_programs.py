"""Whole programs: what they leave behind, what they print, whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The module of this folder that worker processes import by name.
from fake_work import until

ROOT = str(Path(__file__).parents[2])
BEGIN = """
import sys, time
from downloader.executors.local import Pools
pools = Pools(1, 2)
pools.start()
"""
HASH = """
print(pools.hash([__file__], ["md5"]).result().pop().failure, len(pools.pids()), flush=True)
"""
STOP = """
pools.stop(wait=5)
"""
# SIGINT may be ignored where the tests run in the background; and one that comes just before a
# long sleep would not wake it.
INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    print("ready", flush=True)
    while True:
        time.sleep(0.01)
except KeyboardInterrupt:
    pools.stop(wait=5)
    sys.exit(130)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def run(script: Path, code: str) -> subprocess.CompletedProcess[str]:
    script.write_text(code)
    command = [sys.executable, str(script)]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": ROOT}


def session(leader: int) -> Iterator[int]:
    """Find the living processes of a session; zombies are gone but for their parent's look."""
    for entry in os.scandir("/proc"):
        try:
            stat = Path(entry.path, "stat").read_text() if entry.name.isdigit() else ""
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        if fields and fields[0] != "Z" and int(fields[3]) == leader:
            yield int(entry.name)


def begin(script: Path, code: str) -> subprocess.Popen[str]:
    script.write_text(code)
    return subprocess.Popen(
        [sys.executable, str(script)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def next_line(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline()


def test_a_script_without_a_main_guard_runs_once_and_has_its_processes(script: Path) -> None:
    done = run(script, "print('once')\n" + BEGIN + HASH + STOP)
    assert (done.stdout, done.stderr, done.returncode) == ("once\nNone 2\n", "", 0)


def test_a_program_may_forget_to_stop(script: Path) -> None:
    done = run(script, BEGIN + HASH)
    assert (done.stdout, done.stderr, done.returncode) == ("None 2\n", "", 0)


def test_a_hard_exit_after_stop_leaves_nothing_to_complain_about(script: Path) -> None:
    """As the command does when a thread hangs: what is left is noticed by the resource tracker."""
    done = run(script, BEGIN + HASH + STOP + "import os; os._exit(7)")
    assert (done.stderr, done.returncode) == ("", 7)


def test_where_no_worker_can_start_threads_hash(script: Path) -> None:
    broken = """
import multiprocessing, multiprocessing.resource_tracker
multiprocessing.resource_tracker.ensure_running()
multiprocessing.set_executable("/bin/false")
"""
    done = run(script, broken + BEGIN + HASH + STOP)
    assert (done.stdout, done.stderr, done.returncode) == ("None 0\n", "", 0)


def test_in_a_daemonic_process_threads_hash(script: Path) -> None:
    """A daemonic process may have no children."""
    inside = "".join(f"    {line}\n" for line in (BEGIN + HASH + STOP).splitlines())
    done = run(
        script,
        "import multiprocessing\n"
        f"def inside():\n{inside}\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    process = context.Process(target=inside, daemon=True)\n"
        "    process.start()\n"
        "    process.join()\n",
    )
    assert (done.stdout, done.stderr, done.returncode) == ("None 0\n", "", 0)


def test_standard_streams_may_be_closed(script: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    script.write_text(BEGIN + HASH.replace("flush=True", f"file=open({str(answer)!r}, 'w')") + STOP)
    command = f'exec "{sys.executable}" -W ignore "{script}" <&- >&- 2>&-'
    subprocess.run(["sh", "-c", command], env=environment(), check=True, timeout=60)
    assert answer.read_text() == "None 2\n"


@pytest.mark.parametrize("work", ["", HASH], ids=["while workers start", "while workers wait"])
def test_ctrl_c_prints_nothing_and_leaves_nothing(script: Path, work: str) -> None:
    with begin(script, BEGIN + work + INTERRUPTED) as program:
        while next_line(program) != "ready\n":
            pass
        os.killpg(program.pid, signal.SIGINT)
        _, err = program.communicate(timeout=30)
    assert (err, program.returncode) == ("", 130)
    until(lambda: not list(session(program.pid)))


def test_nothing_outlives_a_killed_parent_not_even_in_the_middle_of_a_file(
    script: Path, tmp_path: Path
) -> None:
    """The file is 256 GiB of zeros without a block on disk: minutes of hashing."""
    with open(tmp_path / "large", "wb") as large:
        large.truncate(256 * 1024**3)
    hashing = (
        f"pools.hash([{large.name!r}], ['sha256'])\nprint('at it', flush=True)\ntime.sleep(60)"
    )
    with begin(script, BEGIN + HASH + hashing) as program:
        while next_line(program) != "at it\n":
            pass
        assert len(list(session(program.pid))) > 2
        os.kill(program.pid, signal.SIGKILL)
        until(lambda: not list(session(program.pid)))
        program.communicate(timeout=30)


def test_importing_starts_nothing(script: Path) -> None:
    done = run(
        script,
        "import threading, downloader.executors.local, downloader.executors.processes\n"
        "import multiprocessing\n"
        "from multiprocessing.resource_tracker import _resource_tracker as tracker\n"
        "print(threading.active_count(), multiprocessing.active_children(), tracker._fd)",
    )
    assert done.stdout == "1 [] None\n"
