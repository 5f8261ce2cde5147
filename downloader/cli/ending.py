"""How a call ends: what went wrong is said in one line, and becomes an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import typer

from downloader.cli import statuses
from downloader.errors import LocalError, UsageError
from downloader.reporters.messages import write_text
from downloader.text import encodable, escaped

# All that typer finds wrong is one of these; click, where it came from, may not be installed.
WrongUsage: type = typer.BadParameter.__mro__[2]

# What Python says if the system gives it no thread.
NO_THREAD = "can't start new thread"


class Told(Exception):
    """Text was asked for in place of a run; its only argument is that text."""


def status_of(call: Callable[[], Any]) -> int:
    """Return the exit status of a call; what it raises is said in one line."""
    try:
        return int(call() or statuses.DONE)
    except Told as told:
        return _output(str(told))
    except (KeyboardInterrupt, typer.Abort):
        return statuses.CTRL_C
    except Exception as error:
        return failed(*_verdict(error))


def _verdict(error: Exception) -> tuple[str, int]:
    """Return what to say of an error, and the status."""
    if isinstance(error, WrongUsage):
        return _brief(error), statuses.USAGE
    if isinstance(error, UsageError):
        return str(error), statuses.USAGE
    return str(error) if isinstance(error, LocalError) else _surprise(error), statuses.LOCAL


def _surprise(error: Exception) -> str:
    """Return what to say of what nobody foresaw: the machine's failure, or a bug."""
    if os.environ.get("DL_DEBUG"):  # for those who look for it
        write_text(sys.stderr, traceback.format_exc())
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, RuntimeError) and NO_THREAD in str(error):
        return f"{NO_THREAD}: allow more memory (ulimit -v) or processes"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"the system failed: {where}{error.strerror or error}"
    return f"internal error: {type(error).__name__}: {error}: please report it"


def failed(sentence: str, status: int) -> int:
    """Write one line for the user, whatever is in it; return the status."""
    write_text(sys.stderr, f"dl: {escaped(sentence)}\n")
    return status


def output_lost(error: BaseException) -> int:
    """Say that standard output was lost; return the status of that."""
    why = getattr(error, "strerror", None) or "it is closed"
    return failed(f"standard output was lost ({why}): files are safe", statuses.OUTPUT_LOST)


def _output(text: str) -> int:
    try:
        sys.stdout.write(encodable(f"{text}\n", sys.stdout.encoding))
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError) as error:  # AttributeError: there is none
        return output_lost(error)
    return statuses.DONE


def _brief(error: Any) -> str:
    """Return typer's message as one sentence in our own style, with where to read on."""
    message = _nearest(error) or " ".join(str(error.format_message()).split()).rstrip(".")
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "dl"
    return f"{message[:1].lower()}{message[1:]} (see {where} --help)"


def _nearest(error: Any) -> str | None:
    """Return what to say of an option that does not exist and is like one that does."""
    name, known = getattr(error, "option_name", ""), getattr(error, "possibilities", None)
    near = get_close_matches(name, known or (), n=1)
    return f"no such option {name}: did you mean {near[0]}?" if near else None
