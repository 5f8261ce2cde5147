"""The fixtures of this folder, and a server that says its bytes at once and in tiny writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from raw import End, RawServer
from rig_fixtures import make_rig, rig

__all__ = ["make_rig", "rig", "says"]

Says = Callable[..., RawServer]


@pytest.fixture(params=[0, 20], ids=["at once", "in 20-byte writes"])
def says(request: pytest.FixtureRequest) -> Iterator[Says]:
    """Make a server that answers every request with these bytes and then keeps the connection."""
    with ExitStack() as stack:

        def make(reply: bytes, then: End = "keep", *, tls: bool = False) -> RawServer:
            server = RawServer([reply], then=then, step=request.param, tls=tls)
            return stack.enter_context(server)

        yield make
