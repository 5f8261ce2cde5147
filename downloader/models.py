"""The values that flow through the house, and the events that reporters are told.

Everything here is frozen and picklable: it may cross threads and processes as it is.
A list line becomes a `UrlItem`, a `Job` once its name is decided, a `DownloadResult` when its
bytes have landed, a `HashResult` when they were read again, an `Outcome` when all is said, and
the outcomes are summed up in a `Report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

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
    "internal",
]
Status = Literal["stored", "unchanged", "kept", "failed"]
Verified = Literal["given", "server", "none"]
Mode = Literal["parallel", "sequential"]
Basis = Literal["measured", "estimated", "this-run"]
HeldBackBy = Literal["latency", "bandwidth", "cpu", "hashing", "host-limit", "disk"]


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest of one file: the algorithm's `hashlib` name and lower-case hexadecimal."""

    algorithm: str
    hexdigest: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item failed: text only, never an exception or a response.

    `message` is one sentence, free of credentials, that says what happened and, where there is
    something to do, what to do. `retryable` says that the same request may succeed later.
    """

    kind: Kind
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class UrlItem:
    """One wanted URL as the list gave it: `line` counts from 1 within `source`.

    `checksums` are what the file must have, as given by the list, the command line or a sums file.
    """

    url: str
    line: int = 1
    source: str = ""
    name: str | None = None
    checksums: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class PathItem:
    """One file to hash: `line` counts from 1 within `source`; `size` is 0 where it is unknown."""

    path: str
    size: int
    line: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What identifies one version of a file on disk: bytes, nanoseconds and inode."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Resume:
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


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows of the file that stands at a final name."""

    size: int
    digests: tuple[Digest, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    verified: Verified = "none"


@dataclass(frozen=True, slots=True)
class Job:
    """An item that is ready to be fetched: its URL is valid, its name decided.

    `url` is what is requested (normalised, without fragment, login kept); `path` is relative to
    the target folder, with "/" between parts; `replaces` is the file that stands there now and
    may be replaced, `None` where nothing may stand. `key` is what the run knows the URL by: it is
    another one for each login, and shows none.
    `resume` is an earlier run's part that may be continued; with `known` the server is asked only
    whether that file has changed. `attempts` counts the tries of this run before the job went back
    into the queue, and `earlier` is their timing; `mismatches` how often what it brought was not
    what its checksums say.
    """

    item: UrlItem
    url: str
    path: str
    replaces: Stamp | None = None
    key: str = ""
    resume: Resume | None = None
    known: Known | None = None
    attempts: int = 0
    earlier: Timing | None = None
    mismatches: int = 0

    @property
    def host(self) -> str:
        """The URL's host and port, without a login."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Timing:
    """When and how one item was fetched; clock readings are `time.monotonic()`, spans seconds.

    `began` is the start of the first try; `requested`, `answered` and `ended` belong to the last
    one: request begun, reply's header complete, last byte stored. `connecting` is the part of
    `requested`..`answered` that opened a connection (0.0 on a kept one), `paused` what was slept
    between tries, `parked` the share of it for which the host was left alone as it asked, `cpu` the
    processor time of the fetching thread. `load_waiting` and `load_reading` are the mean numbers of
    transfers that were under way while this one waited for its reply and while it read its body
    (1.0: it was alone); `rank` is their number when it began, itself included.
    """

    began: float = 0.0
    requested: float = 0.0
    answered: float = 0.0
    ended: float = 0.0
    connecting: float = 0.0
    paused: float = 0.0
    parked: float = 0.0
    cpu: float = 0.0
    load_waiting: float = 1.0
    load_reading: float = 1.0
    rank: int = 1

    @property
    def seconds(self) -> float:
        """From the start of the first try to the last byte."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """What became of one job on the fetch lane: `part` holds `size` bytes, else see `failure`.

    `declared` are the digests that the server itself states in the field `declared_in`; `coding` is
    the Content-Encoding that it sent the bytes in all the same. After a failure `resume` says with
    which proof the part was kept. `again_in` is set where the host asked to be left alone: the job
    goes back into the queue, and the host's others wait that many seconds too. `unreached` is the
    reason why no connection to the listed host opened, empty where one did. `unchanged` says that
    the file known to the job is still the server's. `served` is the name that the server gives the
    file (Content-Disposition), as it was sent: no path, and not safe.
    """

    job: Job
    part: str = ""
    size: int = 0
    final_url: str | None = None
    http_status: int | None = None
    attempts: int = 1
    resumed_from: int = 0
    etag: str | None = None
    last_modified: str | None = None
    timing: Timing = field(default_factory=Timing)
    failure: Failure | None = None
    declared: tuple[Digest, ...] = ()
    declared_in: str = ""
    coding: str = ""
    resume: Resume | None = None
    again_in: float | None = None
    unreached: str = ""
    unchanged: bool = False
    served: str = ""


@dataclass(frozen=True, slots=True)
class HashResult:
    """What became of one file on the hash lane; `seconds` is wall, `cpu` processor time."""

    path: str
    size: int = 0
    digests: tuple[Digest, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All there is to say of one item; the record on standard output is made from it.

    `path` is as reachable from the current folder, `None` where no file was stored. `url` is
    `None` for a file that was hashed in place. Neither `url` nor `final_url` holds a login.
    """

    status: Status
    line: int = 1
    source: str = ""
    url: str | None = None
    final_url: str | None = None
    path: str | None = None
    size: int | None = None
    digests: tuple[Digest, ...] = ()
    verified: Verified = "none"
    http_status: int | None = None
    attempts: int = 0
    resumed_from: int = 0
    fetch_seconds: float = 0.0
    hash_seconds: float = 0.0
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items of a run ended in which way."""

    total: int = 0
    stored: int = 0
    unchanged: int = 0
    kept: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Stages:
    """Seconds of the whole run and of its two lanes, each from its first start to its last end."""

    wall: float = 0.0
    fetch: float = 0.0
    hash: float = 0.0


@dataclass(frozen=True, slots=True)
class Busy:
    """Seconds of work summed over all threads or processes of a lane."""

    fetch: float = 0.0
    hash: float = 0.0


@dataclass(frozen=True, slots=True)
class Sequential:
    """What the same work takes one item after another: seconds, with the range that is believed.

    `when` is the date of the run that was measured (ISO 8601, UTC), else `None`.
    """

    seconds: float
    low: float
    high: float
    basis: Basis
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """Sequential minus parallel seconds (negative: parallel was slower), and their ratio."""

    seconds: float
    speedup: float


@dataclass(frozen=True, slots=True)
class Report:
    """The account of one run. `failures` can be read again and again, however many there are.

    `parallel_when` is set in a sequential run that is compared with an earlier parallel one;
    `saved` is `None` in a sequential run without one. `interrupted` is the signal that ended the
    run early, else `None`.
    """

    mode: Mode
    threads: int
    processes: int
    items: Counts
    bytes: int
    seconds: Stages
    busy: Busy
    sequential: Sequential
    saved: Saved | None
    held_back_by: HeldBackBy | None
    failures: Sequence[Outcome] = ()
    fetched: bool = True
    parallel_when: str | None = None
    interrupted: int | None = None


@dataclass(frozen=True, slots=True)
class Active:
    """One transfer that is under way; `size` is `None` while it is unknown."""

    name: str
    done: int
    size: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Began:
    """The run began; `total` is the number of items, `None` while the list is still being read."""

    total: int | None
    fetching: bool = True


@dataclass(frozen=True, slots=True)
class Advanced:
    """How far the run is, told about ten times a second: bytes so far, by lane, and who is active.

    `hashing` is the number of files that have landed and wait for, or are in, the hash lane.
    """

    fetched_bytes: int
    hashed_bytes: int
    hashing: int
    active: tuple[Active, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """One item is done."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know and that is no item's failure: one sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over; the last event. `report` is `None` where the run broke off."""

    report: Report | None


Event = Began | Advanced | Finished | Warned | Ended


@dataclass(frozen=True, slots=True)
class Sample:
    """What one fetched item tells about time, in seconds: see `Timing` for the words.

    `at` counts from the run's beginning. `waiting` is from the item's beginning to the reply,
    without the opening of a connection, `reading` the body; `earlier` is what failed tries and the
    pauses after them took. `alone` says that no other was under way all the time.
    """

    host: str
    size: int
    waiting: float
    reading: float
    connecting: float = 0.0
    earlier: float = 0.0
    cpu: float = 0.0
    load_waiting: float = 1.0
    load_reading: float = 1.0
    rank: int = 1
    at: float = 0.0
    alone: bool = False

    @property
    def seconds(self) -> float:
        """The whole item, earlier tries and pauses included."""
        return self.earlier + self.connecting + self.waiting + self.reading


@dataclass(frozen=True, slots=True)
class Window:
    """A short span of the run: mean transfers under way, those reading, bytes and items done.

    `host` is the only one that bodies were read from, `None` where there were several. `settled`
    is false just after the run opened up: worker processes start then, and take processors.
    `alone` says that only one transfer was allowed.
    """

    seconds: float
    active: float
    reading: float
    bytes: int
    items: int
    host: str | None = None
    settled: bool = True
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Observations:
    """All that a run knows about its own time; the estimate is made from this alone.

    `host_wait` is the time in which threads were free and every item's host was to be left alone,
    `pauses` the seconds that hosts asked for, `rate` the requests a second that each may get.
    `samples` stand for `stride` items each. `cpu` is processor time of this process,
    `coordinator_cpu` that of the thread that ran the flow, `hash_cpu` that of the hash workers.
    """

    wall: float
    fetch: float
    hash: float
    busy_fetch: float
    busy_hash: float
    hash_cpu: float
    cpu: float
    coordinator_cpu: float
    threads: int
    processes: int
    items: int
    bytes: int
    samples: tuple[Sample, ...] = ()
    stride: int = 1
    windows: tuple[Window, ...] = ()
    host_wait: float = 0.0
    pauses: tuple[tuple[str, float], ...] = ()
    rate: float | None = None
