"""What typer is told: the options of the contract and no others, their variables, their help."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from downloader import api
from downloader.cli.app import app
from downloader.errors import DiskFailed, UsageError
from downloader.models import Busy, Counts, Ended, Report, Sequential, Stages
from downloader.options import Options
from downloader.protocols import Reporter

FETCH = """
--dir -d --output -o --layout --continue -c --refresh --overwrite --algorithm -a
--retry-failed --fail-fast --fail-over
--threads -t --processes -p --fetch-processes --sequential
--per-host --rate --limit-rate --max-size --retries --max-retry-wait --connect-timeout --timeout
--retry-status --first-byte-timeout --base --list-format --columns
--max-time --header -H --user-agent --cacert --proxy --format --null -0 --checksum --sums
--server-names --content-disposition --fsync --netrc --cookies --no-private --allow-downgrade
--allow-html --compressed --require-checksum
--report --timeline --trace --quiet -q --verbose -v --no-progress
"""
HASH = """
--algorithm -a --processes -p --sequential --format --null -0 --report --quiet -q --verbose -v
--no-progress
"""
VERIFY = """
--repair --layout --fsync --threads -t --per-host --rate --limit-rate --max-size --retries
--max-retry-wait --connect-timeout --timeout --retry-status --first-byte-timeout --max-time --header
-H --user-agent --cacert --proxy --netrc --cookies --no-private --allow-downgrade --allow-html
--compressed
--extra --dir -d --base --list-format --columns --processes -p --sequential --format --null -0
--report --quiet -q --verbose -v --no-progress
"""
REPORT = Report(
    mode="parallel",
    threads=8,
    processes=1,
    items=Counts(1, 1),
    bytes=5,
    seconds=Stages(1.0, 1.0, 0.1),
    busy=Busy(1.0, 0.1),
    sequential=Sequential(1.0, 1.0, 1.0, "estimated"),
    saved=None,
    held_back_by=None,
)
VERBS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


class Fetch:
    """Stands for `api.fetch`: keeps what it is given, and does as it is told."""

    def __init__(self) -> None:
        self.sources: Any = None
        self.options = Options()
        self.report = REPORT
        self.error: BaseException | None = None

    def __call__(self, sources: Any, options: Options, *, reporter: Reporter, **_: Any) -> Report:
        self.sources, self.options = sources, options
        if self.error:
            raise self.error
        reporter.tell(Ended(self.report))
        return self.report


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Fetch:
    called = Fetch()
    monkeypatch.setattr(api, "fetch", called)
    return called


def run(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments, env=env)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("verb", "options"), [("fetch", FETCH), ("hash", HASH), ("verify", VERIFY)]
)
def test_the_options_are_those_that_are_built_and_no_others(verb: str, options: str) -> None:
    params = [each for each in VERBS[verb].params if each.param_type_name == "option"]
    assert {name for each in params for name in each.opts} == set(options.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_has_a_variable_of_its_name_and_words_in_the_help(verb: str) -> None:
    _, text, _ = run(verb, "--help")
    for each in VERBS[verb].params:
        if each.param_type_name == "option":
            names = [name for name in each.opts if name.startswith("--")]
            name = max(each.opts, key=len)
            assert each.envvar == ["DL_" + name[2:].replace("-", "_").upper() for name in names]
            assert re.search(rf"^ .* ?{name}\s.*\w", text, re.MULTILINE)


def test_what_is_not_given_is_left_to_the_library(fetch: Fetch) -> None:
    assert run("fetch", "a", "b")[0] == 0
    assert (fetch.sources, fetch.options) == (("a", "b"), Options())


def test_every_option_reaches_the_library(fetch: Fetch) -> None:
    line = (
        "fetch a -d D -o O --layout tree --overwrite -a md5 -a sha1 -t 3 -p 4 --sequential "
        "--fetch-processes 2 "
        "--per-host 2 --rate .5 --limit-rate 1.5K --max-size 2g --max-retry-wait 0 --max-time 9.5 "
        "--retries 0 --connect-timeout 1.5 --timeout 2 -H A:b -H C:d:e --user-agent U "
        f"--cacert {__file__} --proxy http://p:1"
    )
    assert run(*line.split())[0] == 0
    assert fetch.options == Options(
        dir="D",
        output="O",
        layout="tree",
        overwrite=True,
        algorithms=("md5", "sha1"),
        threads=3,
        processes=4,
        fetch_processes=2,
        sequential=True,
        per_host=2,
        rate=0.5,
        limit_rate=1536,
        retries=0,
        max_retry_wait=0.0,
        connect_timeout=1.5,
        timeout=2.0,
        max_time=9.5,
        max_size=2 * 1024**3,
        headers=(("A", "b"), ("C", "d:e")),
        user_agent="U",
        cacert=__file__,
        proxy="http://p:1",
    )


def test_auto_is_what_the_library_finds_out(fetch: Fetch) -> None:
    run("fetch", "a", "--fetch-processes", "auto", env={"DL_FETCH_PROCESSES": "3"})
    assert fetch.options == Options()


def test_an_empty_proxy_means_none_and_an_empty_variable_nothing(fetch: Fetch) -> None:
    run("fetch", "a", "--proxy", "", env={"DL_THREADS": "", "DL_OVERWRITE": "no"})
    assert fetch.options == Options(proxy="")


def test_variables_are_read_one_a_line(fetch: Fetch) -> None:
    env = {"DL_HEADER": " A: b c \n\nD: e\n", "DL_ALGORITHM": "md5 sha1", "DL_OVERWRITE": "1"}
    run("fetch", "a", env=env)
    assert fetch.options.headers == (("A", "b c"), ("D", "e"))
    assert fetch.options.algorithms == ("md5", "sha1")
    assert fetch.options.overwrite


@pytest.mark.parametrize("number", ["1_0", "0x8", "8.0", "٣", "", "-", "9" * 5000])
def test_numbers_are_plain_digits(fetch: Fetch, number: str) -> None:
    status, _, said = run("fetch", "a", "--threads", number)
    assert (status, said.count("\n")) == (2, 1)
    assert fetch.sources is None


@pytest.mark.parametrize("number", ["nan", "inf", "1e3", "1.2.3", ".", "5s"])
def test_seconds_are_plain_decimals(fetch: Fetch, number: str) -> None:
    assert run("fetch", "a", "--timeout", number)[0] == 2
    assert fetch.sources is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("wrong"), 2),
        (DiskFailed("full"), 3),
        (KeyboardInterrupt(), 130),
        (RuntimeError("a\x1b[2Jbug"), 3),
    ],
)
def test_what_the_library_raises_becomes_a_status(
    fetch: Fetch, error: BaseException, status: int
) -> None:
    fetch.error = error
    got, _, said = run("fetch", "a")
    assert got == status
    assert said.count("\n") <= 1
    assert "\x1b" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("report", "status"), [({"failed": 1}, 1), ({"interrupted": 15}, 143), ({}, 0)]
)
def test_what_the_report_says_becomes_a_status(
    fetch: Fetch, report: dict[str, int], status: int
) -> None:
    failed = report.get("failed", 0)
    counts = Counts(1, 1 - failed, failed=failed)
    fetch.report = Report(
        *("parallel", 8, 1, counts, 5, REPORT.seconds, REPORT.busy, REPORT.sequential, None, None),
        interrupted=report.get("interrupted"),
    )
    assert run("fetch", "a")[0] == status


def test_a_misspelled_verb_or_option_is_told_in_one_line() -> None:
    for line, said in (("fetsh", "fetch"), ("fetch --threds 2 a", "did you mean --threads?")):
        status, out, error = run(*line.split())
        assert (status, out, error.count("\n")) == (2, "", 1)
        assert said in error
        assert "see dl" in error
