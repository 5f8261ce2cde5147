"""What the demonstration says between its runs."""

from __future__ import annotations

from downloader.demo import server
from downloader.demo.run import Checked
from downloader.demo.serving import Served
from downloader.models import Report
from downloader.text import plural, seconds, size

NEXT = """\
Try next:
  dl fetch URLS.txt      your own list: a URL a line
  dl compare URLS.txt    measure both modes on it
  dl compare --matrix URLS.txt
                         how much each number of threads and processes saves"""


def introduction(served: Served) -> str:
    """Return what is about to happen."""
    return (
        f"A server on this machine serves {plural('file', len(served.digests))}, "
        f"{size(served.bytes)}. It is slow on purpose: each request waits "
        f"{server.DELAY * 1000:.0f} ms, and each connection is capped at "
        f"{size(server.CAP)}/s."
    )


def verified(checked: Checked) -> str:
    """Return a line: were all digests right, or how many were not."""
    right, wrong = len(checked.right), len(checked.wrong)
    if not wrong:
        return f"all {right} SHA-256 digests are those that the server computed"
    return f"{wrong} of {right + wrong} files are not what the server serves"


def explanation(sequential: Report, parallel: Report) -> str:
    """Return two sentences: where the time went."""
    one, many = sequential.seconds, parallel.seconds
    return (
        f"One at a time, {seconds(one.fetch)} of {seconds(one.wall)} went by in waiting for "
        f"the server, while this machine had next to nothing to do. In parallel, "
        f"{plural('thread', parallel.threads)} waited at the same time, and each file was hashed "
        f"while it landed, so the same work took {seconds(many.wall)}."
    )
