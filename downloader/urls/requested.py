"""URLs as they are requested: byte for byte as they were given (pure functions).

A signature covers the very bytes of a URL, and servers read some of them in ways of their own. So
the normal form (`parse.normalise`) is for comparing and naming only; what is sent differs from
what was given only where that could not stand in a request.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from downloader.errors import BadUrl
from downloader.urls.parse import parsed, split, without_dots

# RFC 9112 section 3.2: no blank, no control, ASCII only.
_UNSENDABLE = re.compile("[^!-~]+")


def requested(text: str) -> str:
    """Return the URL as it is requested: absolute, ASCII only, without fragment.

    Scheme, login, host and port are those of the normal form. Path and query are as they are
    given, dot segments and lone "%" too; only what cannot stand in a request (blanks, controls,
    letters beyond ASCII) is percent-encoded as UTF-8. Doing it twice changes nothing, and the
    normal form of it is that of the text. Raises `BadUrl`.
    """
    return _text(text, login=True)


def without_login(url: str) -> str:
    """Return a URL, in its normal form or as it is requested, without its login."""
    return _text(url, login=False)


def join(base: str, location: str) -> str:
    """Resolve a redirect's Location against the URL that sent it (RFC 3986 section 5.2).

    Returns the URL as it is requested; of a reference that has no host the dot segments are
    removed. A raw space is taken as %20, as browsers and curl do; bytes that are not UTF-8 come as
    lone surrogates ("surrogateescape") and are refused. Raises `BadUrl`.
    """
    if not location:
        raise BadUrl("the redirect's Location is empty")
    return requested(_resolved(requested(base), location.replace(" ", "%20")))


def _text(text: str, *, login: bool) -> str:
    url = parsed(text)
    _, _, path, query = split(text)
    sent = None if query is None else _sendable(query)
    return url._replace(path=_sendable(path or "/"), query=sent).text(login=login)


def _sendable(text: str) -> str:
    return _UNSENDABLE.sub(lambda found: quote(found[0]), text)


def _resolved(base: str, reference: str) -> str:
    scheme, authority, base_path, base_query = split(base)
    to_scheme, to_authority, path, query = split(reference)
    if to_scheme is not None:
        return reference
    if to_authority is not None:
        return f"{scheme}:{reference}"
    if not path:
        path, query = base_path, base_query if query is None else query
    else:
        path = without_dots(_merged(base_path, path))
    tail = "" if query is None else f"?{query}"
    return f"{scheme}://{authority}{path}{tail}"


def _merged(base: str, path: str) -> str:
    return path if path.startswith("/") else base[: base.rfind("/") + 1] + path
