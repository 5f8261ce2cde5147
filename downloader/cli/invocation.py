"""What one call asks for: operands, the library's options, and what is the console's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from downloader.errors import UsageError
from downloader.inputs import bags
from downloader.options import Options


class Invocation(NamedTuple):
    """One call of a verb. The fields after the first two are filled by rows of the table."""

    operands: tuple[str, ...]
    options: Options
    folder: str | None = None
    extra: bool = False
    repair: bool = False
    format: str = "sums"
    null: bool = False
    report: str | None = None
    timeline: str | None = None
    trace: str | None = None
    quiet: bool = False
    verbose: bool = False
    no_progress: bool = False
    runs: int = 1
    warmup: bool = False
    matrix: bool = False
    plot: str | None = None

    @property
    def progress(self) -> bool:
        """Return True if bars are wanted."""
        return not self.no_progress and not self.quiet


def invocation(operands: tuple[str, ...], values: Mapping[str, Any]) -> Invocation:
    """Return a call from the values of its options, by field; `None` was not given.

    Raises `UsageError` for what cannot be used.
    """
    chosen = {field: value for field, value in values.items() if value is not None}
    if "dir" in values and "dir" not in chosen and (bag := bags.folder_of(operands)):
        chosen["dir"] = bag  # what a bag lacks belongs into it
    console = {field: chosen.pop(field) for field in Invocation._fields if field in chosen}
    asked = Invocation(operands, Options(**chosen), **console)
    if asked.quiet and asked.verbose:
        raise UsageError("--quiet and --verbose: choose one of them")
    return asked
