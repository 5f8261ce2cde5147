"""The table of options: all that typer, `Options`, the environment and --help know of one.

An option costs a row here, the field that it fills, and the place that uses it. Defaults are those
of `Options` and `Invocation`: what is not given is left to them.
"""

from __future__ import annotations

from downloader.cli import readers
from downloader.cli.option import Option

FILES = "Files"
WORKERS = "Threads and processes"
MEASURING = "Measuring"
LIMITS = "Limits"
REQUESTS = "Requests"
OUTPUT = "Output"

# The verbs that take an option.
FETCH, HASH, VERIFY, COMPARE, DEMO = "fetch", "hash", "verify", "compare", "demo"
TRANSFERS = (FETCH, VERIFY, COMPARE)
RECORDS = (FETCH, HASH)
RUNS = (FETCH, HASH, COMPARE)
ALL_RUNS = (FETCH, HASH, VERIFY, COMPARE)


# In the order of --help.
OPTIONS = (
    Option(
        *("--dir -d DIR", FILES, (FETCH,), "dir"),
        "Folder for the files, made if missing [{}; for the fetch.txt of a bag, the bag]",
    ),
    Option(
        *("--dir -d DIR", FILES, (COMPARE,), "dir"),
        "Measure on the file system of this folder: files go to a temporary folder beside it and "
        "are removed [{}]",
    ),
    Option(
        *("--dir -d DIR", FILES, (VERIFY,), "folder"),
        "Folder whose record is checked, or below which the files of SUMS are [downloads; for sums "
        "files the current folder, for a bag the bag]",
    ),
    Option(
        *("--repair", FILES, (VERIFY,), "repair"),
        "Fetch again what is missing or not right, and nothing else, from its URL and mirrors in "
        "the record or in SUMS; it is put in place only with the digest that it must have, and "
        "what is there stays until then",
    ),
    Option(
        *("--extra", FILES, (VERIFY,), "extra"),
        "Tell also of files that no record knows, in DIR, for sums files in the current folder, "
        "for a bag in its payload: each is EXTRA, and not right; nothing is deleted",
    ),
    Option(
        *("--output -o NAME", FILES, (FETCH,), "output"),
        "Name of the file, for a single URL; it may have folders, below --dir [from the URL]",
    ),
    Option(
        *("--layout flat|tree", FILES, TRANSFERS, "layout"),
        "One folder for all files, or host/path/name as in the URL [{}]",
    ),
    Option(
        *("--continue -c", FILES, (FETCH,), "continue_"),
        "Finish an interrupted run: keep files that are stored, go on with partial ones, try "
        "failed ones again",
    ),
    Option(
        *("--refresh", FILES, (FETCH,), "refresh"),
        "Ask whether files have changed, and fetch only those that have",
    ),
    Option(
        *("--retry-failed", FILES, (FETCH,), "retry_failed"),
        "As --continue, but fetch only what failed when it was tried last: what is stored is kept, "
        "all else is passed over and counted",
    ),
    Option(
        *("--overwrite", FILES, (FETCH,), "overwrite"),
        "Replace files too that dl did not put there",
    ),
    Option(
        *("--server-names --content-disposition", FILES, (FETCH,), "server_names"),
        "Take names from servers: those of Content-Disposition, else the last part of the URL that "
        "a redirect leads to; made safe, and used where they are no other item's. Which of several "
        "gets a name that they share is for the first to land",
    ),
    Option(
        *("--fsync", FILES, (FETCH, VERIFY), "fsync"),
        "Count a file as stored only when it and its name have reached the disk",
    ),
    Option(
        *("--algorithm -a NAME", FILES, RUNS, "algorithms"),
        "Digest to compute; give it again for more: md5, sha1, sha256, sha512, sha3_256, blake2b, "
        "blake3, ... (DL_ALGORITHM: with blanks between them) [{}]",
        readers.words,
        repeatable=True,
        table="downloader.hashing:ALGORITHMS",
    ),
    Option(
        *("--checksum ALGO:HEX", FILES, (FETCH,), "checksum"),
        "Checksum that the file must have, for a single URL: sha256:HEX, or sha256-BASE64 (SRI)",
    ),
    Option(
        *("--sums FILE|URL", FILES, (FETCH,), "sums"),
        "Published checksums (SHA256SUMS, x.iso.md5, Release, .sfv and many more) that files must "
        "have, found by their names; give it again for more (DL_SUMS: one a line). Files that it "
        "does not name are fetched unchecked, and counted in a warning",
        readers.each,
        repeatable=True,
    ),
    Option(
        *("--require-checksum", FILES, (FETCH,), "require_checksum"),
        "Fail every file that no checksum verifies which the list, --checksum or --sums gives; "
        "what servers declare does not count",
    ),
    Option(
        *("--base URL", FILES, TRANSFERS, "base"),
        "Folder that relative URLs of lists are below; a bare scheme (https://) for lists of "
        "host/path",
    ),
    Option(
        *("--list-format NAME", FILES, TRANSFERS, "list_format"),
        "Format of the lists: {formats} [from their content, then their suffix]",
        table="downloader.inputs:LIST_FORMATS",
    ),
    Option(
        *("--columns KEY=COLUMN,...", FILES, TRANSFERS, "columns"),
        "Columns of tables that are not called url, name, size, md5, sha256, ...: "
        "url=fastq_ftp,md5=fastq_md5",
        readers.columns,
    ),
    Option(
        *("--threads -t N", WORKERS, TRANSFERS, "threads"),
        "Size of the fetch thread pool [{}]",
        readers.whole,
    ),
    Option(
        *("--processes -p N", WORKERS, ALL_RUNS, "processes"),
        "Size of the hash process pool [CPUs this process may use: {cpus}]",
        readers.whole,
    ),
    Option(
        *("--fetch-processes N|auto", WORKERS, (FETCH, COMPARE), "fetch_processes"),
        "Processes that share the fetch threads where one interpreter is the limit: N, auto, or 1 "
        "for never [auto]",
        readers.whole_or_auto,
    ),
    Option(
        *("--sequential", WORKERS, (*RECORDS, VERIFY), "sequential"),
        "No pools: one item after another, in one thread",
    ),
    Option(
        *("--runs N", MEASURING, (COMPARE,), "runs"),
        "Pairs of runs, one in each mode; they take turns in going first [{}]",
        readers.whole,
    ),
    Option(
        *("--warmup", MEASURING, (COMPARE,), "warmup"),
        "Begin with a run that does not count, for caches to be warm",
    ),
    Option(
        *("--matrix", MEASURING, (COMPARE,), "matrix"),
        "Also measure fetching alone on 1, 2, 4 ... threads, and hashing alone on 1, 2, 4 ... "
        "processes",
    ),
    Option(
        *("--per-host N", LIMITS, TRANSFERS, "per_host"),
        "Connections at once to one host [no limit but --threads]",
        readers.whole,
    ),
    Option(
        *("--rate N", LIMITS, TRANSFERS, "rate"),
        "Requests a second to one host, 0.5 for one every two seconds [no limit]",
        readers.per_second,
    ),
    Option(
        *("--limit-rate SIZE", LIMITS, TRANSFERS, "limit_rate"),
        "Bytes a second, all connections together: 300K, 1.5M [no limit]",
        readers.size,
    ),
    Option(
        *("--max-size SIZE", LIMITS, TRANSFERS, "max_size"),
        "Largest file that is taken: 64M, 1.5G [no limit]",
        readers.size,
    ),
    Option(
        *("--fail-fast", LIMITS, (FETCH,), "fail_fast"),
        "End the run after the first item that fails; it can be finished with --continue",
    ),
    Option(
        *("--fail-over PCT", LIMITS, (FETCH,), "fail_over"),
        "End the run when more than so many percent of its finished items, at least 20, have "
        "failed [never]",
        readers.percent,
    ),
    Option(
        *("--no-private", LIMITS, TRANSFERS, "no_private"),
        "Connect to public addresses only: not to this machine, private networks and the like, "
        "whatever a name or a redirect leads to. A proxy may be private; what it looks up by "
        "itself cannot be checked, only addresses in URLs",
    ),
    Option(
        *("--allow-downgrade", LIMITS, TRANSFERS, "allow_downgrade"),
        "Follow redirects from https to http too",
    ),
    Option(
        *("--allow-html", LIMITS, TRANSFERS, "allow_html"),
        "Take web pages under any name: one that comes in place of an archive, an image, a "
        "package or the like fails otherwise, since it is a login or an error page",
    ),
    Option(
        *("--retries N", REQUESTS, TRANSFERS, "retries"),
        "Tries after the first one [{}]",
        readers.whole,
    ),
    Option(
        *("--retry-status N,...", REQUESTS, TRANSFERS, "retry_status"),
        "Statuses to try again besides 408, 425, 429 and those from 500 on: 403,404. A 403 is then "
        "taken as a 429: the host is left alone for a while",
        readers.statuses,
    ),
    Option(
        *("--max-retry-wait S", REQUESTS, TRANSFERS, "max_retry_wait"),
        "Longest wait that a server may ask for, in seconds; an item that is to wait longer fails "
        "[{}]",
        readers.seconds,
    ),
    Option(
        *("--connect-timeout S", REQUESTS, TRANSFERS, "connect_timeout"),
        "Longest wait for a connection, in seconds [{}]",
        readers.seconds,
    ),
    Option(
        *("--timeout S", REQUESTS, TRANSFERS, "timeout"),
        "Longest silence of a server within a reply, in seconds [{}]",
        readers.seconds,
    ),
    Option(
        *("--first-byte-timeout S", REQUESTS, TRANSFERS, "first_byte_timeout"),
        "Longest wait for a reply to begin, in seconds: some files are made when they are asked "
        "for; after it there is one more try only [120, or --timeout if that is longer]",
        readers.seconds,
    ),
    Option(
        *("--max-time S", REQUESTS, TRANSFERS, "max_time"),
        "Longest time for a whole item, tries and pauses included, in seconds [none]",
        readers.seconds,
    ),
    Option(
        *("--compressed", REQUESTS, TRANSFERS, "compressed"),
        "Ask for bodies in a coding (gzip; br and zstd with the extras of these names) and store "
        "them without it: checksums and --max-size are those of the file, which cannot be "
        "continued after a break",
    ),
    Option(
        *("--header -H HEADER|@FILE", REQUESTS, TRANSFERS, "headers"),
        "Header to send, 'Name: value', or @FILE with one a line, which keeps secrets out of the "
        "list of processes; give it again for more (DL_HEADER: one a line). Goes to the origin of "
        "the listed URL only, not where that redirects to",
        readers.headers,
        repeatable=True,
    ),
    Option(
        *("--user-agent TEXT", REQUESTS, TRANSFERS, "user_agent"),
        "What to send as User-Agent [dl and its version]",
    ),
    Option(
        *("--cacert FILE|DIR", REQUESTS, TRANSFERS, "cacert"),
        "Certificates to trust in place of the usual ones [SSL_CERT_FILE and SSL_CERT_DIR, else "
        "REQUESTS_CA_BUNDLE, else CURL_CA_BUNDLE, else the system's]",
    ),
    Option(
        *("--proxy URL", REQUESTS, TRANSFERS, "proxy"),
        "Proxy for all requests, '' for none: http, https, or with the extra socks socks5, and "
        "socks5h which looks names up itself [from http_proxy, https_proxy, all_proxy, no_proxy]",
    ),
    Option(
        *("--netrc", REQUESTS, TRANSFERS, "netrc"),
        "Log in as $NETRC or else ~/.netrc says, to exactly the hosts that it names, also where a "
        "redirect leads to one (from https over https only); never by its default entry",
    ),
    Option(
        *("--cookies FILE", REQUESTS, TRANSFERS, "cookies"),
        "Cookies to send, from a Netscape file as browsers' extensions, curl and yt-dlp write it: "
        "to the hosts that it names, also where a redirect leads to one; those that servers set "
        "live for one item",
    ),
    Option(
        *("--format FORMAT", OUTPUT, RECORDS, "format"),
        "Records on standard output: sums (as sha256sum has them), json, csv, paths, none [{}]",
        table="downloader.formats:FORMATS",
    ),
    Option(
        *("--format FORMAT", OUTPUT, (VERIFY,), "format"),
        "Records on standard output: sums (as sha256sum --check words them), json, paths (of what "
        "is not right), none [{}]",
        table="downloader.formats:CHECKED",
    ),
    Option(
        *("--null -0", OUTPUT, (FETCH,), "null"),
        "End records of paths and sums with NUL, for xargs -0",
    ),
    Option(
        *("--null -0", OUTPUT, (HASH,), "null"),
        "End paths with NUL: of records, and in the list read from - (as find -print0 does)",
    ),
    Option(
        *("--null -0", OUTPUT, (VERIFY,), "null"),
        "End records of sums and paths with NUL, and escape no name in them",
    ),
    Option(
        *("--plot FILE", OUTPUT, (COMPARE,), "plot"),
        "Draw the result to FILE, .svg or .png (needs matplotlib)",
    ),
    Option(
        *("--report FILE", OUTPUT, ALL_RUNS, "report"),
        "Write the final report as JSON into FILE",
    ),
    Option(
        *("--timeline FILE", OUTPUT, (FETCH,), "timeline"),
        "Write a page (HTML) that shows where the time went: each item on its thread or process, "
        "transfers and bytes over time, the slowest items and hosts",
    ),
    Option(
        *("--trace FILE", OUTPUT, (FETCH,), "trace"),
        "Write the same as a trace (Trace Event format), for Perfetto and its like",
    ),
    Option(
        *("--quiet -q", OUTPUT, ALL_RUNS, "quiet"),
        "Say only what failed or was not checked",
    ),
    Option("--verbose -v", OUTPUT, (*RECORDS, VERIFY), "verbose", "Say a line for each file"),
    Option("--no-progress", OUTPUT, (*ALL_RUNS, DEMO), "no_progress", "Draw no progress bars"),
)


def of_verb(verb: str) -> tuple[Option, ...]:
    """Return the options that a verb takes, each under one name."""
    return tuple(option for option in OPTIONS if verb in option.verbs)
