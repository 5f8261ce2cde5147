"""TLS: certificates are checked, and what is wrong with one is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from good import GoodServer
from listening import CERTIFICATE
from raw import RawServer
from transfer_rig import Rig
from tunnel import TunnelServer

from downloader.errors import UsageError


def test_given_certificate_is_trusted_and_the_connection_kept(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(cacert=CERTIFICATE)
    with GoodServer({"/": b"x" * 100_000}, tls=True) as server:
        assert rig.body(server.url()) == rig.body(server.url()) == b"x" * 100_000
        assert server.connections == 1


def test_self_signed_certificate_is_refused_once(rig: Rig) -> None:
    with GoodServer({"/": b"x"}, tls=True) as server:
        assert rig.message(server.url()).startswith("tls: certificate verify failed: self")
        assert (server.connections, rig.stop.sleeps) == (1, [])


def test_certificate_of_another_host_is_refused(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": b"x"}, tls=True) as server:
        url = server.url().replace("127.0.0.1", "127.0.0.2")
        # Listening on one address of the loopback only, the server is reached through a proxy.
        with TunnelServer(to=("127.0.0.1", server.port)) as proxy:
            rig = make_rig(cacert=CERTIFICATE, proxy=proxy.url())
            assert "verify failed: IP address mismatch" in rig.message(url)


def test_handshake_that_is_cut_is_tried_again(rig: Rig) -> None:
    with RawServer(reads=False) as server:
        message = rig.message(server.url().replace("http:", "https:"))
        assert server.connections == 3
    assert ": gave up after 3 tries: " in message


def test_plain_http_where_tls_is_spoken_is_no_internal_fault(rig: Rig) -> None:
    with RawServer([b"HTTP/1.1 400 Bad\r\n\r\n"], reads=False) as server:
        message = rig.message(server.url().replace("http:", "https:"))
    assert message.startswith("tls: TLS with 127.0.0.1 port ")


def test_cacert_that_holds_none_is_said_at_once(
    make_rig: Callable[..., Rig], tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"--cacert .*empty\.pem"):
        make_rig(cacert=str(tmp_path / "empty.pem"))


def test_cacert_may_be_a_folder(make_rig: Callable[..., Rig], tmp_path: Path) -> None:
    with GoodServer({"/": b"x"}, tls=True) as server:
        assert make_rig(cacert=str(tmp_path)).message(server.url()).startswith("tls: cert")
