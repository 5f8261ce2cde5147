"""Names that servers give their files (`--server-names`), decided when an item has landed.

That is the name in Content-Disposition, else the last segment of the URL that a redirect led to.
The planned name stays the item's own, and is what it falls back to: where the name that the server
gives is another item's in this run, or that of another URL's file from an earlier one. So which of
several items gets a name that they share may depend on which lands first; from then on it is that
item's, in later runs too, and no file takes the place of another URL's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloader import urls
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
        if result.unchanged or job.item.name is not None:
            return result
        name = result.served or _redirected_to(result)
        path = naming.beside(job.path, name) if name else job.path
        if path == job.path or not self._is_free(path, job.key):
            return result
        self.place.names.changes.made(name, path)
        standing = self.place.standing(path)
        if isinstance(standing, Failure):
            return standing
        return replace(result, job=replace(job, path=path, replaces=standing))

    def _is_free(self, path: str, key: str) -> bool:
        """Take a path that is no other item's, neither in this run nor in an earlier one."""
        return self.past.holder(path) in (None, key) and self.place.names.claim(path)


def _redirected_to(result: DownloadResult) -> str:
    """Return the name in the final URL, "" if it has none, or that of the URL asked for."""
    if result.final_url in (None, result.job.url):
        return ""
    name = naming.last_segment(urls.normalise(result.final_url or ""))
    is_same = name == naming.last_segment(urls.normalise(result.job.url))
    return "" if is_same or not name.strip(". ") else name


def as_planned(result: DownloadResult) -> DownloadResult | Failure:
    """Leave every file its planned name."""
    return result
