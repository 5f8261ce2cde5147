"""Relative URLs of a list are below `--base`."""

from __future__ import annotations

import pytest

from downloader import urls
from downloader.errors import BadUrl


@pytest.mark.parametrize(
    ("base", "url", "whole"),
    [
        ("https://h/pub/", "a/b.gz", "https://h/pub/a/b.gz"),
        ("https://h/pub", "a/b.gz", "https://h/pub/a/b.gz"),
        ("https://h/pub", "./a", "https://h/pub/a"),
        ("https://h", "a", "https://h/a"),
        ("https://u:p@h:8080/pub", "/a", "https://u:p@h:8080/a"),
        ("https://h/pub", "//g/a", "https://g/a"),
        ("https://h/pub", "http://g/a", "http://g/a"),
        ("https://h/pub", "ftp://g/a", "ftp://g/a"),
        ("https://h/pub", "a:b/c%2f#md5=x", "https://h/pub/a:b/c%2f#md5=x"),
        ("https://", "h/a", "https://h/a"),
        ("http://", "//h/a", "http://h/a"),
    ],
)
def test_relative_urls_are_below_the_base(base: str, url: str, whole: str) -> None:
    urls.check_base(base)
    assert urls.below(base, url) == whole


@pytest.mark.parametrize("base", ["", "h/pub", "ftp://h/", "https:", "http://h/?a=b", "http://h/#"])
def test_what_can_be_no_base_is_refused(base: str) -> None:
    with pytest.raises(BadUrl):
        urls.check_base(base)
