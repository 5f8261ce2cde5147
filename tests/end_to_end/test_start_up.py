"""What a usual run loads: every module that it does without is time that the user does not wait."""

from __future__ import annotations

import pytest
from good import GoodServer
from installed import Installed

# Loads the command as `dl` does, and tells its modules in place of ending the process.
RUN = """
import sys
from downloader.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""
# Packages, and what of Python's own is slow to load.
HEAVY = {
    *("tqdm", "matplotlib", "rich", "pydantic", "statistics", "fractions", "decimal"),
    *("requests", "urllib3", "truststore", "socks"),
}
# Our own that other verbs, formats and options need.
OTHERS = {
    *("downloader.comparison", "downloader.demo", "downloader.cli.compare", "downloader.cli.demo"),
    *("downloader.reporters.bars", "downloader.formats.json", "downloader.formats.csv"),
    *("downloader.report.json", "downloader.cli.hash", "downloader.report.timeline"),
    *("downloader.assemble.fetched_sums", "downloader.assemble.sums_files"),
    *("downloader.transfer.unauthorized", "netrc", "secrets"),
    *("downloader.run.verify", "downloader.assemble.verifying", "downloader.formats.bagit", "csv"),
}


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_a_usual_run_loads_nothing_that_it_does_without(dl: Installed, mode: list[str]) -> None:
    with GoodServer({"/a.bin": b"a", "/b.bin": b"b"}) as server:
        urls = dl.write_list([server.url("/a.bin"), server.url("/b.bin")])
        done = dl.python(RUN, {}, "fetch", urls, *mode)
    loaded = set(done.stderr.decode().splitlines()[-1].split())
    assert "downloader.api" in loaded
    assert not loaded & (HEAVY | OTHERS)
