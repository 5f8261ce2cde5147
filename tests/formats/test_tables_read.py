"""Tables as lists: csv and tsv with a header row."""

from __future__ import annotations

import base64
from itertools import chain, repeat

import pytest
from list_rig import MD5, SHA, faults, listed, peak_of

from downloader.errors import UsageError
from downloader.formats import csv, tsv
from downloader.models import Digest, UrlItem

A, B = "http://h/a", "http://h/b"


def test_columns_are_known_by_their_keys_in_any_order_and_case() -> None:
    table = f"id,SHA-256,URL,Size,md5,name\n1,{SHA},{A},12,{MD5},x.bin\n"
    [item] = listed(csv.read, table)
    sums = (Digest("sha256", SHA), Digest("md5", MD5))
    assert item == UrlItem(A, 2, "list", "x.bin", sums, 12)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_parted_as_in_the_header(delimiter: str) -> None:
    table = f"url,name\n{A},x\n".replace(",", delimiter)
    assert listed(csv.read, table) == [UrlItem(A, 2, "list", "x")]


def test_the_hint_of_excel_says_what_parts_cells() -> None:
    assert listed(csv.read, f"sep=|\nurl|a,b,c\n{A}|1\n") == [UrlItem(A, 3, "list")]


def test_what_is_empty_is_not_given_and_blank_rows_do_not_count() -> None:
    assert listed(csv.read, f"url,name,size,md5\n{A},,,\n\n,,,\n{B}\n") == [
        UrlItem(A, 2, "list"),
        UrlItem(B, 5, "list"),
    ]


def test_quotes_hold_commas_quotes_and_line_ends() -> None:
    table = f'url,note,name\n"{A}?q=1,2","two\nlines, ""quoted""\n\nand more",x\n{B},,y\n'
    first, second = listed(csv.read, table)
    assert (first.url, first.name, first.line) == (f"{A}?q=1,2", "x", 2)
    assert (second.url, second.line) == (B, 6)


def test_a_quote_that_is_not_closed_spoils_its_own_line_alone() -> None:
    table = f'url,note\n{A},"never closed\n{B},x\n' + f"{B}?more\n" * 200
    items = listed(csv.read, table)
    assert faults(items) == [(2, "its quotes do not match")]
    assert [item.url for item in items[1:3]] == [B, f"{B}?more"]
    assert len(items) == 202


def test_a_row_of_tabs_is_one_line_whatever_its_quotes() -> None:
    table = f'url\tname\n{A}\t5" disk\n{B}\t"quoted"\n{B}?2\t"open\n'
    assert [item.name for item in listed(tsv.read, table)] == ['5" disk', "quoted", '"open']


def test_other_columns_are_named_by_the_user() -> None:
    table = f"run_accession\tfastq_ftp\tfastq_md5\nERR1\th/a\t{MD5}\n"
    [item] = listed(
        *(tsv.read, table), columns={"url": "fastq_ftp", "md5": "fastq_md5"}, base="https://"
    )
    assert item == UrlItem("https://h/a", 2, "list", None, (Digest("md5", MD5),))


def test_several_urls_of_a_cell_go_with_as_many_names_sizes_and_sums() -> None:
    other = MD5[::-1]
    row = f"h/x_1.gz;h/x_2.gz\t{MD5};{other}\t10;20\ta;b"
    first, second = listed(tsv.read, f"url\tmd5\tsize\tname\n{row}\n", base="https://")
    assert first == UrlItem("https://h/x_1.gz", 2, "list", "a", (Digest("md5", MD5),), 10)
    assert second == UrlItem("https://h/x_2.gz", 2, "list", "b", (Digest("md5", other),), 20)


@pytest.mark.parametrize(
    ("cell", "urls"),
    [
        (f"{A};{B}", [A, B]),
        (f"{A}; {B};", [A, B]),
        (f"{A};v=1?a;b", [f"{A};v=1?a;b"]),
        (f"{A};v=1;{B};", [f"{A};v=1", B]),
        (f"{A};", [f"{A};"]),
        (f"{A}/b c ; {B}", [f"{A}/b%20c", B]),
    ],
)
def test_a_semicolon_parts_urls_only_where_the_next_one_begins(cell: str, urls: list[str]) -> None:
    assert [item.url for item in listed(tsv.read, f"url\n{cell}\n")] == urls


def test_too_few_sums_for_the_urls_of_a_cell_make_the_row_unusable() -> None:
    table = f"url\tmd5\n{A};{B}\t{MD5}\n{A}\t{MD5}\n"
    first, second = listed(tsv.read, table)
    assert first.fault == "it has 2 URLs, and 1 in its column md5"
    assert (second.line, second.fault) == (3, None)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"{A},x,12 MB,", "its size is no number of bytes: '12 MB'"),
        (f"{A},x,1,,more", "it has 5 cells, the header has 4"),
        (",x,1,", "there is no URL in this row"),
        (f"{A},{'x' * 70_000}", "the line is longer than 64 KiB"),
    ],
)
def test_a_row_that_is_not_usable_is_an_item_and_the_others_go_on(row: str, why: str) -> None:
    items = listed(csv.read, f"url,name,size,md5\n{row}\n{B},,,\n")
    assert faults(items) == [(2, why)]
    assert items[1:] == [UrlItem(B, 3, "list")]


def test_sums_may_be_in_base64_or_name_their_algorithm() -> None:
    raw = base64.b64encode(bytes.fromhex(MD5)).decode()
    items = listed(csv.read, f"url,md5\n{A},{raw}\n{A},md5:{MD5}\n{A},{MD5.upper()}\n{A},12\n")
    assert [item.checksums[0].hexdigest for item in items] == [MD5, MD5, MD5.upper(), "12"]


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        ("a,b\n1,2\n", {}, "no column is called url (there are 'a', 'b')"),
        ("http://u:sesame@h/a,x\n", {}, "its first row is one of files: write a row of titles"),
        ("a,u:sesame@h/a\n", {}, "no column is called url (there are 'a', 'h/a')"),
        ("url,link\n", {"url": "links"}, "no column is called links: did you mean 'link'?"),
        ("#\n#\n", {}, "no header row in it"),
    ],
)
def test_a_table_without_a_column_of_urls_is_refused(
    table: str, columns: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        listed(csv.read, table, columns=columns)
    assert str(caught.value).startswith(f"list: {said}")


def test_remarks_may_stand_before_the_header() -> None:
    assert listed(tsv.read, f"# made by hand\n#url\tname\n{A}\tx\n") == [UrlItem(A, 3, "list", "x")]


def test_storage_transfer_lists_have_url_size_and_md5_in_base64() -> None:
    raw = base64.b64encode(bytes.fromhex(MD5)).decode()
    items = listed(tsv.read, f"TsvHttpData-1.0\n{A}\t12\t{raw}\n{B}\n")
    assert items == [
        UrlItem(A, 2, "list", None, (Digest("md5", MD5),), 12),
        UrlItem(B, 3, "list"),
    ]


def test_bytes_that_are_no_text_spoil_their_own_row_alone() -> None:
    bad, good = listed(csv.read, b"url,note\nhttp://h/\xff,\nhttp://h/b,\xff\n")
    assert bad.url == "http://h/\udcff"
    assert good.url == B


def test_long_tables_are_never_in_memory() -> None:
    rows = chain([b"url,name\n"], repeat(f'{A},"x"\n'.encode(), 8_000))
    assert peak_of(csv.read, rows) < 1_000_000
