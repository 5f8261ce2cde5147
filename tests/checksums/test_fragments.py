"""Checksums in the fragments of URLs."""

from __future__ import annotations

import pytest

from downloader import checksums
from downloader.models import Digest

HEX = "ab" * 32


@pytest.mark.parametrize(
    ("fragment", "found"),
    [
        (f"#sha256={HEX}", [("sha256", HEX)]),
        (f"#sha256:{HEX}", [("sha256", HEX)]),
        (f"#SHA-256={HEX.upper()}", [("SHA-256", HEX.upper())]),
        (f"#egg=x&md5=12&subdirectory=y&sha1={HEX}", [("md5", "12"), ("sha1", HEX)]),
        (f"#sha256%3D{HEX}", [("sha256", HEX)]),
        ("#sha512=", [("sha512", "")]),
        *((text, []) for text in ("", "#", "#top", f"#{HEX}", "#page=2", "#sha256", "#a=b&c")),
        (f"?sha256={HEX}", []),
    ],
)
def test_pairs_of_an_algorithm_and_digits_are_checksums(
    fragment: str, found: list[tuple[str, str]]
) -> None:
    digests = list(checksums.in_fragment(f"http://h/a{fragment}"))
    assert digests == [Digest(*each) for each in found]
