"""What to do about a 401, in one sentence."""

from __future__ import annotations

import re

from downloader.transfer.digest_auth import challenge
from downloader.wire.reply import Reply

_WAYS = "--netrc, USER:PASSWORD@ in the URL, or -H 'Authorization: ...'"
_SCHEME = re.compile(r"[A-Za-z0-9-]{1,20}(?![^\s,])")
_MOST = 4  # schemes that are named


def advice(reply: Reply, *, has_login: bool) -> str:
    """Return how to log in; or that this was refused, and by which schemes it may not be."""
    if not has_login:
        return f"it wants a login: give one by {_WAYS}"
    fields = reply.headers.getlist("WWW-Authenticate")
    schemes = dict.fromkeys(found[0] for each in fields if (found := _SCHEME.match(each)))
    if schemes and "basic" not in map(str.lower, schemes) and challenge(fields) is None:
        named = ", ".join(list(schemes)[:_MOST])
        if named.lower() == "digest":
            return "it wants a Digest login of a kind that is not known"
        return f"it wants a login by {named}, for which only -H 'Authorization: ...' will do"
    return f"the login was refused: see {_WAYS}"
