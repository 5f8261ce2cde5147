"""The command `dl` as typer's group: each verb is built when it is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from typer.core import TyperGroup

from downloader.cli import help as helping
from downloader.cli.command import command_of
from downloader.cli.completion import briefly
from downloader.cli.ending import Told, status_of
from downloader.cli.values import take_plainly
from downloader.cli.verbs import VERBS, summaries


class Commands(Mapping[str, Any]):
    """The verbs' commands by name, built when they are first asked for."""

    def __init__(self) -> None:
        self._rows = {row.name: row for row in VERBS}
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = command_of(self._rows[name])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Verbs(TyperGroup):
    """The command `dl`: its verbs, and the exit status of what they do."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = Commands()

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options, --help included."""
        return [take_plainly(each, {}) for each in super().get_params(ctx)]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what a shell offers for a verb, or for an option before it."""
        return briefly(super().shell_complete(ctx, incomplete), summaries())

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run the command line; ends with `SystemExit`, whatever happens."""
        run = super().main
        sys.exit(status_of(lambda: run(args, prog_name="dl", standalone_mode=False)))

    def get_help(self, ctx: Any) -> NoReturn:
        """Raise the text."""
        raise Told(super().get_help(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Compose --help."""
        helping.usage(formatter, ctx.command_path, ["COMMAND ..."])
        helping.text(formatter, self.help or "")
        helping.table(formatter, "Commands", [(row.name, row.summary) for row in VERBS])
        helping.options(formatter, self.get_params(ctx), "Options")
        helping.verbatim(formatter, "Examples", self.epilog or "")
