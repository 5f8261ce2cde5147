"""Rows of the table of options become typer's parameters."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import typer

from downloader.cli.completion import completing
from downloader.cli.invocation import Invocation, invocation
from downloader.cli.option import Option
from downloader.cli.option_words import help_of
from downloader.cli.options import of_verb

# The operands' own parameter.
OPERANDS = "operands"
# What typer is to hand on: what was given as it is, once or several times.
TEXT = str | None
TEXTS = list[str] | None


def call_of(verb: str, operands: str, do: Callable[[Invocation], int]) -> Callable[..., int]:
    """Return what typer is to call for a verb; its parameters bear the names of options' fields.

    `operands` is how they stand in the usage line, empty for a verb that takes none.
    """

    def call(**arguments: Any) -> int:
        values = {name: _frozen(value) for name, value in arguments.items()}
        return do(invocation(values.pop(OPERANDS, None) or (), values))

    parameters = [*_operands(operands), *map(_parameter, of_verb(verb))]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    call.__doc__ = do.__doc__
    return call


def _frozen(value: object) -> Any:
    """Return a repeatable option's values as a tuple again; typer hands them on as a list."""
    return tuple(value) if isinstance(value, list) else value


def _operands(metavar: str) -> list[Parameter]:
    if not metavar:
        return []
    return [_declared(OPERANDS, TEXTS, typer.Argument(None, metavar=metavar))]


def _parameter(option: Option) -> Parameter:
    default, kind = (False, bool) if option.takes is None else (None, TEXT)
    declared = typer.Option(
        default,
        *option.names,
        metavar=option.takes,
        envvar=option.variables,
        help=help_of(option),
        rich_help_panel=option.group,
        autocompletion=completing(option),
    )
    return _declared(option.field, TEXTS if option.repeatable else kind, declared)


def _declared(name: str, kind: Any, declaration: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=declaration, annotation=kind)
