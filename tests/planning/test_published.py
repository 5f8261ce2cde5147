"""Published sums are matched by name, the surest first; what they do not name is counted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from downloader.formats.sums import parse
from downloader.models import Digest
from downloader.planning import naming
from downloader.planning.published import Published
from downloader.planning.sums_names import Called

URL = "http://h/pub/9.1/my%20disk.iso"
GOOD, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def published() -> Iterator[Callable[..., Published]]:
    """Take in sums files with these lines each."""
    made: list[Published] = []

    def make(*files: str) -> Published:
        names = [f"SUMS{number}" for number in range(len(files))]
        made.append(Published(names))
        for name, text in zip(names, files, strict=True):
            made[-1].add_all(parse(io.BytesIO(text.encode()), name))
        return made[-1]

    yield make
    for each in made:
        each.close()


def of(found: Published, url: str = URL, name: str | None = None) -> set[str]:
    path = naming.flat_path(url, name)
    digests = found.of(Called(url, name, path, f"downloads/{path}"))
    return {digest.hexdigest for digest in digests}


@pytest.mark.parametrize(
    "name",
    [
        *("my disk.iso", "./my disk.iso", "9.1/my disk.iso", "pub/9.1/my disk.iso"),
        *("downloads/my disk.iso", "elsewhere/my disk.iso", "/srv/my disk.iso"),
    ],
)
def test_a_file_is_found_by_its_name(published: Callable[..., Published], name: str) -> None:
    found = published(f"{OTHER}  other.iso\n{GOOD}  {name}\n")
    assert of(found) == {GOOD}
    assert found.notice is None


@pytest.mark.parametrize("surer", ["9.1/my disk.iso", "downloads/my disk.iso"])
def test_a_whole_path_wins_over_a_files_name(
    published: Callable[..., Published], surer: str
) -> None:
    found = published(f"{OTHER}  my disk.iso\n{GOOD}  {surer}\n{OTHER}  8.0/my disk.iso\n")
    assert of(found) == {GOOD}


def test_a_name_that_was_wished_is_looked_for_too(published: Callable[..., Published]) -> None:
    assert of(published(f"{GOOD}  mine\n{OTHER}  other\n"), name="mine") == {GOOD}
    assert of(published(f"{GOOD}  my disk.iso\n"), name="mine") == {GOOD}


def test_of_two_in_other_folders_neither_is_meant(published: Callable[..., Published]) -> None:
    found = published(f"{GOOD}  x86/my disk.iso\n{OTHER}  arm/my disk.iso\n")
    assert of(found) == set()


def test_several_files_add_up(published: Callable[..., Published]) -> None:
    md5 = "12" * 16
    assert of(published(f"{GOOD}  my disk.iso\n", f"{md5}  my disk.iso\n")) == {GOOD, md5}


def test_what_is_not_named_is_counted(published: Callable[..., Published]) -> None:
    found = published(f"{GOOD}  my disk.iso\n")
    assert of(found, "http://h/a") | of(found, "http://h/") == set()
    found.miss()
    found.miss()
    assert found.notice is not None
    assert found.notice.startswith("2 items were not checked by --sums: not named in ")


def test_without_sums_nothing_is_counted() -> None:
    found = Published()
    assert of(found) == set()
    assert found.notice is None


def test_digests_without_a_name_are_of_the_only_item() -> None:
    for is_single in (True, False):
        found = Published(["SUMS"], is_single=is_single)
        found.add_all([("", Digest("sha256", GOOD))])
        assert of(found) == ({GOOD} if is_single else set())
    assert found.example == ", whose digests have no names"


def test_digests_keep_their_algorithms(published: Callable[..., Published]) -> None:
    found = published(f"SHA256 (my disk.iso) = {GOOD}\n")
    path = "my disk.iso"
    assert found.of(Called(URL, None, path, path)) == (Digest("sha256", GOOD),)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/pub/my%20disk.iso", "pub\\my disk.iso"),
        ("http://h/pub/my%20disk.iso", ".\\pub\\my disk.iso"),
        ("http://h/pub/my%20disk.iso", "C:\\pub\\my disk.iso"),
        ("http://h/my%20disk.iso", "my%20disk.iso"),
        ("http://h/my%20disk.iso", "  my disk.iso "),
        ("http://h/a%25b", "a%25b"),
        ("http://h/a%0Ab", "a%0Ab"),
        ("http://h/a%0d%20b", "a%0D b"),
        ("http://h/caf%C3%A9", "cafe\u0301"),
        ("http://h/cafe%CC%81", "caf\u00e9"),
    ],
)
def test_names_that_are_written_otherwise_are_the_same(
    published: Callable[..., Published], url: str, name: str
) -> None:
    assert of(published(f"{OTHER}  other\n{GOOD}  {name}\n"), url) == {GOOD}


def fetched(**files: str) -> Published:
    """Return what sums files say that stand at these folders' URLs."""
    found = Published(list(files))
    for folder, text in files.items():
        url = f"http://h/{folder.replace('_', '/')}/SUMS"
        found.add_all(parse(io.BytesIO(text.encode()), url), url)
    return found


def test_a_fetched_file_speaks_of_the_files_below_its_own_folder() -> None:
    found = fetched(a=f"{GOOD}  README.txt\n", b=f"{OTHER}  README.txt\n")
    assert of(found, "http://h/a/README.txt") == {GOOD}
    assert of(found, "http://h/b/README.txt") == {OTHER}
    assert of(found, "http://h/a/c/README.txt") == of(found, "http://h/README.txt") == set()
    assert of(found, "http://other/a/README.txt") == set()


def test_and_of_the_deeper_ones_as_their_paths_say() -> None:
    found = fetched(a=f"{OTHER}  x\n{GOOD}  c/x\n{OTHER}  ../b/x\n", a_d=f"{GOOD}  x\n")
    assert of(found, "http://h/a/c/x") == of(found, "http://h/a/d/x") == {GOOD}
    assert of(found, "http://h/b/x") == {OTHER}


def test_of_files_elsewhere_it_speaks_if_there_is_none_below_it() -> None:
    found = fetched(sums=f"{GOOD}  x\n")
    assert of(found, "http://mirror/files/x") == {GOOD}
    assert not found.is_settled
    assert of(found, "http://h/sums/x") == {GOOD}
    assert found.is_settled
    assert of(found, "http://mirror/files/x") == set()
