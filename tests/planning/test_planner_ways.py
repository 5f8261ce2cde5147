"""Lines that take the short way are planned as on the long one, in batches of any size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader.models import Digest, FileStat, UrlItem
from downloader.planning import naming, usual
from downloader.planning.names import Names
from downloader.planning.place import Place
from downloader.planning.planner import Planned, Planner
from downloader.state.spill import SpillDict
from downloader.storage.local import LocalStorage

SHA = Digest("sha256", "ab" * 32)
URLS = st.sampled_from(
    [
        *("http://h/a", "http://h/a?q", "http://h/x/a", "http://h/A", "http://h/a#b", "http://H/a"),
        *("http://h/a-2", "http://h/a%2d2", "http://h/a-2-2", "http://h/%61", "http://h:80/a"),
        *("http://u:p@h/a", "http://v@h/a", "http://h:81/a", "http://h/stands", "http://h/folder"),
        *(
            "http://h/e%CC%81",
            "http://h/%C3%A9",
            "http://h/con",
            "http://h/.a",
            "http://h/a.",
            "bad:",
        ),
        *("http://h/b.tar.gz", "http://g/b.tar.gz", "http://h/B.TAR.GZ", "http://h/b-2.tar.gz"),
        *("http://h/", "http://h/index", "http://h/ours", f"http://h/{'n' * 300}"),
        *("http://h/a.", "http://h/100%"),
    ]
)
LINES = st.lists(
    st.builds(
        UrlItem,
        URLS,
        name=st.sampled_from([None, None, None, "a", "A-2", "../a", "b.tar.gz"]),
        checksums=st.sampled_from([(), (), (), (SHA,), (Digest("", "x"),)]),
    ),
    max_size=25,
)
NAMES = ["a", "a-2", "a-2-2", "index", "b.tar.gz", "b-2.tar.gz", "folder", "stands", "ours", "con"]


class Owning:
    """Owns one of the files that stand."""

    def owns(self, path: str, stamp: FileStat) -> bool:
        return path == "ours"


class Way(NamedTuple):
    """What a list was planned to, and what is remembered of it."""

    planned: list[Planned]
    fingerprint: str
    urls_so_far: list[int | None]
    used: list[int | None]


class Folder(NamedTuple):
    """A target folder, and whether it is known to be empty."""

    storage: LocalStorage
    vacant: bool


@pytest.fixture(scope="module", params=["full", "vacant"])
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Folder]:
    root = tmp_path_factory.mktemp("target")
    if request.param == "full":
        (root / "stands").touch()
        (root / "ours").touch()
        (root / "folder").mkdir()
    with closing(LocalStorage(str(root))) as storage:
        yield Folder(storage, request.param == "vacant")


def planned(folder: Folder, lines: list[UrlItem], *, layout: str = "flat", batch: int = 1) -> Way:
    """Plan a list in batches; what is remembered of its first lines is spilled."""
    with closing(SpillDict(most=4)) as urls_so_far, closing(SpillDict(most=4)) as used:
        names = Names(naming.LAYOUTS[layout], used)
        place = Place(names, Owning(), folder.storage, vacant=folder.vacant)
        plan = Planner(lines, place, urls_so_far)
        found: list[Planned] = []
        while not plan.is_read:
            found.extend(plan.take(batch))
        return Way(
            found,
            plan.fingerprint(),
            [urls_so_far.get(line.url) for line in lines],
            [used.get(name) for name in NAMES],
        )


@pytest.mark.parametrize("layout", sorted(naming.LAYOUTS))
@settings(deadline=None)
@given(lines=LINES)
def test_both_ways_lead_to_the_same(folder: Folder, layout: str, lines: list[UrlItem]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usual, "name", lambda url: None)
        long_way = planned(folder, lines, layout=layout)
    assert planned(folder, lines, layout=layout) == long_way


@settings(deadline=None)
@given(lines=LINES, batch=st.integers(2, 30))
def test_batches_of_any_size_give_the_same(
    folder: Folder, lines: list[UrlItem], batch: int
) -> None:
    assert planned(folder, lines, batch=batch) == planned(folder, lines)


def test_a_vacant_folder_is_not_looked_into_for_usual_names(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(folder.storage, "stamp", asked.append)
    planned(folder, [UrlItem("http://h/a"), UrlItem("http://h/%61")])
    assert asked == (["a-2"] if folder.vacant else ["a", "a-2"])
