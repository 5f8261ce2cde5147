"""Hosts with two address families, one of them dead (L14), by each way of fetching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from good import GoodServer
from hole import Hole, needs_holes, resolve_to, resolved
from listening import CERTIFICATE
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader import Options, fetch
from downloader.policy import Timeouts
from downloader.wire import dialling

pytestmark = needs_holes
PATIENT = Timeouts(connect=1e6, silence=20)  # seconds: without a race the tests would never end


@by_any_way
@pytest.mark.parametrize("tls", [False, True])
def test_l14_dead_family_costs_no_try(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    with GoodServer({"/a": b"body", "/b": b"other"}, tls=tls) as server, Hole("::1") as hole:
        resolve_to(monkeypatch, "localhost", hole.found, resolved("127.0.0.1", server.port))
        rig = make_rig(timeouts=PATIENT, cacert=CERTIFICATE)
        url = server.url("/a").replace("127.0.0.1", "localhost")
        assert rig.body(url) == b"body"
        monkeypatch.setattr(dialling, "DELAY", 1e6)
        server.hang_up()
        assert rig.body(url.replace("/a", "/b")) == b"other"
        assert rig.stop.sleeps == []


@by_any_way
def test_l14_proxy_with_a_dead_family_costs_no_try(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    far = "http://far.example/a"
    with GoodServer({far: b"body"}) as proxy, Hole("::1") as hole:
        resolve_to(monkeypatch, "proxy.example", hole.found, resolved("127.0.0.1", proxy.port))
        rig = make_rig(timeouts=PATIENT, proxy=f"http://proxy.example:{proxy.port}")
        assert rig.body(far) == b"body"


@pytest.mark.parametrize("options", [{}, {"sequential": True}, {"fetch_processes": 2}])
def test_l14_run_over_such_a_host_stores_all(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    files = {f"/{number}": b"x" * 2000 for number in range(60)}
    with GoodServer(files) as server, Hole("::1") as hole:
        resolve_to(monkeypatch, "dual.example", hole.found, resolved("127.0.0.1", server.port))
        urls = [f"http://dual.example:{server.port}{path}" for path in files]
        given = Options(dir=str(tmp_path), proxy="", connect_timeout=1e6, **options)
        assert fetch(urls, given).items.stored == len(files)
