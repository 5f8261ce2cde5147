"""The options of a run: one frozen value, checked when it is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from downloader.errors import UsageError

# Seconds that a server may think, for files that are made when they are asked for.
FIRST_BYTE = 120.0


def usable_cpus() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. The defaults are the command's; the same words name the command's options.

    `processes=None` is as many as there are processors; `fetch_processes` is how many share the
    fetch threads if one interpreter is the limit: `None` finds out, 1 is never more than one.
    `proxy=None` asks the environment, `proxy=""` means none. `timeout` is the longest silence,
    `first_byte_timeout` that before a reply (`None`: 120, or `timeout` if that is longer),
    `max_time` the time of a whole item, `max_retry_wait` the longest wait that a server may ask
    for, all in seconds; `retry_status` are statuses that are tried again besides 408, 425, 429 and
    most from 500 on. `per_host` and `rate` are connections at once and requests a second to one
    host, `limit_rate` the bytes a second of all transfers together, `max_size` the bytes of one
    file; `None` is no limit.
    `output` is the name of a single file, which may have folders below `dir` before it.
    `checksum` is what a single file must have, as in "sha256:HEX"; `sums` are files or URLs of
    published sums, matched by name; with `require_checksum` an item that none of these, nor one in
    the list, verifies is a failure. `base` is the URL of a folder, or a bare scheme, below which
    relative URLs of lists are; `list_format` names the format of lists, which else tell it
    themselves; `columns` are those of tables by what they hold, as in {"url": "link"}.
    `netrc` reads $NETRC or ~/.netrc, `cookies` is a file of cookies (Netscape's
    format); with `no_private` no address that is not public is connected to, `allow_downgrade`
    follows redirects from https to http, `server_names` takes names from servers,
    `allow_html` takes web pages under any name (else one in place of an archive, an image or the
    like fails), `compressed` asks for bodies in a coding and stores them without it, `fsync` counts
    files once they are on the disk.
    `continue_` finishes an interrupted run: what is stored is kept, parts are continued;
    `refresh` asks whether files have changed; with both nothing is kept unasked. `retry_failed`
    does as `continue_` for items that failed when they were tried last, and fetches no other.
    `fail_fast` ends the run after the first item that failed, `fail_over` once more than so many
    of 100 finished items have, of at least 20; it can be continued.
    Raises `UsageError` for a value that cannot be used.
    """

    dir: str = "downloads"
    output: str | None = None
    layout: str = "flat"
    threads: int = 8
    processes: int | None = None
    fetch_processes: int | None = None
    sequential: bool = False
    algorithms: tuple[str, ...] = ("sha256",)
    checksum: str | None = None
    sums: tuple[str, ...] = ()
    require_checksum: bool = False
    base: str | None = None
    list_format: str | None = None
    columns: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    continue_: bool = False
    refresh: bool = False
    retry_failed: bool = False
    overwrite: bool = False
    per_host: int | None = None
    rate: float | None = None
    limit_rate: float | None = None
    retries: int = 3
    retry_status: tuple[int, ...] = ()
    max_retry_wait: float = 60.0
    connect_timeout: float = 10.0
    timeout: float = 30.0
    first_byte_timeout: float | None = None
    max_time: float | None = None
    max_size: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    user_agent: str | None = None
    cacert: str | None = None
    proxy: str | None = None
    netrc: bool = False
    cookies: str | None = None
    no_private: bool = False
    allow_downgrade: bool = False
    server_names: bool = False
    allow_html: bool = False
    compressed: bool = False
    fsync: bool = False
    fail_fast: bool = False
    fail_over: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be used, naming the option and what would do."""
        self._check_numbers()
        self._check_spans()
        if self.cacert is not None and not os.path.exists(self.cacert):
            raise UsageError(f"--cacert {self.cacert}: there is no such file or folder")
        if self.refresh and self.retry_failed:
            raise UsageError("--refresh and --retry-failed: choose one of them")
        if not self.algorithms:
            raise UsageError("--algorithm: name at least one")
        if not self.dir:
            raise UsageError("--dir: name a folder")
        if self.output is not None and (why := _no_name(self.output)):
            raise UsageError(f"--output {self.output or repr(self.output)}: {why}")

    def _check_numbers(self) -> None:
        _at_least(1, "threads", self.threads)
        _at_least(1, "processes", self.hash_processes)
        _at_least(1, "fetch-processes", self.fetch_processes)
        _at_least(0, "retries", self.retries)
        for status in self.retry_status:
            if not 400 <= status <= 599:
                raise UsageError(f"--retry-status {status}: give statuses from 400 to 599")
        _at_least(1, "per-host", self.per_host)
        _at_least(1, "limit-rate", self.limit_rate)
        _at_least(1, "max-size", self.max_size)
        if self.fail_over is not None and not 0 <= self.fail_over <= 100:
            raise UsageError(
                f"--fail-over {self.fail_over:g}: give a share from 0 to 100 (percent)"
            )

    def _check_spans(self) -> None:
        _above_0("connect-timeout", self.connect_timeout, "seconds")
        _above_0("timeout", self.timeout, "seconds")
        _above_0("first-byte-timeout", self.first_byte_timeout, "seconds")
        _above_0("max-time", self.max_time, "seconds")
        _above_0("rate", self.rate, "requests a second")
        if not 0 <= self.max_retry_wait < float("inf"):
            raise UsageError(f"--max-retry-wait {self.max_retry_wait:g}: give a number of seconds")

    @property
    def continues(self) -> bool:
        """Return True if the run goes on with what earlier ones left."""
        return self.continue_ or self.retry_failed

    @property
    def first_byte(self) -> float:
        """How many seconds a reply may take to begin."""
        return self.first_byte_timeout or max(FIRST_BYTE, self.timeout)

    @property
    def hash_processes(self) -> int:
        """How many hash processes: the given number, else the processors of this process."""
        return usable_cpus() if self.processes is None else self.processes


def _no_name(output: str) -> str | None:
    """Return why nothing below a folder can be called so, `None` if something can."""
    *folders, last = output.split("/")
    if output == "-":
        return "files do not go to standard output: give a file's name"
    if ".." in (*folders, last):
        return "leads out of --dir: give a path without '..'"
    if output.startswith(("/", "\\")) or output[1:2] == ":":
        return "is an absolute path: name the folder with --dir, and the file below it"
    return "names no file: give a file's name" if last in ("", ".") else None


def _at_least(least: int, name: str, value: float | None) -> None:
    if value is not None and not least <= value < float("inf"):
        raise UsageError(f"--{name} {value:g}: give a whole number of at least {least}")


def _above_0(name: str, value: float | None, what: str) -> None:
    if value is not None and not 0 < value < float("inf"):
        raise UsageError(f"--{name} {value:g}: give a number of {what} above 0")
