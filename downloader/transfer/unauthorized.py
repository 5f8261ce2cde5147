"""What to do about a 401, in one sentence."""

from __future__ import annotations

import re

from downloader.transfer.attempt import Attempt
from downloader.transfer.digest_auth import challenge
from downloader.wire.reply import Reply

_WAYS = "--netrc, USER:PASSWORD@ in the URL, or -H 'Authorization: ...'"
_ELSEWHERE = "--netrc, with an entry for this host"
_SCHEME = re.compile(r"[A-Za-z0-9-]{1,20}(?![^\s,])")
_MOST = 4  # schemes that are named


def advice(attempt: Attempt, reply: Reply) -> str:
    """Return how to log in; or that this was refused, and by which schemes it may not be.

    Nothing that is given with a URL reaches the host to which that redirects.
    """
    asked = attempt.answering.origin
    is_listed = asked == attempt.listed.origin
    who, ways = ("it", _WAYS) if is_listed else (asked.authority, _ELSEWHERE)
    if not attempt.has_login:
        return f"{who} wants a login: give one by {ways}"
    fields = reply.headers.getlist("WWW-Authenticate")
    schemes = dict.fromkeys(found[0] for each in fields if (found := _SCHEME.match(each)))
    if schemes and "basic" not in map(str.lower, schemes) and challenge(fields) is None:
        return f"{who} wants a login of another kind: {_named(list(schemes), is_listed)}"
    return f"the login was refused: see {ways}"


def _named(schemes: list[str], is_listed: bool) -> str:
    named = ", ".join(schemes[:_MOST])
    return f"{named} (-H 'Authorization: ...' may do)" if is_listed else named
