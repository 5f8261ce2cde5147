"""What is to be done with each line of the list, decided in list order before its first request.

Names depend on the list alone, never on timing: the n-th line's name is a function of the lines
up to it, so every run of the same list gives the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from downloader import checksums, urls
from downloader.errors import BadChecksum, BadUrl, LocalError, UsageError
from downloader.models import Digest, Failure, FileStat, Job, Outcome, UrlItem, replace
from downloader.protocols import Storage


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line whose URL stood on an earlier line: fetched once, reported for both.

    The item's checksums are those that the earlier line did not give.
    """

    item: UrlItem
    key: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that fails before any request; `key` is that of its URL, `None` where it is none."""

    item: UrlItem
    failure: Failure
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that nothing has to be done for: its file stands since an earlier run."""

    job: Job
    outcome: Outcome


Planned = Job | Repeat | Refused | Kept


class Seen(Protocol):
    """Which URLs stood on earlier lines."""

    def get(self, key: str) -> int | None:
        """Return the number put under `key`."""
        ...

    def put(self, key: str, value: int) -> None:
        """Remember a number under `key`."""
        ...


def _as_chosen(path: str, key: str) -> str:
    return path


@dataclass(frozen=True, slots=True)
class Place:
    """How final paths are chosen and guarded.

    `choose` gives the unique path of a URL and a wished name; `owned` says whether this tool put
    that very file there. `again` gives the path to use in place of the chosen one, by the URL's
    key, where the list gives no name.
    """

    choose: Callable[[str, str | None], str]
    owned: Callable[[str, FileStat], bool]
    storage: Storage
    overwrite: bool = False
    again: Callable[[str, str], str] = _as_chosen

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
        if standing and not self.overwrite and not self.owned(path, standing):
            return Failure("exists", _foreign(self.storage.shown(path)))
        return standing


def _unpublished(url: str, item: UrlItem, path: str, shown: str) -> tuple[Digest, ...]:
    return ()


def _afresh(job: Job) -> Job | Kept:
    return job


def _at_once() -> bool:
    return True


class Planner:
    """Turns items into jobs, in order, by the batch, and takes the list's fingerprint.

    `published` gives the checksums that are known of an item besides its own: asked for with its
    URL, its final path, and that as it is shown. `used` gives what earlier runs left of a job.
    """

    def __init__(
        self,
        items: Iterable[UrlItem],
        place: Place,
        seen: Seen,
        published: Callable[[str, UrlItem, str, str], tuple[Digest, ...]] = _unpublished,
        used: Callable[[Job], Job | Kept] = _afresh,
    ) -> None:
        self._items = iter(items)
        self._error: UsageError | LocalError | None = None
        self._is_read = False
        self._place = place
        self._seen = seen
        self._published = published
        self._used = used
        self._fingerprint = hashlib.blake2b(digest_size=16)

    @property
    def is_read(self) -> bool:
        """Return True if the list has ended, or broken off, and nothing more is to be taken."""
        return self._is_read

    def take(self, most: int, ready: Callable[[], bool] = _at_once) -> list[Planned]:
        """Decide up to `most` lines, in list order; nothing is read ahead.

        Fewer if the next line is not `ready` (it is not waited for), or if the list ends. Raises
        `UsageError` where the list breaks off, and `LocalError`, once everything that was decided
        before has been taken.
        """
        planned: list[Planned] = []
        try:
            self._raise_held()
            while len(planned) < most and not self._is_read and ready():
                self._decide_next(planned)
        except (UsageError, LocalError) as error:
            if not planned:
                self._is_read = True
                raise
            self._error = error
        return planned

    def __iter__(self) -> Iterator[Planned]:
        """Decide one line after the other; nothing is read ahead."""
        while not self._is_read:
            yield from self.take(1)

    def _raise_held(self) -> None:
        if self._error and not self._is_read:
            raise self._error

    def _decide_next(self, planned: list[Planned]) -> None:
        item = next(self._items, None)
        if item is None:
            self._is_read = True
        else:
            planned.append(self._decide(item))

    def fingerprint(self) -> str:
        """Identify the list that was read so far: its usable URLs and names, in order."""
        return self._fingerprint.hexdigest()

    def _decide(self, item: UrlItem) -> Planned:
        try:
            url = urls.normalise(item.url)
            if item.checksums:
                item = replace(item, checksums=checksums.checked(item.checksums))
        except BadUrl as error:
            return Refused(item, Failure("bad-url", str(error)))
        except BadChecksum as error:
            return Refused(item, Failure("checksum", str(error)))
        shown = urls.without_login(url) if "@" in url else url
        self._fingerprint.update(f"{shown}\t{item.name or ''}\n".encode(errors="surrogatepass"))
        number = self._seen.get(url)
        if number is not None:
            return Repeat(self._with_new_checksums(item, url), _key(shown, number))
        number = 0 if shown == url else self._number_of_login(shown)
        self._seen.put(url, number)
        for each in item.checksums:
            self._seen.put(_mark(url, each), 0)
        return self._placed(item, url, shown, _key(shown, number))

    def _with_new_checksums(self, item: UrlItem, url: str) -> UrlItem:
        """Leave out the checksums that stood on the URL's first line: those will be checked."""
        if not item.checksums:
            return item
        new = (each for each in item.checksums if self._seen.get(_mark(url, each)) is None)
        return replace(item, checksums=tuple(new))

    def _number_of_login(self, shown: str) -> int:
        """Count the logins that were given for one URL."""
        counted = f"{shown}#"
        number = (self._seen.get(counted) or 0) + 1
        self._seen.put(counted, number)
        return number

    def _placed(self, item: UrlItem, url: str, shown: str, key: str) -> Planned:
        path = self._place.choose(shown, item.name)
        if item.name is None:
            path = self._place.again(path, key)
        standing = self._place.standing(path)
        if isinstance(standing, Failure):
            return Refused(item, standing, key)
        try:
            item = self._with_published(item, shown, path)
        except BadChecksum as error:
            return Refused(item, Failure("checksum", str(error)), key)
        return self._used(Job(item, url, path, standing, key))

    def _with_published(self, item: UrlItem, shown: str, path: str) -> UrlItem:
        published = self._published(shown, item, path, self._place.storage.shown(path))
        if not published:
            return item
        return replace(item, checksums=checksums.checked([*item.checksums, *published]))


def _mark(url: str, digest: Digest) -> str:
    """Return what no normalised URL is: those have no "#"."""
    return f"{url}#{digest.algorithm}:{digest.hexdigest}"


def _key(shown: str, login: int) -> str:
    """Tell URLs apart that differ in their login only; a normalised URL has no "#"."""
    return f"{shown}#{login}" if login else shown


def _unusable(shown: str, error: ValueError) -> str:
    why = str(error)
    if isinstance(error, UnicodeEncodeError):
        why = f"the locale's encoding ({error.encoding}) cannot write it: use a UTF-8 locale"
    return f"{shown} cannot be a file's name here: {why}"


def _foreign(shown: str) -> str:
    return f"{shown} was not put there by dl, or was changed since: use --overwrite to replace it"
