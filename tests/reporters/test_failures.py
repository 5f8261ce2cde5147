"""Failures in numbers: exact by kind, bounded in memory, and few lines for many failures."""

from __future__ import annotations

from collections.abc import Iterator

from downloader.models import Failure, Kind, Outcome
from downloader.reporters.colour import coloured
from downloader.reporters.failure_text import summary, withheld_briefly, withheld_lines
from downloader.reporters.failures import COUNTED, FailureCounts


def failed(count: int, kind: Kind = "bad-url", url: str = "") -> Iterator[Outcome]:
    yield from [Outcome("failed", url=url, error=Failure(kind, "no"))] * count


def counted(*failures: Iterator[Outcome], shown: int | None = 20) -> FailureCounts:
    counts = FailureCounts(shown)
    for outcomes in failures:
        for outcome in outcomes:
            counts.note(outcome)
    return counts


def test_lines_of_a_kind_are_withheld_after_so_many() -> None:
    counts = FailureCounts(20)
    shown = [counts.note(outcome) for outcome in failed(25)]
    assert shown == [True] * 20 + [False] * 5
    assert counts.note(next(failed(1, "dns")))


def test_all_lines_are_shown_where_nothing_is_withheld() -> None:
    counts = FailureCounts()
    assert all(counts.note(outcome) for outcome in failed(25))
    assert list(withheld_lines(counts)) == []


def test_what_is_withheld_is_counted_by_kind() -> None:
    counts = counted(failed(20_000), failed(21, "dns"), failed(20, "tls"))
    assert list(withheld_lines(counts)) == ["… and 19,980 more: bad-url", "… and 1 more: dns"]
    assert list(withheld_lines(counts, "ascii"))[1] == "... and 1 more: dns"
    assert withheld_briefly(counts) == "… and 19,981 more: bad-url, dns"


def test_few_failures_need_no_summary() -> None:
    assert summary(counted(failed(20))) == ""


def test_the_summary_is_by_kind_and_host_with_a_hint() -> None:
    counts = counted(
        failed(1200),
        failed(30, "http-status", "http://me:secret@Data.example/a?b"),
        failed(7, "dns", "http://a.example:81/x"),
        failed(2, "dns", "http://b.example"),
    )
    assert summary(counts, "as a list: so") == (
        "failed, by kind and host:\n"
        "  1,200  bad-url\n"
        "     30  http-status  data.example\n"
        "      9  dns          a.example:81 (7), b.example (2)\n"
        "as a list: so"
    )


def test_only_the_first_hosts_are_named_and_only_if_they_stand_out() -> None:
    hosts = [failed(9 - n, "dns", f"http://h{n}.example/") for n in range(5)]
    singles = [failed(1, "tls", f"http://h{n}.example/") for n in range(5)]
    assert summary(counted(*hosts, *singles)).splitlines()[1:] == [
        "  35  dns  h0.example (9), h1.example (8), h2.example (7), ...",
        "   5  tls",
    ]


def test_any_number_of_hosts_is_counted_in_bounded_memory() -> None:
    counts = counted(failed(50, "dns", "http://hot.example/"))
    for number in range(COUNTED * 3):
        counts.note(next(failed(1, "dns", f"http://h{number}.example/")))
    assert len(counts.hosts("dns")) <= COUNTED
    assert summary(counts).endswith(f"  {COUNTED * 3 + 50:,}  dns  hot.example (50+), ...")


def test_foreign_text_is_harmless_and_short() -> None:
    counts = counted(failed(30, "dns", f"http://\x1b[2J{'x' * 9000}/"))
    assert "\x1b" not in summary(counts)
    assert max(map(len, summary(counts).splitlines())) < 80


def test_only_the_word_that_says_how_items_ended_has_a_colour() -> None:
    first, *others = summary(counted(failed(30)), paint=coloured).splitlines()
    assert first == "\x1b[31mfailed\x1b[0m, by kind and host:"
    assert others == ["  30  bad-url"]


def test_another_run_begins_at_nothing() -> None:
    counts = counted(failed(30, "dns", "http://h/"))
    counts.begin()
    assert (counts.total, counts.kinds, counts.hosts("dns")) == (0, [], [])
