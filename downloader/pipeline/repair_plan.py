"""The plan of a repair: a job for each file that is wrong, and for no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from downloader import urls
from downloader.errors import BadUrl
from downloader.models import Expected, Failure, Job, UrlItem
from downloader.pipeline.repairs import Repairs
from downloader.planning.planner import Planned
from downloader.protocols import Storage


class Origins(NamedTuple):
    """Where files come from: `recorded` knows the URLs of what is at a path below `folder`."""

    folder: str
    recorded: Callable[[str], Sequence[str]]


NOWHERE = Origins(os.curdir, lambda _: ())


class RepairPlan:
    """Jobs that bring what is wrong, in the order of what is expected.

    Each has the digests and size that its file must have, and the number of the repair as its
    line. What cannot be fetched is told without a job.
    """

    def __init__(
        self, expected: Iterable[Expected], repairs: Repairs, origins: Origins, storage: Storage
    ) -> None:
        self._expected = iter(expected)
        self._repairs = repairs
        self._origins = origins
        self._storage = storage
        self.is_read = False

    def take(self, most: int, _: Callable[[], bool], /) -> list[Planned]:
        """Return the next jobs."""
        jobs: list[Planned] = []
        while len(jobs) < most and not self.is_read:
            expected = next(self._expected, None)
            if expected is None:
                self.is_read = True
            elif (number := self._repairs.number(expected)) is not None:
                found = self._job(expected, number)
                if isinstance(found, Failure):
                    self._repairs.lost(number, found)
                else:
                    jobs.append(found)
        return jobs

    def _job(self, expected: Expected, number: int) -> Job | Failure:
        if not expected.digests:
            return Failure("checksum", expected.fault)
        folder = self._origins.folder
        name = os.path.relpath(expected.path, folder)
        if name == os.pardir or name.startswith(f"{os.pardir}/"):
            why = f"it is not below {folder}: nothing is put there (see --dir)"
            return Failure("refused", why)
        try:
            standing = self._storage.stamp(name)
        except (OSError, ValueError) as error:
            return Failure("exists", str(error))
        item = self._item(expected, name, number)
        if item is None:
            return Failure("bad-url", "no URL is known from which it could be fetched again")
        key = urls.without_login(urls.normalise(item.url))
        return Job(item, urls.requested(item.url), name, standing, key)

    def _item(self, expected: Expected, name: str, number: int) -> UrlItem | None:
        known = [*expected.urls, *map(urls.without_login, self._origins.recorded(name))]
        usable = [url for url in dict.fromkeys(known) if _is_usable(url)]
        if not usable:
            return None
        return UrlItem(
            usable[0],
            number + 1,
            checksums=expected.digests,
            size=expected.size,
            mirrors=tuple(map(urls.requested, usable[1:])),
            headers=expected.headers,
        )


def _is_usable(url: str) -> bool:
    try:
        urls.normalise(url)
    except BadUrl:
        return False
    return True
