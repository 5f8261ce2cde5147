"""Where an item's file is to stand, and whether it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from downloader.models import Failure, FileStat
from downloader.planning.names import Names
from downloader.protocols import Storage


class Owner(Protocol):
    """Knows the files that this tool has put somewhere."""

    def owns(self, path: str, stamp: FileStat) -> bool:
        """Return True if this tool put that very file there."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """How final paths are chosen and guarded.

    In a folder that is `vacant` nothing stood when the run began, and nothing may be replaced:
    what appears meanwhile is left as it is by `Storage.commit`, so that usual names need not be
    looked for.
    """

    names: Names
    owner: Owner
    storage: Storage
    overwrite: bool = False
    vacant: bool = False

    def choose(self, url: str, name: str | None, key: str) -> str:
        """Return the path of a URL (without a login) and its name in the list, and take it."""
        return self.names.choose(url, name, key)

    def take_usual(self, name: str, key: str) -> bool:
        """Take a usual name, if it is what `choose` would return; else take nothing."""
        return self.names.take_usual(name, key)

    def standing(self, path: str) -> FileStat | Failure | None:
        """Return what stands at a path and may be replaced, or why the path cannot be used."""
        try:
            standing = self.storage.stamp(path)
        except FileExistsError as error:
            return Failure("exists", str(error))
        except OSError as error:
            why = f"{self.storage.shown(path)}: {error.strerror or error}"
            return Failure("disk", why)
        except ValueError as error:
            return Failure("name", _unusable(self.storage.shown(path), error))
        if standing and not self.overwrite and not self.owner.owns(path, standing):
            return Failure("exists", _foreign(self.storage.shown(path)))
        return standing


def _unusable(shown: str, error: ValueError) -> str:
    why = str(error)
    if isinstance(error, UnicodeEncodeError):
        why = f"the locale's encoding ({error.encoding}) cannot write it: use a UTF-8 locale"
    return f"{shown} cannot be a file's name here: {why}"


def _foreign(shown: str) -> str:
    return f"{shown} was not put there by dl, or was changed since: use --overwrite to replace it"
