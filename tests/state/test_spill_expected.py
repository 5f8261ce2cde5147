"""What files must have is gathered in bounded memory, each path once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from downloader.models import Digest, Expected
from downloader.state.spill_expected import NOTHING_KNOWN, SpillExpected
from downloader.state.spill_texts import SpillTexts

MD5, SHA1 = Digest("md5", "0" * 32), Digest("sha1", "1" * 40)


@pytest.fixture
def expected() -> Iterator[SpillExpected]:
    with closing(SpillExpected()) as expected:
        yield expected


def test_digests_of_one_path_come_together_in_the_order_of_paths(expected: SpillExpected) -> None:
    expected.add(Expected("b\udcff\n", (MD5,), 5, 1, "list", "top"))
    expected.add(Expected("a", (MD5,), None, 2, "list"))
    expected.add(Expected("b\udcff\n", (SHA1,), None, 3, "list"))
    assert len(expected) == 2
    for _ in range(2):
        assert list(expected) == [
            Expected("b\udcff\n", (MD5, SHA1), 5, 1, "list", "top"),
            Expected("a", (MD5,), None, 2, "list"),
        ]


def test_what_has_no_digest_says_so(expected: SpillExpected) -> None:
    expected.add(Expected("a", (), 5))
    assert [each.fault for each in expected] == [NOTHING_KNOWN]
    assert expected.digests == 0


def test_texts_are_found_under_their_keys() -> None:
    with closing(SpillTexts()) as texts:
        texts.put("a", "one\udcff")
        texts.put("b", "")
        assert texts.get("a") == "one\udcff"
        texts.put("c", "three\n")
        assert (texts.get("b"), texts.get("c"), texts.get("d")) == ("", "three\n", None)
