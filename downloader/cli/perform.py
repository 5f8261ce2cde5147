"""One run of a verb: signals, streams, the report's file, the exit status."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import BinaryIO, NamedTuple, TextIO

from downloader.cli import statuses, stdin
from downloader.cli.console import Console, console
from downloader.cli.ending import failed, output_lost, status_of
from downloader.cli.invocation import Invocation
from downloader.cli.pictures import pictures
from downloader.cli.report_file import report_file
from downloader.cli.signals import Signals
from downloader.errors import LocalError, UsageError
from downloader.formats import FORMATS, Format
from downloader.models import Report
from downloader.protocols import Reporter
from downloader.report.text import INTERRUPTED
from downloader.reporters import Fan
from downloader.shared.stop import Stop


class Run(NamedTuple):
    """What a run is given by the command line: whom to tell, when to end, what to read."""

    reporter: Reporter
    stop: Stop
    stdin: BinaryIO | None


def perform(
    work: Callable[[Run], Report], asked: Invocation, formats: Mapping[str, Format] = FORMATS
) -> int:
    """Do the work under the user's signals; return the exit status. Records have these formats."""
    stop = Stop()
    with Signals(stop) as signals:
        run = partial(Run, stop=stop, stdin=stdin.opened(signals, stop))
        shown = partial(console, asked, formats)
        return status_of(lambda: _perform(work, asked, run, shown, stop))


def _perform(
    work: Callable[[Run], Report],
    asked: Invocation,
    run: Callable[[Reporter], Run],
    make_console: Callable[[], AbstractContextManager[Console]],
    stop: Stop,
) -> int:
    with report_file(asked.report) as keep, pictures(asked) as pictured:
        with make_console() as shown:
            reporter = Fan(shown.reporter, pictured.reporter)
            trouble = _trouble_of(lambda: work(run(reporter)), stop)
        report = shown.last_word.report
        if report is not None:
            keep(partial(_write_json, report))
            pictured.write()
        return _status(shown, trouble, stop)


def _write_json(report: Report, stream: TextIO) -> None:
    from downloader.report.json import write_json  # noqa: PLC0415  used where it is wanted

    write_json(report, stream)


def _trouble_of(work: Callable[[], Report], stop: Stop) -> LocalError | None:
    """Do the work; return what stopped it, for what it told is worth keeping.

    A run that is asked to end may break off where it reads a list, or wherever it is stuck.
    """
    try:
        work()
    except LocalError as error:
        return error
    except (KeyboardInterrupt, UsageError):
        if not stop.requested():
            raise
    return None


def _status(shown: Console, trouble: LocalError | None, stop: Stop) -> int:
    lost, report = shown.lines.lost, shown.last_word.report
    if lost:
        output_lost(lost)
    if trouble:
        return failed(str(trouble), statuses.LOCAL)
    if report is None:
        return failed(INTERRUPTED, statuses.SIGNAL + (stop.signum or signal.SIGINT))
    return statuses.of_run(report, output_lost=lost is not None)
