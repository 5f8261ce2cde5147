"""The command line: the only importer of typer. A thin layer over `downloader.api`.

app.py       the command `dl`
verbs.py     its verbs, a row each
fetch.py     dl fetch; hash.py, compare.py, demo.py likewise
option.py    what there is to know of one option
options.py   the options, a row each
option_words.py   what is said of an option, with its default
readers.py   from an option's text to its value
invocation.py   what one call asks for
parameters.py   rows of the table as typer's parameters
group.py     typer's group: a verb is built when it is called
command.py   typer's command as it behaves here: plain values, plain help
completion.py   what a shell offers while an option's value is typed
values.py    what the command line and the environment give, taken as it is
help.py      the text of --help
man.py       the manual page
ending.py    one line for an error
perform.py   one run: signals, streams, the report's file, the exit status
measuring.py   several runs in one call
console.py   what a run tells, and on which stream
failed_list.py  how to get what failed as a list
signals.py   Ctrl-C and its like
stdin.py     standard input that a signal can interrupt
pictures.py   what --timeline and --trace record
report_file.py   the files of --report, --timeline, --trace
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
