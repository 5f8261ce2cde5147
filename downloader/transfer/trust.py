"""Whose certificates are trusted: those that are named, else the system's, or else certifi's."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from downloader.errors import UsageError
from downloader.transfer.causes import causes
from downloader.wire.errors import TransferError, cleaned

# OpenSSL's own, which count together, then those that other programs look at, one for all.
_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# Where truststore has the system itself judge each certificate.
_JUDGING = ("darwin", "win32")


class Trust(NamedTuple):
    """What makes TLS contexts, perhaps the same one for all; `named` are whose certificates."""

    context: Callable[[], ssl.SSLContext]
    named: str

    def fault(self, error: BaseException) -> TransferError | None:
        """Return what a certificate that is not trusted comes to, `None` for another error."""
        for cause in causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return TransferError("tls", self._sentence(cause))
        return None

    def _sentence(self, cause: ssl.SSLCertVerificationError) -> str:
        reason = getattr(cause, "verify_message", "").rstrip(".") or cleaned(str(cause))
        *first, last = "--cacert", *_OPENSSL, *_OTHERS
        others = f"name others by {', '.join(first)} or {last}"
        return f"certificate verify failed: {reason} (trusted: {self.named}; {others})"


def trust(cacert: str | None) -> Trust:
    """Return what is trusted: `cacert`, else what the environment names, else the system's.

    Raises `UsageError` for a `cacert` that cannot be read, `TransferError` for a variable's.
    """
    if cacert is not None:
        return _given(cacert)
    return _of_environment() or _of_system() or _of_certifi()


def _given(path: str) -> Trust:
    named = f"--cacert {path}"
    try:
        return _loaded(named, path)
    except OSError:
        raise UsageError(f"{named}: no certificate can be read from it") from None


def _of_environment() -> Trust | None:
    """Return the certificates that the environment names, `None` if it names none."""
    names = [name for name in _OPENSSL if os.environ.get(name)]
    names = names or [name for name in _OTHERS if os.environ.get(name)][:1]
    if not names:
        return None
    paths = [os.environ[name] for name in names]
    named = " and ".join(f"{name}={path}" for name, path in zip(names, paths, strict=True))
    try:
        return _loaded(named, *paths)
    except OSError:
        raise TransferError("tls", f"{named}: no certificate can be read from it") from None


def _of_system() -> Trust | None:
    """Return the system's certificates as truststore finds them, `None` if there are none."""
    try:
        import truststore  # noqa: PLC0415  the way to the system, taken if nothing else is named
    except ImportError:
        return None
    make = partial(truststore.SSLContext, ssl.PROTOCOL_TLS_CLIENT)
    named = "the system's certificates"
    if sys.platform in _JUDGING:  # a context has one handshake at a time: each gets its own
        return Trust(lambda: _hardened(make()), named)
    # Elsewhere truststore only finds the files for OpenSSL, and its context would read them again
    # for each connection: the one inside is made ready once, and is as any other then.
    context = make().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="any").context
    context.sslsocket_class, context.sslobject_class = ssl.SSLSocket, ssl.SSLObject
    has_some = context.cert_store_stats()["x509_ca"] or _has_hashed()
    return Trust(lambda: context, named) if has_some and _hardened(context) else None


def _has_hashed() -> bool:
    """Return True if there is a folder of certificates that OpenSSL looks into by their hashes."""
    folder = ssl.get_default_verify_paths().capath
    return folder is not None and any(name.endswith(".0") for name in os.listdir(folder))


def _of_certifi() -> Trust:
    return _loaded("certifi's certificates", DEFAULT_CA_BUNDLE_PATH)


def _loaded(named: str, *paths: str) -> Trust:
    """Read certificates from files and folders, once: it takes 16 ms. Raises `OSError`."""
    context = _hardened(create_urllib3_context())
    for path in paths:
        if os.path.isfile(path):
            context.load_verify_locations(cafile=path)
        elif any(map(os.path.isdir, path.split(os.pathsep))):  # OpenSSL takes a list of folders
            context.load_verify_locations(capath=path)
        else:
            raise FileNotFoundError(path)
    return Trust(lambda: context, named)


def _hardened(context: ssl.SSLContext) -> ssl.SSLContext:
    """Set what urllib3 sets, and have a cut connection not look like a closed one (wire.tls)."""
    ignore = getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    context.options = (context.options | create_urllib3_context().options) & ~ignore
    return context
