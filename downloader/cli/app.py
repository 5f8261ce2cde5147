"""The command `dl` and its verbs, a line each."""

from __future__ import annotations

from typing import Annotated

import typer

from downloader import __version__
from downloader.cli import compare, demo, fetch, hash
from downloader.cli.command import Verb, Verbs
from downloader.cli.ending import Told

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
    add_completion=False,  # it would write into the user's shell start-up files
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
FETCH = "Fetch URLs in parallel, hash the files, report the time saved"
HASH = "Hash files and folders in parallel"
COMPARE = "Measure both modes on a list, and say what parallel saves"
DEMO = "Show fetch and comparison on a server of its own, without a network"

app.command("fetch", cls=Verb, short_help=FETCH, epilog=fetch.EXAMPLES)(fetch.fetch)
app.command("hash", cls=Verb, short_help=HASH, epilog=hash.EXAMPLES)(hash.hash_paths)
app.command("compare", cls=Verb, short_help=COMPARE, epilog=compare.EXAMPLES)(compare.compare)
app.command("demo", cls=Verb, short_help=DEMO, epilog=demo.EXAMPLES)(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        raise Told(f"dl {__version__}")


Version = Annotated[
    bool,
    typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
]


@app.callback()
def dl(version: Version = False) -> None:
    """Fetch many URLs on threads, hash them on processes, and see what that saved."""
