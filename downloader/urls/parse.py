"""URLs: checked, normalised, and shown without their login (pure functions).

One parser decides which host is asked (RFC 3986, hosts by UTS #46). What other parsers read in
another way (backslashes, white space, a second "@", percent signs in the host) is refused, and
what is returned means the same to urllib3. No sentence of an error quotes the URL: it may hold a
password.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from downloader.errors import BadUrl
from downloader.urls import hosts

# URLs whose parts are remembered: each is asked for them several times while it is fetched.
PARSED = 128
LONGEST = 65_536  # characters; servers end at 8 to 64 KiB
CUT = "\\..."  # ends a text that stands for a longer one: never valid, and refused as too long

PORTS = {"http": 80, "https": 443}
# Named when refused, although no "//" follows; other words before a colon may be a user's name.
_SLASHLESS = frozenset({"about", "blob", "data", "file", "javascript", "magnet", "mailto", "urn"})

# RFC 3986 appendix B; it matches every string.
_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\\\\\\s\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

# What may stand as it is (RFC 3986 section 3); quote() adds letters, digits and "_.-~".
_IN_PATH = "/!$&'()*+,;=:@%"
_IN_QUERY = _IN_PATH + "?"
_IN_LOGIN = "!$&'()*+,=:%"  # without ";", at which some parsers end the login


class Url(NamedTuple):
    """A URL taken apart, each part in its normal form."""

    scheme: str
    login: str
    host: str
    port: int | None
    path: str
    query: str | None

    def text(self, *, login: bool = True) -> str:
        """Put it together again."""
        at = f"{self.login}@" if login and self.login else ""
        port = "" if self.port is None else f":{self.port}"
        query = "" if self.query is None else f"?{self.query}"
        return f"{self.scheme}://{at}{self.host}{port}{self.path}{query}"


def normalise(text: str) -> str:
    """Return the URL's normal form: absolute, http or https, ASCII only, without fragment.

    Scheme and host are lower case, the scheme's own port is left out, dot segments are removed
    (RFC 3986 section 5.2.4), what may not stand in path, query and login is percent-encoded as
    UTF-8, a lone "%" too. Doing it twice changes nothing. It tells URLs apart and gives them names;
    what is sent is `requested`. Raises `BadUrl`.
    """
    return parsed(text).text()


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host ("[...]" around IPv6) and port: what a credential is bound to."""
    parts = parsed(url)
    return parts.scheme, parts.host, parts.port or PORTS[parts.scheme]


def site(url: str) -> str:
    """Return scheme, host and port of a normalised URL as one text, without a login."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"


def login(url: str) -> tuple[str, str] | None:
    """Return user and password, percent-decoded; `None` if the URL has no login."""
    userinfo = parsed(url).login
    if not userinfo:
        return None
    user, _, password = userinfo.partition(":")
    return unquote(user), unquote(password)


def path(url: str) -> str:
    """Return the normalised path, still percent-encoded; it begins with "/"."""
    return parsed(url).path


def masked(text: str) -> str:
    """Return any text, a URL or not, so that it shows no login.

    A valid URL stays as it was written. In anything else all before the last "@" may be a login
    (a password with a raw "/" in it makes the URL invalid), and goes.
    """
    if "@" not in text:
        return text
    scheme = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//", text)
    head = scheme[0] if scheme else ""
    rest = text[len(head) :]
    if not _is_valid(text):
        return head + rest.rpartition("@")[2]
    authority = split(text)[1] or ""
    return head + authority.rpartition("@")[2] + rest[len(authority) :]


def split(text: str) -> tuple[str | None, str | None, str, str | None]:
    """Split into scheme, authority, path and query; absent is `None`, the path "" at least."""
    match = _PARTS.fullmatch(text)
    assert match is not None
    scheme, authority, path, query = match.groups()
    return scheme, authority, path, query


def _is_valid(text: str) -> bool:
    try:
        parsed(text)
    except BadUrl:
        return False
    return True


@lru_cache(maxsize=PARSED)
def parsed(text: str) -> Url:
    """Take a URL apart. Raises `BadUrl`."""
    _refuse_odd(text)
    scheme, authority, path, query = split(text)
    scheme = _scheme(scheme, has_authority=authority is not None)
    userinfo, at, host_port = (authority or "").rpartition("@")
    host, port = _host_port(host_port)
    url = Url(
        scheme,
        _login(userinfo) if at else "",
        hosts.normalise(host),
        None if port == PORTS[scheme] else port,
        without_dots(_encoded(path or "/", _IN_PATH)),
        None if query is None else _encoded(query, _IN_QUERY),
    )
    _refuse_long(url.text())
    return url


def _refuse_odd(text: str) -> None:
    _refuse_long(text)
    odd = _ODD.search(text)
    if odd is None:
        return
    found = odd[0]
    if found == "\\":
        raise BadUrl("the URL has a backslash, or bytes that are no text: write them as %NN")
    if found == " ":
        raise BadUrl("the URL has a space: write %20")
    if "\ud800" <= found <= "\udfff":
        raise BadUrl("the URL is not valid UTF-8: write such bytes as %NN")
    kind = "a control character" if _CONTROL.match(found) else "white space"
    raise BadUrl(f"the URL has {kind} (U+{ord(found):04X}): write it as %NN")


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST or text.endswith(CUT):
        raise BadUrl(f"the URL is longer than {LONGEST // 1024} KiB")


def _scheme(scheme: str | None, *, has_authority: bool) -> str:
    known = (scheme or "").lower()
    if known in PORTS:
        return known
    if known and (has_authority or known in _SLASHLESS):
        raise BadUrl(f"the URL's scheme is {known}: only http and https are fetched")
    raise BadUrl("the URL does not begin with http:// or https://")


def _login(userinfo: str) -> str:
    if "@" in userinfo:
        raise BadUrl('the URL has a second "@" before its host: write %40 in the login')
    encoded = _encoded(userinfo, _IN_LOGIN)
    try:
        plain = unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise BadUrl("the URL's login is not valid UTF-8") from None
    if _CONTROL.search(plain):  # RFC 7617 section 2
        raise BadUrl("the URL's login has a control character")
    return "" if encoded == ":" else encoded


def _host_port(text: str) -> tuple[str, int | None]:
    end = text.find("]") + 1 if text.startswith("[") else 0
    name, _, digits = text[end:].partition(":")
    host = text[:end] + name
    if not digits:
        return host, None
    number = digits.lstrip("0")
    if digits.isascii() and digits.isdigit() and 0 < len(number) <= 5 and int(number) < 65_536:
        return host, int(number)
    raise BadUrl("the URL's port is not a number from 1 to 65535")


def _encoded(text: str, allowed: str) -> str:
    whole = _PERCENT.sub(lambda match: match[0].upper() if match[1] else "%25", text)
    return quote(whole, safe=allowed)


def without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4) of a path that begins with "/"."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
