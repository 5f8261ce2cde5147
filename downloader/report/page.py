"""The timeline of a run as one page of HTML, which needs no network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from typing import TextIO

from downloader.models import Report, Span
from downloader.report.json import as_json
from downloader.report.slices import Slices, as_data
from downloader.report.text import as_text

# What stands in the page for the data.
_PLACE = "{{data}}"


def write_page(spans: Iterable[Span], report: Report, stream: TextIO) -> None:
    """Write the page; beyond some thousands of spans it shows sums by lane and time.

    It holds text of lists and servers as data only, made harmless.
    """
    slices = Slices(report.seconds.wall)
    slices.take_all(spans)
    account = {name: value for name, value in as_json(report).items() if name != "failures"}
    data = as_data(slices) | {"report": account, "text": as_text(report)}
    page = resources.files("downloader.report").joinpath("page.html").read_text("utf-8")
    before, after = page.split(_PLACE)
    # In a script element "<" may begin its end (HTML, section 4.12.1.3).
    stream.write(before + json.dumps(data, separators=(",", ":")).replace("<", "\\u003c") + after)
