"""dl hash."""

from __future__ import annotations

from downloader.cli.invocation import Invocation
from downloader.cli.perform import Run, perform
from downloader.models import Report

EXAMPLES = """
dl hash *.iso > SHA256SUMS
dl hash photos -a sha256 -a blake3 --format json
dl hash photos --sequential           one file after another, to compare
find . -name '*.bin' -print0 | dl hash -0 -
"""


def hash_paths(asked: Invocation) -> int:
    """Hash files on a pool of processes; records come in the order of the paths.

    PATH is a file, a folder (all files below it, sorted; links in it are not followed), or - for
    a list of paths on standard input, a path a line.
    """

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.hash_files(
            *(asked.operands, asked.options),
            reporter=run.reporter,
            stop=run.stop,
            stdin=run.stdin,
            null=asked.null,
        )

    return perform(work, asked._replace(null=_records_end_in_null(asked)))


def _records_end_in_null(asked: Invocation) -> bool:
    """Return True if NUL is meant for the records too.

    Sums of a list that is ended by NUL are wanted in lines, for `sha256sum --check`.
    """
    return asked.null and (asked.format == "paths" or "-" not in asked.operands)
