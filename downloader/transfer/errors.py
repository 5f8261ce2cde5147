"""What the libraries raised, in one sentence: no exception of theirs leaves this room.

requests, urllib3, http.client and ssl wrap each other's exceptions in several ways, and some
escape their own trees, so the whole chain of causes is read: the most telling one decides.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable

from downloader.models import Failure
from downloader.transfer.causes import TOO_MANY_FILES, causes, os_error
from downloader.wire import tls
from downloader.wire.errors import NoReplyError, cleaned
from downloader.wire.state import ThreadState

_BAD_URLS = frozenset(
    {
        "http.client.InvalidURL",
        "requests.exceptions.InvalidURL",
        "urllib3.exceptions.LocationValueError",
    }
)
_GARBLED = frozenset({"http.client.HTTPException", "urllib3.exceptions.HTTPError"})


def classify(error: BaseException, state: ThreadState) -> Failure:
    """Return the failure that an exception stands for; `state` is of the thread that met it."""
    chain = list(causes(error))
    for rule in _RULES:
        for cause in chain:
            failure = rule(cause, state)
            if failure is not None:
                return failure
    return Failure("internal", f"{type(error).__name__}: {cleaned(str(error))}")


def _is_of_libraries(cause: BaseException, names: frozenset[str]) -> bool:
    """Return True if the exception is one of these: most runs never load what defines them."""
    return any(f"{kind.__module__}.{kind.__name__}" in names for kind in type(cause).__mro__)


def _at(state: ThreadState) -> str:
    host, port = state.peer
    return f"{host} port {port}"


def _open_files(cause: BaseException, _: ThreadState) -> Failure | None:
    if os_error(cause) not in TOO_MANY_FILES:
        return None
    text = "too many open files: use fewer --threads, or raise the limit (ulimit -n)"
    return Failure("connect", text, retryable=True)


def _name(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, socket.gaierror):
        return None
    host = state.peer[0]
    if cause.errno == socket.EAI_AGAIN:
        return Failure("dns", f"the name cannot be looked up now: {host}", retryable=True)
    if cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
        return Failure("dns", f"name not found: {host}")
    return Failure("dns", f"name lookup failed: {host}: {cleaned(cause.strerror or '')}")


def _bad_url(cause: BaseException, _: ThreadState) -> Failure | None:
    if not _is_of_libraries(cause, _BAD_URLS):
        return None
    return Failure("bad-url", f"the URL cannot be requested: {cleaned(str(cause))}")


def _time_out(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, TimeoutError):
        return None
    if state.opening:
        text = f"no connection to {_at(state)} within {state.timeouts.connect:g} s"
    else:
        text = f"no reply within {state.timeouts.silence:g} s"
    return Failure("timeout", text, retryable=True)


def _silent_end(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, NoReplyError):
        return None
    text = f"{_at(state)} closed the connection without a reply"
    return Failure("connect", text, retryable=True)


def _refused(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, ConnectionRefusedError):
        return None
    return Failure("connect", f"connection refused by {_at(state)}", retryable=True)


def _reset(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, ConnectionError):
        return None
    text = f"{_at(state)} reset the connection before its reply was complete"
    return Failure("connect", text, retryable=True)


def _tls(cause: BaseException, state: ThreadState) -> Failure | None:
    if not isinstance(cause, ssl.SSLError):
        return None
    if tls.is_end(cause):
        return Failure("tls", f"{_at(state)} ended the TLS connection early", retryable=True)
    reason = (getattr(cause, "reason", None) or cleaned(str(cause))).replace("_", " ").lower()
    return Failure("tls", f"TLS with {_at(state)} failed: {reason}")


def _garbled(cause: BaseException, _: ThreadState) -> Failure | None:
    if not _is_of_libraries(cause, _GARBLED):
        return None
    text = cleaned(str(cause))
    return Failure("protocol", f"the reply breaks HTTP: {text}") if text else None


def _unreachable(cause: BaseException, state: ThreadState) -> Failure | None:
    number = os_error(cause)
    if number is None:
        return None
    text = f"no connection to {_at(state)}: {os.strerror(number)}"
    return Failure("connect", text, retryable=True)


def _not_text(cause: BaseException, _: ThreadState) -> Failure | None:
    if not isinstance(cause, UnicodeError):
        return None
    return Failure("protocol", f"text that cannot be read or sent: {cleaned(str(cause))}")


# The first rule that knows any exception of the chain decides: special ones come before those
# whose exceptions appear around them.
_RULES: tuple[Callable[[BaseException, ThreadState], Failure | None], ...] = (
    _open_files,
    _name,
    _bad_url,
    _time_out,
    _silent_end,
    _refused,
    _reset,
    _tls,
    _unreachable,
    _garbled,
    _not_text,
)
