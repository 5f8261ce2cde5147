"""What `downloader.naming` promises."""

from __future__ import annotations

import ntpath
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader.planning import naming, numbering
from downloader.planning.naming import LONGEST_NAME, safe
from downloader.planning.numbering import unique
from downloader.state.spill import SpillDict

ANY = st.one_of(
    st.text(st.characters(codec=None)),
    st.lists(
        st.sampled_from(
            [*". -~/\\:_a", "..", "CON", "aux", "com1", ".txt", ".tar", ".gz", "\u202e", "\u0301"]
        )
    ).map("".join),
    st.text("aü\U0001f600.", min_size=200, max_size=600),
)
WANTED = st.lists(
    st.lists(
        st.sampled_from(
            ["a", "A", "a-2", "a-2-2", "b.txt", "B.TXT", "b-2.txt", "ß", "SS", "e\u0301"]
        ),
        min_size=1,
        max_size=3,
    ).map("/".join),
    max_size=12,
)


def all_unique(paths: list[str]) -> list[str]:
    used = SpillDict()
    return [unique(path, used) for path in paths]


def folders_of(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a.bin", "a.bin"),
        ("", "index"),
        (".", "index"),
        ("..", "index"),
        ("...", "index"),
        (" . ", "index"),
        ("/", "_"),
        ("a/../../b", "a_.._.._b"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("\\\\srv\\s", "__srv_s"),
        ("a\x00b\x1b[31m\x7f\x85", "ab[31m"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\u2028b\u200bc\ufeff", "abc"),
        ("a\udcffb", "a_b"),
        ("\u202e..", "index"),
        (".bashrc", "_.bashrc"),
        (".dl", "_.dl"),
        ("-rf", "_-rf"),
        ("~", "_~"),
        (" a", "_ a"),
        ("a. .", "a"),
        ("a\u00a0", "a"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1 .txt", "_com1 .txt"),
        ("aux:", "aux_"),
        ("LPT³", "_LPT³"),
        ("console", "console"),
        ('<a>"b"|c?d*e', "_a__b__c_d_e"),
        ("%2e%2e", "%2e%2e"),
        ("e\u0301", "é"),
        ("\u212b", "å".upper()),
    ],
)
def test_any_text_becomes_one_harmless_component(text: str, name: str) -> None:
    assert safe(text) == name


@settings(deadline=None, max_examples=400)
@given(ANY)
def test_a_safe_name_is_good_on_every_system(text: str) -> None:
    name = safe(text)
    assert 0 < len(name.encode()) <= LONGEST_NAME
    assert not re.search('[\x00-\x1f\x7f-\x9f/\\\\<>:"|?*\ud800-\udfff]', name)
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, name))
    assert not getattr(ntpath, "isreserved", lambda _: False)(name)
    assert unicodedata.is_normalized("NFC", name)
    assert safe(name) == name


def test_a_long_name_is_cut_between_characters_and_keeps_its_suffix() -> None:
    name = safe("ü" * 300 + ".tar.gz")
    assert re.fullmatch(r"ü+-[0-9a-f]{8}\.tar\.gz", name)
    assert LONGEST_NAME - 1 <= len(name.encode()) <= LONGEST_NAME


def test_long_names_that_begin_alike_stay_apart() -> None:
    assert safe("a" * 300 + "x.txt") != safe("a" * 300 + "y.txt")


