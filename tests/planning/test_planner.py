"""What is to be done with each line depends on the list and on the folder, never on timing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline_rig import Foreign, Rig, counted, items, url

from downloader.errors import UsageError
from downloader.inputs.sources import open_sources
from downloader.models import FileStat, Job, UrlItem
from downloader.planning import naming
from downloader.planning.names import Names
from downloader.planning.place import Place
from downloader.planning.planner import Planner, Refused, Repeat
from downloader.state.spill import SpillDict


class Owning:
    """Owns all that stands, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, FileStat]] = []

    def owns(self, path: str, stamp: FileStat) -> bool:
        self.asked.append((path, stamp))
        return True


def jobs(rig: Rig, *names: str) -> list[Job]:
    return [planned for planned in rig.plan(items(*names)) if isinstance(planned, Job)]


def test_a_line_becomes_a_job_with_its_url_and_name(rig: Rig) -> None:
    [job] = jobs(rig, "HTTP://Example.ORG:80/x/../a.bin?q#part")
    assert (job.url, job.path, job.replaces) == ("http://example.org/x/../a.bin?q", "a.bin", None)
    assert (job.item.line, job.key) == (1, "http://example.org/a.bin?q")


def test_a_url_is_requested_as_given_and_known_by_its_normal_form(rig: Rig) -> None:
    job, repeat = rig.plan(items("%7e{x}.bin?sig=%2b", "%7E%7Bx%7D.bin?sig=%2B"))
    assert isinstance(job, Job)
    assert (job.url, job.path) == (url("%7e{x}.bin?sig=%2b"), "_~{x}.bin")
    assert isinstance(repeat, Repeat)
    assert repeat.key == job.key == url("%7E%7Bx%7D.bin?sig=%2B")


def test_names_are_numbered_in_list_order(rig: Rig) -> None:
    paths = [job.path for job in jobs(rig, "1/a.bin", "2/A.bin", "3/a.bin", "b")]
    assert paths == ["a.bin", "A-2.bin", "a-3.bin", "b"]


def test_nothing_is_read_ahead(rig: Rig) -> None:
    read: list[UrlItem] = []
    plan = iter(rig.plan(counted(items("a", "b"), read)))
    next(plan)
    assert len(read) == 1


def test_a_bad_line_is_refused_with_its_reason(rig: Rig) -> None:
    [refused] = rig.plan(items("ftp://example.org/a"))
    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.key) == ("bad-url", None)
    assert "ftp" in refused.failure.message


def test_each_bad_line_is_refused_for_itself(rig: Rig) -> None:
    assert all(isinstance(planned, Refused) for planned in rig.plan(items("bad:", "bad:")))


def test_a_url_that_stood_before_is_a_repeat(rig: Rig) -> None:
    _, repeat = rig.plan(items("a", "a#fragment"))
    assert isinstance(repeat, Repeat)
    assert (repeat.item.line, repeat.key) == (2, url("a"))


def test_urls_that_differ_in_their_login_have_keys_without_it(rig: Rig) -> None:
    names = ("a", "http://u:secret@example.org/a", "http://v:secret@example.org/a")
    keys = [job.key for job in jobs(rig, *names)]
    assert len(set(keys)) == 3
    assert "secret" not in "".join(keys)


def test_a_login_names_no_file(rig: Rig) -> None:
    [job] = jobs(rig, "http://u:secret@example.org/")
    assert job.path == "index"


def test_a_layout_is_not_told_of_a_login(rig: Rig) -> None:
    asked: list[str] = []

    def layout(asked_for: str, name: str | None) -> str:
        asked.append(asked_for)
        return "a"

    place = Place(Names(layout, SpillDict()), Foreign(), rig.storage)
    list(Planner(items("http://u:secret@example.org/a"), place, SpillDict()))
    assert asked == [url("a")]


# What stands at a final name.


def test_a_file_of_somebody_else_is_refused(rig: Rig) -> None:
    (rig.root / "a").write_text("mine")
    [refused] = rig.plan(items("a"))
    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.key) == ("exists", url("a"))
    assert refused.failure.message.startswith(f"{rig.root}/a was not put there by dl")
    assert "--overwrite" in refused.failure.message


def test_with_overwrite_it_may_be_replaced(rig: Rig) -> None:
    (rig.root / "a").write_text("mine")
    [job] = rig.plan(items("a"), overwrite=True)
    assert isinstance(job, Job)
    assert job.replaces == rig.storage.stamp("a")


