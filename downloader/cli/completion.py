"""What a shell offers while an option's value is typed; files are left to the shell itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from downloader.cli.option import Option
from downloader.registry import load

# Characters of an option's words that a shell shows beside its name.
BRIEF = 60


def values_of(option: Option) -> tuple[str, ...]:
    """Return the values that are known by name: those spelled out, and those of its table."""
    spelled = [word for word in (option.takes or "").split("|") if word.islower()]
    return (*spelled, *(load(option.table) if option.table else ()))


def completing(option: Option) -> Callable[[str], list[str]] | None:
    """Return what gives the values that begin with some text, `None` if a file may be meant."""
    if not option.table and not any(map(str.islower, (option.takes or "").split("|"))):
        return None

    def complete(incomplete: str) -> list[str]:
        return [value for value in values_of(option) if value.startswith(incomplete)]

    return complete


def briefly(items: list[Any], known: Mapping[str, str] = MappingProxyType({})) -> list[Any]:
    """Have items of typer's say what fits beside a name: a shell's menu has one line for each.

    What is `known` by its name is said as it is.
    """
    for item in items:
        item.help = known.get(item.value) or _brief(item.help or "")
    return items


def _brief(words: str) -> str:
    first = words.partition(" [")[0].partition(";")[0].partition(": ")[0].partition(" (")[0]
    return first if len(first) <= BRIEF else first[:BRIEF].rpartition(" ")[0] + " ..."
