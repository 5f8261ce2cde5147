"""What is wanted: items of a list, and the jobs that are made of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from downloader.models.timing import Timing

Kind = Literal[
    "bad-url",
    "http-status",
    "connect",
    "dns",
    "tls",
    "timeout",
    "incomplete",
    "protocol",
    "redirect",
    "too-large",
    "checksum",
    "exists",
    "name",
    "disk",
    "refused",
    "content",
    "internal",
]
Verified = Literal["given", "server", "none"]


class Digest(NamedTuple):
    """One digest of one file: the algorithm's `hashlib` name and lower-case hexadecimal."""

    algorithm: str
    hexdigest: str


class Failure(NamedTuple):
    """Why an item failed: text only, never an exception or a response.

    `message` is one sentence, free of credentials, that says what happened and, if there is
    something to do, what to do. `retryable` says that the same request may succeed later.
    """

    kind: Kind
    message: str
    retryable: bool = False


class UrlItem(NamedTuple):
    """One wanted URL as the list gave it: `line` counts from 1 within `source`.

    `checksums` are what the file must have, as given by the list, the command line or a sums file,
    and `size` how many bytes. `mirrors` are other URLs of the same file, the best one first;
    `headers` are sent to the origins of these URLs, and to no other. If the line cannot be used,
    `fault` says why, in one sentence; `url` is then what there is to be shown.
    """

    url: str
    line: int = 1
    source: str = ""
    name: str | None = None
    checksums: tuple[Digest, ...] = ()
    size: int | None = None
    mirrors: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    fault: str | None = None


class PathItem(NamedTuple):
    """One file to hash: `line` counts from 1 within `source`; `size` is 0 if it is unknown.

    `digests` are what it must have, none if it is only to be hashed.
    """

    path: str
    size: int
    line: int
    source: str = ""
    digests: tuple[Digest, ...] = ()


class Expected(NamedTuple):
    """One file to check: what it must have. `path` is as reachable from the current folder.

    `size` is `None` if it is not known. `line` counts from 1 within `source`, which is empty for
    what the journal knows. No link is followed out of the folder `root`; without one the path is
    taken as it is. With a `fault` nobody can say whether a file that is there is right. `urls` are
    where it can be had, the best one first, each with `headers`.
    """

    path: str
    digests: tuple[Digest, ...] = ()
    size: int | None = None
    line: int = 1
    source: str = ""
    root: str | None = None
    fault: str = ""
    urls: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class FileStat(NamedTuple):
    """What identifies one version of a file on disk: bytes, nanoseconds and inode."""

    size: int
    mtime_ns: int
    inode: int


class ResumePoint(NamedTuple):
    """What proves that a part may be continued: its first `offset` bytes are on disk.

    `etag` and `last_modified` are the reply's own, `date` its `Date`; `total` is the whole file's
    size, `None` while it is unknown.
    """

    offset: int
    total: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    date: str | None = None

    @property
    def version(self) -> str:
        """What tells apart the bodies that parts of one path may hold; never empty."""
        return repr((self.total, self.etag, self.last_modified, self.date))


class StoredFile(NamedTuple):
    """What the journal knows of the file that stands at a final name."""

    size: int
    digests: tuple[Digest, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    verified: Verified = "none"


class Moved(NamedTuple):
    """That a job has gone on to a mirror: how many URLs it has left, and the tries they had.

    `first` is why the first of them failed.
    """

    urls: int
    tries: int
    first: Failure


class Job(NamedTuple):
    """An item that is ready to be fetched: its URL is valid, its name decided.

    `url` is what is requested (as it was given, see `urls.requested`); `path` is relative to the
    target folder, with "/" between parts; `replaces` is the file that stands there now and
    may be replaced, `None` if nothing may stand. `key` is what the run knows the URL by: it is
    another one for each login, and shows none.
    `resume` is an earlier run's part that may be continued; with `known` the server is asked only
    whether that file has changed. `attempts` counts the tries of this run before the job went back
    into the queue, and `earlier` is their timing; `mismatches` how often what it brought was not
    what its checksums say. `moved` is set once `url` is one of the item's mirrors.
    """

    item: UrlItem
    url: str
    path: str
    replaces: FileStat | None = None
    key: str = ""
    resume: ResumePoint | None = None
    known: StoredFile | None = None
    attempts: int = 0
    earlier: Timing | None = None
    mismatches: int = 0
    moved: Moved | None = None

    @property
    def host(self) -> str:
        """The URL's host and port, without a login."""
        return self.url.split("/", 3)[2].rpartition("@")[2]
