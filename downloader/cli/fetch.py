"""dl fetch."""

from __future__ import annotations

from downloader.cli.invocation import Invocation
from downloader.cli.perform import Run, perform
from downloader.cli.process import allow_open_files
from downloader.models import Report

EXAMPLES = """
dl fetch urls.txt                     a list, into downloads/
dl fetch urls.txt --sequential        the same one by one, to compare
dl fetch -d data -t 16 a.txt b.txt    two lists, 16 at a time, into data/
dl fetch paths.txt.gz --base https://data.example.org/
dl fetch urls.txt | sha256sum --check
grep iso urls.txt | dl fetch - -a sha512 --report report.json
dl fetch -o page.html https://example.org/
dl fetch urls.txt --sums https://example.org/SHA256SUMS
"""


def fetch(asked: Invocation) -> int:
    """Fetch URLs and hash the files, and report the time that doing so in parallel saved.

    Files are fetched on a pool of threads; each is hashed on a pool of processes as soon as it
    has landed, and appears under its name when it is complete.

    SOURCE is a list (a file with a URL a line, where lines that begin with # do not count, or in
    one of the formats of --list-format; gzip, xz, bzip2 and zstd are unpacked), a URL, or - for a
    list on standard input. After a URL in a list a name for the file, its checksums (sha256:HEX)
    and its size (size=N) may follow, with a tab or two blanks before each. A file whose checksum is
    wrong is fetched once more, and then fails; so does one that is not what its server declares.
    """
    options = asked.options
    allow_open_files(options.threads, options.hash_processes)

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.fetch(
            asked.operands, options, reporter=run.reporter, stop=run.stop, stdin=run.stdin
        )

    return perform(work, asked)