def test_a_suffix_that_is_none_is_cut_too() -> None:
    assert re.fullmatch(r"a\.b+-[0-9a-f]{8}", safe("a." + "b" * 300))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/a/b.txt?x=1#y", "b.txt"),
        ("http://h", "index"),
        ("http://h/a/", "index"),
        ("http://h/a%20b%C3%BC", "a bü"),
        ("http://h/b%FCcher", "b_cher"),
        ("http://h/%2e%2e", "index"),
        ("http://h/..%2F..%5Cx", "_.._.._x"),
        ("http://h/%252e%252e%252fx", "%2e%2e%2fx"),
        ("http://h/a;type=i", "a;type=i"),
        ("http://u:p@h/a", "a"),
    ],
)
def test_the_last_segment_is_the_name_decoded_once(url: str, name: str) -> None:
    assert naming.from_url(url) == name


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://h/a/b.txt", "h/a/b.txt"),
        ("https://h:443/", "h/index"),
        ("https://h:80/x", "h+80/x"),
        ("http://[::1]:8080/a//b/", "__1+8080/a/b/index"),
        ("http://bücher.example/x", "xn--bcher-kva.example/x"),
        ("http://h/a/%2e%2e/%2Fetc/CON/x", "h/a/index/_etc/_CON/x"),
        ("http://u:p@h/.ssh/x", "h/_.ssh/x"),
    ],
)
def test_a_tree_path_mirrors_host_and_folders(url: str, path: str) -> None:
    assert naming.tree_path(url) == path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("data/sub/k1.bin", "data/sub/k1.bin"),
        ("./data/./k1.bin", "data/k1.bin"),
        (".ssh/con/a:b", "_.ssh/_con/a_b"),
        (".dl/journal", "_.dl/journal"),
        ("%2e%2e/x", "%2e%2e/x"),
        ("e\u0301/a", "é/a"),
        ("..a/b..", "_..a/b"),
        # N1: what leads elsewhere is one component, and what is no name at all is the URL's.
        ("../../x", "_.._.._x"),
        ("a/../../b", "a_.._.._b"),
        ("a/..", "a_"),
        ("/etc/x", "_etc_x"),
        ("a//b", "a__b"),
        ("a/", "a_"),
        ("C:\\x", "C__x"),
        ("c:/x/y", "c__x_y"),
        ("a\\..\\b/c", "a_.._b_c"),
        ("\\\\srv\\s", "__srv_s"),
        *((odd, "u") for odd in ("", ".", "..", "./", "/", "../..", "\\", ". /..")),
    ],
)
def test_a_given_name_keeps_its_folders_and_leads_nowhere_else(name: str, path: str) -> None:
    assert naming.flat_path("http://h/d/u", name) == path
    assert naming.tree_path("http://h/d/u", name) == f"h/d/{path}"


@settings(deadline=None, max_examples=300)
@given(ANY | st.lists(ANY, max_size=40).map("/".join))
def test_any_given_name_is_a_safe_path(name: str) -> None:
    path = naming.flat_path("http://h/u", name)
    assert all(safe(part) == part for part in path.split("/"))
    assert path.count("/") <= naming.DEEPEST
    assert len(path.encode()) <= naming.LONGEST_PATH
    assert naming.flat_path("http://h/u", path) == path


@pytest.mark.parametrize("folders", [["x"] * 5_000, ["ü" * 80] * 40, ["a" * 239] * 4])
def test_a_tree_path_is_never_too_deep_or_too_long(folders: list[str]) -> None:
    one = naming.tree_path("http://h/" + "/".join(folders) + "/1/name.txt")
    two = naming.tree_path("http://h/" + "/".join(folders) + "/2/name.txt")
    assert one.count("/") <= naming.DEEPEST
    assert len(one.encode()) <= naming.LONGEST_PATH
    assert one.startswith("h/")
    assert one.endswith("/name.txt")
    assert one != two


@pytest.mark.parametrize(
    ("path", "second"),
    [
        ("a", "a-2"),
        ("a.txt", "a-2.txt"),
        ("a.tar.gz", "a-2.tar.gz"),
        ("A.TAR.XZ", "A-2.TAR.XZ"),
        ("S_1.fastq.gz", "S_1-2.fastq.gz"),
        ("a.b.vcf.gz.tbi", "a.b-2.vcf.gz.tbi"),
        ("x.bam.bai", "x-2.bam.bai"),
        ("a.tar.gz.sha256", "a-2.tar.gz.sha256"),
        ("CC-MAIN-2024.warc.ZST", "CC-MAIN-2024-2.warc.ZST"),
        ("v1.2.3.tar.gz", "v1.2.3-2.tar.gz"),
        ("v1.2.3.gz", "v1.2.3-2.gz"),
        ("x.v2.gz", "x.v2-2.gz"),
        ("1.2.3", "1.2-2.3"),
        ("a.min.js", "a.min-2.js"),
        ("a.gz", "a-2.gz"),
        (".gz", ".gz-2"),
        ("a. gz", "a. gz-2"),
        ("_.bashrc", "_-2.bashrc"),
        ("a. b", "a. b-2"),
        ("h.org/d.d/a.txt", "h.org/d.d/a-2.txt"),
        ("h.org/a", "h.org/a-2"),
        (".txt", ".txt-2"),
    ],
)
def test_a_number_stands_before_the_suffix(path: str, second: str) -> None:
    assert numbering.numbered(path, 2) == second


