"""dl hash."""

from __future__ import annotations

from typing import Annotated

import typer

from downloader import hashing
from downloader.cli import given
from downloader.cli import options as option
from downloader.cli.perform import Run, perform
from downloader.models import Report
from downloader.options import Options

EXAMPLES = """
dl hash *.iso > SHA256SUMS
dl hash photos -a sha256 -a blake3 --format json
dl hash photos --sequential           one file after another, to compare
find . -name '*.bin' -print0 | dl hash -0 -
"""

Paths = Annotated[list[str] | None, typer.Argument(metavar="PATH...")]


def hash_paths(  # noqa: PLR0917  typer calls it by names
    paths: Paths = None,
    algorithm: option.Algorithm = None,
    processes: option.Processes = None,
    sequential: option.Sequential = False,
    format: option.Format = None,
    null: option.NullBoth = False,
    report: option.Report = None,
    quiet: option.Quiet = False,
    verbose: option.Verbose = False,
    no_progress: option.NoProgress = False,
) -> int:
    """Hash files on a pool of processes; records come in the order of the paths.

    PATH is a file, a folder (all files below it, sorted; links in it are not followed), or - for
    a list of paths on standard input, a path a line.
    """
    options = Options(
        sequential=sequential,
        **given.chosen(processes=processes, algorithms=given.algorithms(algorithm)),
    )
    telling = given.telling(
        algorithms=hashing.checked(options.algorithms),
        format=format,
        # Sums of a list that is ended by NUL are wanted in lines, for `sha256sum --check`.
        null=null and (format == "paths" or "-" not in (paths or ())),
        report=report,
        quiet=quiet,
        verbose=verbose,
        progress=not no_progress,
    )

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.hash_files(
            paths or (), options, reporter=run.reporter, stop=run.stop, stdin=run.stdin, null=null
        )

    return perform(work, telling)
