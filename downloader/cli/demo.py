"""dl demo."""

from __future__ import annotations

from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING

from downloader.cli import measuring, statuses
from downloader.cli.invocation import Invocation

if TYPE_CHECKING:
    from downloader.cli.signals import Signals
    from downloader.demo.run import Demo
    from downloader.models import Mode
    from downloader.protocols import Reporter
    from downloader.shared import Stop

EXAMPLES = """
dl demo
dl demo --no-progress
"""
WIDTH = 79
TITLES: dict[Mode, str] = {
    "sequential": "One item at a time, as dl fetch --sequential:",
    "parallel": "In parallel, as dl fetch:",
}


def demo(asked: Invocation) -> int:
    """Show the main job and the comparison without a network.

    A server that is part of dl serves some files from this machine, as slowly as a distant one.
    They are fetched one at a time and then in parallel, every digest is checked against the
    server's, and nothing is left behind. It takes some seconds.
    """
    return measuring.perform(partial(_demo, asked.progress))


def _demo(progress: bool, _: Signals, stop: Stop) -> int:
    from downloader.demo import run as running  # noqa: PLC0415  --help does not need it

    with (
        running.demo(stop) as stage,
        # The reports belong to the text on standard output.
        measuring.told(None, progress=progress) as reporter,
    ):
        shown = measuring.said(fill(running.introduction(stage.served), WIDTH))
        return shown or _both(stage, reporter, stop)


def _both(stage: Demo, reporter: Reporter, stop: Stop) -> int:
    from downloader.demo import run as running  # noqa: PLC0415  --help does not need it
    from downloader.report.text import as_text  # noqa: PLC0415  --help does not need it

    found = []
    modes: tuple[Mode, Mode] = ("sequential", "parallel")
    for mode in modes:
        checked = stage.run(mode, reporter)
        if stop.requested():
            return measuring.interrupted(stop)
        found.append(checked)
        text = f"\n{TITLES[mode]}\n{as_text(checked.report)}\n  {running.verified(checked)}"
        if lost := measuring.said(text):
            return lost
    first, second = found
    wrong = first.wrong | second.wrong
    story = fill(running.explanation(first.report, second.report), WIDTH)
    lost = measuring.said(f"\n{story}\n\n{running.NEXT}")
    return lost or (statuses.SOME_FAILED if wrong else statuses.DONE)
