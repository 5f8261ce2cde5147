"""What an exception wraps: the libraries hide the system's errors, several deep."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from downloader.wire import tls

TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})


def is_stale(error: BaseException) -> bool:
    """Return True if the peer closed the connection before it replied."""
    return any(isinstance(cause, ConnectionError) or tls.is_end(cause) for cause in causes(error))


def is_out_of_files(error: BaseException) -> bool:
    """Return True if this process, or the system, has too many files open."""
    return any(os_error(cause) in TOO_MANY_FILES for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all that it wraps, outermost first, each once."""
    waiting, known = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in known:
            continue
        known.add(id(cause))
        yield cause
        inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]


def os_error(cause: BaseException) -> int | None:
    """Return the number of an error of the system, `None` for all else."""
    # gaierror and SSLError are OSErrors whose numbers are their own.
    own = isinstance(cause, socket.gaierror | ssl.SSLError)
    return cause.errno if isinstance(cause, OSError) and not own else None
