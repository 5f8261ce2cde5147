"""URLs: read by one parser (parse), requested as they were given (requested), their hosts (hosts).

Where addresses lead is told by `addresses`, what relative URLs are below by `base`.
"""

from __future__ import annotations

from downloader.urls.base import below, check_base
from downloader.urls.parse import (
    CUT,
    LONGEST,
    PORTS,
    login,
    masked,
    normalise,
    origin,
    path,
    site,
)
from downloader.urls.requested import join, requested, without_login

__all__ = [
    "CUT",
    "LONGEST",
    "PORTS",
    "below",
    "check_base",
    "join",
    "login",
    "masked",
    "normalise",
    "origin",
    "path",
    "requested",
    "site",
    "without_login",
]
