from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import downloader
from downloader.errors import DiskFailed, UsageError
from downloader.storage import partial as part_module
from downloader.storage.local import LocalStorage
from downloader.storage.partial import LocalPart


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "target"


@pytest.fixture
def storage(root: Path) -> Iterator[LocalStorage]:
    with closing(LocalStorage(str(root))) as storage:
        yield storage


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Make a folder with a file that nobody may touch."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_bytes(b"precious")
    return folder


def landed(storage: LocalStorage, path: str, data: bytes = b"data") -> str:
    """Return the path of a part that waits for its commit."""
    part = storage.open_part(path)
    part.write_at(0, data)
    part.close()
    return part.path


def parts_of(root: Path) -> list[str]:
    return os.listdir(root / ".dl" / "parts")


# What stands at the final name


def make_link_to_file(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "precious")


def make_dangling_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "nothing")


def make_folder(path: Path, _: Path) -> None:
    path.mkdir()


def make_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


ODD = [
    (make_link_to_file, "is a link"),
    (make_dangling_link, "is a link"),
    (make_folder, "is a folder"),
    (make_pipe, "is a device, pipe or socket"),
]


@pytest.mark.parametrize(("make", "words"), ODD)
def test_what_is_no_file_is_never_replaced(
    storage: LocalStorage,
    root: Path,
    outside: Path,
    make: Callable[[Path, Path], None],
    words: str,
) -> None:
    make(root / "a.bin", outside)
    part = landed(storage, "a.bin")
    with pytest.raises(FileExistsError, match=words):
        storage.stamp("a.bin")
    with pytest.raises(FileExistsError, match=words):
        storage.commit(part, "a.bin", None)
    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_bytes() == b"precious"


def test_a_link_in_place_of_the_expected_file_is_not_followed(
    storage: LocalStorage, root: Path, outside: Path
) -> None:
    expected = storage.commit(landed(storage, "a.bin"), "a.bin", None)
    part = landed(storage, "a.bin", b"new")
    (root / "a.bin").unlink()
    (root / "a.bin").symlink_to(outside / "precious")
    with pytest.raises(FileExistsError, match="is a link"):
        storage.commit(part, "a.bin", expected)
    assert (outside / "precious").read_bytes() == b"precious"


@pytest.mark.parametrize("path", ["host/a.bin", "host/deep/a.bin"])
def test_no_link_is_followed_on_the_way(
    storage: LocalStorage, root: Path, outside: Path, path: str
) -> None:
    (root / "host").symlink_to(outside)
    with pytest.raises(FileExistsError, match="host is a link or a file, not a folder"):
        storage.stamp(path)
    with pytest.raises(FileExistsError):
        storage.commit(landed(storage, path), path, None)
    assert os.listdir(outside) == ["precious"]


def test_a_file_on_the_way_is_named_and_stays(storage: LocalStorage, root: Path) -> None:
    (root / "host").write_bytes(b"theirs")
    with pytest.raises(FileExistsError, match="host is a link or a file, not a folder"):
        storage.commit(landed(storage, "host/a.bin"), "host/a.bin", None)
    assert (root / "host").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    "path", ["../a", "a/../../b", "/etc/a", "a//b", "", ".", ".dl/lock", ".DL"]
)
def test_a_path_that_leaves_the_target_is_refused(storage: LocalStorage, path: str) -> None:
    part = landed(storage, "a.bin")
    with pytest.raises(ValueError, match="not a path below the target"):
        storage.commit(part, path, None)


# Parts


def test_a_link_at_a_parts_name_is_replaced_not_written_through(
    storage: LocalStorage, outside: Path
) -> None:
    name = Path(landed(storage, "a.bin"))
    name.unlink()
    name.symlink_to(outside / "precious")
    part = landed(storage, "a.bin", b"new")
    assert not os.path.islink(part)
    assert (outside / "precious").read_bytes() == b"precious"


