"""Where files appear: a table of names to parts, each made with the target it writes to."""

from __future__ import annotations

from collections.abc import Mapping

STORAGES: Mapping[str, str] = {
    "local": "downloader.storage.local:LocalStorage",
}
