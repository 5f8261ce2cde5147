"""Checksums besides those in the list: published ones, read before anything else is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from downloader import urls
from downloader.errors import BadUrl, UsageError
from downloader.inputs.items import open_items
from downloader.models import UrlItem
from downloader.options import Options
from downloader.planning import naming
from downloader.planning.checks import Checks
from downloader.planning.names import Names
from downloader.planning.published import Published
from downloader.planning.sums_names import Called
from downloader.protocols import Storage
from downloader.registry import look_up
from downloader.shared.stop import Stop
from downloader.state.spill import SpillDict

if TYPE_CHECKING:
    from downloader.assemble.fetched_sums import SumsFetcher

# Items that are looked at before a run to see whether sums name any of them: some seconds.
LOOKED_AT = 200_000

Listed = Sequence[str | UrlItem]


def checks_of(options: Options, published: Published, storage: Storage) -> Checks | None:
    """Return the checks that the options ask for besides those in the list, if they do."""
    if not (options.sums or options.require_checksum):
        return None
    return Checks(
        published,
        storage.shown,
        required=options.require_checksum,
        by_server=options.server_names,
    )


@contextmanager
def published_for(
    options: Options, sources: Listed, total: int | None, make_fetcher: Callable[[], SumsFetcher]
) -> Iterator[Published]:
    """Give what the sums files say, which are read now, if there are any.

    Raises `UsageError` if one cannot be used, or if it is known already that they name not one of
    the `total` items (`None` if these can be read only once).
    """
    if not options.sums:
        with closing(Published()) as nothing:
            yield nothing
        return
    from downloader.assemble.sums_files import read_published  # noqa: PLC0415  most runs have none

    fetcher = make_fetcher()
    published = read_published(options.sums, fetcher.fetched, is_single=total == 1)
    with closing(published):
        can_be_read_again = total is not None and "-" not in sources
        called = _called(options, sources) if can_be_read_again else None
        if called and not _are_of_use(published, options, called, fetcher.stop):
            where = f"{published.files}{published.example}"
            raise UsageError(f"--sums: no item is named in {where}: nothing was fetched")
        yield published


def _are_of_use(
    published: Published, options: Options, items: Iterator[Called], stop: Stop
) -> bool:
    """Find out of which items the sums are; return False if they surely are of none."""
    names_are_known = not options.server_names
    for number, called in enumerate(items):
        published.of(called)
        if published.is_settled or number > LOOKED_AT or stop.requested():
            return True
    return bool(published.matched) or not names_are_known


def _called(options: Options, sources: Listed) -> Iterator[Called]:
    """Yield what the items of the list will be called, as far as the list alone says."""
    layout = look_up(naming.LAYOUTS, options.layout, "layout")
    with open_items(sources, options, None) as items, closing(SpillDict()) as used:
        names = Names(layout, used)
        for item in items:
            with suppress(BadUrl):
                url = urls.without_login(urls.normalise(item.url))
                path = names.choose(url, item.name, url)
                yield Called(url, item.name, path, os.path.join(options.dir, path))
