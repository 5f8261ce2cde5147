"""dl demo."""

from __future__ import annotations

from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING

from downloader.cli import measuring, statuses
from downloader.cli.invocation import Invocation

if TYPE_CHECKING:
    from downloader.cli.signals import Signals
    from downloader.demo.run import Checked, Demo
    from downloader.models import Mode
    from downloader.protocols import Reporter
    from downloader.shared.stop import Stop

EXAMPLES = """
dl demo
dl demo --no-progress
"""
WIDTH = 79
MODES: tuple[Mode, Mode] = ("sequential", "parallel")
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
    from downloader.demo import run, words  # noqa: PLC0415  --help does not need it

    with (
        run.demo(stop) as stage,
        # The reports belong to the text on standard output.
        measuring.told(None, progress=progress) as reporter,
    ):
        lost = measuring.said(fill(words.introduction(stage.served), WIDTH))
        return lost or _both(stage, reporter, stop)


def _both(stage: Demo, reporter: Reporter, stop: Stop) -> int:
    found: list[Checked] = []
    for mode in MODES:
        found.append(stage.run(mode, reporter))
        if stop.requested():
            return measuring.interrupted(stop)
        if lost := measuring.said(_account(mode, found[-1])):
            return lost
    return _conclusion(*found)


def _account(mode: Mode, checked: Checked) -> str:
    from downloader.demo import words  # noqa: PLC0415  --help does not need it
    from downloader.report.text import as_text  # noqa: PLC0415  nor this

    return f"\n{TITLES[mode]}\n{as_text(checked.report)}\n  {words.verified(checked)}"


def _conclusion(first: Checked, second: Checked) -> int:
    from downloader.demo import words  # noqa: PLC0415  --help does not need it

    story = fill(words.explanation(first.report, second.report), WIDTH)
    lost = measuring.said(f"\n{story}\n\n{words.NEXT}")
    wrong = first.wrong | second.wrong
    return lost or (statuses.SOME_FAILED if wrong else statuses.DONE)
