"""Published sums files: read before a run, and fetched first if they are URLs."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import BinaryIO

from downloader import urls
from downloader.errors import DiskFailed, UsageError
from downloader.formats import sums
from downloader.models import DownloadResult, Job, UrlItem, replace
from downloader.planning.published import Published
from downloader.protocols import Fetcher, Partial, Storage
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop
from downloader.storage.local import LocalStorage

MakeFetcher = Callable[[Storage, LoadMeter, Stop], Fetcher]

# Bytes of a sums file that is fetched: about 600,000 lines.
LARGEST = 64 * 1024 * 1024


def read_published(
    names: Sequence[str], make_fetcher: MakeFetcher, stop: Stop, *, is_single: bool = False
) -> Published:
    """Read sums files, those that are URLs by a fetcher of the run's own kind.

    `is_single` says that they are for a single item. Raises `UsageError` for one that cannot be
    had, or that holds no checksum.
    """
    with ExitStack() as stack:
        published = Published(names, is_single=is_single)
        stack.callback(published.close)
        for name in names:
            _read(name, published, make_fetcher, stop)
        stack.pop_all()
    return published


def _read(name: str, published: Published, make_fetcher: MakeFetcher, stop: Stop) -> None:
    is_url = name.lower().startswith(("http://", "https://"))
    source = urls.masked(name).partition("?")[0] if is_url else name
    try:
        with _fetched(name, make_fetcher, stop) if is_url else _opened(name) as stream:
            count = published.add_all(sums.parse(stream, source), _own_url(name) if is_url else "")
    except (OSError, ValueError, UsageError) as error:
        raise UsageError(f"--sums {urls.masked(name) or repr(name)}: {_reason(error)}") from None
    if not count:
        raise UsageError(f"--sums {urls.masked(name)}: no checksum in it")


def _own_url(name: str) -> str:
    """Return the URL of a sums file without a login and a query."""
    return urls.without_login(urls.normalise(name)).partition("?")[0]


def _opened(name: str) -> BinaryIO:
    return open(name, "rb")


@contextmanager
def _fetched(name: str, make_fetcher: MakeFetcher, stop: Stop) -> Iterator[BinaryIO]:
    """Fetch a sums file into a folder of its own, which goes with it."""
    url = urls.requested(name)
    with ExitStack() as stack:
        storage = stack.enter_context(closing(_Capped(stack.enter_context(_folder()))))
        fetcher = stack.enter_context(closing(make_fetcher(storage, LoadMeter(), stop)))
        stop.on_request(fetcher.abort)
        result = _brought(fetcher, Job(UrlItem(url), url, "sums"), stop)
        if result.failure:
            raise UsageError(result.failure.message)
        yield stack.enter_context(open(result.part, "rb"))


def _brought(fetcher: Fetcher, job: Job, stop: Stop) -> DownloadResult:
    """Fetch a job, waiting if its host asks for that."""
    while (result := fetcher.fetch(job)).again_in is not None:
        if stop.sleep(result.again_in):
            break
        job = replace(job, attempts=result.attempts)
    return result


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


def _reason(error: OSError | ValueError | UsageError) -> str:
    strerror = getattr(error, "strerror", None)
    return strerror.lower() if strerror else str(error)
