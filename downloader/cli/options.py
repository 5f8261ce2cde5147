"""Options: their names, variables and words in --help.

None has a default of its own: what is not given is left to `downloader.Options`, whose values
--help shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any

import typer

from downloader.cli.given import per_second, seconds, size, whole
from downloader.options import Options, usable_cpus

FILES = "Files"
WORKERS = "Threads and processes"
REQUESTS = "Requests"
LIMITS = "Limits"
OUTPUT = "Output"

USUAL: dict[str, Any] = {field.name: field.default for field in fields(Options)}


def _option(group: str, spelling: str, help: str, read: Callable[..., Any] | None = None) -> Any:
    """Declare an option, spelled as in "--threads -t N", with a variable of the same name."""
    words = spelling.split()
    names = [word for word in words if word.startswith("-")]
    return typer.Option(
        *names,
        metavar=words[-1] if words[-1] not in names else None,
        callback=read,
        envvar="DL_" + names[0].strip("-").replace("-", "_").upper(),
        help=help,
        rich_help_panel=group,
    )


# What is fetched, and where files go.
Dir = Annotated[
    str | None,
    _option(FILES, "--dir -d DIR", f"Folder for the files, made if missing [{USUAL['dir']}]"),
]
Output = Annotated[
    str | None,
    _option(FILES, "--output -o NAME", "Name of the file, for a single URL [from the URL]"),
]
LAYOUT = f"One folder for all files, or host/path/name as in the URL [{USUAL['layout']}]"
Layout = Annotated[str | None, _option(FILES, "--layout flat|tree", LAYOUT)]
CONTINUE = (
    "Finish an interrupted run: keep files that are stored, go on with partial ones, try failed "
    "ones again"
)
Continue = Annotated[bool, _option(FILES, "--continue -c", CONTINUE)]
REFRESH = "Ask whether files have changed, and fetch only those that have"
Refresh = Annotated[bool, _option(FILES, "--refresh", REFRESH)]
Overwrite = Annotated[
    bool, _option(FILES, "--overwrite", "Replace files too that dl did not put there")
]
DISPOSITION = (
    "Take names from servers (Content-Disposition), made safe, where they give one that is no "
    "other item's; which of several gets a name that they share is for the first to land"
)
ContentDisposition = Annotated[bool, _option(FILES, "--content-disposition", DISPOSITION)]
FSYNC = "Count a file as stored only when it and its name have reached the disk"
Fsync = Annotated[bool, _option(FILES, "--fsync", FSYNC)]
ALGORITHM = (
    "Digest to compute; give it again for more: md5, sha1, sha256, sha512, sha3_256, blake2b, "
    f"blake3, ... (DL_ALGORITHM: with blanks between them) [{' '.join(USUAL['algorithms'])}]"
)
Algorithm = Annotated[list[str] | None, _option(FILES, "--algorithm -a NAME", ALGORITHM)]
CHECKSUM = "Checksum that the file must have, for a single URL: sha256:HEX, or sha256-BASE64 (SRI)"
Checksum = Annotated[str | None, _option(FILES, "--checksum ALGO:HEX", CHECKSUM)]
SUMS = (
    "Published checksums (SHA256SUMS, as sha256sum or BSD writes them) that files must have, found "
    "by their names; give it again for more (DL_SUMS: one a line). Files that it does not name "
    "are fetched unchecked, and counted in a warning"
)
Sums = Annotated[list[str] | None, _option(FILES, "--sums FILE|URL", SUMS)]

# Who does the work.
THREADS = f"Size of the fetch thread pool [{USUAL['threads']}]"
Threads = Annotated[int | None, _option(WORKERS, "--threads -t N", THREADS, whole)]
PROCESSES = f"Size of the hash process pool [CPUs this process may use: {usable_cpus()}]"
Processes = Annotated[int | None, _option(WORKERS, "--processes -p N", PROCESSES, whole)]
Sequential = Annotated[
    bool, _option(WORKERS, "--sequential", "No pools: one item after another, in one thread")
]

# How servers are asked.
RETRIES = f"Tries after the first one [{USUAL['retries']}]"
Retries = Annotated[int | None, _option(REQUESTS, "--retries N", RETRIES, whole)]
RETRY_WAIT = (
    "Longest wait that a server may ask for, in seconds; an item that is to wait longer fails "
    f"[{USUAL['max_retry_wait']:g}]"
)
MaxRetryWait = Annotated[float | None, _option(REQUESTS, "--max-retry-wait S", RETRY_WAIT, seconds)]
CONNECT = f"Longest wait for a connection, in seconds [{USUAL['connect_timeout']:g}]"
ConnectTimeout = Annotated[float | None, _option(REQUESTS, "--connect-timeout S", CONNECT, seconds)]
SILENCE = f"Longest silence of a server, in seconds [{USUAL['timeout']:g}]"
Timeout = Annotated[float | None, _option(REQUESTS, "--timeout S", SILENCE, seconds)]
MAX_TIME = "Longest time for a whole item, tries and pauses included, in seconds [none]"
MaxTime = Annotated[float | None, _option(REQUESTS, "--max-time S", MAX_TIME, seconds)]
HEADER = (
    "Header to send, 'Name: value'; give it again for more (DL_HEADER: one a line). Goes to the "
    "origin of the listed URL only, not where that redirects to"
)
Header = Annotated[list[str] | None, _option(REQUESTS, "--header -H HEADER", HEADER)]
UserAgent = Annotated[
    str | None,
    _option(REQUESTS, "--user-agent TEXT", "What to send as User-Agent [dl and its version]"),
]
Cacert = Annotated[
    str | None,
    _option(REQUESTS, "--cacert FILE|DIR", "Certificates to trust in place of the usual ones"),
]
PROXY = "Proxy for all requests, '' for none [from http_proxy, https_proxy, no_proxy]"
Proxy = Annotated[str | None, _option(REQUESTS, "--proxy URL", PROXY)]
NETRC = (
    "Log in as $NETRC or else ~/.netrc says, to listed URLs of exactly the hosts that it names; "
    "not where those redirect to, and never by its default entry"
)
Netrc = Annotated[bool, _option(REQUESTS, "--netrc", NETRC)]

# What is asked of servers, and taken from them, at most.
PER_HOST = "Connections at once to one host [no limit but --threads]"
PerHost = Annotated[int | None, _option(LIMITS, "--per-host N", PER_HOST, whole)]
RATE = "Requests a second to one host, 0.5 for one every two seconds [no limit]"
Rate = Annotated[float | None, _option(LIMITS, "--rate N", RATE, per_second)]
LIMIT_RATE = "Bytes a second, all connections together: 300K, 1.5M [no limit]"
LimitRate = Annotated[int | None, _option(LIMITS, "--limit-rate SIZE", LIMIT_RATE, size)]
MAX_SIZE = "Largest file that is taken: 64M, 1.5G [no limit]"
MaxSize = Annotated[int | None, _option(LIMITS, "--max-size SIZE", MAX_SIZE, size)]
NO_PRIVATE = (
    "Connect to public addresses only: not to this machine, private networks and the like, "
    "whatever a name or a redirect leads to. A proxy may be private; what it looks up by itself "
    "cannot be checked, only addresses in URLs"
)
NoPrivate = Annotated[bool, _option(LIMITS, "--no-private", NO_PRIVATE)]
DOWNGRADE = "Follow redirects from https to http too"
AllowDowngrade = Annotated[bool, _option(LIMITS, "--allow-downgrade", DOWNGRADE)]

# What is told.
FORMAT = "Records on standard output: sums (as sha256sum has them), json, csv, paths, none [sums]"
Format = Annotated[str | None, _option(OUTPUT, "--format FORMAT", FORMAT)]
Null = Annotated[
    bool, _option(OUTPUT, "--null -0", "End records of paths and sums with NUL, for xargs -0")
]
NULL_BOTH = "End paths with NUL: of records, and in the list read from - (as find -print0 does)"
NullBoth = Annotated[bool, _option(OUTPUT, "--null -0", NULL_BOTH)]
Report = Annotated[
    str | None, _option(OUTPUT, "--report FILE", "Write the final report as JSON into FILE")
]
Quiet = Annotated[bool, _option(OUTPUT, "--quiet -q", "Say only what failed")]
Verbose = Annotated[bool, _option(OUTPUT, "--verbose -v", "Say a line for each file")]
NoProgress = Annotated[bool, _option(OUTPUT, "--no-progress", "Draw no progress bars")]
