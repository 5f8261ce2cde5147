"""Logins from a netrc file: for exactly the hosts that it names, and no other.

The file is read once, by the standard library; its error messages quote passwords and are not
passed on. As in curl, its permissions are not checked. The entry "default" is a login for any host
whatsoever, and is never used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from downloader.errors import BadUrl, UsageError
from downloader.urls import hosts

Logins = Mapping[str, tuple[str, str]]

NO_LOGINS: Logins = {}


def logins(environ: Mapping[str, str] = os.environ) -> Logins:
    """Read $NETRC, else ~/.netrc: user and password by host, as `urls.origin` names it.

    Raises `UsageError`, without a word of the content, for a file that cannot be used.
    """
    import netrc  # noqa: PLC0415  most runs read none

    path = environ.get("NETRC") or os.path.expanduser("~/.netrc")
    try:
        entries = netrc.netrc(path).hosts
    except netrc.NetrcParseError as error:
        raise UsageError(f"--netrc: {path}: line {error.lineno} cannot be understood") from None
    except UnicodeError:
        raise UsageError(f"--netrc: {path}: it is not valid UTF-8") from None
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise UsageError(f"--netrc: {path}: {why}") from None
    named = {_host(name): login for name, login in entries.items() if name != "default"}
    return {host: (login[0], login[2]) for host, login in named.items() if host and login[0]}


def _host(name: str) -> str | None:
    """Return a host as URLs have it; what cannot be one stands for none."""
    try:
        return hosts.normalise(f"[{name}]" if ":" in name and "[" not in name else name)
    except BadUrl:
        return None
