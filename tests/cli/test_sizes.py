"""Sizes as they are given: K, M and G are powers of 1024, decimals count."""

from __future__ import annotations

import pytest

from downloader.cli import readers
from downloader.errors import UsageError


def read(text: str) -> int:
    return readers.size("--size", text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("300", 300),
        ("64M", 64 * 1024**2),
        ("1.5G", 3 * 1024**3 // 2),
        (".5k", 512),
        ("2.", 2),
        ("9007199254740993", 2**53 + 1),
    ],
)
def test_a_size_is_read_exactly(text: str, number: int) -> None:
    assert read(text) == number


@pytest.mark.parametrize(
    "text", ["", "K", "1T", "1 K", "-1", "1e3", "0x10", "1,5M", "1KB", "\u0661"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"64M or 1\.5G"):
        read(text)
