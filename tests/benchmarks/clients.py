"""The clients: how each is told what to fetch, and what hashes the files of those that do not."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = shlex.quote(sys.executable)

# In the folder of a run: what is to be fetched, and where the files go.
LIST, GOT = "list", "got"
DL_OPTIONS = f"fetch {LIST} -d {GOT} -t {{connections}} -q"
# NAME=COMMAND; PYTHONPATH=... is no name but the first word of a command.
NAMED = re.compile(r"([a-z0-9][\w.-]*)=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Client:
    """A program with its options, and the line of its list for each file.

    `options` may name `{connections}`; `entry` names `{url}` and `{name}`. `command` is a command
    of the shell, if the program is not found by its name. A client that `hashes` writes a line
    with the digest of each file on standard output; one that does not fetch is there to compare
    with.
    """

    name: str
    options: str
    entry: str = "{url}\n"
    command: str = ""
    hashes: bool = False
    fetches: bool = True

    @property
    def program(self) -> str:
        """What calls it in a shell."""
        return self.command or self.name

    def line(self, connections: int) -> str:
        """Return the command line."""
        return f"{self.program} {self.options.format(connections=connections)}"

    def installed(self) -> bool:
        """Return True if the program is on this machine; a command is taken to be."""
        return bool(self.command) or shutil.which(self.name) is not None


PEERS = (
    Client(
        # -q: no .curlrc. --http1.1: connections are opened at once, not after the first reply that
        # could have promised streams.
        "curl",
        "-q -Z --http1.1 -s -f --create-dirs --noproxy '*'"
        f" --parallel-max {{connections}} -K {LIST}",
        'url = "{url}"\noutput = "got/{name}"\n',
    ),
    Client(
        "wget2",
        "--no-config -q --no-robots --no-hsts --no-cookies --no-proxy --tries=1"
        f" --max-threads={{connections}} -P {GOT} -i {LIST}",
    ),
    Client(
        "aria2c",
        # Without a control file for each file, which costs half of its time on a disk.
        "--no-conf -q --no-netrc --file-allocation=none --auto-file-renaming=false"
        f" --auto-save-interval=0 -x1 -s1 -j{{connections}} -d {GOT} -i {LIST}",
    ),
)
OTHERS = (
    Client("python", "-c pass", command=PYTHON, fetches=False),
    Client(
        "sessions",
        f"{LIST} {GOT} {{connections}}",
        command=f"{PYTHON} {shlex.quote(str(HERE / 'sessions.py'))}",
        hashes=True,
    ),
)

# What writes the digests of all files in GOT. `{each}` files go to each of `{cores}` processes.
HASHERS = {
    "sha256sum": f"find {GOT} -type f -print0 | xargs -0 sha256sum",
    "openssl": f"find {GOT} -type f -print0 | xargs -0 openssl dgst -sha256 -r",
    "openssl, all cores": f"find {GOT} -type f -print0 | xargs -0 -P {{cores}} -n {{each}} sh -c"
    " 'openssl dgst -sha256 -r \"$@\" > sums.$$' sh && cat sums.* && rm sums.*",
}


def hashers(files: int) -> dict[str, str]:
    """Return the command lines of the hashers that are installed, for so many files."""
    each = -(-files // cores())
    return {
        name: line.format(cores=cores(), each=each)
        for name, line in HASHERS.items()
        if shutil.which(name.partition(",")[0])
    }


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def this_dl() -> Client:
    """Return the command of this checkout, run with this Python."""
    return dl(f"dl=PYTHONPATH={shlex.quote(str(ROOT))} {PYTHON} -m downloader")


def dl(given: str) -> Client:
    """Return the client of "NAME=COMMAND"; one without a name is "dl"."""
    named = NAMED.fullmatch(given)
    name, command = named.groups() if named else ("dl", given)
    return Client(name, DL_OPTIONS, command=command, hashes=True)


def all_dls(given: Sequence[str]) -> list[Client]:
    """Return the command of this checkout and those given; of one name, the last one."""
    return list({each.name: each for each in [this_dl(), *map(dl, given)]}.values())
