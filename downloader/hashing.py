"""Digests of files: the table of algorithms, and one read of a file for all of them.

The hash workers import this module, and nothing else of the package: `models` and `registry` would
double the time that a worker takes to start (25 to 50 ms). So what crosses the process border is a
`Row` of plain values, which also pickles five times faster than a `HashResult`.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from downloader.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from downloader.models import HashResult, Kind

# Bytes of one read: larger ones are no faster, and this much stays in a core's cache while
# several algorithms go over it.
CHUNK = 256 * 1024
# O_NONBLOCK: opening a FIFO must not wait for its writer. A regular file is read as ever.
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

_thread = threading.local()

Trouble: TypeAlias = "tuple[Kind, str]"


class Hash(Protocol):
    """A digest in the making, as `hashlib` has it."""

    def update(self, data: memoryview, /) -> object:
        """Take in more bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far, in lower-case hexadecimal."""
        ...


class Row(NamedTuple):
    """A `HashResult` without its path and names: hexdigests in the order of the algorithms."""

    size: int
    hexdigests: tuple[str, ...]
    seconds: float
    cpu: float
    trouble: Trouble | None = None
    began: float = 0.0


class _IrregularError(Exception):
    """What was opened is no regular file; its text says what it is."""


def _blake3() -> Hash:
    try:
        from blake3 import blake3  # noqa: PLC0415  an optional package, imported in its row only
    except ImportError:
        raise UsageError(
            "--algorithm blake3 needs the extra: pip install 'dl-downloader[blake3]'"
        ) from None
    made: Hash = blake3()
    return made


def _crc32() -> Hash:
    from downloader.crc import Crc32  # noqa: PLC0415  hash workers rarely need it

    return Crc32()


def _cksum() -> Hash:
    from downloader.crc import Cksum  # noqa: PLC0415  nor this

    return Cksum()


# Every algorithm of a fixed length that each Python has; not for security, so that a machine in
# FIPS mode still checks an old MD5 sum.
ALGORITHMS: dict[str, Callable[[], Hash]] = {
    **{
        name: partial(getattr(hashlib, name), usedforsecurity=False)
        for name in sorted(hashlib.algorithms_guaranteed)
        if not name.startswith("shake_")
    },
    "blake3": _blake3,
    "crc32": _crc32,
    "cksum": _cksum,
}


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Return the algorithms' names in lower case, each once, in the order given.

    Raises `UsageError` for an unknown name, with the nearest known one, and for an algorithm that
    this machine cannot compute.
    """
    from downloader.registry import look_up  # noqa: PLC0415  a hash worker never needs it

    unique = tuple(dict.fromkeys(name.lower() for name in names))
    for name in unique:
        make = look_up(ALGORITHMS, name, "algorithm")
        try:
            make()
        except ValueError:  # FIPS mode, or an OpenSSL without this algorithm
            raise UsageError(f"--algorithm {name}: this machine cannot compute it") from None
    return unique


def digest_of(data: memoryview, algorithm: str) -> str:
    """Return the digest of bytes that are in memory."""
    made = ALGORITHMS[algorithm]()
    made.update(data)
    return made.hexdigest()


def hash_file(path: str, algorithms: Sequence[str]) -> HashResult:
    """Read one file once and return its digests; what goes wrong is the result's failure."""
    return as_results([path], algorithms, hash_batch([path], algorithms))[0]


def hash_batch(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """Hash files one after another: a row a path, in their order; never raises for one of them."""
    return [_row(path, algorithms) for path in paths]


def as_results(
    paths: Sequence[str], algorithms: Sequence[str], rows: Sequence[Row]
) -> list[HashResult]:
    """Make results of the rows that `hash_batch` returned for these paths and algorithms."""
    from downloader.models import (  # noqa: PLC0415  a hash worker never needs them
        Digest,
        Failure,
        HashResult,
    )

    return [
        HashResult(
            path,
            row.size,
            tuple(map(Digest, algorithms, row.hexdigests)),
            row.seconds,
            row.cpu,
            row.trouble and Failure(*row.trouble),
            row.began,
        )
        for path, row in zip(paths, rows, strict=True)
    ]


def failed(kind: Kind, message: str, seconds: float = 0.0, cpu: float = 0.0) -> Row:
    """Return the row of a file that has no digests."""
    return Row(0, (), seconds, cpu, (kind, message))


def rows_of(done: Future[list[Row]], files: int) -> list[Row]:
    """Return what a finished call returned; what it raised is each file's failure."""
    error = done.exception()
    if error is None:
        return done.result()
    return [failed("internal", f"hashing failed: {error!r}")] * files


def _row(path: str, algorithms: Sequence[str]) -> Row:
    began, cpu_began = time.monotonic(), time.thread_time()
    size = 0
    hexdigests: tuple[str, ...] = ()
    trouble: Trouble | None = None
    try:
        size, hexdigests = _digest(path, algorithms)
    except _IrregularError as what:
        trouble = "refused", f"cannot hash {path}: it is {what}, not a regular file"
    except MemoryError:
        trouble = "internal", f"cannot hash {path}: not enough memory"
    except OSError as error:
        trouble = "disk", f"cannot read {path}: {error.strerror or error}"
    except ValueError as error:  # NUL in the path, or text that no file name can be
        trouble = "name", f"cannot hash {path!a}: {error}"
    cpu = time.thread_time() - cpu_began
    return Row(size, hexdigests, time.monotonic() - began, cpu, trouble, began)


def _digest(path: str, algorithms: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    hashes = [ALGORITHMS[name]() for name in algorithms]
    size, chunk = 0, _chunk()
    with _open_regular(path) as file:
        while count := file.readinto(chunk):
            for each in hashes:
                each.update(chunk[:count])
            size += count
    return size, tuple(each.hexdigest() for each in hashes)


def _open_regular(path: str) -> io.FileIO:
    """Open a file that can be read to an end; a link is followed, as its owner named it."""
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise _IrregularError("a socket or a device") from None
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _IrregularError("a folder" if stat.S_ISDIR(mode) else "a pipe or a device")
    return io.FileIO(descriptor)


def _chunk() -> memoryview:
    """Return this thread's buffer: a small file must not pay for making a large one."""
    if not hasattr(_thread, "chunk"):
        _thread.chunk = memoryview(bytearray(CHUNK))
    made: memoryview = _thread.chunk
    return made
