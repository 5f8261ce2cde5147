"""Names that servers give their files (`--content-disposition`), decided when an item has landed.

The planned name stays the item's own, and is what it falls back to: where the name that the server
gives is another item's in this run, or that of another URL's file from an earlier one. So which of
several items gets a name that they share may depend on which lands first; from then on it is that
item's, in later runs too, and no file takes the place of another URL's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloader.models import DownloadResult, Failure, replace
from downloader.planning import naming
from downloader.planning.former_names import PastNames
from downloader.planning.place import Place

Named = Callable[[DownloadResult], DownloadResult | Failure]


@dataclass(frozen=True, slots=True)
class ServerNames:
    """Renames what has landed; for the one thread that runs the pipeline and reads the plan."""

    place: Place
    past: PastNames

    def __call__(self, result: DownloadResult) -> DownloadResult | Failure:
        """Return the result with its final path, or why its file cannot stand there.

        A name that the list gives goes before the server's.
        """
        job = result.job
        if not result.served or result.unchanged or job.item.name is not None:
            return result
        path = naming.beside(job.path, result.served)
        if path == job.path or not self._is_free(path, job.key):
            return result
        standing = self.place.standing(path)
        if isinstance(standing, Failure):
            return standing
        return replace(result, job=replace(job, path=path, replaces=standing))

    def _is_free(self, path: str, key: str) -> bool:
        """Take a path that is no other item's, neither in this run nor in an earlier one."""
        return self.past.holder(path) in (None, key) and self.place.names.claim(path)


def as_planned(result: DownloadResult) -> DownloadResult | Failure:
    """Leave every file its planned name."""
    return result
