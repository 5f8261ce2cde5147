"""Whose certificates are trusted (L12): those that are named, else the system's, else certifi's.

The server's certificate is its own issuer's, so trusting it is to trust what it is found in.
"""

from __future__ import annotations

import shutil
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import truststore
from good import GoodServer, Reply
from installed import Installed
from listening import CERTIFICATE
from transfer_rig import Rig
from truststore import _openssl
from ways_rig import by_any_way

from downloader.transfer import trust as trusting
from downloader.transfer.trust import trust

MakeRig = Callable[..., Rig]
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
HASHED = "d4a3f53f.0"  # as OpenSSL names the certificate by its subject
STRANGER = str(Path(CERTIFICATE).with_name("certificates") / "stranger.pem")
OTHERS = (
    "name others by --cacert, SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE)"
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Be a folder in which OpenSSL finds the certificate."""
    path = tmp_path / "certificates"
    path.mkdir()
    shutil.copy(CERTIFICATE, path / HASHED)
    return str(path)


def system_has(monkeypatch: pytest.MonkeyPatch, file: str | None, folder: str | None) -> None:
    """Have the system's certificates be those of a file, or a folder."""

    class Paths:
        cafile = None
        capath = folder

    monkeypatch.setattr(ssl, "get_default_verify_paths", Paths)
    monkeypatch.setattr(_openssl, "_CA_FILE_CANDIDATES", [file] if file else [])
    if folder:
        monkeypatch.setenv("SSL_CERT_DIR", folder)  # for OpenSSL itself alone
        monkeypatch.setattr(trusting, "_of_environment", lambda: None)


def body(make_rig: MakeRig, **settings: Any) -> bytes:
    with GoodServer({"/": b"x"}, tls=True) as server:
        return make_rig(**settings).body(server.url())


def refusal(make_rig: MakeRig, **settings: Any) -> str:
    with GoodServer({"/": b"x"}, tls=True) as server:
        rig = make_rig(**settings)
        message = rig.message(server.url())
        assert (server.requests, rig.stop.sleeps) == ([], [])
    return message


@by_any_way
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_l12_file_that_a_variable_names_is_trusted(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CERTIFICATE)
    assert body(make_rig) == b"x"


@pytest.mark.parametrize("name", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_l12_folder_that_a_variable_names_is_trusted(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    monkeypatch.setenv(name, folder)
    assert body(make_rig) == b"x"


def test_l12_folders_may_be_several_and_openssls_two_variables_count_together(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", STRANGER)
    monkeypatch.setenv("SSL_CERT_DIR", f"/does/not/exist:{folder}")
    assert body(make_rig) == b"x"


@pytest.mark.parametrize("first", range(4))
def test_l12_variables_have_their_ranks(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    for name in VARIABLES[first:]:
        monkeypatch.setenv(name, STRANGER)
    named = [f"{name}={STRANGER}" for name in VARIABLES]
    found = [f"{named[0]} and {named[1]}", *named[1:]]
    monkeypatch.setattr(trusting, "_loaded", lambda named, *_: named)
    assert str(trust(None)) == found[first]


def test_l12_option_goes_before_every_variable(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, STRANGER)
    assert body(make_rig, cacert=CERTIFICATE) == b"x"


@pytest.mark.parametrize(
    ("cacert", "variables", "named"),
    [
        (STRANGER, (), f"--cacert {STRANGER}"),
        (None, ("CURL_CA_BUNDLE",), f"CURL_CA_BUNDLE={STRANGER}"),
        (None, VARIABLES[2:], f"REQUESTS_CA_BUNDLE={STRANGER}"),
    ],
)
def test_l12_error_names_what_was_trusted_and_what_else_can_be(
    make_rig: MakeRig,
    monkeypatch: pytest.MonkeyPatch,
    cacert: str | None,
    variables: tuple[str, ...],
    named: str,
) -> None:
    for name in variables:
        monkeypatch.setenv(name, STRANGER)
    message = refusal(make_rig, cacert=cacert)
    assert message.startswith("tls: certificate verify failed: self-signed certificate (trusted: ")
    assert message.endswith(f"(trusted: {named}; {OTHERS}")


@pytest.mark.parametrize("path", ["/does/not/exist.pem", __file__])
def test_l12_variable_that_cannot_be_read_fails_what_needs_it_alone(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", path)
    with GoodServer({"/": b"plain"}) as server:
        assert make_rig().body(server.url()) == b"plain"
    said = f"tls: REQUESTS_CA_BUNDLE={path}: no certificate can be read from it"
    assert refusal(make_rig) == said


def test_l12_variable_that_is_empty_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    system_has(monkeypatch, CERTIFICATE, None)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    assert trust(None).named == "the system's certificates"


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_l12_what_the_system_trusts_is_trusted(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    """On some systems each handshake is the system's own matter."""
    system_has(monkeypatch, CERTIFICATE, None)
    monkeypatch.setattr(sys, "platform", platform)
    assert body(make_rig) == b"x"


def test_l12_systems_folder_will_do(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    system_has(monkeypatch, None, folder)
    assert body(make_rig) == b"x"


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_l12_what_the_system_does_not_trust_is_refused(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    system_has(monkeypatch, STRANGER, None)
    monkeypatch.setattr(sys, "platform", platform)
    assert refusal(make_rig).endswith(f"(trusted: the system's certificates; {OTHERS}")


def test_l12_system_without_certificates_leaves_it_to_certifi(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_has(monkeypatch, None, None)
    assert refusal(make_rig).endswith(f"(trusted: certifi's certificates; {OTHERS}")


def test_l12_without_truststore_it_is_left_to_certifi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    assert trust(None).named == "certifi's certificates"


def test_l12_handshakes_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Truststore's contexts let in one at a time: where they are needed, none is shared."""
    system_has(monkeypatch, CERTIFICATE, None)
    shared = trust(None).context()
    assert type(shared) is ssl.SSLContext
    assert shared.sslsocket_class is ssl.SSLSocket
    monkeypatch.setattr(sys, "platform", "darwin")
    found = trust(None)
    assert isinstance(found.context(), truststore.SSLContext)
    assert found.context() is not found.context()


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_l12_cut_without_notice_shows_with_the_systems_certificates_too(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    system_has(monkeypatch, CERTIFICATE, None)
    monkeypatch.setattr(sys, "platform", platform)
    assert not trust(None).context().options & getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)


@pytest.mark.parametrize("mode", [[], ["--sequential"], ["--fetch-processes", "2"]])
def test_l12_run_trusts_what_a_variable_names(tmp_path: Path, mode: list[str]) -> None:
    dl = Installed(tmp_path)
    files = {f"/{number}.bin": Reply(b"x" * 3000) for number in range(20)}
    with GoodServer(files, tls=True) as server:
        urls = dl.write_list([server.url(path) for path in files])
        done = dl("fetch", urls, *mode, env={"SSL_CERT_FILE": CERTIFICATE})
    assert done.returncode == 0, done.stderr
    assert len(dl.files()) == len(files)
