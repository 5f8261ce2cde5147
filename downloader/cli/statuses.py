"""Exit statuses, in one place; scripts rely on them."""

from __future__ import annotations

from downloader.models import Counts, Report

DONE = 0
SOME_FAILED = 1
USAGE = 2
LOCAL = 3
OUTPUT_LOST = 120
# Added to a signal's number, as shells do.
SIGNAL = 128
CTRL_C = SIGNAL + 2

# For --help.
EXPLAINED = (
    ("0", "all done"),
    ("1", "some items failed"),
    ("2", "wrong usage or an unreadable list: nothing was done"),
    ("3", "this machine stopped the run: disk full, folder not writable or in use"),
    ("120", "standard output was lost; files are safe"),
    ("130, 143", "interrupted by Ctrl-C, by SIGTERM"),
)


def of_run(report: Report, *, output_lost: bool) -> int:
    """Return the status of a run that came to its report."""
    if report.interrupted is not None:
        return SIGNAL + report.interrupted
    if output_lost:
        return OUTPUT_LOST
    return (
        SOME_FAILED if _wrong(report.items) or report.passed_over or report.is_unchecked else DONE
    )


def _wrong(items: Counts) -> int:
    return items.failed + items.missing + items.extra
