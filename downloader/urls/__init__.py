"""URLs: read by one parser (parse), their hosts (hosts), and where addresses lead (addresses)."""

from __future__ import annotations

from downloader.urls.parse import (
    CUT,
    LONGEST,
    PORTS,
    join,
    login,
    masked,
    normalise,
    origin,
    path,
    site,
    without_login,
)

__all__ = [
    "CUT",
    "LONGEST",
    "PORTS",
    "join",
    "login",
    "masked",
    "normalise",
    "origin",
    "path",
    "site",
    "without_login",
]
