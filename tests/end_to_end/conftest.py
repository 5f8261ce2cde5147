"""Fixtures of the end-to-end tests: a server for all of them, and the command in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer, Reply, Route, echo
from installed import Installed

FILES = {f"/{name}.bin": name.encode() * 3000 for name in "abcdefgh"}


@pytest.fixture(scope="session")
def web() -> Iterator[GoodServer]:
    """Serves `FILES`, /dir/a.bin, what cannot be had, and the request's headers."""
    others: dict[str, Route] = {
        "/dir/a.bin": b"another a",
        "/gone": Reply(b"", 404),
        "/echo": echo,
    }
    with GoodServer({**FILES, **others}) as server:
        yield server


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    """The command, in a folder of its own."""
    return Installed(tmp_path)


@pytest.fixture
def urls(web: GoodServer, dl: Installed) -> str:
    """The name of a list of all `FILES`."""
    return dl.write_list([web.url(path) for path in FILES])
