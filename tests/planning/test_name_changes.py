"""Names that were changed are counted, and said once."""

from __future__ import annotations

import pytest

from downloader.planning import naming
from downloader.planning.name_changes import NameChanges
from downloader.planning.names import Names
from downloader.state.spill import SpillDict


def notices(*pairs: tuple[str, str | None], layout: str = "flat") -> list[str]:
    """Choose paths for URLs with their names; return what is said of these."""
    names = Names(naming.LAYOUTS[layout], SpillDict())
    for url, name in pairs:
        names.choose(url, name, url)
    return list(names.changes.notices())


@pytest.mark.parametrize("layout", sorted(naming.LAYOUTS))
@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/a%20b.bin?x=1", None),
        ("http://h/", None),
        ("http://h/e%CC%81", None),  # NFC only
        ("http://h/", "data/./sub/a.bin"),
        ("http://h/a.bin", "./a.bin"),
    ],
)
def test_nothing_is_said_of_names_that_are_as_they_were_given(
    url: str, name: str | None, layout: str
) -> None:
    assert notices((url, name), (url + "/../" + url.rpartition("/")[2], name), layout=layout) == []


def test_names_that_were_no_safe_ones_are_counted() -> None:
    one = ("http://h/a%3Ab", None)
    assert notices(one) == ["1 name was changed to be safe on any system: 'a:b' is 'a_b' now"]
    assert notices(one, ("http://h/", "../x"), ("http://h/%2e%2e", None)) == [
        "3 names were changed to be safe on any system: the first, 'a:b', is 'a_b' now"
    ]


def test_long_name_is_said_in_part() -> None:
    [notice] = notices(("http://h/", "x" * 5000))
    assert len(notice) < 250


def test_names_that_files_of_other_urls_have_are_counted_apart() -> None:
    changes = NameChanges()
    changes.numbered("a.bin", "a-2.bin")
    assert list(changes.notices()) == [
        "1 name is that of a file that another URL has here since an earlier run: 'a.bin' is "
        "'a-2.bin' now; to replace such files name them in the list"
    ]
