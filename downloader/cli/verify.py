"""dl verify."""

from __future__ import annotations

from dataclasses import replace

from downloader.cli.invocation import Invocation
from downloader.cli.perform import Run, perform
from downloader.cli.process import allow_open_files
from downloader.formats import CHECKED, CHECKED_QUIETLY
from downloader.models import Report

EXAMPLES = """
dl verify                             downloads/, against its record
dl verify -d data -q                  only what is not right
dl verify --extra                     also what is there and no record knows
dl verify --repair                    and fetch again what is not right
dl verify SHA256SUMS                  as sha256sum --check does, in parallel
dl verify -d data urls.txt            against the checksums in a list
dl verify bag                         all manifests of a bag
"""


def verify(asked: Invocation) -> int:
    """Check files on a pool of processes: a line for each says OK, FAILED or MISSING.

    SUMS is a file of checksums (as sha256sum, BSD, hashdeep, pooch and others write them), what
    --format json has written, the folder of a bag (BagIt), a list with checksums (Metalink, aria2,
    a table, text), or - for standard input. Without it these are the files that earlier runs put
    into DIR. Missing files, and those of a wrong size, come first. Nothing is changed
    without --repair, which fetches again what is not right, to be put in place only if it is then.
    """
    options = asked.options if asked.folder is None else replace(asked.options, dir=asked.folder)

    if asked.repair:
        allow_open_files(options.threads, options.hash_processes)

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.verify(
            *(asked.operands, options),
            folder=asked.folder,
            extra=asked.extra,
            repair=asked.repair,
            reporter=run.reporter,
            stop=run.stop,
            stdin=run.stdin,
        )

    return perform(work, asked, CHECKED_QUIETLY if asked.quiet else CHECKED)
