"""The end of a run says how to get the failed lines as a list, with what there is."""

from __future__ import annotations

import pytest

from downloader.cli.failed_list import hint
from downloader.cli.invocation import Invocation
from downloader.options import Options


@pytest.mark.parametrize(
    ("given", "fetching", "said"),
    [
        ({}, True, "--continue --report FILE, then jq -r '.failures[].url' FILE"),
        ({}, False, "--report FILE, then jq -r '.failures[].path' FILE"),
        ({"format": "json"}, True, "jq -r 'select(.error).url' of the records"),
        ({"format": "json", "report": "a b\x1b"}, True, "jq -r '.failures[].url' 'a b\\x1b'"),
    ],
)
def test_the_list_comes_from_what_this_run_writes_or_the_next_one(
    given: dict[str, str], fetching: bool, said: str
) -> None:
    asked = Invocation((), Options())._replace(**given)  # type: ignore[arg-type]  # text only
    assert hint(asked, fetching=fetching) == f"as a list: {said}"
