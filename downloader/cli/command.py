"""A verb as a command of typer's that behaves as it does here: plain values, plain help."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand

from downloader.cli import help as helping
from downloader.cli.completion import briefly
from downloader.cli.ending import Told
from downloader.cli.options import of_verb
from downloader.cli.parameters import call_of
from downloader.cli.values import take_plainly
from downloader.cli.verbs import Row


class Verb(TyperCommand):
    """One verb. Its epilog holds its examples."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return operands and options, --help included."""
        options = {option.field: option for option in of_verb(self.name or "")}
        return [take_plainly(each, options) for each in super().get_params(ctx)]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what a shell offers for an option's name."""
        return briefly(super().shell_complete(ctx, incomplete))

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


def command_of(row: Row) -> Any:
    """Return a verb's command; its module is imported now."""
    module = import_module(row.module)
    verb = typer.Typer(add_completion=False, rich_markup_mode=None)
    declare = verb.command(row.name, cls=Verb, epilog=module.EXAMPLES)
    declare(call_of(row.name, row.operands, getattr(module, row.function)))
    return typer.main.get_command(verb)
