"""In a folder with a journal a URL keeps the name that it has."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from downloader.planning import naming
from downloader.planning.former_names import FormerNames
from downloader.planning.names import Names
from downloader.planning.numbering import key as key_of
from downloader.state.spill import SpillDict

# URLs of which many have one name; in trees some have a name that is another's folder.
URLS = st.sampled_from(
    [
        *(f"http://h/{folder}a.fastq.gz?{n}" for n in range(3) for folder in ("", "x/", "y/")),
        *("http://h/x", "http://h/x/x", "http://h/y", "http://h/x?1"),
        *("http://h/a-2.fastq.gz", "http://h/a-3.fastq.gz?9", "http://h/a-2-2.fastq.gz"),
    ]
)
LISTS = st.lists(URLS, max_size=9, unique=True)
IN_ANY_CASE = st.lists(URLS | URLS.map(str.upper), max_size=9, unique=True)
LAYOUT = st.sampled_from(sorted(naming.LAYOUTS))


class Past:
    """A folder and its journal in memory: where each URL's file stands."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}  # keys, by path
        self.at: dict[str, str] = {}  # paths, by key
        self.gone: set[str] = set()
        self.asked = 0

    def holder(self, path: str) -> str | None:
        self.asked += 1
        is_folder = any(each.startswith(f"{path}/") for each in self.files)
        return self.files.get(path, "" if is_folder else None)

    def stored_at(self, key: str) -> str | None:
        self.asked += 1
        return self.at.get(key)

    def stands(self, path: str) -> bool:
        return self.holder(path) is not None and path not in self.gone

    def put(self, path: str, key: str) -> None:
        self.files[path], self.at[key] = key, path

    def run(
        self, urls: list[str], layout: str = "flat", name: str | None = None, **settings: object
    ) -> list[str]:
        """Plan a list and store it all."""
        former = FormerNames(self, self.stands, **settings)  # type: ignore[arg-type]
        names = Names(naming.LAYOUTS[layout], SpillDict(most=4), former if self.files else None)
        paths = [names.choose(url, name, url) for url in urls]
        for path, url in zip(paths, urls, strict=True):
            self.put(path, url)
        return paths


@pytest.fixture
def past() -> Past:
    return Past()


def urls(count: int, name: str = "PAGE.jsp") -> list[str]:
    return [f"http://h/{name}?{number}" for number in range(count)]


def test_order_of_the_list_changes_no_name(past: Past) -> None:
    first = past.run(urls(9))
    assert first[:3] == ["PAGE.jsp", "PAGE-2.jsp", "PAGE-3.jsp"]
    assert past.run(urls(9)[::-1]) == first[::-1]
    assert past.run(urls(9)[4:]) == first[4:]


def test_line_that_is_put_before_the_others_takes_none_of_their_names(past: Past) -> None:
    first = past.run(urls(3))
    assert past.run(["http://h/PAGE.jsp?new", *urls(3)]) == ["PAGE-4.jsp", *first]
    assert past.run(["http://h/PAGE-2.jsp", *urls(3)]) == ["PAGE-2-2.jsp", *first]


@settings(deadline=None, max_examples=300)
@example(
    ["http://h/x?1", "http://h/x/a?0"], ["http://h/x", "http://h/x/a?1", "http://h/x/a?0"], "tree"
)
@given(first=LISTS, second=LISTS, layout=LAYOUT)
def test_every_url_keeps_its_name_whatever_the_list(
    first: list[str], second: list[str], layout: str
) -> None:
    past = Past()
    before = dict(zip(first, past.run(first, layout), strict=True))
    after = dict(zip(second, past.run(second, layout), strict=True))
    assert {url: before.get(url, path) for url, path in after.items()} == after


@settings(deadline=None, max_examples=300)
@given(first=IN_ANY_CASE, second=IN_ANY_CASE, layout=LAYOUT)
def test_no_url_gets_the_name_of_another_one(
    first: list[str], second: list[str], layout: str
) -> None:
    past = Past()
    past.run(first, layout)
    files = dict(past.files)
    after = dict(zip(second, past.run(second, layout), strict=True))
    assert all(files.get(path, url) == url for url, path in after.items())
    assert len({key_of(path) for path in after.values()}) == len(second)


