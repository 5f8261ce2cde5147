"""Checksums as people write them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader import checksums
from downloader.checksums import parse
from downloader.errors import BadChecksum
from downloader.hashing import ALGORITHMS
from downloader.models import Digest

DATA = b"data"
HEX = hashlib.sha256(DATA).hexdigest()
SRI = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
SHA256 = Digest("sha256", HEX)


@pytest.mark.parametrize(
    "text",
    [
        *(f"sha256:{HEX}", f"SHA256:{HEX.upper()}", f"sha-256:{HEX}", f" sha2-256:{HEX} "),
        *(f"sha256-{SRI}", f"SHA256-{SRI}"),
    ],
)
def test_a_checksum_is_read_however_it_is_spelled(text: str) -> None:
    assert checksums.read(text) == SHA256


def test_every_algorithm_that_files_are_hashed_by_can_be_checked() -> None:
    for name, make in ALGORITHMS.items():
        digits = make().hexdigest()
        assert checksums.read(f"{name}:{digits}") == Digest(name, digits)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEX, "is no checksum: write sha256:HEX"),
        ("", "is no checksum"),
        (f"sha256:{HEX[1:]}", "has 64 hexadecimal digits, this one has 63"),
        (f"sha384:{HEX}", "has 96 hexadecimal digits, this one has 64"),
        ("sha256:", "hexadecimal digits, not ''"),
        (f"sha256:{HEX[1:]}g", "hexadecimal digits, not '"),
        (f"sha256-{SRI[4:]}", "hexadecimal digits, not '"),
        (f"sha265:{HEX}", "unknown checksum algorithm 'sha265': did you mean 'sha256'"),
        (f":{HEX}", "is no checksum"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    with pytest.raises(BadChecksum) as caught:
        checksums.read(text)
    assert why in str(caught.value)


def test_an_algorithm_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "find_spec", lambda name: None)
    checksums.size.cache_clear()
    try:
        with pytest.raises(BadChecksum, match="cannot compute blake3: pip install"):
            checksums.read(f"blake3:{HEX}")
    finally:
        checksums.size.cache_clear()


def test_two_that_cannot_both_be_right_are_refused() -> None:
    other = Digest("SHA256", "0" * 64)
    with pytest.raises(BadChecksum, match="two different sha256"):
        checksums.checked([SHA256, other])


def test_the_same_one_twice_is_one() -> None:
    twice = [SHA256, Digest("SHA-256", HEX.upper()), Digest("md5", "0" * 32)]
    assert checksums.checked(twice) == (SHA256, Digest("md5", "0" * 32))


@given(st.text())
def test_any_text_is_a_checksum_or_refused(text: str) -> None:
    try:
        found = checksums.read(text)
    except BadChecksum:
        return
    assert checksums.checked([found]) == (found,)
