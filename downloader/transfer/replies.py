"""Which replies bring a file; what is said of the others."""

from __future__ import annotations

from http import HTTPStatus

from downloader.policy import TRANSIENT_STATUSES, retry_after
from downloader.transfer.receive import dismiss
from downloader.transfer.unauthorized import advice
from downloader.wire.errors import TransferError, cleaned
from downloader.wire.reply import Reply

# 2xx replies that carry the file: the others bring something else, or nothing (RFC 9110 section
# 15.3), whatever their bodies look like.
_WITH_FILE = frozenset({200, 203})
_NO_CONTENT = frozenset({204, 205})
_NOT_READY = 202
_UNAUTHORIZED = 401


def check(reply: Reply, *, has_login: bool) -> None:
    """Raise `TransferError` for a reply that is no file; its body is let go.

    `has_login` says that it was asked for with a login.
    """
    status = reply.status
    if status in _WITH_FILE:
        return
    if status == _NOT_READY:
        raise _not_ready(reply)
    said = f"{status} {cleaned(reply.reason or '') or _phrase(status)}".rstrip()
    if status < 300 or status == 304:  # what follows may be the real reply: nobody else reads it
        reply.close()
        raise _without_file(status, said)
    if status == _UNAUTHORIZED:
        said = f"{said}: {advice(reply, has_login=has_login)}"
    dismiss(reply)
    if status < 400:
        raise TransferError("redirect", f"{said}: not a redirect that is followed")
    if status not in TRANSIENT_STATUSES:
        raise TransferError("http-status", said)
    asked = _asked(reply)
    is_of_host = status == 429 or asked is not None
    raise TransferError("http-status", said, retryable=True, asked=asked, is_of_host=is_of_host)


def _not_ready(reply: Reply) -> TransferError:
    """Return the fault of a reply that promises the file for later (RFC 9110 section 15.3.3).

    It is that of one item: its host may be asked for others meanwhile.
    """
    dismiss(reply)
    text = f"not ready ({_NOT_READY}): the server accepts the request, and has no file yet"
    return TransferError("http-status", text, retryable=True, asked=_asked(reply))


def _without_file(status: int, said: str) -> TransferError:
    if status in _NO_CONTENT:
        return TransferError("protocol", f"{status} no content: the reply brings no file")
    text = f"{said}: not the answer to a plain request for a whole file"
    return TransferError("protocol", text, retryable=status == 206, once=status == 206)


def _asked(reply: Reply) -> float | None:
    return retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))


def _phrase(status: int) -> str:
    """Return the usual words for a status, "" if there are none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
