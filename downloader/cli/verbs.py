"""The verbs of `dl`, a row each; what one needs is imported when it is called."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One verb: its words in `dl --help`, its operands in the usage line, who does it.

    `module` is a sibling of this one, with the verb's EXAMPLES; `function` is its part of it.
    """

    name: str
    summary: str
    operands: str
    module: str
    function: str


FETCH = "Fetch URLs in parallel, hash the files, report the time saved"
HASH = "Hash files and folders in parallel"
VERIFY = "Check files against their record, or lists of checksums"
COMPARE = "Measure both modes on a list, and say what parallel saves"
DEMO = "Show fetch and comparison on a server of its own, without a network"

# In the order of --help.
VERBS = (
    Row("fetch", FETCH, "SOURCE...", "downloader.cli.fetch", "fetch"),
    Row("hash", HASH, "PATH...", "downloader.cli.hash", "hash_paths"),
    Row("verify", VERIFY, "[SUMS]...", "downloader.cli.verify", "verify"),
    Row("compare", COMPARE, "SOURCE...", "downloader.cli.compare", "compare"),
    Row("demo", DEMO, "", "downloader.cli.demo", "demo"),
)


def summaries() -> dict[str, str]:
    """Return what each verb does, by its name."""
    return {row.name: row.summary for row in VERBS}
