"""Files about a run: found to be writable before it, there only when they are complete."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TextIO

from downloader.errors import LocalError, UsageError

Write = Callable[[TextIO], None]


@contextmanager
def report_file(path: str | None, option: str = "--report") -> Iterator[Callable[[Write], None]]:
    """Give a function that takes what writes the file that `option` names, and has it appear.

    Raises `UsageError` at once if that cannot be done; a file that is there stays until then.
    What is no regular file (a pipe, a terminal) is written to. Without a path nothing is written.
    """
    if path is None:
        yield lambda write: None
        return
    shown = f"{option} {path or repr(path)}"
    target = _target(path, shown)
    temporary = f"{target}.{os.getpid()}.tmp"
    stream = _opened(path, temporary if target else None, shown)
    try:
        yield partial(_keep, shown, stream, temporary, target)
    finally:
        with suppress(OSError):
            stream.close()
        with suppress(OSError):
            os.unlink(temporary)


def _target(path: str, shown: str) -> str | None:
    """Return the regular file that the path leads to, `None` if it is none."""
    if path in ("", "-"):
        raise UsageError(f"{shown}: name a file; standard output has records")
    try:
        return None if _is_special(path) else os.path.realpath(path)
    except ValueError as error:  # a NUL in the name
        raise UsageError(_unwritable(shown, error)) from None


def _opened(path: str, temporary: str | None, shown: str) -> TextIO:
    try:
        return open(temporary or path, "x" if temporary else "w", encoding="utf-8")
    except OSError as error:
        raise UsageError(_unwritable(shown, error)) from None


def _keep(shown: str, stream: TextIO, temporary: str, target: str | None, write: Write) -> None:
    try:
        write(stream)
        stream.close()
        if target:
            os.replace(temporary, target)
    except OSError as error:
        raise LocalError(_unwritable(shown, error)) from None


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _unwritable(shown: str, error: OSError | ValueError) -> str:
    why = getattr(error, "strerror", None) or str(error)
    return f"{shown}: cannot be written: {why.lower()}"
