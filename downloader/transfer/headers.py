"""What is sent to whom: a user's headers go to the listed origin only, a login to its own."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from downloader import __version__
from downloader.errors import UsageError
from downloader.transfer.codings import NONE
from downloader.transfer.digest_fields import ASKED_FOR
from downloader.transfer.netrc import NO_LOGINS, Logins
from downloader.transfer.target import Hop, Origin, Target
from downloader.wire.errors import TransferError
from downloader.wire.request import header, request_line

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_ORIGINS = 1024  # whose plain fields are remembered
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

# Set by the exchange itself: another value would garble the request or its reply.
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "te", "upgrade"})


class Headers:
    """The headers of every request. Raises `UsageError` for what cannot be a header.

    `logins` are those of hosts, for URLs that bring none of their own; `codings` are those in which
    bodies may be sent.
    """

    def __init__(
        self,
        listed: tuple[tuple[str, str], ...],
        user_agent: str | None,
        logins: Logins = NO_LOGINS,
        codings: str = NONE,
    ) -> None:
        self._listed = listed
        self._user_agent = user_agent
        self._logins = logins
        self._codings = codings
        self._plain = {
            "User-Agent": _checked("User-Agent", user_agent or f"dl/{__version__}"),
            "Accept": "*/*",
            "Accept-Encoding": codings,
            "Want-Repr-Digest": ASKED_FOR,
        }
        self._own = _merged(self._plain, listed)
        self._plain_blocks: dict[Origin, bytes] = {}
        self._has_authorization = "authorization" in map(str.lower, self._own)

    def of_item(self, own: tuple[tuple[str, str], ...]) -> Headers:
        """Return these headers for an item that has some of its own: they replace namesakes.

        Raises `TransferError` for what cannot be a header.
        """
        names = {name.lower() for name, _ in own}
        kept = [each for each in self._listed if each[0].lower() not in names]
        try:
            return Headers((*kept, *own), self._user_agent, self._logins, self._codings)
        except UsageError as error:
            said = str(error).removeprefix("--header ")
            raise TransferError("bad-url", f"the list's header {said}") from None

    def for_request(
        self, hop: Hop, conditions: Mapping[str, str], cookie: str = ""
    ) -> dict[str, str]:
        """Return what is sent to ask for a hop's URL, on these conditions.

        Another origin than the listed one gets none of the user's headers. `cookie` is what servers
        have set for this URL.
        """
        own = self._own if hop.is_listed else self._plain
        headers = {"Host": hop.asked.origin.authority, **own}
        login = self.login(hop)
        if login is not None:
            headers["Authorization"] = basic(*login)
        more = {**conditions, "Cookie": _with(headers, cookie)} if cookie else conditions
        if "Range" in more and self._codings != NONE:  # there is no rest of a coded body
            more = {**more, "Accept-Encoding": NONE}
        if more:
            ours = {name.lower() for name in more}
            headers = {name: value for name, value in headers.items() if name.lower() not in ours}
        return {**headers, **more}

    def login(self, hop: Hop) -> tuple[str, str] | None:
        """Return the login that a hop's origin gets: its URL's own, else that of its host (netrc).

        The listed origin gets that of the listed URL, and none if the user gives a header for it.
        A host's goes over https only, once the chain has been there.
        """
        if hop.is_listed and self._has_authorization:
            return None
        login = hop.asked.login or (hop.listed.login if hop.is_listed else None)
        if login is not None or hop.is_downgraded:
            return login
        return self._logins.get(hop.asked.origin.host)

    def has_login(self, hop: Hop) -> bool:
        """Return True if a hop's origin gets a login, or a header of the user in its place."""
        return (hop.is_listed and self._has_authorization) or self.login(hop) is not None

    def block(self, hop: Hop, conditions: Mapping[str, str], cookie: str = "") -> bytes:
        """Return the same, and the blank line after them, as they are sent."""
        if conditions or cookie or not hop.is_plain:
            return header(tuple(self.for_request(hop, conditions, cookie).items()))
        origin = hop.asked.origin
        return self._plain_blocks.get(origin) or self._plain_block(origin)

    def plain_request(self, listed: Target) -> bytes | None:
        """Return the bytes of a GET for a listed URL on no condition, `None` if it has a login."""
        if "@" in listed.url:
            return None
        try:
            return request_line("GET", listed.path) + self.block(Hop(listed, listed), {})
        except TransferError:
            return None

    def _plain_block(self, origin: Origin) -> bytes:
        if len(self._plain_blocks) >= _ORIGINS:
            self._plain_blocks.clear()
        root = Target("", origin, "/")
        made = header(tuple(self.for_request(Hop(root, root), {}).items()))
        self._plain_blocks[origin] = made
        return made


def basic(user: str, password: str) -> str:
    """Return the credentials of the Basic scheme (RFC 7617), in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _with(headers: Mapping[str, str], cookie: str) -> str:
    """Return servers' cookies after those of a user's own header, whose namesakes they replace."""
    own = next((value for name, value in headers.items() if name.lower() == "cookie"), "")
    names = {_name(pair) for pair in cookie.split(";")}
    kept = [pair.strip() for pair in own.split(";") if pair.strip() and _name(pair) not in names]
    return "; ".join([*kept, cookie])


def _name(pair: str) -> str:
    return pair.partition("=")[0].strip()


def _merged(plain: dict[str, str], listed: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Put the user's headers over the plain ones; names count without case, values add up."""
    own: dict[str, tuple[str, str]] = {}
    for listed_name, value in listed:
        key, checked = listed_name.lower(), _checked(listed_name, value)
        joint = "; " if key == "cookie" else ", "  # RFC 6265 section 5.4, RFC 9110 section 5.3
        name = "Host" if key == "host" else listed_name  # replaces the one of the URL
        own[key] = (name, own[key][1] + joint + checked if key in own else checked)
    kept = {name: value for name, value in plain.items() if name.lower() not in own}
    return {**kept, **dict(own.values())}


def _checked(name: str, value: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise UsageError(f"--header {name!r}: this cannot be a header's name")
    if name.lower() in _FRAMING:
        raise UsageError(f"--header {name!r}: this header is set by the exchange itself")
    if _CONTROL.search(value):
        raise UsageError(f"--header {name!r}: the value has a control character")
    try:
        return value.strip().encode().decode("latin-1")  # goes out as UTF-8
    except UnicodeEncodeError:
        raise UsageError(f"--header {name!r}: the value is not valid UTF-8") from None
