"""`python -m downloader`, and what the `dl` script runs.

Nothing but the standard library is imported at the top: a spawned hash worker imports the main
module again, and must not pay for the command line.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; ends the process with the command's exit status."""
    try:
        from downloader.cli import run  # noqa: PLC0415  a hash worker must not import typer
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
