"""What is said of failures in numbers, for people (pure functions)."""

from __future__ import annotations

from collections.abc import Iterator

from downloader.reporters.colour import Paint, plain
from downloader.reporters.failures import FailureCounts
from downloader.reporters.terminal import SHOWN
from downloader.text import columns, encodable, escaped, shortened

# Hosts of one kind that the summary names, and the columns that each has in it.
NAMED = 3
HOST_COLUMNS = 40


def withheld_lines(counts: FailureCounts, encoding: str | None = None) -> Iterator[str]:
    """Yield a line for each kind whose lines were not all written."""
    for kind, count in counts.withheld.items():
        yield f"{_ellipsis(encoding)} and {count:,} more: {escaped(kind)}"


def withheld_briefly(counts: FailureCounts, encoding: str | None = None) -> str:
    """Return one line for all of those kinds, empty if there is none."""
    withheld = counts.withheld
    if not withheld:
        return ""
    kinds = ", ".join(map(escaped, withheld))
    return f"{_ellipsis(encoding)} and {sum(withheld.values()):,} more: {kinds}"


def summary(counts: FailureCounts, hint: str = "", paint: Paint = plain) -> str:
    """Return what failed most, by kind and host, with a hint; empty for what can be overseen."""
    if counts.total <= SHOWN:
        return ""
    lines = [f"{paint('failed')}, by kind and host:", *_table(counts)]
    return "\n".join([*lines, hint] if hint else lines)


def _table(counts: FailureCounts) -> Iterator[str]:
    width = len(f"{counts.kinds[0][1]:,}")
    room = max(columns(escaped(kind)) for kind, _ in counts.kinds)
    for kind, count in counts.kinds:
        hosts = _hosts(counts, kind, count)
        yield f"  {count:>{width},}  {escaped(kind):<{room}}  {hosts}".rstrip()


def _hosts(counts: FailureCounts, kind: str, total: int) -> str:
    """Return the hosts with the most failures of a kind, each with their number if they share it.

    Nothing is said of hosts if none stands out; "+" marks what may be more.
    """
    most = [(host, count) for host, count in counts.hosts(kind)[:NAMED] if count > 1 or total == 1]
    rest = total - sum(count for _, count in most)
    if len(most) == 1 and not rest:
        return _short(most[0][0])
    more = "" if counts.exact else "+"
    named = [f"{_short(host)} ({count:,}{more})" for host, count in most]
    return ", ".join([*named, "..."] if named and rest else named)


def _short(host: str) -> str:
    return shortened(escaped(host), HOST_COLUMNS)


def _ellipsis(encoding: str | None) -> str:
    return "…" if encodable("…", encoding) == "…" else "..."
