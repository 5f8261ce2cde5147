"""The command line: the only importer of typer. A thin layer over `downloader.api`.

app.py       the verbs, a line each
fetch.py     dl fetch
hash.py      dl hash
options.py   options that verbs share, with their words in --help
command.py   typer's commands as they behave here: plain values, plain help, one line for an error
values.py    what the command line and the environment give, taken as it is
help.py      the text of --help
perform.py   one run: signals, streams, the report's file, the exit status
console.py   what a run tells, and on which stream
signals.py   Ctrl-C and its like
stdin.py     standard input that a signal can interrupt
report_file.py   the file of --report
process.py   what only a process of its own may do: limits, descriptors, the way out
statuses.py  exit statuses
"""

from __future__ import annotations

from typing import NoReturn

from downloader.cli.process import leave, occupy_standard_streams


def run() -> NoReturn:
    """Run the command line of this process, and end the process with its exit status."""
    status = 0
    try:
        occupy_standard_streams()
        # Imported here, so that Ctrl-C at this moment too ends without a traceback.
        from downloader.cli.app import app  # noqa: PLC0415

        app()
    except KeyboardInterrupt:
        status = 130
    except SystemExit as ended:
        status = int(ended.code or 0)
    leave(status)
