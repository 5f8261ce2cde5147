"""What is to be done with each line: how final paths are chosen, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from downloader import hashing
from downloader.models import UrlItem
from downloader.options import Options
from downloader.planning import naming
from downloader.planning.checks import Checks
from downloader.planning.former_names import FormerNames
from downloader.planning.named_pages import NamedPages
from downloader.planning.names import Names
from downloader.planning.planner import Place, Planner
from downloader.planning.previous_runs import PreviousRuns
from downloader.planning.server_names import Named, ServerNames, as_planned
from downloader.protocols import Storage
from downloader.registry import look_up
from downloader.state.journal import Journal
from downloader.state.spill import SpillDict


@dataclass(frozen=True, slots=True)
class Naming:
    """How final paths are chosen: before a request by `place`, after a reply by `named`."""

    place: Place
    named: Named


@contextmanager
def naming_of(options: Options, storage: Storage, journal: Journal) -> Iterator[Naming]:
    """Give the naming that the options describe. Raises `UsageError` for an unknown layout."""
    layout = look_up(naming.LAYOUTS, options.layout, "layout")
    with closing(SpillDict()) as used:
        names = Names(layout, used, former_of(options, storage, journal))
        place = Place(
            names=names,
            owner=journal,
            storage=storage,
            overwrite=options.overwrite,
            vacant=not options.overwrite and storage.is_vacant(),
        )
        yield Naming(place, _named(options, ServerNames(place, journal)))


def _named(options: Options, by_server: ServerNames) -> Named:
    if not options.server_names:
        return as_planned
    return by_server if options.allow_html else NamedPages(by_server)


def former_of(options: Options, storage: Storage, journal: Journal) -> FormerNames | None:
    """Return the names that URLs have in this folder, `None` if there are none that count.

    A name for a single URL is taken as it is.
    """
    begun = journal.begun() if options.continues else []
    is_new = not begun and (storage.is_vacant() or not journal.has_files())
    if is_new or options.output is not None:
        return None
    by_server = options.server_names
    return FormerNames(journal, partial(_stands, storage), by_server, begun)


def _stands(storage: Storage, path: str) -> bool:
    """Return True if there is anything at a path, or may be."""
    try:
        return storage.stamp(path) is not None
    except (OSError, ValueError):
        return True


@contextmanager
def planner_of(
    options: Options,
    items: Iterable[UrlItem],
    place: Place,
    journal: Journal,
    checks: Checks | None,
) -> Iterator[Planner]:
    """Give the planner of a list."""
    algorithms = hashing.checked(options.algorithms)
    earlier = PreviousRuns(
        journal,
        place.storage,
        algorithms,
        continues=options.continues,
        asks=options.refresh,
        only_failed=options.retry_failed,
    )
    with closing(SpillDict()) as planned:
        yield Planner(items, place, planned, checks, earlier)
