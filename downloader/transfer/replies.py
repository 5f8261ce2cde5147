"""Which replies bring a file; what is said of the others."""

from __future__ import annotations

from http import HTTPStatus

from downloader.policy import TRANSIENT_STATUSES, retry_after
from downloader.transfer.receive import dismiss
from downloader.wire.errors import TransferError, cleaned
from downloader.wire.reply import Reply

# 2xx replies that do not carry the whole file (RFC 9110 sections 15.3.5 to 15.3.7).
_WITHOUT_FILE = frozenset({204, 205, 206})


def check(reply: Reply) -> None:
    """Raise `TransferError` for a reply that is no file; its body is let go."""
    status = reply.status
    if 200 <= status < 300 and status not in _WITHOUT_FILE:
        return
    said = f"{status} {cleaned(reply.reason or '') or _phrase(status)}".rstrip()
    if status < 300 or status == 304:  # what follows may be the real reply: nobody else reads it
        reply.close()
        text = f"{said}: not the answer to a plain request for a whole file"
        raise TransferError("protocol", text, retryable=status == 206, once=status == 206)
    dismiss(reply)
    if status < 400:
        raise TransferError("redirect", f"{said}: not a redirect that is followed")
    if status not in TRANSIENT_STATUSES:
        raise TransferError("http-status", said)
    asked = retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
    is_of_host = status == 429 or asked is not None
    raise TransferError("http-status", said, retryable=True, asked=asked, is_of_host=is_of_host)


def _phrase(status: int) -> str:
    """Return the usual words for a status, "" if there are none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
