"""Signed URLs are told apart by what they name, and by nothing that is no signature for certain."""

from __future__ import annotations

import pytest

from downloader.planning.signatures import is_same_file, unsigned

URL = "https://h/a.bin"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("X-Amz-Algorithm=A&X-Amz-Expires=9&X-Amz-Signature=0f&versionId=3", "versionId=3"),
        ("x-goog-expires=9&part=2&X-Goog-Signature=0f", "part=2"),
        ("AWSAccessKeyId=A&Signature=x%2By&Expires=1", ""),
        ("file=1&Policy=p&Signature=s&Key-Pair-Id=K", "file=1"),
        ("sv=2024-01-01&sr=b&st=a&se=b&sp=r&sig=x%3D&snapshot=1", "snapshot=1"),
        # No signatures, or none that are known.
        *((same, same) for same in ("", "st=1&se=2", "sig=1", "expires=1", "signature=1&id=2")),
        *((same, same) for same in ("X-Amz-Signature=1", "id=1&id=2", "token=1&expires=2")),
    ],
)
def test_signature_is_left_out(query: str, left: str) -> None:
    assert unsigned(f"{URL}?{query}") == f"{URL}?{left}"


def test_url_without_a_query_stays() -> None:
    assert unsigned(URL) == URL


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (URL, URL, True),
        (f"{URL}?Signature=1&Expires=2", f"{URL}?Expires=3&Signature=4", True),
        (f"{URL}?id=1&Signature=1&Expires=2", f"{URL}?id=2&Signature=1&Expires=2", False),
        (f"{URL}?Signature=1&Expires=2", URL, False),
        (f"{URL}?sig=1", f"{URL}?sig=2", False),
        (f"{URL}?Signature=1&Expires=2", f"{URL}#1?Signature=1&Expires=2", False),
    ],
)
def test_only_signatures_may_differ(one: str, other: str, same: bool) -> None:
    assert is_same_file(one, other) is same
