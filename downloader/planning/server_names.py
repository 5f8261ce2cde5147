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
from downloader.planning.planner import Place

Named = Callable[[DownloadResult], DownloadResult | Failure]


@dataclass(frozen=True, slots=True)
class ServerNames:
    """Renames what has landed; for the one thread that runs the flow and reads the plan.

    `beside` gives the path of a server's name in the folder of a planned path, made safe; `claim`
    takes a path, if it is no other item's; `holder` is the key of the URL whose file stands there.
    """

    place: Place
    beside: Callable[[str, str], str]
    claim: Callable[[str], bool]
    holder: Callable[[str], str | None]

    def __call__(self, result: DownloadResult) -> DownloadResult | Failure:
        """Return the result with its final path, or why its file cannot stand there.

        A name that the list gives goes before the server's.
        """
        job = result.job
        if not result.served or result.unchanged or job.item.name is not None:
            return result
        path = self.beside(job.path, result.served)
        if path == job.path or self.holder(path) not in (None, job.key) or not self.claim(path):
            return result
        standing = self.place.standing(path)
        if isinstance(standing, Failure):
            return standing
        return replace(result, job=replace(job, path=path, replaces=standing))


@dataclass(frozen=True, slots=True)
class FormerNames:
    """Plans a URL's file where it stands since an earlier run, under the server's name.

    `stored_at` gives that path by the URL's key; the others are those of `ServerNames`.
    """

    beside: Callable[[str, str], str]
    claim: Callable[[str], bool]
    stored_at: Callable[[str], str | None]

    def __call__(self, path: str, key: str) -> str:
        """Return the path to plan with in place of `path`, which is another where it must be."""
        former = self.stored_at(key)
        if former is None or former == path:
            return path
        is_beside = self.beside(path, former.rpartition("/")[2]) == former
        return former if is_beside and self.claim(former) else path


def as_planned(result: DownloadResult) -> DownloadResult | Failure:
    """Leave every file its planned name."""
    return result
