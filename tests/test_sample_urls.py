"""The sample lists: valid, and without two files of one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloader import urls
from downloader.inputs.sources import open_sources
from downloader.planning import naming, numbering

SAMPLES = Path(__file__).parent.parent / "sample_urls"


def listed(name: str) -> list[str]:
    with open_sources([str(SAMPLES / name)], None) as items:
        return [item.url for item in items]


@pytest.mark.parametrize(("name", "count"), [("ten.txt", 10), ("ten.csv", 10), ("fifty.txt", 50)])
def test_a_list_holds_as_many_urls_as_its_name_says(name: str, count: int) -> None:
    assert len(listed(name)) == count


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.txt")))
def test_a_list_is_valid_as_it_is_written_and_its_names_differ(name: str) -> None:
    wanted = listed(name)
    names = {numbering.key(naming.flat_path(url)) for url in wanted}
    assert [urls.normalise(url) for url in wanted] == wanted
    assert {urls.origin(url)[0] for url in wanted} == {"https"}
    assert len(names) == len(wanted)


def test_the_ten_are_on_ten_hosts() -> None:
    assert len({urls.origin(url) for url in listed("ten.txt")}) == 10


def test_the_table_names_the_files_of_the_ten() -> None:
    assert listed("ten.csv") == listed("ten.txt")
    with open_sources([str(SAMPLES / "ten.csv")], None) as items:
        names = [item.name or "" for item in items]
    assert names == [naming.flat_path("http://h/", name) for name in names]
    assert len(set(names)) == 10


def test_the_readme_names_every_list() -> None:
    readme = (SAMPLES / "README.md").read_text()
    lists = [path.name for path in SAMPLES.iterdir() if path.name != "README.md"]
    assert all(f"`{name}`" in readme for name in lists)
