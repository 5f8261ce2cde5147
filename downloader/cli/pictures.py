"""The files of --timeline and --trace: recorded if they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from downloader.cli.invocation import Invocation
from downloader.cli.report_file import report_file
from downloader.protocols import Reporter
from downloader.reporters import Silent


class Pictures(NamedTuple):
    """Who is to be told of the run, and what writes the files once it has ended."""

    reporter: Reporter
    write: Callable[[], None]


@contextmanager
def pictures(asked: Invocation) -> Iterator[Pictures]:
    """Give what makes the files that are asked for.

    Raises `UsageError` for one that cannot be written.
    """
    if asked.timeline is None and asked.trace is None:
        yield Pictures(Silent(), lambda: None)
        return
    from downloader.report.timeline import Timeline  # noqa: PLC0415  most runs record nothing

    with (
        report_file(asked.timeline, "--timeline") as keep_page,
        report_file(asked.trace, "--trace") as keep_trace,
        closing(Timeline()) as timeline,
    ):

        def write() -> None:
            keep_page(timeline.write_page)
            keep_trace(timeline.write_trace)

        yield Pictures(timeline, write)
