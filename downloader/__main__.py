"""`python -m downloader`, and what the `dl` script runs.

Nothing but the standard library is imported at the top: a spawned hash worker imports the main
module again, and must not pay for the command line.
"""

from __future__ import annotations

import gc
import sys

# New objects between two looks for circles of them: a run makes none to speak of, and at Python's
# own number of 700 the looking takes a tenth of the start.
SELDOM = 20_000


def main() -> None:
    """Run the command line; ends the process with the command's exit status."""
    gc.set_threshold(SELDOM, 20, 20)
    try:
        from downloader.cli import run  # noqa: PLC0415  a hash worker must not import typer
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
