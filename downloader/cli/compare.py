"""dl compare."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from downloader import hashing
from downloader.cli import given, measuring, statuses, stdin
from downloader.cli import options as option
from downloader.cli.process import allow_open_files
from downloader.cli.report_file import report_file
from downloader.errors import UsageError
from downloader.formats.records import json_text
from downloader.options import Options

if TYPE_CHECKING:
    from downloader.cli.signals import Signals
    from downloader.comparison.speedup import Comparison
    from downloader.shared import Stop

EXAMPLES = """
dl compare urls.txt                   one run in each mode
dl compare urls.txt --warmup --runs 5
dl compare urls.txt --matrix -t 16    what each number of threads brings
dl compare urls.txt --matrix --plot speedup.svg
"""
MEASURING = "Measuring"

Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE...")]
Dir = Annotated[
    str | None,
    typer.Option(
        "--dir",
        "-d",
        metavar="DIR",
        envvar="DL_DIR",
        help="Measure on the file system of this folder: files go to a temporary folder beside "
        f"it and are removed [{option.USUAL['dir']}]",
        rich_help_panel=option.FILES,
    ),
]
Runs = Annotated[
    int | None,
    typer.Option(
        "--runs",
        metavar="N",
        callback=given.whole,
        envvar="DL_RUNS",
        help="Pairs of runs, one in each mode; they take turns in going first [1]",
        rich_help_panel=MEASURING,
    ),
]
Warmup = Annotated[
    bool,
    typer.Option(
        "--warmup",
        envvar="DL_WARMUP",
        help="Begin with a run that does not count, for caches to be warm",
        rich_help_panel=MEASURING,
    ),
]
Matrix = Annotated[
    bool,
    typer.Option(
        "--matrix",
        envvar="DL_MATRIX",
        help="Also measure fetching alone on 1, 2, 4 ... threads, and hashing alone on "
        "1, 2, 4 ... processes",
        rich_help_panel=MEASURING,
    ),
]
Plot = Annotated[
    str | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        envvar="DL_PLOT",
        help="Draw the result to FILE, .svg or .png (needs matplotlib)",
        rich_help_panel=option.OUTPUT,
    ),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be compared, how often, and where the result goes."""

    sources: list[str]
    options: Options
    runs: int
    warmup: bool
    matrix: bool
    plot: str | None
    report: str | None
    quiet: bool
    progress: bool


def compare(
    sources: Sources = None,
    *,
    dir: Dir = None,
    layout: option.Layout = None,
    algorithm: option.Algorithm = None,
    threads: option.Threads = None,
    processes: option.Processes = None,
    runs: Runs = None,
    warmup: Warmup = False,
    matrix: Matrix = False,
    per_host: option.PerHost = None,
    rate: option.Rate = None,
    limit_rate: option.LimitRate = None,
    max_size: option.MaxSize = None,
    retries: option.Retries = None,
    max_retry_wait: option.MaxRetryWait = None,
    connect_timeout: option.ConnectTimeout = None,
    timeout: option.Timeout = None,
    max_time: option.MaxTime = None,
    header: option.Header = None,
    user_agent: option.UserAgent = None,
    cacert: option.Cacert = None,
    proxy: option.Proxy = None,
    netrc: option.Netrc = False,
    no_private: option.NoPrivate = False,
    allow_downgrade: option.AllowDowngrade = False,
    plot: Plot = None,
    report: option.Report = None,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
) -> int:
    """Measure what running in parallel saves: fetch the list in both modes, for real.

    Each run has a folder of its own, which is removed when it ends. SOURCE is a list, a URL, or -
    for a list on standard input, as for dl fetch.
    """
    options = Options(
        netrc=netrc,
        no_private=no_private,
        allow_downgrade=allow_downgrade,
        **given.chosen(
            dir=dir,
            layout=layout,
            algorithms=given.algorithms(algorithm),
            threads=threads,
            processes=processes,
            per_host=per_host,
            rate=rate,
            limit_rate=limit_rate,
            max_size=max_size,
            retries=retries,
            max_retry_wait=max_retry_wait,
            connect_timeout=connect_timeout,
            timeout=timeout,
            max_time=max_time,
            headers=given.headers(header),
            user_agent=user_agent,
            cacert=cacert,
            proxy=proxy,
        ),
    )
    wish = Wish(
        sources=sources or [],
        options=options,
        runs=1 if runs is None else runs,
        warmup=warmup,
        matrix=matrix,
        plot=plot,
        report=report,
        quiet=quiet,
        progress=not no_progress,
    )
    _check(wish)
    allow_open_files(options.threads, options.hash_processes)
    return measuring.perform(partial(_compare, wish))


def _check(wish: Wish) -> None:
    """Refuse what would be found out at the end only."""
    hashing.checked(wish.options.algorithms)
    if wish.runs < 1:
        raise UsageError(f"--runs {wish.runs}: give a whole number of at least 1")
    if wish.plot is not None:
        from downloader.comparison import plot  # noqa: PLC0415  used where it is wanted

        plot.check(wish.plot)


def _compare(wish: Wish, signals: Signals, stop: Stop) -> int:
    with report_file(wish.report) as keep:
        comparison = _measured(wish, signals, stop)
        keep(partial(_write_json, comparison))
    status = _shown(comparison)
    if wish.plot is not None and comparison.pairs:
        from downloader.comparison import plot  # noqa: PLC0415  used where it is wanted

        plot.draw(comparison, wish.plot)
    if comparison.interrupted is not None:
        return measuring.interrupted(stop)
    return status or (statuses.SOME_FAILED if comparison.failed else statuses.DONE)


def _measured(wish: Wish, signals: Signals, stop: Stop) -> Comparison:
    # Imported here: --help does not need it.
    from downloader.comparison.compare import compare  # noqa: PLC0415
    from downloader.comparison.report import run_line  # noqa: PLC0415

    account = None if wish.quiet else run_line
    progress = wish.progress and not wish.quiet
    with measuring.told(account, progress=progress) as reporter:
        return compare(
            wish.sources,
            wish.options,
            runs=wish.runs,
            warmup=wish.warmup,
            matrix=wish.matrix,
            reporter=reporter,
            stop=stop,
            stdin=stdin.opened(signals, stop),
        )


def _shown(comparison: Comparison) -> int:
    from downloader.comparison.report import as_text  # noqa: PLC0415  --help does not need it

    return measuring.said(as_text(comparison))


def _write_json(comparison: Comparison, stream: TextIO) -> None:
    from downloader.comparison.report import as_json  # noqa: PLC0415  --help does not need it

    stream.write(json_text(as_json(comparison)) + "\n")