def test_a_file_that_this_tool_put_there_may_be_replaced(rig: Rig) -> None:
    (rig.root / "a").write_text("ours")
    owner = Owning()
    place = Place(Names(naming.flat_path, SpillDict()), owner, rig.storage)
    [job] = Planner(items("a"), place, SpillDict())
    assert isinstance(job, Job)
    assert [("a", job.replaces)] == owner.asked


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_folder_is_never_replaced(rig: Rig, overwrite: bool) -> None:
    (rig.root / "a").mkdir()
    [refused] = rig.plan(items("a"), overwrite=overwrite)
    assert isinstance(refused, Refused)
    assert refused.failure.kind == "exists"


def test_what_cannot_be_looked_at_is_a_failure_of_the_disk(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> FileStat | None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(rig.storage, "stamp", fail)
    [refused] = rig.plan(items("a"))
    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.key) == ("disk", url("a"))
    assert refused.failure.message == f"{rig.root}/a: Input/output error"


# The list's fingerprint.


def fingerprint(rig: Rig, *lines: UrlItem) -> str:
    plan = rig.plan(lines)
    list(plan)
    return plan.fingerprint()


def test_the_same_usable_lines_have_the_same_fingerprint(rig: Rig) -> None:
    one = fingerprint(rig, *items("a", "b"))
    two = fingerprint(rig, UrlItem("bad:"), *items("a#x", "HTTP://EXAMPLE.org/b"))
    assert one == two


@pytest.mark.parametrize(
    "others",
    [items("b", "a"), items("a"), items("a", "b", "b"), [*items("a"), UrlItem(url("b"), name="x")]],
)
def test_other_lines_have_another(rig: Rig, others: list[UrlItem]) -> None:
    assert fingerprint(rig, *others) != fingerprint(rig, *items("a", "b"))


def test_a_fingerprint_tells_nothing_of_a_login(rig: Rig) -> None:
    """Who has the journal could try passwords until one fits."""
    one = fingerprint(rig, UrlItem("http://u:secret@example.org/a"))
    assert one == fingerprint(rig, UrlItem("http://u:guessed@example.org/a"))


def test_a_name_that_is_no_text_is_no_obstacle(rig: Rig) -> None:
    assert fingerprint(rig, UrlItem(url("a"), name="\udcff")) != fingerprint(rig, *items("a"))


def test_planning_touches_nothing(rig: Rig) -> None:
    (rig.root / "a").write_text("mine")
    list(rig.plan(items("a", "b", "bad:")))
    assert sorted(path.name for path in Path(rig.root).iterdir()) == [".dl", "a"]


# Batches.


def broken_off(*names: str) -> Iterator[UrlItem]:
    """Give lines of a list that cannot be read on."""
    yield from items(*names)
    raise UsageError("list: cannot be read")


def test_a_batch_has_as_many_lines_as_were_asked_for(rig: Rig) -> None:
    plan = rig.plan(items("a", "b", "c"))
    assert [[each.path for each in plan.take(2) if isinstance(each, Job)] for _ in range(2)] == [
        ["a", "b"],
        ["c"],
    ]
    assert (plan.is_read, plan.take(2)) == (True, [])


def test_nothing_is_read_beyond_a_batch(rig: Rig) -> None:
    read: list[UrlItem] = []
    plan = rig.plan(counted(items("a", "b", "c"), read))
    plan.take(2)
    assert (len(read), plan.is_read) == (2, False)


def test_a_line_that_is_still_to_come_is_not_waited_for(rig: Rig) -> None:
    read: list[UrlItem] = []
    plan = rig.plan(counted(items("a", "b"), read))
    assert len(plan.take(2, lambda: not read)) == 1
    assert (plan.take(2, lambda: False), plan.is_read) == ([], False)


def test_a_list_that_breaks_off_says_so_after_its_last_line(rig: Rig) -> None:
    plan = rig.plan(broken_off("a", "b"))
    assert (len(plan.take(5)), plan.is_read) == (2, False)
    with pytest.raises(UsageError):
        plan.take(5)
    assert (plan.is_read, plan.take(5)) == (True, [])


def test_a_list_that_breaks_off_where_it_is_waited_for_says_so_too(rig: Rig) -> None:
    def ready() -> bool:
        raise UsageError("list: cannot be read")

    plan = rig.plan(items("a"))
    with pytest.raises(UsageError):
        plan.take(1, ready)
    assert plan.is_read


def test_of_a_pipe_what_has_come_is_planned_at_once(rig: Rig) -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe, open(writing, "wb", buffering=0) as end:
        end.write(b"http://example.org/a\n")
        with open_sources(["-"], pipe) as listed:
            plan = rig.plan(listed)
            assert [len(plan.take(32, listed.ready)) for _ in range(2)] == [1, 0]
            end.write(b"http://example.org/b\nhttp://example.org/c\n")
            assert (len(plan.take(32, listed.ready)), plan.is_read) == (2, False)
            end.close()
            assert (plan.take(32, listed.ready), plan.is_read) == ([], True)