@settings(deadline=None)
@given(ANY, st.integers(2, 10**12))
def test_a_numbered_name_is_safe_and_fits(text: str, number: int) -> None:
    name = numbering.numbered(safe(text), number)
    assert len(name.encode()) <= 255
    assert safe(name) == name or len(name.encode()) > LONGEST_NAME


def test_the_key_is_one_for_case_and_for_composition() -> None:
    assert numbering.key("STRASSE/É") == numbering.key("straße/e\u0301")
    assert numbering.key("a") != numbering.key("b")


@settings(deadline=None)
@given(ANY)
def test_the_key_survives_what_file_systems_do(text: str) -> None:
    name = safe(text)
    for form in ("NFC", "NFD"):
        assert numbering.key(unicodedata.normalize(form, name)) == numbering.key(name)
    assert numbering.key(name.casefold()) == numbering.key(name)


@pytest.mark.parametrize(
    ("asked_for", "unique_names"),
    [
        (["a.txt"] * 3, ["a.txt", "a-2.txt", "a-3.txt"]),
        (["a.txt", "A.TXT"], ["a.txt", "A-2.TXT"]),
        (["é", "e\u0301"], ["é", "e\u0301-2"]),
        (["a", "a-2", "a"], ["a", "a-2", "a-3"]),
        (["a", "a", "a-2"], ["a", "a-2", "a-2-2"]),
        (["h/a", "h/a/b"], ["h/a", "h/a-2/b"]),
        (["h/a/b", "h/a"], ["h/a/b", "h/a-2"]),
        (["h/a", "h/a/b", "h/a/c", "h/a-2"], ["h/a", "h/a-2/b", "h/a-2/c", "h/a-2-2"]),
        (["h/a", "h/a/b/c", "h/a-2/b"], ["h/a", "h/a-2/b/c", "h/a-2-2/b"]),
        (["g/a", "h/a"], ["g/a", "h/a"]),
        (["h/a/x", "h/A/x"], ["h/a/x", "h/A/x-2"]),
    ],
)
def test_names_are_numbered_in_list_order(asked_for: list[str], unique_names: list[str]) -> None:
    assert all_unique(asked_for) == unique_names


@settings(deadline=None, max_examples=300)
@given(WANTED)
def test_no_item_has_the_name_or_the_folder_of_another(asked_for: list[str]) -> None:
    paths = all_unique(asked_for)
    files = [numbering.key(path) for path in paths]
    folders = {numbering.key(folder) for path in paths for folder in folders_of(path)}
    assert len(set(files)) == len(files)
    assert not folders & set(files)


@settings(deadline=None)
@given(WANTED, WANTED)
def test_what_follows_changes_no_earlier_name(asked_for: list[str], more: list[str]) -> None:
    assert all_unique(asked_for + more)[: len(asked_for)] == all_unique(asked_for)


@settings(deadline=None)
@given(st.lists(ANY.map(safe), max_size=8))
def test_unique_names_of_any_list_fit(names: list[str]) -> None:
    assert all(len(path.encode()) <= 255 for path in all_unique(names * 2))


class CountingUsed(SpillDict):
    """Counts how often it is asked."""

    asked = 0

    def get(self, key: str, /) -> int | None:
        self.asked += 1
        return super().get(key)


def test_many_items_of_one_name_cost_a_few_look_ups_each() -> None:
    used = CountingUsed()
    names = [unique("a.txt", used) for _ in range(20_000)]
    assert names[-1] == "a-20000.txt"
    assert used.asked <= 3 * len(names)


@pytest.mark.parametrize(("folders", "name"), [(1, "sub/b.bin"), (1, None), (100, None)])
def test_a_name_that_begins_with_the_urls_own_folders_is_not_given_them_twice(
    folders: int, name: str | None
) -> None:
    url = "http://h/" + "x/" * folders + "a.bin"
    path = naming.tree_path(url, name)
    assert naming.tree_path(url, path) == path
