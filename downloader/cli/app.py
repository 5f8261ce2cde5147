"""The command `dl`: what it says of itself, and its version."""

from __future__ import annotations

from typing import Annotated

import typer

from downloader import __version__
from downloader.cli.ending import Told
from downloader.cli.group import Verbs

EXAMPLES = """
dl fetch urls.txt                     a list, into downloads/
dl fetch urls.txt --sequential        the same one by one, to compare
dl fetch urls.txt | sha256sum --check
dl hash photos > SHA256SUMS           all files of a folder

dl COMMAND --help tells all about a command.
"""

app = typer.Typer(
    cls=Verbs,
    epilog=EXAMPLES,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        raise Told(f"dl {__version__}")


Version = Annotated[
    bool,
    typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
]


@app.callback()
def dl(version: Version = False) -> None:
    """Fetch many URLs on threads, hash them on processes, and see what that saved."""
