"""How the end of a TLS connection shows, whichever Python and OpenSSL say it."""

from __future__ import annotations

import ssl


def is_ragged(error: BaseException) -> bool:
    """Return True if the peer ended TLS without notice (close_notify, RFC 8446 section 6.1).

    OpenSSL 3 has a word of its own for it, which Python 3.11.2 does not make an `SSLEOFError`.
    """
    return isinstance(error, ssl.SSLEOFError) or (
        isinstance(error, ssl.SSLError)
        and getattr(error, "reason", None) == "UNEXPECTED_EOF_WHILE_READING"
    )


def is_end(error: BaseException) -> bool:
    """Return True if the peer ended TLS, with or without notice."""
    return isinstance(error, ssl.SSLZeroReturnError) or is_ragged(error)
