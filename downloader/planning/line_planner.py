"""What is to be done with one line of the list, as a function of the lines up to it.

A usual URL with a usual name of its own takes a short way; the results are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol

from downloader import checksums, urls
from downloader.errors import BadChecksum, BadUrl
from downloader.models import Digest, Failure, FileStat, Job, UrlItem, replace
from downloader.planning import usual
from downloader.planning.checks import Checks
from downloader.planning.place import Place
from downloader.planning.planned import Kept, PassedOver, Planned, Refused, Repeat
from downloader.state.spill import SpillDict

# What an item brings besides its URL and place if it brings nothing.
_NOTHING = UrlItem("")[3:]


class Earlier(Protocol):
    """What earlier runs left."""

    def used(self, job: Job) -> Job | Kept | PassedOver:
        """Return the job with what is left of it to do."""
        ...


class NothingEarlier:
    """No earlier run left anything that is to be used."""

    def used(self, job: Job) -> Job | Kept:
        """Return the job as it is."""
        return job


class LinePlanner:
    """Decides line after line, and takes the fingerprint of those that are usable.

    `urls_so_far` remembers their URLs; `checks` knows checksums besides a line's own.
    """

    def __init__(
        self, place: Place, urls_so_far: SpillDict, checks: Checks | None, earlier: Earlier
    ) -> None:
        self._place = place
        self._urls = urls_so_far
        self._checks = checks
        self._earlier = earlier
        self._fingerprint = hashlib.blake2b(digest_size=16)

    def fingerprint(self) -> str:
        """Identify the lines so far: their usable URLs and names, in order."""
        return self._fingerprint.hexdigest()

    def notices(self) -> Iterator[str]:
        """Yield what there is to say of names that were changed."""
        return self._place.names.changes.notices()

    def plan(self, item: UrlItem) -> Planned:
        """Decide the next line."""
        name = usual.name(item.url) if item[3:] == _NOTHING else None
        if name is not None and self._urls.add(item.url, 0):
            return self._plan_usual(item, name)
        return self._plan_any(item)

    def _plan_usual(self, item: UrlItem, name: str) -> Planned:
        """Decide a line with a usual URL that is seen for the first time."""
        url = item.url
        self._identify(url, None)
        if not self._place.take_usual(name, url):
            return self._placed(item, url, url, url)
        if self._place.vacant:
            return self._agreed(item, url, name, None, url)
        return self._guarded(item, url, name, url)

    def _plan_any(self, item: UrlItem) -> Planned:
        if item.fault:
            return Refused(item, Failure("bad-url", item.fault))
        try:
            url = urls.normalise(item.url)
            if "#" in item.url and (named := tuple(checksums.in_fragment(item.url))):
                item = replace(item, checksums=(*item.checksums, *named))
            if item.checksums:
                item = replace(item, checksums=checksums.checked(item.checksums))
            if item.mirrors:
                item = replace(item, mirrors=_mirrors(url, item.mirrors))
        except BadUrl as error:
            return Refused(item, Failure("bad-url", str(error)))
        except BadChecksum as error:
            return Refused(item, Failure("checksum", str(error)))
        shown = urls.without_login(url) if "@" in url else url
        self._identify(shown, item.name)
        number = self._urls.get(url)
        if number is not None:
            return Repeat(self._with_new_checksums(item, url), _key(shown, number))
        return self._first(item, url, shown)

    def _first(self, item: UrlItem, url: str, shown: str) -> Planned:
        """Decide a line whose URL is seen for the first time."""
        number = 0 if shown == url else self._number_of_login(shown)
        self._urls.put(url, number)
        for each in item.checksums:
            self._urls.put(_mark(url, each), 0)
        return self._placed(item, url, shown, _key(shown, number))

    def _identify(self, shown: str, name: str | None) -> None:
        """Take a usable line into the list's fingerprint."""
        self._fingerprint.update(f"{shown}\t{name or ''}\n".encode(errors="surrogatepass"))

    def _with_new_checksums(self, item: UrlItem, url: str) -> UrlItem:
        """Leave out the checksums that stood on the URL's first line: those will be checked."""
        if not item.checksums:
            return item
        new = (each for each in item.checksums if self._urls.get(_mark(url, each)) is None)
        return replace(item, checksums=tuple(new))

    def _number_of_login(self, shown: str) -> int:
        """Count the logins that were given for one URL."""
        counted = f"{shown}#"
        number = (self._urls.get(counted) or 0) + 1
        self._urls.put(counted, number)
        return number

    def _placed(self, item: UrlItem, url: str, shown: str, key: str) -> Planned:
        """Choose the path of a line, in list order."""
        return self._guarded(item, url, self._place.choose(shown, item.name, key), key)

    def _guarded(self, item: UrlItem, url: str, path: str, key: str) -> Planned:
        """Refuse a path at which something stands that may not be replaced."""
        standing = self._place.standing(path)
        if isinstance(standing, Failure):
            return Refused(item, standing, key)
        return self._agreed(item, url, path, standing, key)

    def _agreed(
        self, item: UrlItem, url: str, path: str, standing: FileStat | None, key: str
    ) -> Planned:
        """Add the checksums that are published, and what earlier runs left."""
        sent = url if url == item.url else urls.requested(item.url)
        job, used = Job(item, sent, path, standing, key), self._earlier.used
        return self._checks.plan(job, used) if self._checks else used(job)


def _mirrors(url: str, listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the other URLs of an item as they are requested, each once."""
    found: dict[str, str] = {}
    for each in listed:
        found.setdefault(urls.normalise(each), urls.requested(each))
    found.pop(url, None)
    return tuple(found.values())


def _mark(url: str, digest: Digest) -> str:
    """Return what no normalised URL is: those have no "#"."""
    return f"{url}#{digest.algorithm}:{digest.hexdigest}"


def _key(shown: str, login: int) -> str:
    """Tell URLs apart that differ in their login only; a normalised URL has no "#"."""
    return f"{shown}#{login}" if login else shown
