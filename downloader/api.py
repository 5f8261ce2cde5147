"""The public verbs. Everything the command does is done through them, with the same values."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace as replace_option
from typing import BinaryIO

from downloader import hashing
from downloader.assemble.fetching import fetching
from downloader.assemble.plugged import MakeFetcher, Plugged, standard_input
from downloader.assemble.workers import workers_of
from downloader.inputs import bags
from downloader.inputs.items import Sources
from downloader.inputs.paths import open_paths
from downloader.models import Report, replace
from downloader.options import Options
from downloader.protocols import Reporter, Storage, Workers
from downloader.reporters import Silent
from downloader.run.fetch import run_fetch
from downloader.run.hash import run_hash
from downloader.shared.stop import Stop


def fetch(
    sources: Sources,
    options: Options | None = None,
    *,
    reporter: Reporter | None = None,
    storage: Storage | None = None,
    executor: Workers | None = None,
    fetcher: MakeFetcher | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """Fetch and hash every item of the sources; return the account of the run.

    `sources` are list files, "-" for standard input, `http(s)` URLs, or `UrlItem` values. An item
    that fails is data in the report. Raises `UsageError` before anything is fetched if an option
    or a list cannot be used, and `LocalError` if this machine stops the run.
    """
    plugged = Plugged(
        reporter=reporter or Silent(),
        stop=stop or Stop(),
        stdin=stdin or standard_input(),
        storage=storage,
        workers=executor,
        make_fetcher=fetcher,
    )
    with fetching(sources, options or Options(), plugged) as parts:
        return run_fetch(*parts)


def hash_files(
    paths: str | Iterable[str],
    options: Options | None = None,
    *,
    reporter: Reporter | None = None,
    executor: Workers | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
    null: bool = False,
) -> Report:
    """Hash files, and all files below folders, on the process pool; return the account.

    "-" is a list of paths on standard input, ended by NUL if `null` is set. Of the options only
    `processes`, `sequential` and `algorithms` matter. Outcomes are told in the order of the paths.
    """
    options, reporter, stop = options or Options(), reporter or Silent(), stop or Stop()
    algorithms = hashing.checked(options.algorithms)
    names = [paths] if isinstance(paths, str) else [os.fspath(path) for path in paths]
    items = open_paths(names, stdin if stdin is not None else standard_input(), null=null)
    with stop.of_one_run() as own_stop, workers_of(options, executor) as workers:
        return run_hash(items, workers, algorithms, reporter, own_stop)


def verify(
    sums: str | Iterable[str] = (),
    options: Options | None = None,
    *,
    folder: str | None = None,
    extra: bool = False,
    repair: bool = False,
    reporter: Reporter | None = None,
    executor: Workers | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """Check files on the process pool against what they must have; return the account.

    That is what `sums` say, which are files of checksums, lists, records, bags, or "-" for
    standard input; without any, what the journal in `options.dir` knows. Names in sums files are
    below `folder`, if one is given. With `extra` files are told, too, that nobody knows.
    With `repair` what is missing or wrong, and nothing else, is fetched again from where it is
    known to come from, and put in place if it is what it must be. Of the options `dir`,
    `processes`, `sequential` and those of lists matter, and then those of requests, too. Files
    that are missing, or have a wrong size, are told first, the others in the order of what is
    known of them; those that are repaired follow. Raises `UsageError` if there is nothing that
    could be checked.
    """
    # Here, since fetching does without them.
    from downloader.assemble.repairing import repairing  # noqa: PLC0415
    from downloader.assemble.verifying import verifying  # noqa: PLC0415
    from downloader.pipeline.extra_files import Searched  # noqa: PLC0415
    from downloader.run.verify import run_verify  # noqa: PLC0415

    options, reporter, stop = options or Options(), reporter or Silent(), stop or Stop()
    names = [sums] if isinstance(sums, str) else [os.fspath(name) for name in sums]
    options = replace_option(options, dir=bags.folder_of(names) or options.dir)
    plugged = Plugged(reporter=reporter, stdin=stdin or standard_input())
    with (
        stop.of_one_run() as own_stop,
        verifying(names, options, folder, plugged.stdin, hold=not repair) as found,
        workers_of(options, executor) as workers,
        repairing(options, plugged, workers, own_stop) if repair else nullcontext() as mend,
    ):
        work = found if extra else replace(found, searched=Searched())
        return run_verify(work, workers, reporter, own_stop, mend)
