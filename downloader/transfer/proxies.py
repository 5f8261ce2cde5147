"""Which proxy leads to which origin: decided once from the option or the environment."""

from __future__ import annotations

import ipaddress
import os

from downloader.errors import UsageError
from downloader.transfer.target import Origin
from downloader.wire.errors import cleaned

# "h" has the proxy look up names.
_SOCKS = ("socks5", "socks5h")


def forwards(proxy: str, origin: Origin) -> bool:
    """Return True if a proxy is sent the requests for an origin itself: it makes no tunnel."""
    return origin.scheme == "http" and not proxy.startswith("socks")


class Proxies:
    """The proxies of one run: the explicit one for every origin, or those of the environment.

    `explicit=""` means none; `None` asks `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`
    once. Raises `UsageError` for an address that cannot be used; it shows no login.
    """

    def __init__(self, explicit: str | None = None) -> None:
        found = _of_environment() if explicit is None else {"all": explicit}
        self._exempt = [each.strip().lower() for each in found.pop("no", "").split(",")]
        self._by_scheme = {
            scheme: _checked(address, f"{scheme}_proxy" if explicit is None else "--proxy")
            for scheme, address in found.items()
            if address and scheme in ("http", "https", "all")
        }

    def notice(self) -> str | None:
        """Return a sentence that names the proxies in use, without logins; `None` for none."""
        named = {cleaned(address.split("//", 1)[1]) for address in self._by_scheme.values()}
        hosts = ", ".join(sorted(each.rpartition("@")[2].strip("/") for each in named))
        return f"requests go through a proxy, as the environment says: {hosts}" if hosts else None

    def leading_to(self, origin: Origin) -> str | None:
        """Return the URL of the proxy for this origin, login included."""
        if not self._by_scheme or any(_covers(each, origin) for each in self._exempt):
            return None
        return self._by_scheme.get(origin.scheme) or self._by_scheme.get("all")


def _of_environment() -> dict[str, str]:
    """Return the proxies of the environment by scheme, as the standard library reads them."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies_environment  # noqa: PLC0415  it brings http.client

    return getproxies_environment()


def _covers(entry: str, origin: Origin) -> bool:
    """Return True if an entry of `no_proxy` names an origin: "*", a domain, an address, a network.

    A domain covers all within it, with or without a leading dot; a port may follow.
    """
    host = origin.host.strip("[]")
    if entry == "*":
        return True
    if "/" in entry:
        return _is_within(host, entry)
    name = entry.removesuffix(f":{origin.port}").strip("[]").lstrip(".")
    return bool(name) and (host == name or host.endswith("." + name))


def _is_within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:  # a name, or no network
        return False


def _has_socks() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415  only where one is named

    return find_spec("socks") is not None


def _checked(address: str, where: str) -> str:
    from urllib3.exceptions import LocationParseError  # noqa: PLC0415  only where one is named
    from urllib3.util import parse_url  # noqa: PLC0415

    url = address if "://" in address else f"http://{address}"
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise UsageError(f"{where}: this is no address of a proxy") from None
    if parts.scheme not in ("http", "https", *_SOCKS):
        usable = "only http, https, socks5 and socks5h"
        raise UsageError(f"{where}: {parts.scheme} proxies cannot be used, {usable}")
    if not parts.host:
        raise UsageError(f"{where}: the address of the proxy names no host")
    if parts.scheme in _SOCKS and not _has_socks():
        need = "proxies need the extra: pip install 'dl-downloader[socks]'"
        raise UsageError(f"{where}: {parts.scheme} {need}")
    return parts.scheme + url[len(parts.scheme) :]  # in lower case
