"""Published sums files: read before a run, from this machine or as they are fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO

from downloader import urls
from downloader.assemble.sums_unpacked import fetched_text, text
from downloader.errors import UsageError
from downloader.formats import sums_digests
from downloader.formats.sums_lines import Entry
from downloader.formats.sums_reader import KNOWN, SumsReader
from downloader.models import DownloadResult
from downloader.planning.published import Published
from downloader.text import plural

# Returns URLs with what became of them, as they land.
Fetch = Callable[[Sequence[str]], Iterator[tuple[str, DownloadResult]]]


def read_published(names: Sequence[str], fetch: Fetch, *, is_single: bool = False) -> Published:
    """Read sums files; `fetch` brings those that are URLs.

    `is_single` says that they are for a single item. Raises `UsageError` for one that cannot be
    had, or that holds no checksum.
    """
    with ExitStack() as stack:
        published = Published(names, is_single=is_single)
        stack.callback(published.close)
        for name in names:
            if not _is_url(name):
                _read_local(name, published)
        remote = tuple(name for name in names if _is_url(name))
        if remote:
            _read_remote(remote, published, fetch)
        stack.pop_all()
    return published


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _read_local(name: str, published: Published) -> None:
    try:
        with open(name, "rb") as stream:
            _read(text(stream), name, published)
    except (OSError, ValueError, UsageError) as error:
        raise UsageError(f"--sums {name or repr(name)}: {_reason(error)}") from None


def _read_remote(names: Sequence[str], published: Published, fetch: Fetch) -> None:
    """Read them as they land; what cannot be had is said once all have ended."""
    failed: dict[str, str] = {}
    ended = 0
    for name, result in fetch(names):
        ended += 1
        try:
            _read_fetched(name, result, published)
        except (OSError, ValueError, UsageError) as error:
            failed[name] = _reason(error)
    if failed:
        first = next(name for name in names if name in failed)
        others = f" (and {plural('other', len(failed) - 1)} failed)" if len(failed) > 1 else ""
        raise UsageError(f"--sums {urls.masked(first)}: {failed[first]}{others}")
    if ended < len(names):
        raise UsageError("--sums: interrupted")


def _read_fetched(name: str, result: DownloadResult, published: Published) -> None:
    if result.failure:
        raise UsageError(result.failure.message)
    url = urls.without_login(urls.normalise(name)).partition("?")[0]
    with open(result.part, "rb") as stream:
        _read(fetched_text(stream, result.coding), url, published, url)


def _read(stream: BinaryIO, source: str, published: Published, url: str = "") -> None:
    reader = SumsReader(source)
    entries = _with_own_name(reader.entries(stream, source), sums_digests.own_name(source))
    if not published.add_all(entries, url):
        raise UsageError(f"no checksum in it that is understood{_why(reader)}")


def _with_own_name(entries: Iterator[Entry], own: str) -> Iterator[Entry]:
    """Yield entries; those without a name also under that which the file's own name tells."""
    for name, digest in entries:
        if own and not name:
            yield own, digest
        yield name, digest


def _why(reader: SumsReader) -> str:
    """Say what a file is in which nothing is understood, and what would be."""
    if reader.unsupported:
        return f": those of {', '.join(reader.unsupported)} are not supported"
    looks = f": its lines look like {reader.first_odd!r}" if reader.first_odd else ": it has none"
    if reader.first_odd[:5].lower() in ("<!doc", "<html", "<?xml"):
        looks = ": it is a web page"
    return f"{looks}; known are {KNOWN}"


def _reason(error: OSError | ValueError | UsageError) -> str:
    strerror = getattr(error, "strerror", None)
    return strerror.lower() if strerror else str(error)
