"""What a status says: in words of our own, the server's, or the usual ones."""

from __future__ import annotations

from http import HTTPStatus

from downloader.wire.errors import cleaned

# Numbers outside the registry that CDNs and proxies made up, 520 to 530 those of Cloudflare's; what
# they put after them says nothing, or not who is meant.
_WORDS = {
    509: "the server's bandwidth is used up",
    520: "the CDN got an odd answer from its server",
    521: "the CDN's server takes no connection",
    522: "the CDN could not connect to its server in time",
    523: "the CDN cannot reach its server",
    524: "the CDN's server took too long to answer",
    525: "the CDN's TLS handshake with its server failed",
    526: "the CDN does not trust its server's certificate",
    527: "the CDN lost its link to its server",
    528: "the CDN had trouble with its server",
    529: "the server is overloaded",
    530: "the CDN cannot find its server",
    598: "a proxy waited too long for the server's answer",
    599: "a proxy could not connect to the server in time",
}


def said(status: int, reason: str) -> str:
    """Return a status with what it says; `reason` is the server's own phrase."""
    if status in _WORDS:
        return f"{status}: {_WORDS[status]}"
    return f"{status} {cleaned(reason) or _phrase(status)}".rstrip()


def _phrase(status: int) -> str:
    """Return the usual words for a status, "" if there are none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
