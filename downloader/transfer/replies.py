"""Which replies bring a file; what is said of the others."""

from __future__ import annotations

from downloader.policy import Retry, retry_after
from downloader.transfer.attempt import Attempt
from downloader.transfer.receive import dismiss
from downloader.transfer.status_words import said
from downloader.wire.errors import TransferError
from downloader.wire.reply import Reply

# 2xx replies that carry the file: the others bring something else, or nothing (RFC 9110 section
# 15.3), whatever their bodies look like.
_WITH_FILE = frozenset({200, 203})
_NO_CONTENT = frozenset({204, 205})
_NOT_READY = 202
_UNAUTHORIZED = 401
# By which a host says that it is asked too much (RFC 6585 section 4). Some archives say 403 then:
# where that is to be tried again it means nothing else, since rights do not come by waiting.
_TOO_MANY = frozenset({403, 429})


def check(attempt: Attempt, reply: Reply, retry: Retry) -> None:
    """Raise `TransferError` for a reply that is no file; its body is let go."""
    status = reply.status
    if status in _WITH_FILE:
        return
    if status == _NOT_READY:
        raise _not_ready(reply)
    words = said(status, reply.reason or "")
    if status < 300 or status == 304:  # what follows may be the real reply: nobody else reads it
        reply.close()
        raise _without_file(status, words)
    if status == _UNAUTHORIZED:
        from downloader.transfer.unauthorized import advice  # noqa: PLC0415  few replies need it

        words = f"{words}: {advice(attempt, reply)}"
    dismiss(reply)
    if status < 400:
        raise TransferError("redirect", f"{words}: not a redirect that is followed")
    if not retry.covers(status):
        raise TransferError("http-status", words)
    asked = _asked(reply)
    is_of_host = status in _TOO_MANY or asked is not None
    raise TransferError("http-status", words, retryable=True, asked=asked, is_of_host=is_of_host)


def _not_ready(reply: Reply) -> TransferError:
    """Return the fault of a reply that promises the file for later (RFC 9110 section 15.3.3).

    It is that of one item: its host may be asked for others meanwhile.
    """
    dismiss(reply)
    text = f"not ready ({_NOT_READY}): the server accepts the request, and has no file yet"
    return TransferError("http-status", text, retryable=True, asked=_asked(reply))


def _without_file(status: int, words: str) -> TransferError:
    if status in _NO_CONTENT:
        return TransferError("protocol", f"{status} no content: the reply brings no file")
    text = f"{words}: not the answer to a plain request for a whole file"
    return TransferError("protocol", text, retryable=status == 206, once=status == 206)


def _asked(reply: Reply) -> float | None:
    return retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