def test_name_that_was_numbered_before_a_part_of_the_suffix_stays(past: Past) -> None:
    past.put("S.fastq.gz", "http://h/S.fastq.gz?0")
    past.put("S.fastq-2.gz", "http://h/S.fastq.gz?1")
    assert past.run(urls(3, "S.fastq.gz")[::-1]) == ["S-2.fastq.gz", "S.fastq-2.gz", "S.fastq.gz"]


def test_name_of_a_file_that_is_gone_is_free(past: Past) -> None:
    past.run(urls(1))
    past.gone.add("PAGE.jsp")
    assert past.run(["http://h/PAGE.jsp?new"]) == ["PAGE.jsp"]


def test_path_of_another_layout_or_another_given_name_is_not_kept(past: Past) -> None:
    past.run(urls(2))
    assert past.run(urls(2), "tree") == ["h/PAGE.jsp", "h/PAGE-2.jsp"]
    assert past.run(urls(1), name="sub/x") == ["sub/x"]
    assert past.run(urls(1)) == ["PAGE.jsp"]


def test_name_that_the_list_gives_is_taken_from_another_url(past: Past) -> None:
    """Such a list says what a file is called, though its URL is signed anew each day."""
    assert past.run(["http://h/?sig=1"], name="a.bin") == ["a.bin"]
    assert past.run(["http://h/?sig=2"], name="a.bin") == ["a.bin"]


def test_url_that_is_signed_anew_keeps_its_name(past: Past) -> None:
    def signed(day: int) -> list[str]:
        rest = f"X-Amz-Expires=60&X-Amz-Signature={day:064x}"
        return [f"https://b.example/{n}/a.bin?{rest}" for n in range(3)]

    assert past.run(signed(1)) == ["a.bin", "a-2.bin", "a-3.bin"]
    assert past.run(signed(2)) == ["a.bin", "a-2.bin", "a-3.bin"]
    others = past.run([url.replace("a.bin", "a.bin?x=1&") for url in signed(3)])
    assert others == ["a-4.bin", "a-5.bin", "a-6.bin"]


def test_shared_given_names_stay_where_they_are(past: Past) -> None:
    first = past.run(urls(3), name="sub/a.bin")
    assert past.run(urls(3)[::-1], name="sub/a.bin") == first[::-1]


def test_part_of_a_file_that_is_under_way_keeps_its_name_too(past: Past) -> None:
    past.run(urls(1))
    begun = [("PAGE-2.jsp", urls(2)[1])]
    wanted = ["PAGE-3.jsp", "PAGE-2.jsp", "PAGE.jsp"]
    assert past.run(["http://h/PAGE.jsp?new", *urls(2)[::-1]], begun=begun) == wanted


@pytest.mark.parametrize(
    ("former", "path"),
    [
        ("get", "get"),
        ("a.bin", "a.bin"),
        ("h/a.bin", "get"),  # of another layout
        ("../a.bin", "get"),
        ("other.bin", "get"),  # another URL's by now
    ],
)
def test_name_that_a_server_gave_stays(past: Past, former: str, path: str) -> None:
    url = "http://h/get"
    past.put(former, url)
    past.put("other.bin", "http://h/other")
    assert past.run([url], by_server=True) == [path]
    assert past.run([url]) == ["get"]


def test_usual_item_costs_one_look_up_where_it_is_known_and_two_where_it_is_new(past: Past) -> None:
    past.run(["http://h/a"])
    names = Names(naming.flat_path, SpillDict(), FormerNames(past, past.stands))
    past.asked = 0
    assert names.take_usual("a", "http://h/a")
    assert past.asked == 1
    assert names.take_usual("b", "http://h/b")
    assert past.asked == 3
    assert not names.take_usual("a", "http://h/a?2")


def test_many_new_items_with_one_name_cost_a_few_look_ups_each(past: Past) -> None:
    past.run(urls(1000))
    past.asked = 0
    new = past.run([f"http://h/PAGE.jsp?new{n}" for n in range(1000)])
    assert (new[0], new[-1]) == ("PAGE-1001.jsp", "PAGE-2000.jsp")
    assert past.asked <= 1000 + 6 * 1000
