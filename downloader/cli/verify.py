"""dl verify."""

from __future__ import annotations

from dataclasses import replace

from downloader.cli.invocation import Invocation
from downloader.cli.perform import Run, perform
from downloader.formats import CHECKED, CHECKED_QUIETLY
from downloader.models import Report

EXAMPLES = """
dl verify                             what is in downloads/, against its record
dl verify -d data -q                  only what is not right
"""


def verify(asked: Invocation) -> int:
    """Check files on a pool of processes: a line for each says OK, FAILED or MISSING.

    These are the files that earlier runs put into DIR and have a record of. Missing
    files, and those of a wrong size, come first. Nothing is changed.
    """
    options = asked.options if asked.folder is None else replace(asked.options, dir=asked.folder)

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.verify(options, reporter=run.reporter, stop=run.stop)

    return perform(work, asked, CHECKED_QUIETLY if asked.quiet else CHECKED)
