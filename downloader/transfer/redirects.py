"""Redirects, followed by hand: every hop is checked, none of their bodies is read."""

from __future__ import annotations

from downloader import urls
from downloader.errors import BadUrl
from downloader.policy import Limits
from downloader.transfer.receive import dismiss
from downloader.transfer.target import Hop, Target, shown, target
from downloader.wire.errors import TransferError
from downloader.wire.reply import Reply

FOLLOWED = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: GET stays GET
_NAMED = 4  # hops named in a message


class RedirectChain:
    """The hops from a listed URL to whoever answers; `last` is the one to be asked."""

    def __init__(self, listed: Target, limits: Limits) -> None:
        self._hops = [listed]
        self._limits = limits

    @property
    def last(self) -> Target:
        """The hop that is to be asked, or was asked last."""
        return self._hops[-1]

    @property
    def hop(self) -> Hop:
        """The same, on whose behalf, and after what."""
        was_secure = any(hop.origin.scheme == "https" for hop in self._hops[:-1])
        return Hop(self._hops[-1], self._hops[0], was_secure)

    def leads_on(self, reply: Reply) -> bool:
        """Return True if the last hop's reply leads to another one, and let it go then.

        Raises `TransferError` for a redirect that leads nowhere, too far, or out of https. To come
        back to a URL is no fault: servers lead there again once they have set a cookie.
        """
        if reply.status not in FOLLOWED:
            return False
        locations = reply.headers.getlist("Location")
        dismiss(reply)
        following = _following(self.last, reply.status, locations)
        _check(self._hops, following, self._limits)
        self._hops.append(following)
        return True


def _following(hop: Target, status: int, locations: list[str]) -> Target:
    if len(set(locations)) != 1:
        wrong = "two different Locations" if locations else "no Location"
        raise TransferError("redirect", f"redirect {status} with {wrong}")
    try:
        # Fields are read as Latin-1; what servers send is ASCII or UTF-8.
        location = locations[0].encode("latin-1").decode("utf-8", "surrogateescape")
        return target(urls.join(hop.url, location))
    except BadUrl as error:
        raise TransferError(
            "redirect", f"redirect {status} that cannot be followed: {error}"
        ) from error


def _check(hops: list[Target], following: Target, limits: Limits) -> None:
    leaves_https = hops[-1].origin.scheme == "https" and following.origin.scheme != "https"
    if leaves_https and not limits.downgrade:
        text = f"redirect from https to http refused (--allow-downgrade): {following.shown}"
        raise TransferError("redirect", text)
    if len(hops) > limits.redirects:
        named = _named([*hops, following])
        raise TransferError("redirect", f"more than {limits.redirects} redirects: {named}")


def _named(chain: list[Target]) -> str:
    """Name the hops in their order, the middle of a long chain left out."""
    names = [shown(hop.url) for hop in chain]
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], "...", names[-1]]
    return " -> ".join(names)
