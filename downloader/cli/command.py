"""Typer's commands as they behave here: plain values, plain help, one line for an error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from typer.core import TyperCommand, TyperGroup

from downloader.cli import help as helping
from downloader.cli.ending import Told, status_of
from downloader.cli.values import take_plainly


class Verb(TyperCommand):
    """One verb. Its epilog holds its examples."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return operands and options, --help included."""
        return [take_plainly(each) for each in super().get_params(ctx)]

    def get_help(self, ctx: Any) -> NoReturn:
        """Raise the text, so that it is written by the one who knows what to do if that fails."""
        raise Told(super().get_help(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Compose --help."""
        parameters = self.get_params(ctx)
        operands = [each.metavar or "" for each in parameters if each.param_type_name == "argument"]
        options = [each for each in parameters if each.param_type_name == "option"]
        helping.usage(formatter, ctx.command_path, operands)
        helping.text(formatter, self.help or "")
        helping.options(formatter, options, "Other")
        helping.ending(formatter, self.epilog or "")


class Verbs(TyperGroup):
    """The command `dl`: its verbs, and the exit status of what they do."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options, --help included."""
        return [take_plainly(each) for each in super().get_params(ctx)]

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
        verbs = [(name, verb.short_help or "") for name, verb in self.commands.items()]
        helping.table(formatter, "Commands", verbs)
        helping.options(formatter, self.get_params(ctx), "Options")
        helping.verbatim(formatter, "Examples", self.epilog or "")
