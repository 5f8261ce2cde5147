"""What the libraries raised, in one sentence: no exception of theirs leaves this room.

requests, urllib3, http.client and ssl wrap each other's exceptions in several ways, and some
escape their own trees, so the whole chain of causes is read: the most telling one decides.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import NamedTuple

from requests.exceptions import InvalidURL
from urllib3.exceptions import HTTPError, LocationValueError

from downloader.models import Failure
from downloader.policy import Timeouts
from downloader.wire import tls
from downloader.wire.errors import cleaned

_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})


class Scene(NamedTuple):
    """Where it happened: the peer, whether its connection was opening, and what was patient."""

    peer: tuple[str, int]
    opening: bool
    timeouts: Timeouts


def classify(error: BaseException, scene: Scene) -> Failure:
    """Return the failure that an exception of the libraries stands for."""
    chain = list(causes(error))
    for rule in _RULES:
        for cause in chain:
            failure = rule(cause, scene)
            if failure is not None:
                return failure
    return Failure("internal", f"{type(error).__name__}: {cleaned(str(error))}")


def is_stale(error: BaseException) -> bool:
    """Say whether the peer closed the connection before it replied."""
    return any(isinstance(cause, ConnectionError) or tls.is_end(cause) for cause in causes(error))


def is_out_of_files(error: BaseException) -> bool:
    """Say whether this process, or the system, has too many files open."""
    return any(_errno(cause) in _TOO_MANY_FILES for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all that it wraps, outermost first, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _errno(cause: BaseException) -> int | None:
    # gaierror and SSLError are OSErrors whose numbers are their own.
    own = isinstance(cause, socket.gaierror | ssl.SSLError)
    return cause.errno if isinstance(cause, OSError) and not own else None


def _at(scene: Scene) -> str:
    host, port = scene.peer
    return f"{host} port {port}"


def _certificate(cause: BaseException, _: Scene) -> Failure | None:
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return None
    reason = getattr(cause, "verify_message", "").rstrip(".") or cleaned(str(cause))
    return Failure("tls", f"certificate verify failed: {reason}")


def _open_files(cause: BaseException, _: Scene) -> Failure | None:
    if _errno(cause) not in _TOO_MANY_FILES:
        return None
    text = "too many open files: use fewer --threads, or raise the limit (ulimit -n)"
    return Failure("connect", text, retryable=True)


def _name(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, socket.gaierror):
        return None
    host = scene.peer[0]
    if cause.errno == socket.EAI_AGAIN:
        return Failure("dns", f"the name cannot be looked up now: {host}", retryable=True)
    if cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
        return Failure("dns", f"name not found: {host}")
    return Failure("dns", f"name lookup failed: {host}: {cleaned(cause.strerror or '')}")


def _bad_url(cause: BaseException, _: Scene) -> Failure | None:
    if not isinstance(cause, LocationValueError | InvalidURL | http.client.InvalidURL):
        return None
    return Failure("bad-url", f"the URL cannot be requested: {cleaned(str(cause))}")


def _time_out(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, TimeoutError):
        return None
    if scene.opening:
        text = f"no connection to {_at(scene)} within {scene.timeouts.connect:g} s"
    else:
        text = f"no reply within {scene.timeouts.silence:g} s"
    return Failure("timeout", text, retryable=True)


def _silent_end(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, http.client.RemoteDisconnected):
        return None
    text = f"{_at(scene)} closed the connection without a reply"
    return Failure("connect", text, retryable=True)


def _refused(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, ConnectionRefusedError):
        return None
    return Failure("connect", f"connection refused by {_at(scene)}", retryable=True)


def _reset(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, ConnectionError):
        return None
    text = f"{_at(scene)} reset the connection before its reply was complete"
    return Failure("connect", text, retryable=True)


def _tls(cause: BaseException, scene: Scene) -> Failure | None:
    if not isinstance(cause, ssl.SSLError):
        return None
    if tls.is_end(cause):
        return Failure("tls", f"{_at(scene)} ended the TLS connection early", retryable=True)
    reason = (getattr(cause, "reason", None) or cleaned(str(cause))).replace("_", " ").lower()
    return Failure("tls", f"TLS with {_at(scene)} failed: {reason}")


def _garbled(cause: BaseException, _: Scene) -> Failure | None:
    if not isinstance(cause, http.client.HTTPException | HTTPError):
        return None
    if isinstance(cause, http.client.BadStatusLine):
        return Failure("protocol", f"not an HTTP reply: it begins with {cleaned(str(cause))}")
    text = cleaned(str(cause))
    return Failure("protocol", f"the reply breaks HTTP: {text}") if text else None


def _unreachable(cause: BaseException, scene: Scene) -> Failure | None:
    number = _errno(cause)
    if number is None:
        return None
    text = f"no connection to {_at(scene)}: {os.strerror(number)}"
    return Failure("connect", text, retryable=True)


def _not_text(cause: BaseException, _: Scene) -> Failure | None:
    if not isinstance(cause, UnicodeError):
        return None
    return Failure("protocol", f"text that cannot be read or sent: {cleaned(str(cause))}")


# The first rule that knows any exception of the chain decides: special ones come before those
# whose exceptions appear around them.
_RULES: tuple[Callable[[BaseException, Scene], Failure | None], ...] = (
    _certificate,
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
