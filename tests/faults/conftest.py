"""The fixtures of this folder, and a server that says its bytes at once and in tiny writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from raw import End, RawServer
from rig_fixtures import rig
from transfer_rig import Rig
from ways_rig import WAYS, ByMultiplexer, ByProcess

__all__ = ["make_rig", "rig", "says"]

Says = Callable[..., RawServer]
RIGS: dict[str, Callable[..., Rig]] = dict(zip(WAYS, (Rig, ByMultiplexer, ByProcess), strict=True))


@pytest.fixture
def make_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Make fetchers, of each kind `by_any_way`; then none has a transfer under way any more."""
    kind = RIGS[getattr(request, "param", WAYS[0])]
    with ExitStack() as stack:
        count = iter(range(100))

        def make(**settings: Any) -> Rig:
            rig = kind(tmp_path / str(next(count)), **settings)
            stack.callback(rig.close)
            return rig

        yield make


@pytest.fixture(params=[0, 20], ids=["at once", "in 20-byte writes"])
def says(request: pytest.FixtureRequest) -> Iterator[Says]:
    """Make a server that answers every request with these bytes and then keeps the connection."""
    with ExitStack() as stack:

        def make(reply: bytes, then: End = "keep", *, tls: bool = False) -> RawServer:
            server = RawServer([reply], then=then, step=request.param, tls=tls)
            return stack.enter_context(server)

        yield make
