"""What became of it: downloads, hashes, outcomes."""

from __future__ import annotations

from typing import Literal, NamedTuple

from downloader.models.items import Digest, Failure, FileStat, Job, ResumePoint, Verified
from downloader.models.timing import Timing

Status = Literal["stored", "unchanged", "kept", "failed", "ok", "repaired", "missing", "extra"]
# Of these a run that ended well has none.
WRONG: frozenset[Status] = frozenset({"failed", "missing", "extra"})


class DownloadResult(NamedTuple):
    """What became of one job on the fetch stage: `part` holds `size` bytes, else see `failure`.

    `declared` are the digests that the server itself states in the field `declared_in`; `coding` is
    the Content-Encoding that it sent the bytes in all the same. After a failure `resume` says with
    which proof the part was kept. `again_in` is set if the server asked for a pause: the job goes
    back into the queue for that many seconds, and the host's others wait too, unless it
    `waits_alone` for a file that is not ready. `unreached` is the
    reason why no connection to the listed host opened, empty if one did. `unchanged` says that
    the file known to the job is still the server's. `served` is the name that the server gives the
    file (Content-Disposition), as it was sent: no path, and not safe. `digests` are those of the
    part, if they were made while it landed, in `hash_seconds` of which `hash_cpu` is processor
    time; else the file has to be read for them. `stat` is the closed part's, if it is known.
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
    timing: Timing = Timing()
    failure: Failure | None = None
    declared: tuple[Digest, ...] = ()
    declared_in: str = ""
    coding: str = ""
    resume: ResumePoint | None = None
    again_in: float | None = None
    unreached: str = ""
    unchanged: bool = False
    served: str = ""
    digests: tuple[Digest, ...] = ()
    hash_seconds: float = 0.0
    hash_cpu: float = 0.0
    stat: FileStat | None = None
    waits_alone: bool = False


class HashResult(NamedTuple):
    """What became of one file on the hash stage; `seconds` is wall, `cpu` processor time.

    `began` is a reading of `time.monotonic()`, 0.0 if it is not known.
    """

    path: str
    size: int = 0
    digests: tuple[Digest, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0
    failure: Failure | None = None
    began: float = 0.0


class Outcome(NamedTuple):
    """All there is to say of one item; the record on standard output is made from it.

    `path` is as reachable from the current folder, `None` if no file was stored. `url` is
    `None` for a file that was hashed in place. One that was checked in place is "ok" or "failed",
    "missing", or "repaired"; "extra" is one that nothing is known of. Neither `url`
    nor `final_url` holds a login.
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
