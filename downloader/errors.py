"""The exceptions. An item's failure is data (`models.Failure`); these are the caller's business.

DownloaderError
├── UsageError          an option or a list that cannot be used; nothing was fetched (status 2)
│   ├── BadUrl          a URL that cannot be requested; in a list, that item's failure
│   └── BadChecksum     a checksum that cannot be used; in a list, that item's failure
└── LocalError          this machine stopped the run (status 3)
    ├── FolderInUse     another run holds the target folder
    └── DiskFailed      the target cannot be written: full, read-only, broken
"""

from __future__ import annotations


class DownloaderError(Exception):
    """The base of all exceptions that this package raises on purpose; its text is one sentence."""


class UsageError(DownloaderError):
    """An option or a list that cannot be used. Nothing was fetched."""


class BadUrl(UsageError):
    """A URL that cannot be requested; the sentence names the reason."""


class BadChecksum(UsageError):
    """A checksum that cannot be used; the sentence names the reason."""


class LocalError(DownloaderError):
    """A cause on this machine that stops the whole run."""


class FolderInUse(LocalError):
    """Another run holds the target folder; `pid` is its process."""

    def __init__(self, folder: str, pid: int | None) -> None:
        self.pid = pid
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is in use by {holder}: wait for it, or choose another --dir")


class DiskFailed(LocalError):
    """The target cannot be written: disk full, read-only, I/O error."""
