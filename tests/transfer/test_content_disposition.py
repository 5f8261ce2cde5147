"""Content-Disposition: a name as the world writes it, none where it has no one meaning (N5)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.planning import naming
from downloader.transfer.content_disposition import filename


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a b.txt"', "a b.txt"),
        ('inline; filename="a.txt"', "a.txt"),
        ('ATTACHMENT; FILENAME="a.txt"', "a.txt"),
        ('attachment;filename="a.txt"', "a.txt"),
        ('attachment ; filename = "a.txt" ; size=3', "a.txt"),
        ('attachment; filename="a.txt";', "a.txt"),
        ('attachment; filename="a;b=c.txt"', "a;b=c.txt"),
        (r'attachment; filename="a\"b.txt"', 'a"b.txt'),
        (r'attachment; filename="a\\"', None),
        (r'attachment; filename="\a.txt"', "a.txt"),
        ("attachment; filename=%41.txt", "%41.txt"),
        ('attachment; filename="a%20b.txt"', "a%20b.txt"),
        ("attachment; filename*=UTF-8''a%20b%e2%82%ac.txt", "a b€.txt"),
        ("attachment; filename*=utf-8'en'%c3%a4.txt", "ä.txt"),
        ("attachment; filename*=iso-8859-1''%e4.txt", "ä.txt"),
        ("attachment; filename*=UTF-8''foo(1)'2'.txt", "foo(1)'2'.txt"),
        ("attachment; filename=b.txt; filename*=UTF-8''a.txt", "a.txt"),
        ("attachment; filename*=UTF-8''a.txt; filename=b.txt", "a.txt"),
        ("attachment; filename*=UTF-8''%2541.txt", "%41.txt"),
        ('attachment; filename="ä.txt"', "ä.txt"),
        ('attachment; filename="ä.txt"'.encode().decode("latin-1"), "ä.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=UTF-8''..%2F..%5Cpasswd", "passwd"),
        (r'attachment; filename="C:\\tmp\\a.txt"', "a.txt"),
        ('attachment; foo=bar; filename="a.txt"; filename*0="b"', "a.txt"),
        # Not by the grammar, but common.
        ("attachment; filename=a b, c [1] (2) @3.txt", "a b, c [1] (2) @3.txt"),
        ("attachment; filename=a b.txt ; size=3", "a b.txt"),
        ("attachment; filename=Größe 1.txt".encode().decode("latin-1"), "Größe 1.txt"),
        ("attachment; filename=/var/tmp/a b.txt", "a b.txt"),
        (r"attachment; filename=C:\tmp\a.txt", "a.txt"),
        (r'attachment; filename="C:\tmp\a.txt"', "a.txt"),
        ("attachment; filename='a b.txt'", "a b.txt"),
        ("attachment; filename=it's.txt", "it's.txt"),
        ("attachment; filename=a=b.txt", "a=b.txt"),
        ("filename=a.txt", "a.txt"),
        ('"attachment"; filename=a.txt', "a.txt"),
        ("attachment, inline; filename=a.txt", "a.txt"),
        ("; filename=a.txt", "a.txt"),
        ("attachment; filename=a.txt; FileName=a.txt", "a.txt"),
        ("attachment; filename*=\"UTF-8''a%20b.txt\"", "a b.txt"),
        ("attachment; filename*=UTF-8''ä.txt".encode().decode("latin-1"), "ä.txt"),
        ("attachment; filename*=utf8''a.txt", "a.txt"),
        # What cannot be read is ignored.
        ("attachment; filename=b.txt; filename*=UTF-8''%ff", "b.txt"),
        ("attachment; filename*=nonsense; filename=b.txt", "b.txt"),
        ("attachment; filename*=UTF-7''a.txt; filename=b.txt", "b.txt"),
        ("attachment; filename*=UTF-8''a; filename*=UTF-8''b; filename=c", "c"),
        ("attachment; filename=\"=?UTF-8?B?YS50eHQ=?=\"; filename*=UTF-8''b.txt", "b.txt"),
        ('attachment; x="a"b; filename=a.txt', "a.txt"),
    ],
)
def test_field_gives_its_name(field: str, name: str | None) -> None:
    assert filename([field]) == name


@pytest.mark.parametrize(
    "field",
    [
        "",
        "attachment",
        "inline; size=1",
        "attachment filename=a.txt",
        "attachment; filename=",
        'attachment; filename=""',
        'attachment; filename="a.txt',
        'attachment; filename="a"b.txt"',
        'attachment; filename="a.txt\\"',
        "attachment; filename=a/",
        "attachment; filename=..",
        'attachment; filename="a\x00.txt"',
        'attachment; filename="a\x1b.txt"',
        'attachment; filename="a/"',
        "attachment; filename=a.txt; filename=b.txt",
        "attachment; filename=a.txt; FileName=A.txt",
        "attachment; filename*=a.txt",
        "attachment; filename*=UTF-8'a.txt",
        "attachment; filename*=UTF-8''",
        "attachment; filename*=UTF-8''%ZZ",
        "attachment; filename*=UTF-8''%4",
        "attachment; filename*=UTF-8''%ff",
        "attachment; filename*=UTF-8''\xe4",
        "attachment; filename=a\x00b.txt",
        "attachment; filename*=UTF-7''a.txt",
        "attachment; filename*=''a.txt",
        'attachment; filename="=?UTF-8?B?YS50eHQ=?="',
        'attachment; filename="=?utf-8?q?a?= =?utf-8?q?b?="',
        "attachment; filename=" + "a" * 9000,
    ],
)
def test_field_without_one_meaning_gives_no_name(field: str) -> None:
    assert filename([field]) is None


def test_several_fields_give_a_name_only_where_they_agree() -> None:
    one, other = "attachment; filename=a.txt", "attachment; filename=b.txt"
    assert filename([one, one]) == "a.txt"
    assert filename([one, other]) is None
    assert filename([]) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\\"), min_size=1, max_size=50))
def test_any_name_comes_back_from_its_extended_form(name: str) -> None:
    found = filename([f"attachment; filename*=UTF-8''{quote(name, safe='')}"])
    assert found == (name if name.strip(". ") else None)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=50))
def test_any_printable_name_comes_back_from_its_quoted_form(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    last = name.replace("\\", "/").rpartition("/")[2]
    wanted = last if last.strip(". ") else None
    found = filename([f'attachment; filename="{quoted}"'])
    assert found == wanted or "=?" in name


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.booleans())
def test_whatever_is_sent_is_no_path_once_it_is_safe(text: str, begun: bool) -> None:
    found = filename(["attachment; filename=" + text if begun else text])
    assert found is None or not {"/", "\\", ""} & {found, *found}
    name = naming.safe(found or "")
    assert "/" not in name
    assert name not in (".", "..")


def test_hostile_field_is_read_in_no_time() -> None:
    for text in ("a;" * 4000, 'x; a="' + "\\" * 8000, "x" + " " * 8000 + "y", ";" * 8000):
        assert filename([text]) is None
