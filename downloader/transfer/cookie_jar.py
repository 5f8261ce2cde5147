"""A jar with the standard library's policy: which cookie is taken from whom, and goes to whom.

Set-Cookie is read here (RFC 6265 section 5.2), since the library's own reader warns on standard
error of what it cannot read.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from urllib.parse import quote
from urllib.request import Request

from downloader.transfer.cookie_file import GivenCookie
from downloader.transfer.target import Target

# What one item's servers may have us keep: cookies, and bytes of each (RFC 6265 section 6.1).
MOST = 50
LARGEST = 4096
_LONGEST_ATTRIBUTE = 1024  # characters
_MAX_AGE = re.compile("-?[0-9]{1,18}")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_IN_PATH = "%/;:@&=+$,!~*'()"  # what stands as it is in a path that the policy compares
_ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)

_Key = tuple[str, str, str]


class ItemJar:
    """The cookies of one item. Those for one host go to no other, nor to hosts below it."""

    def __init__(self) -> None:
        self._jar = _BoundedJar()
        self._given: set[GivenCookie] = set()

    def give(self, cookies: list[GivenCookie]) -> None:
        """Take the user's own cookies, each once: what a server ends or replaces stays so."""
        for each in cookies:
            if each not in self._given:
                self._given.add(each)
                self._jar.give(_as_given(each))

    def take(self, source: Target, lines: list[str]) -> None:
        """Take the cookies that a reply from `source` sets, as far as the policy lets it."""
        request = _request(source)
        for line in lines:
            cookie = _cookie(line, source)
            if cookie is not None:
                self._jar.set_cookie_if_ok(cookie, request)

    def header(self, hop: Target) -> str:
        """Return the value of the Cookie field for a request, "" if none is for its URL."""
        request = _request(hop)
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""


class _BoundedJar(CookieJar):
    """A jar that takes `MOST` cookies, and no other after them."""

    def __init__(self) -> None:
        # Without these two a cookie of one host would go to hosts below it, and one of "co.uk" to
        # all of them.
        strict = DefaultCookiePolicy.DomainStrictNonDomain
        super().__init__(DefaultCookiePolicy(strict_domain=True, strict_ns_domain=strict))
        self._keys: set[_Key] = set()

    def give(self, cookie: Cookie) -> None:
        """Take a cookie that does not count, unless a server has set its namesake."""
        if (cookie.domain, cookie.path, cookie.name) not in self._keys:
            super().set_cookie(cookie)

    def set_cookie(self, cookie: Cookie) -> None:
        """Take a cookie that the policy lets in; one that is over removes its namesake."""
        key = (cookie.domain, cookie.path, cookie.name)
        if cookie.is_expired(int(time.time())):
            self._keys.discard(key)
            with suppress(KeyError):
                self.clear(*key)
        elif key in self._keys or len(self._keys) < MOST:
            self._keys.add(key)
            super().set_cookie(cookie)


def _request(target: Target) -> Request:
    """Return a request in the shape that the library's policy reads: without a login."""
    scheme, authority = target.origin.scheme, target.origin.authority
    return Request(f"{scheme}://{authority}{target.path}")


def _as_given(given: GivenCookie) -> Cookie:
    is_wide = given.is_wide and has_hosts_below(given.host)
    return cookie(
        given.name,
        given.value,
        domain=f".{given.host}" if is_wide else own_domain(given.host),
        path=compared(given.path),
        secure=given.is_secure,
        expires=given.expires,
    )


def _cookie(line: str, source: Target) -> Cookie | None:
    """Read one Set-Cookie (RFC 6265 sections 5.2 and 5.3), `None` for what is to be ignored."""
    pair, *rest = line.split(";")
    name, equals, value = (part.strip(" \t") for part in pair.partition("="))
    if not equals or not name or len(name) + len(value) > LARGEST or _CONTROL.search(pair):
        return None
    attributes = _attributes(rest)
    domain = _domain(attributes.get("domain", ""), source.origin.host)
    if domain is None:
        return None
    given = attributes.get("path", "")
    path = compared(given if given.startswith("/") else _folder(source))
    is_secure, expires = "secure" in attributes, _expires(attributes)
    return cookie(name, value, domain=domain, path=path, secure=is_secure, expires=expires)


def cookie(
    name: str, value: str, *, domain: str, path: str, secure: bool, expires: int | None
) -> Cookie:
    """Return a cookie; a `domain` that begins with a dot includes the hosts below it."""
    is_wide = domain.startswith(".")
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=is_wide,
        domain_initial_dot=is_wide,
        path=path,
        path_specified=True,
        secure=secure,
        expires=expires,
        discard=expires is None,
        comment=None,
        comment_url=None,
        rest={},
    )


def own_domain(host: str) -> str:
    """Return the domain of cookies for a host alone; the policy has its own for short names."""
    return host if "." in host else f"{host}.local"


def has_hosts_below(host: str) -> bool:
    """Return True if a host is a name with a dot: no address (RFC 6265 section 5.1.3)."""
    return "." in host and not host.startswith("[") and not host.rpartition(".")[2].isdigit()


def _attributes(parts: list[str]) -> dict[str, str]:
    """Return the attributes by their names in lower case; the last of several counts."""
    found = {}
    for part in parts:
        name, _, value = part.partition("=")
        if len(value) <= _LONGEST_ATTRIBUTE:
            found[name.strip(" \t").lower()] = value.strip(" \t")
    return found


def _domain(given: str, host: str) -> str | None:
    """Return whom a cookie of `host` is for; `None` if its domain cannot be its sender's."""
    domain = given.removeprefix(".").lower()
    if not domain:
        return own_domain(host)
    if not has_hosts_below(host):
        return own_domain(host) if domain == host else None
    return f".{domain}"


def _folder(source: Target) -> str:
    """Return the path of a cookie that names none (RFC 6265 section 5.1.4)."""
    return source.path.partition("?")[0].rpartition("/")[0] or "/"


def compared(path: str) -> str:
    """Return a path, read as Latin-1, as the policy has those of requests."""
    return _ESCAPE.sub(lambda each: each[0].upper(), quote(path.encode("latin-1"), safe=_IN_PATH))


def _expires(attributes: dict[str, str]) -> int | None:
    """Return when a cookie ends, in seconds since 1970; `None` if that is not said."""
    age = attributes.get("max-age", "")
    if _MAX_AGE.fullmatch(age):
        return int(time.time()) + int(age) if int(age) > 0 else 0
    try:
        return int(parsedate_to_datetime(attributes["expires"]).timestamp())
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None
