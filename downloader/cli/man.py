"""The manual page dl(1), in the macros of man(7): `python -m downloader.cli.man > dl.1`.

It is made of what --help is made of. Nothing but the standard library is needed, so that it can
be made where the package is built; verbs' words are read from their source, which loads nothing.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from downloader import __version__
from downloader.cli.help import ENVIRONMENT
from downloader.cli.option import Option
from downloader.cli.option_words import help_anywhere
from downloader.cli.options import OPTIONS
from downloader.cli.statuses import EXPLAINED
from downloader.cli.verbs import VERBS, Row

NAME = "fetch lists of URLs in parallel, hash the files, report the time saved"
OTHERS = (
    ("-h, --help", "Show all about dl, or about the command before it."),
    ("--version", "Show the version."),
    ("--install-completion", "Have bash, zsh or fish complete commands, options and values."),
    ("--show-completion", "Show what that would install."),
)
# Columns of the page's source.
WIDTH = 72
# What roff would make typographic marks of.
ESCAPES = {"-": r"\-", "'": r"\(aq", '"': r"\(dq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
FILES = (
    ("DIR", "finished files, each under its name once it is complete"),
    ("DIR/.dl/journal.sqlite3", "what is known of items and runs; deleting it loses history only"),
    ("DIR/.dl/parts/", "what has come so far of files that are not complete"),
)
SEE_ALSO = "curl(1), wget(1), aria2c(1), sha256sum(1), jq(1)"


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH DL 1 "" "dl {__version__}" "User Commands"'
    yield from (".SH NAME", rf"dl \- {text(NAME)}", ".SH SYNOPSIS", ".nf")
    for row in VERBS:
        yield rf"\fBdl {row.name}\fR [\fIOPTIONS\fR] {_operands(row)}".rstrip()
    yield from (".fi", ".SH DESCRIPTION", text(_docstring("app", "dl")))
    for row in VERBS:
        yield from _verb(row)
    yield ".SH OPTIONS"
    for group, options in groupby(sorted(OPTIONS, key=_place), key=lambda each: each.group):
        yield from (f'.SS "{text(group)}"', *_options(options))
    yield from (".SS Other", *_table(OTHERS))
    yield from (".SH ENVIRONMENT", filled(ENVIRONMENT), ".SH EXIT STATUS", *_table(EXPLAINED))
    yield from (".SH FILES", *_table(FILES), ".SH SEE ALSO", text(SEE_ALSO))


def _place(option: Option) -> int:
    """Return where an option's group stands, which is where it first appears."""
    return next(n for n, each in enumerate(OPTIONS) if each.group == option.group)


def _operands(row: Row) -> str:
    return rf"\fI{text(row.operands)}\fR" if row.operands else ""


def _verb(row: Row) -> Iterator[str]:
    yield f'.SS "dl {row.name}"'
    for number, paragraph in enumerate(_docstring(_module(row), row.function).split("\n\n")):
        yield from ((".PP",) if number else ())
        yield filled(paragraph)
    yield from (".PP", ".nf", *map(text, _examples(_module(row)).strip().splitlines()), ".fi")


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        names = ", ".join(rf"\fB{text(name)}\fR" for name in sorted(option.names, key=len))
        takes = rf" \fI{text(option.takes)}\fR" if option.takes else ""
        words = f"{help_anywhere(option)}. ({', '.join(option.verbs)})"
        yield from (".TP", names + takes, filled(words))


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for left, right in rows:
        yield from (".TP", rf"\fB{text(left)}\fR", filled(right))


def text(words: str) -> str:
    """Return words that mean themselves in roff: no escape, no request, no typographic dash."""
    safe = words.replace("\\", r"\e")
    for character, escape in ESCAPES.items():
        safe = safe.replace(character, escape)
    return re.sub(r"^\.", r"\\&.", safe, flags=re.MULTILINE)


def filled(words: str) -> str:
    """Return a paragraph, its source in short lines."""
    return text("\n".join(wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)))


def _module(row: Row) -> str:
    return row.module.rpartition(".")[2]


def _tree(module: str) -> ast.Module:
    return ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))


def _docstring(module: str, function: str) -> str:
    found = (node for node in _tree(module).body if isinstance(node, ast.FunctionDef))
    return next(ast.get_docstring(node) or "" for node in found if node.name == function)


def _examples(module: str) -> str:
    found = (node for node in _tree(module).body if isinstance(node, ast.Assign))
    values = {ast.unparse(node.targets[0]): node.value for node in found}
    return str(ast.literal_eval(values["EXAMPLES"]))


if __name__ == "__main__":
    sys.stdout.write(page())
