"""What the command line and the environment give, taken as it is.

From 0.26 on typer hands every value to pydantic: 80 ms at the start of each run, and a path that
is not UTF-8 is refused. Text is all that is wanted here, and options' readers make numbers of it.
The two methods that are replaced are the documented ones of a parameter, in click as in typer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from downloader.cli.option import Option
from downloader.errors import UsageError

YES = frozenset({"1", "true", "yes", "on", "y", "t"})
NO = frozenset({"0", "false", "no", "off", "n", "f", ""})


def take_plainly(parameter: Any, options: Mapping[str, Option]) -> Any:
    """Have a parameter of typer's give what its option reads in the text; return it."""
    parameter.process_value = partial(_process, parameter, options.get(parameter.name))
    if _is_repeatable(parameter):
        parameter.value_from_envvar = partial(_lines, parameter)
    return parameter


def _process(parameter: Any, option: Option | None, context: Any, raw: object) -> object:
    value = _value(parameter, raw)
    if parameter.callback:
        return parameter.callback(context, parameter, value)
    if option is None or option.takes is None or value in (None, ()):
        return value
    return option.read(option.names[0], value)


def _value(parameter: Any, raw: object) -> object:
    if _is_repeatable(parameter):
        return tuple(raw) if isinstance(raw, Sequence) else ()
    if getattr(parameter, "is_flag", False):
        return _flag(parameter, raw)
    return raw if isinstance(raw, str) else None  # click has a value for "unset"


def _flag(parameter: Any, raw: object) -> bool:
    """Read a flag; text comes from the environment only."""
    if not isinstance(raw, str):
        return raw is True
    text = raw.strip().lower()
    if text not in YES | NO:
        name = next(each for each in parameter.envvar if os.environ.get(each) == raw)
        raise UsageError(f"{name}={raw}: give 1 or 0")
    return text in YES


def _is_repeatable(parameter: Any) -> bool:
    return bool(getattr(parameter, "multiple", False) or parameter.nargs == -1)


def _lines(parameter: Any, context: Any) -> list[str] | None:
    """Read a repeatable option from the environment: one a line, since headers hold blanks."""
    text = parameter.resolve_envvar_value(context)
    if text is None:
        return None
    return [line.strip() for line in text.splitlines() if line.strip()]
