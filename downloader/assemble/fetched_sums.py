"""Sums files that are URLs: fetched by the same rules as files, into a folder that goes again."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

from downloader import urls
from downloader.assemble.plugged import MakeFetcher
from downloader.assemble.workers import workers_of
from downloader.errors import DiskFailed, UsageError
from downloader.models import DownloadResult, Job, UrlItem
from downloader.options import Options
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.side_fetches import fetched
from downloader.protocols import Partial
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop
from downloader.storage.local import LocalStorage

# Bytes of a sums file that is fetched: about 600,000 lines.
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SumsFetcher:
    """Fetches sums files on the threads that the options give, each host asked as they allow."""

    options: Options
    make_fetcher: MakeFetcher
    stop: Stop
    limiter: RateLimiter | None = None

    def fetched(self, names: Sequence[str]) -> Iterator[tuple[str, DownloadResult]]:
        """Yield URLs with what became of them, as they land; their parts last until the next one.

        Raises `BadUrl`, and `LocalError` if this machine stops the run.
        """
        jobs = [_job(number, name) for number, name in enumerate(names)]
        with ExitStack() as stack:
            storage = stack.enter_context(closing(_Capped(stack.enter_context(_folder()))))
            fetcher = stack.enter_context(
                closing(self.make_fetcher(storage, LoadMeter(), self.stop))
            )
            self.stop.on_request(fetcher.abort)
            workers = stack.enter_context(workers_of(self.options))
            hosts = HostLimits(
                workers.threads, per_host=self.options.per_host, limiter=self._spacing
            )
            for result in fetched(jobs, fetcher, workers, hosts, self.stop):
                yield names[result.job.item.line], result
                with suppress(OSError):
                    os.unlink(result.part)

    @property
    def _spacing(self) -> RateLimiter | None:
        return self.limiter if self.options.rate else None


def _job(number: int, name: str) -> Job:
    try:
        url = urls.requested(name)
    except UsageError as error:
        raise UsageError(f"--sums {urls.masked(name) or repr(name)}: {error}") from None
    return Job(UrlItem(url, number), url, f"sums-{number}", key=f"{number}")


@contextmanager
def _folder() -> Iterator[str]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="dl-sums-")
    except OSError as error:
        why = f"cannot make a folder in the temporary folder (TMPDIR): {error.strerror}"
        raise DiskFailed(why) from error
    with folder as path:
        yield path


class _Capped(LocalStorage):
    """A folder whose parts have at most `LARGEST` bytes."""

    # A fetcher needs no more than a `Partial`.
    def open_part(self, path: str, version: str = "") -> Partial:  # type: ignore[override]
        return _CappedPart(super().open_part(path, version))


class _CappedPart:
    def __init__(self, part: Partial) -> None:
        self.path = part.path
        self.truncate, self.sync, self.close = part.truncate, part.sync, part.close
        self._write_at = part.write_at

    def write_at(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        if offset + len(data) > LARGEST:
            raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MiB")
        self._write_at(offset, data)
