"""Which addresses lead to the public Internet, for `--no-private` (pure functions).

An own list, since `ipaddress.is_global` differs between versions of Python, calls multicast global
and does not look into addresses that carry another one. Source: IANA's registries of
special-purpose IPv4 and IPv6 addresses (RFC 6890).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host: Linux connects 0.0.0.0 to itself
            "10.0.0.0/8",  # private (RFC 1918)
            "100.64.0.0/10",  # behind a carrier's NAT (RFC 6598)
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local: what clouds tell their machines is at 169.254.169.254
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments (RFC 6890)
            "192.0.2.0/24",  # documentation (RFC 5737)
            "192.88.99.0/24",  # 6to4 relays, given up (RFC 7526)
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks (RFC 2544)
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast among them
        ),
    )
)
# All but 2000::/3 is loopback, unspecified, unique local (RFC 4193), link- or site-local,
# multicast, IPv4-compatible, a local NAT64 (RFC 8215), or not assigned.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation (RFC 3849)
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: what an IPv4 host is called where there is none
_LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa")  # RFC 6761, 6762, 8375; ICANN


def is_public(address: str) -> bool:
    """Return True if an IP address leads to the public Internet, as far as addresses tell."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    carried = _carried(found)
    if carried is not None:
        return is_public(str(carried))
    return found in _PUBLIC_6 and not any(found in network for network in _NOT_PUBLIC_6)


def is_private_host(host: str) -> bool:
    """Return True if a URL's host, as `urls.origin` names it, tells that it is not public.

    A name that has to be looked up does not; one that means this machine or its network does.
    """
    try:
        return not is_public(host.strip("[]"))
    except ValueError:
        name = host.removesuffix(".")
        return any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address to which packets for this one really go."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
