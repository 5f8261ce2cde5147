"""dl fetch."""

from __future__ import annotations

from typing import Annotated

import typer

from downloader import hashing
from downloader.cli import given
from downloader.cli import options as option
from downloader.cli.perform import Run, perform
from downloader.cli.process import allow_open_files
from downloader.models import Report
from downloader.options import Options

EXAMPLES = """
dl fetch urls.txt                     a list, into downloads/
dl fetch urls.txt --sequential        the same one by one, to compare
dl fetch -d data -t 16 a.txt b.txt    two lists, 16 at a time, into data/
dl fetch urls.txt | sha256sum --check
grep iso urls.txt | dl fetch - -a sha512 --report report.json
dl fetch -o page.html https://example.org/
dl fetch urls.txt --sums https://example.org/SHA256SUMS
"""

Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE...")]


def fetch(  # noqa: PLR0917  typer calls it by names
    sources: Sources = None,
    dir: option.Dir = None,
    output: option.Output = None,
    layout: option.Layout = None,
    continue_: option.Continue = False,
    refresh: option.Refresh = False,
    overwrite: option.Overwrite = False,
    content_disposition: option.ContentDisposition = False,
    fsync: option.Fsync = False,
    algorithm: option.Algorithm = None,
    checksum: option.Checksum = None,
    sums: option.Sums = None,
    threads: option.Threads = None,
    processes: option.Processes = None,
    sequential: option.Sequential = False,
    per_host: option.PerHost = None,
    rate: option.Rate = None,
    limit_rate: option.LimitRate = None,
    max_size: option.MaxSize = None,
    retries: option.Retries = None,
    max_retry_wait: option.MaxRetryWait = None,
    connect_timeout: option.ConnectTimeout = None,
    timeout: option.Timeout = None,
    max_time: option.MaxTime = None,
    header: option.Header = None,
    user_agent: option.UserAgent = None,
    cacert: option.Cacert = None,
    proxy: option.Proxy = None,
    netrc: option.Netrc = False,
    no_private: option.NoPrivate = False,
    allow_downgrade: option.AllowDowngrade = False,
    format: option.Format = None,
    null: option.Null = False,
    report: option.Report = None,
    quiet: option.Quiet = False,
    verbose: option.Verbose = False,
    no_progress: option.NoProgress = False,
) -> int:
    """Fetch URLs and hash the files, and report the time that doing so in parallel saved.

    Files are fetched on a pool of threads; each is hashed on a pool of processes as soon as it
    has landed, and appears under its name when it is complete.

    SOURCE is a list (a file with a URL a line; lines that begin with # do not count), a URL, or -
    for a list on standard input. After a URL in a list a name for the file and its checksums
    (sha256:HEX) may follow, with two blanks or a tab before each. A file whose checksum is wrong
    is fetched once more, and then fails; so does one that is not what its server declares.
    """
    options = Options(
        sequential=sequential,
        continue_=continue_,
        refresh=refresh,
        overwrite=overwrite,
        content_disposition=content_disposition,
        fsync=fsync,
        netrc=netrc,
        no_private=no_private,
        allow_downgrade=allow_downgrade,
        **given.chosen(
            dir=dir,
            output=output,
            layout=layout,
            algorithms=given.algorithms(algorithm),
            checksum=checksum,
            sums=tuple(sums) if sums else None,
            threads=threads,
            processes=processes,
            per_host=per_host,
            rate=rate,
            limit_rate=limit_rate,
            max_size=max_size,
            retries=retries,
            max_retry_wait=max_retry_wait,
            connect_timeout=connect_timeout,
            timeout=timeout,
            max_time=max_time,
            headers=given.headers(header),
            user_agent=user_agent,
            cacert=cacert,
            proxy=proxy,
        ),
    )
    telling = given.telling(
        algorithms=hashing.checked(options.algorithms),
        format=format,
        null=null,
        report=report,
        quiet=quiet,
        verbose=verbose,
        progress=not no_progress,
    )
    allow_open_files(options.threads, options.hash_processes)

    def work(run: Run) -> Report:
        from downloader import api  # noqa: PLC0415  --help and a usage error do not pay for it

        return api.fetch(
            sources or (), options, reporter=run.reporter, stop=run.stop, stdin=run.stdin
        )

    return perform(work, telling)
