"""Which rest may be asked for, and which replies bring it: RFC 9110 sections 8.8, 13.1.5, 14.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.models import ResumePoint, replace
from downloader.transfer import ranges
from downloader.wire.head import Fields

NOON = "Sun, 06 Nov 1994 12:00:00 GMT"
SECOND_AFTER = "Sun, 06 Nov 1994 12:00:01 GMT"
STRONG = '"v1"'
KEPT = ResumePoint(4, 10, STRONG, None, NOON)

sizes = st.integers(0, 10**19 - 1)


def fields(**values: str) -> Fields:
    """Return header fields; "_" stands for "-"."""
    found = Fields()
    for name, value in values.items():
        found.on_header(name.replace("_", "-").encode(), value.encode("latin-1"))
    return found


def rest(**others: str) -> Fields:
    """Return the fields of a 206 that brings exactly the rest of `KEPT`."""
    return fields(**{"Content_Range": "bytes 4-9/10", "ETag": STRONG, **others})


# Content-Range


@given(sizes, sizes, sizes)
def test_what_is_written_is_read_if_it_can_be(first: int, last: int, total: int) -> None:
    found = ranges.content_range(f"bytes {first}-{last}/{total}")
    assert found == ((first, last, total) if first <= last < total else None)


@given(st.text(alphabet="bytes 0123456789-/*=,+_\t\u0663", max_size=24))
def test_what_is_read_is_what_was_written(text: str) -> None:
    found = ranges.content_range(text)
    if found:
        numbers = [int(each) for each in text[6:].replace("/", "-").split("-")]
        assert (text[:6].lower(), [*found]) == ("bytes ", numbers)
        assert 0 <= found.first <= found.last < found.total


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "bytes",
        "bytes 0-9",
        "bytes 0-9/*",
        "bytes */10",
        "bytes=0-9/10",
        "bytes  0-9/10",
        "bytes 0-9/10 ",
        "bytes 0 - 9/10",
        "items 0-9/10",
        "0-9/10",
        "bytes 9-0/10",
        "bytes 0-10/10",
        "bytes -9/10",
        "bytes +0-9/10",
        "bytes 0-9/1_0",
        "bytes 0-9/10, bytes 0-9/10",
        "bytes 0-9/10\n",
        "bytes \u0660-\u0669/10",
        "bytes 0-9/" + "9" * 20,
    ],
)
def test_what_is_not_wholly_clear_is_nothing(value: str | None) -> None:
    assert ranges.content_range(value) is None


@pytest.mark.parametrize("value", [None, "", "bytes */*", "bytes */-1", "bytes 0-9/10", "*/10"])
def test_the_size_of_an_unsatisfied_range_is_as_strict(value: str | None) -> None:
    assert ranges.unsatisfied(value) is None
    assert ranges.unsatisfied("bytes */10") == 10


# If-Range


@pytest.mark.parametrize("etag", [STRONG, '""', '"W/"', '"a,b"'])
def test_a_strong_etag_is_the_condition(etag: str) -> None:
    kept = replace(KEPT, etag=etag)
    assert ranges.asking(kept) == {"Range": "bytes=4-", "If-Range": etag}


@pytest.mark.parametrize("etag", ['W/"v1"', 'w/"v1"', "v1", '"v1', '"v1", "v2"', "", '"v 1"'])
def test_what_is_no_strong_etag_is_none_and_bars_the_date(etag: str) -> None:
    kept = ResumePoint(4, 10, etag, NOON, SECOND_AFTER)
    assert ranges.if_range(kept) is None
    assert not ranges.may_continue(kept, has_checksum=False)


@pytest.mark.parametrize(
    ("changed", "date", "is_strong"),
    [
        (NOON, SECOND_AFTER, True),
        (NOON, NOON, False),
        (SECOND_AFTER, NOON, False),
        (NOON, None, False),
        (NOON, "soon", False),
        ("once", SECOND_AFTER, False),
        (None, SECOND_AFTER, False),
    ],
)
def test_a_date_is_a_condition_once_no_later_change_can_have_it(
    changed: str | None, date: str | None, is_strong: bool
) -> None:
    kept = ResumePoint(4, 10, None, changed, date)
    assert ranges.if_range(kept) == (changed if is_strong else None)


def test_a_checksum_stands_in_for_a_validator_where_the_size_is_known() -> None:
    assert ranges.may_continue(ResumePoint(4, 10), has_checksum=True)
    assert not ranges.may_continue(ResumePoint(4), has_checksum=True)
    assert not ranges.may_continue(ResumePoint(4, 10), has_checksum=False)
    assert ranges.asking(ResumePoint(4, 10)) == {"Range": "bytes=4-"}


# 200, 206, 416


@pytest.mark.parametrize(
    "values", [{"Content_Encoding": "gzip"}, {"Accept_Ranges": "none"}, {"Accept_Ranges": "None"}]
)
def test_a_body_that_cannot_be_continued_has_no_proof(values: dict[str, str]) -> None:
    assert ranges.proof(fields(ETag=STRONG, **values), 10) is None
    assert ranges.proof(fields(ETag=STRONG, Date=NOON), 10) == replace(KEPT, offset=0)


def test_exactly_the_rest_is_accepted() -> None:
    assert ranges.objection(KEPT, rest(), 6) is None
    assert ranges.objection(KEPT, rest(), None) is None
    assert ranges.objection(replace(KEPT, total=None), rest(), 6) is None


@pytest.mark.parametrize(
    ("others", "length"),
    [
        ({"Content_Range": "bytes 5-9/10"}, 5),
        ({"Content_Range": "bytes 3-9/10"}, 7),
        ({"Content_Range": "bytes 4-8/10"}, 5),
        ({"Content_Range": "bytes 4-9/*"}, 6),
        ({"Content_Range": "bytes 4-10/11"}, 7),
        ({}, 5),
        ({}, 7),
        ({"ETag": '"v2"'}, 6),
        ({"ETag": 'W/"v1"'}, 6),
        ({"Content_Encoding": "gzip"}, 6),
    ],
)
def test_anything_else_is_refused(others: dict[str, str], length: int) -> None:
    assert ranges.objection(KEPT, rest(**others), length)


def test_a_reply_without_the_validator_proves_nothing() -> None:
    assert ranges.objection(KEPT, fields(Content_Range="bytes 4-9/10"), 6)
    dated = ResumePoint(4, 10, None, NOON, SECOND_AFTER)
    assert ranges.objection(dated, fields(Content_Range="bytes 4-9/10"), 6)
    found = fields(Content_Range="bytes 4-9/10", Last_Modified=NOON)
    assert ranges.objection(dated, found, 6) is None


@pytest.mark.parametrize(
    ("kept", "values", "has_checksum", "is_complete"),
    [
        (replace(KEPT, offset=10), {"ETag": STRONG}, False, True),
        (replace(KEPT, offset=10), {"ETag": '"v2"'}, False, False),
        (replace(KEPT, offset=10), {}, False, False),
        (replace(KEPT, offset=10), {}, True, True),
        (replace(KEPT, offset=9), {"ETag": STRONG}, True, False),
        (replace(KEPT, offset=10, total=12), {"ETag": STRONG}, True, False),
        (ResumePoint(10, None), {}, False, False),
    ],
)
def test_a_416_is_the_end_only_where_that_is_proved(
    kept: ResumePoint, values: dict[str, str], has_checksum: bool, is_complete: bool
) -> None:
    found = fields(Content_Range="bytes */10", **values)
    assert ranges.is_complete(kept, found, has_checksum=has_checksum) is is_complete
