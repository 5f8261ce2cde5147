"""Cookies from a Netscape file, as browsers' extensions, curl and yt-dlp write it.

Seven fields with tabs between them: host, whether hosts below it are meant, path, whether over
https only, when it ends (seconds since 1970, 0 for never), name, value. A cookie goes to the hosts
that its line names, and to no other. What the file says is never quoted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from downloader.errors import BadUrl, UsageError
from downloader.urls import hosts

# Bytes of a file of cookies: some thousand sites of a browser take a tenth of it.
LARGEST = 16 * 1024 * 1024
_HTTP_ONLY = "#HttpOnly_"  # begins a cookie that scripts do not see, and no comment
_FIELDS = 7
_FLAGS = {"TRUE": True, "FALSE": False}
_TIME = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]*)?")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


class GivenCookie(NamedTuple):
    """One cookie, its texts read as Latin-1; with `is_wide` it goes to hosts below `host` too."""

    host: str
    is_wide: bool
    path: str
    is_secure: bool
    expires: int | None
    name: str
    value: str


class GivenCookies:
    """The cookies of a file by the hosts that they name; never changed."""

    def __init__(self, cookies: Sequence[GivenCookie] = ()) -> None:
        self._by_host: dict[str, list[GivenCookie]] = {}
        for cookie in cookies:
            self._by_host.setdefault(cookie.host, []).append(cookie)

    def of(self, host: str) -> list[GivenCookie]:
        """Return those that a host may get, as `urls.origin` names it."""
        if not self._by_host:
            return []
        found = list(self._by_host.get(host, ()))
        above = host
        while above := above.partition(".")[2]:
            found += [each for each in self._by_host.get(above, ()) if each.is_wide]
        return found


NO_COOKIES = GivenCookies()


def read(path: str, now: float | None = None) -> GivenCookies:
    """Read a file; what has ended by `now` is left out.

    Raises `UsageError`, with the line of what is no cookie, or if there is none to be sent.
    """
    said = f"--cookies {path}"
    found = list(_cookies(said, _lines(said, path)))
    if not found:
        raise UsageError(f"{said}: no cookie in it")
    now = time.time() if now is None else now
    lasting = [each for each in found if each.expires is None or each.expires > now]
    if not lasting:
        raise UsageError(f"{said}: all of its cookies have expired: export them anew")
    return GivenCookies(lasting)


def _lines(said: str, path: str) -> list[str]:
    if path == "-":
        raise UsageError(f"{said}: standard input is for lists: name a file")
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be read"
        raise UsageError(f"{said}: {why.lower()}") from None
    if len(data) > LARGEST:
        raise UsageError(f"{said}: more than {LARGEST >> 20} MiB: this is no file of cookies")
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n")


def _cookies(said: str, lines: list[str]) -> Iterator[GivenCookie]:
    for number, line in enumerate(lines, start=1):
        text = line.removesuffix("\r").removeprefix(_HTTP_ONLY)
        is_comment = line.startswith("#") and not line.startswith(_HTTP_ONLY)
        if not text.strip() or is_comment:
            continue
        try:
            yield _cookie(text)
        except ValueError as error:
            raise UsageError(f"{said}: line {number}: {error}") from None


def _cookie(text: str) -> GivenCookie:
    """Read one line. Raises `ValueError` with what is wrong with it."""
    if text.lstrip()[:1] in ("[", "{"):
        raise ValueError("this looks like JSON: export the cookies in the Netscape format")
    fields = text.split("\t")
    if len(fields) == _FIELDS - 1:  # an empty value, whose tab an editor took away
        fields.append("")
    if len(fields) != _FIELDS:
        raise ValueError(f"no cookie: write {_FIELDS} fields with tabs between them")
    host, wide, path, secure, expires, name, value = fields
    if wide.upper() not in _FLAGS or secure.upper() not in _FLAGS:
        raise ValueError("fields 2 and 4 must be TRUE or FALSE")
    if expires and not _TIME.fullmatch(expires):
        raise ValueError("field 5 must be a time in seconds since 1970, or 0")
    if not name or _CONTROL.search(name + value) or ";" in name + value:
        raise ValueError("the name is missing, or name or value cannot be sent")
    ends = int(float(expires or 0)) or None
    is_wide, is_secure = _FLAGS[wide.upper()], _FLAGS[secure.upper()]
    return GivenCookie(_host(host), is_wide, path or "/", is_secure, ends, name, value)


def _host(text: str) -> str:
    """Return a host as URLs have it; some write a dot before one that includes those below."""
    try:
        name = text.encode("latin-1").decode().removeprefix(".")
        return hosts.normalise(f"[{name}]" if ":" in name and "[" not in name else name)
    except (BadUrl, UnicodeDecodeError):
        raise ValueError("field 1 is no host") from None
