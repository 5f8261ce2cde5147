"""How a run ends: with its report told, also if this machine, a signal or an error ends it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from downloader.errors import LocalError
from downloader.models import Ended, Report
from downloader.protocols import Reporter
from downloader.shared.stop import Stop


@contextmanager
def told_if_broken_off(reporter: Reporter, stop: Stop) -> Iterator[None]:
    """If a run breaks off, break off its transfers, and tell the reporter that it is over."""
    try:
        yield
    except BaseException:
        stop.request()
        with suppress(OSError):  # what broke the run off may be the reporter's own stream
            reporter.tell(Ended(None))
        raise


def concluded(report: Report, reporter: Reporter, trouble: LocalError | None) -> Report:
    """Tell the report, also if this machine stopped the run; raise what stopped it."""
    reporter.tell(Ended(report))
    if trouble:
        raise trouble
    return report


def signal_of(stop: Stop) -> int | None:
    """Return the signal that asked the run to end; a request without one counts as Ctrl-C."""
    return (stop.signum or signal.SIGINT) if stop.requested() else None
