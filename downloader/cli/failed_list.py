"""How to get what failed as a list, in one line for the end of a run."""

from __future__ import annotations

import shlex

from downloader.cli.invocation import Invocation
from downloader.text import escaped


def hint(asked: Invocation, *, fetching: bool) -> str:
    """Return the command for it: from what this run writes, else from a run that tries again."""
    field = "url" if fetching else "path"
    if asked.report is not None:
        return f"as a list: jq -r '.failures[].{field}' {escaped(shlex.quote(asked.report))}"
    if asked.format == "json":
        return f"as a list: jq -r 'select(.error).{field}' of the records"
    again = "--continue --report FILE" if fetching else "--report FILE"
    return f"as a list: {again}, then jq -r '.failures[].{field}' FILE"