def test_a_parts_name_depends_on_the_final_path_alone(root: Path) -> None:
    names = []
    for _ in range(2):
        with closing(LocalStorage(str(root))) as storage:
            names.append(landed(storage, "host/a.bin"))
    assert names[0] == names[1]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_gets_the_users_mode_only_when_it_is_complete(
    root: Path, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        with closing(LocalStorage(str(root))) as storage:
            part = storage.open_part("a.bin")
            while_written = os.stat(part.path).st_mode & 0o777
            part.close()
            storage.commit(part.path, "a.bin", None)
    finally:
        os.umask(before)
    assert while_written == 0o600
    assert (root / "a.bin").stat().st_mode & 0o777 == mode


def test_pieces_larger_than_one_write_are_written_whole(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_module, "PIECE", 3)
    storage.commit(landed(storage, "a.bin", b"0123456789"), "a.bin", None)
    assert (root / "a.bin").read_bytes() == b"0123456789"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_stops_half_way_is_continued_until_the_system_says_why(
    storage: LocalStorage,
) -> None:
    part = storage.open_part("a.bin")
    with largest_file(100), pytest.raises(OSError, match="File too large") as caught:
        part.write_at(0, bytes(200))
    part.close()
    assert caught.value.errno == errno.EFBIG
    assert os.path.getsize(part.path) == 100


def test_a_part_that_cannot_be_written_at_once_is_gone(storage: LocalStorage, root: Path) -> None:
    with largest_file(1000), pytest.raises(OSError, match="File too large"):
        storage.write_part("a.bin", memoryview(bytes(2000)))
    assert parts_of(root) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_stops_the_run_in_one_sentence() -> None:
    same_mode = os.stat("/dev/full").st_mode & 0o777
    part = LocalPart("/dev/full", os.open("/dev/full", os.O_WRONLY), same_mode, "downloads/a.bin")
    with pytest.raises(DiskFailed, match=r"a\.bin: No space left on device: free some"):
        part.write_at(0, b"data")
    part.close()


def test_a_rename_between_file_systems_fails_and_nothing_is_copied(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    part = landed(storage, "a.bin")
    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(OSError, match="cross-device"):
        storage.commit(part, "a.bin", None)
    assert os.listdir(root) == [".dl"]


def test_sweeping_removes_the_parts_of_earlier_runs(root: Path, outside: Path) -> None:
    with closing(LocalStorage(str(root))) as storage:
        landed(storage, "a.bin")
        (root / ".dl" / "parts" / "link").symlink_to(outside / "precious")
        storage.sweep()
        assert parts_of(root) == []
    assert (outside / "precious").exists()


def test_discarding_removes_nothing_outside_the_parts(storage: LocalStorage, outside: Path) -> None:
    storage.discard(str(outside / "precious"))
    assert (outside / "precious").exists()


KILLED = """
import sys
from downloader.storage.local import LocalStorage
storage = LocalStorage(sys.argv[1])
old = storage.stamp("old.bin")
for name in ("old.bin", "new.bin"):
    part = storage.open_part(name)
    part.write_at(0, b"half")
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_killed_run_leaves_only_parts(root: Path) -> None:
    with closing(LocalStorage(str(root))) as storage:
        storage.commit(landed(storage, "old.bin", b"whole"), "old.bin", None)
    home = str(Path(downloader.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root)],
        env={**os.environ, "PYTHONPATH": home},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == b"ready\n"
        run.send_signal(signal.SIGKILL)
    assert sorted(os.listdir(root)) == [".dl", "old.bin"]
    assert (root / "old.bin").read_bytes() == b"whole"
    assert len(parts_of(root)) == 2


# The target itself


def test_the_target_is_made_with_all_folders_above(tmp_path: Path) -> None:
    with closing(LocalStorage(str(tmp_path / "a" / "b"))):
        assert (tmp_path / "a" / "b" / ".dl" / "parts").is_dir()


def test_the_target_may_be_a_link_of_the_user(root: Path, outside: Path) -> None:
    root.symlink_to(outside)
    with closing(LocalStorage(str(root))) as storage:
        storage.commit(landed(storage, "a.bin"), "a.bin", None)
    assert (outside / "a.bin").read_bytes() == b"data"


@pytest.mark.parametrize("below", ["", "/further"])
def test_a_target_that_is_a_file_is_a_usage_error(root: Path, below: str) -> None:
    root.write_bytes(b"")
    with pytest.raises(UsageError, match="not a folder"):
        LocalStorage(str(root) + below)


@pytest.mark.parametrize("name", [".dl", ".dl/parts"])
def test_a_link_in_place_of_our_own_folder_is_refused(root: Path, outside: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(outside)
    with pytest.raises(UsageError, match="is a link or a file, not a folder"):
        LocalStorage(str(root))
    assert os.listdir(outside) == ["precious"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_target_that_cannot_be_made_stops_the_run() -> None:
    with pytest.raises(DiskFailed, match="cannot make or open the folder /proc/target"):
        LocalStorage("/proc/target")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_target_that_cannot_be_written_stops_the_run(root: Path) -> None:
    with closing(LocalStorage(str(root))):
        root.chmod(0o500)
    with pytest.raises(DiskFailed, match="cannot write in"):
        LocalStorage(str(root))


def test_parts_that_vanish_stop_the_run(storage: LocalStorage, root: Path) -> None:
    (root / ".dl" / "parts").rmdir()
    with pytest.raises(DiskFailed, match="cannot write in"):
        storage.open_part("a.bin")


def test_a_closed_storage_touches_no_folder(root: Path) -> None:
    storage = LocalStorage(str(root))
    part = landed(storage, "a.bin")
    storage.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        storage.commit(part, "a.bin", None)


@pytest.mark.parametrize(
    ("root", "shown"),
    [("downloads", "downloads/a.bin"), ("x/", "x/a.bin"), (".", "a.bin"), ("./", "a.bin")],
)
def test_a_file_is_shown_as_reachable_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, shown: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(LocalStorage(root)) as storage:
        storage.commit(landed(storage, "a.bin"), "a.bin", None)
        assert storage.shown("a.bin") == shown
    assert Path(shown).read_bytes() == b"data"
