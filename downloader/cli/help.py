"""The text of --help: grouped, aligned, in 80 columns, without colours, the same for every typer.

`formatter` is the one that a command is given by typer; its methods are those of click.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from downloader.cli.statuses import EXPLAINED

# Columns of what stands on the left, at most.
WIDEST = 26

Rows = Sequence[tuple[str, str]]

ENVIRONMENT = (
    "Every option can also be set by a variable, DL_ and its name in capitals: "
    "DL_PROCESSES=4, DL_NO_PROGRESS=1."
)


def usage(formatter: Any, command: str, operands: Iterable[str]) -> None:
    """Write the first line."""
    formatter.write_usage(command, " ".join(["[OPTIONS]", *operands]))


def text(formatter: Any, words: str) -> None:
    """Write paragraphs."""
    formatter.write_paragraph()
    formatter.write_text(words)


def table(formatter: Any, heading: str, rows: Rows, width: int = WIDEST) -> None:
    """Write a heading with what stands under it in two columns.

    What is wider than `width` has the line to itself, and its words begin on the next one.
    """
    with formatter.section(heading):
        formatter.write_dl(rows, col_max=width)


def options(formatter: Any, parameters: Sequence[Any], rest: str) -> None:
    """Write the options in their groups, in the order of their first appearance, all aligned.

    `rest` is the heading of those without a group.
    """
    lengths = [len(_spelled(parameter)) for parameter in parameters]
    width = max(length for length in lengths if length <= WIDEST)
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in parameters:
        group = getattr(parameter, "rich_help_panel", None) or rest
        row = _spelled(parameter).ljust(width), parameter.help or ""
        groups.setdefault(group, []).append(row)
    for heading, rows in groups.items():
        table(formatter, heading, rows, width)


def ending(formatter: Any, examples: str) -> None:
    """Write what is the same for every verb, and the verb's examples as they are."""
    with formatter.section("Environment"):
        formatter.write_text(ENVIRONMENT)
    table(formatter, "Exit status", EXPLAINED)
    verbatim(formatter, "Examples", examples)


def verbatim(formatter: Any, heading: str, lines: str) -> None:
    """Write lines that are not to be wrapped."""
    with formatter.section(heading):
        for line in lines.strip().splitlines():
            formatter.write(f"  {line}\n")


def _spelled(parameter: Any) -> str:
    """Return an option's names, long ones below each other, and what it takes."""
    names = ", ".join(sorted(parameter.opts, key=len))
    indent = "    " if names.startswith("--") else ""
    return f"{indent}{names} {parameter.metavar or ''}".rstrip()
