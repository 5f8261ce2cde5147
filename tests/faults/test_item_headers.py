"""Headers that a list gives for one item: they go to the origin of its URL, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from good import GoodServer, echo, redirect
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader.models import DownloadResult, Job, UrlItem

MakeRig = Callable[..., Rig]


def fetched(rig: Rig, url: str, *headers: tuple[str, str]) -> DownloadResult:
    return rig.run(Job(UrlItem(url, headers=headers), url, "a.bin"))


def sent(result: DownloadResult) -> dict[str, str]:
    assert result.failure is None, result.failure
    found: dict[str, str] = json.loads(Path(result.part).read_bytes())
    return found


@by_any_way
def test_an_items_headers_are_sent_and_replace_namesakes(make_rig: MakeRig) -> None:
    with GoodServer({"/a": echo}) as server:
        rig = make_rig(headers=(("X-Key", "all"), ("X-Other", "kept")))
        got = sent(fetched(rig, server.url("/a"), ("x-key", "own"), ("User-Agent", "item")))
        assert (got["x-key"], got["x-other"], got["user-agent"]) == ("own", "kept", "item")
        assert "x-key" not in sent(fetched(make_rig(), server.url("/a")))


@by_any_way
def test_an_items_headers_do_not_follow_a_redirect_elsewhere(make_rig: MakeRig) -> None:
    with GoodServer({"/a": echo}) as other, GoodServer({"/a": redirect(other.url("/a"))}) as server:
        assert "x-key" not in sent(fetched(make_rig(), server.url("/a"), ("X-Key", "own")))
        assert server.requests[0].headers["x-key"] == "own"


@pytest.mark.parametrize("header", [("a b", "1"), ("Content-Length", "1"), ("a", "x\r\nb: c")])
def test_what_cannot_be_a_header_fails_its_item_before_any_request(
    rig: Rig, header: tuple[str, str]
) -> None:
    with GoodServer({"/a": echo}) as server:
        failure = fetched(rig, server.url("/a"), header).failure
        assert server.requests == []
    assert failure
    assert failure.kind == "bad-url"
    assert failure.message.startswith(f"the list's header {header[0]!r}: ")
