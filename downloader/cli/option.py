"""What there is to know of one option."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from downloader.cli import readers


class Option(NamedTuple):
    """One row. `spelling` holds the names and what follows them, as in "--threads -t N".

    `field` is what it fills, in `Options` or in `Invocation`. In `help` "{}" stands for the
    default, "{cpus}" for the processors of this process, "{formats}" for those of lists. What is
    `repeatable` is read as a whole. `table` is the dotted name of what has the values as its keys,
    for completion.
    """

    spelling: str
    group: str
    verbs: tuple[str, ...]
    field: str
    help: str
    read: Callable[[str, Any], Any] = readers.text
    repeatable: bool = False
    table: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names, the long one first."""
        return tuple(word for word in self.spelling.split() if word.startswith("-"))

    @property
    def takes(self) -> str | None:
        """What follows the name, `None` for a flag."""
        last = self.spelling.split()[-1]
        return None if last.startswith("-") else last

    @property
    def variables(self) -> list[str]:
        """The environment variables that set it: one for each long name."""
        long = (name[2:] for name in self.names if name.startswith("--"))
        return ["DL_" + name.replace("-", "_").upper() for name in long]
