"""TLS (L11): what is wrong with a certificate is said, and not tried again; a cut is tried again.

The certificates are each wrong in one way, valid to 2124 otherwise, and were made for these tests
alone; where it is not their issuer that is wrong, they are trusted.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import listening
import pytest
from good import GoodServer
from listening import CERTIFICATE
from raw import RawServer, Script
from transfer_rig import Rig

MakeRig = Callable[..., Rig]
CERTIFICATES = Path(CERTIFICATE).with_name("certificates")


def present(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Have servers present this certificate, with a key however weak."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(path)
    monkeypatch.setattr(listening, "_context", lambda: context)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "certificate has expired"),
        ("early", "certificate is not yet valid"),
        ("other", "IP address mismatch"),
        ("unnamed", "IP address mismatch"),
        ("weak", "certificate key too weak"),
    ],
)
def test_l11_certificate_that_is_wrong_is_refused_once_with_the_reason(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    path = CERTIFICATES / f"{name}.pem"
    present(monkeypatch, path)
    with GoodServer({"/": b"x"}, tls=True) as server:
        rig = make_rig(cacert=str(path))
        failure = rig.fetch(server.url()).failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("tls", False)
        assert reason in failure.message
        assert (server.connections, server.requests, rig.stop.sleeps) == (1, [], [])


@pytest.mark.parametrize("cacert", [None, CERTIFICATE])
def test_l11_certificate_of_an_unknown_issuer_is_refused_once(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, cacert: str | None
) -> None:
    present(monkeypatch, CERTIFICATES / "stranger.pem")
    with GoodServer({"/": b"x"}, tls=True) as server:
        message = make_rig(cacert=cacert).message(server.url())
        assert message.startswith("tls: certificate verify failed: self")
        assert server.connections == 1


def test_l11_one_host_that_is_trusted_makes_no_other_one_trusted(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = make_rig(cacert=CERTIFICATE)
    with GoodServer({"/": b"x"}, tls=True) as server:
        assert rig.body(server.url()) == b"x"
    present(monkeypatch, CERTIFICATES / "stranger.pem")
    with GoodServer({"/": b"x"}, tls=True) as server:
        assert rig.message(server.url()).startswith("tls: certificate verify failed: self")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_l11_old_tls_is_refused_once(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(CERTIFICATE)
    monkeypatch.setattr(listening, "_context", lambda: context)
    with GoodServer({"/": b"x"}, tls=True) as server:
        failure = make_rig(cacert=CERTIFICATE).fetch(server.url()).failure
        assert failure is not None
        assert (failure.kind, failure.retryable, server.connections) == ("tls", False, 1)
        assert "protocol version" in failure.message


def test_l11_handshake_that_is_cut_is_tried_again(rig: Rig) -> None:
    with RawServer(reads=False) as server:
        failure = rig.fetch(server.url().replace("http:", "https:")).failure
        assert failure is not None
        assert (failure.retryable, server.connections) == (True, 3)


def test_l11_handshake_that_is_cut_once_does_no_harm(make_rig: MakeRig) -> None:
    """The first connection is closed before the server has spoken TLS at all."""

    class Moody(GoodServer):
        def _secured(self, plain: ssl.SSLSocket) -> ssl.SSLSocket:  # type: ignore[override]
            if self.connections == 1:
                raise OSError
            return super()._secured(plain)

    with Moody({"/": b"whole"}, tls=True) as server:
        assert make_rig(cacert=CERTIFICATE).body(server.url()) == b"whole"


OK = b"HTTP/1.1 200 OK\r\n"


def test_l11_end_without_notice_is_a_cut_where_nothing_else_tells(make_rig: MakeRig) -> None:
    with RawServer(each=[Script([OK + b"\r\nbody"])], tls=True) as server:
        failure = make_rig(cacert=CERTIFICATE).fetch(server.url()).failure
    assert failure is not None
    assert (failure.kind, failure.retryable) == ("incomplete", True)
    assert "TLS ended without notice" in failure.message


def test_l11_end_without_notice_is_none_where_the_length_tells(make_rig: MakeRig) -> None:
    with RawServer([OK + b"Content-Length: 4\r\n\r\nbody"], tls=True) as server:
        assert make_rig(cacert=CERTIFICATE).body(server.url()) == b"body"


def test_l11_end_with_notice_is_an_end(make_rig: MakeRig) -> None:
    with RawServer([OK + b"\r\nbody"], then="notify", tls=True) as server:
        assert make_rig(cacert=CERTIFICATE).body(server.url()) == b"body"
