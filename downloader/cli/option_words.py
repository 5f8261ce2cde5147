"""What is said of an option, with its default; typer is not needed for it."""

from __future__ import annotations

from collections.abc import Mapping

from downloader.cli.invocation import Invocation
from downloader.cli.option import Option
from downloader.inputs import LIST_FORMATS
from downloader.options import Options, usable_cpus

# What only this machine's number can follow.
CPUS = ": {cpus}"


def help_of(option: Option) -> str:
    """Return an option's words in --help, with its default."""
    if "{" not in option.help:
        return option.help
    default, formats = _shown(default_of(option)), ", ".join(LIST_FORMATS)
    return option.help.format(default, cpus=usable_cpus(), formats=formats)


def help_anywhere(option: Option) -> str:
    """Return the same words without what is true of this machine only."""
    return help_of(option._replace(help=option.help.replace(CPUS, "")))


def default_of(option: Option) -> object:
    """Return what counts if an option is not given."""
    defaults: Mapping[str, object] = Invocation._field_defaults
    if option.field in defaults:
        return defaults[option.field]
    return getattr(Options(), option.field)


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return " ".join(default)
    return f"{default:g}" if isinstance(default, float) else str(default)
