"""Sums files as sha256sum, BSD and OpenSSL write them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.formats.sums import bsd_line, gnu_line, parse
from downloader.models import Digest

HEX = "ab" * 32


def read(data: bytes, source: str = "SHA256SUMS") -> list[tuple[str, Digest]]:
    return list(parse(io.BytesIO(data), source))


def one(line: str, source: str = "SHA256SUMS") -> tuple[str, str, str]:
    ((name, digest),) = read(line.encode(), source)
    return name, digest.algorithm, digest.hexdigest


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{HEX}  a.iso\n", "a.iso"),
        (f"{HEX} *a.iso\n", "a.iso"),
        (f"{HEX}  a.iso\r\n", "a.iso"),
        (f"\ufeff{HEX.upper()}  a.iso", "a.iso"),
        (f"{HEX} a.iso\n", "a.iso"),
        (f"{HEX}\ta.iso\n", "a.iso"),
        (f"{HEX}\t*a.iso\n", "a.iso"),
        (f"{HEX}  ./b c/ü  \n", "./b c/ü  "),
        (f"{HEX}   a\n", " a"),
        (f"{HEX}  a\\nb\n", "a\\nb"),
        (f"\\{HEX}  a\\\\b\\nc\\rd\n", "a\\b\nc\rd"),
        (f"SHA256 (a (1).iso) = {HEX}\n", "a (1).iso"),
        (f"SHA2-256(a.iso)= {HEX}\r\n", "a.iso"),
        (f"\\SHA256 (a\\nb) = {HEX}\n", "a\nb"),
    ],
)
def test_a_line_names_a_file_and_its_digest(line: str, name: str) -> None:
    assert one(line) == (name, "sha256", HEX)


@pytest.mark.parametrize(
    ("digits", "name"),
    [(32, "md5"), (40, "sha1"), (56, "sha224"), (64, "sha256"), (96, "sha384"), (128, "sha512")],
)
def test_the_number_of_digits_says_what_they_are(digits: int, name: str) -> None:
    assert one(f"{'0' * digits}  a")[1] == name


@pytest.mark.parametrize(
    ("source", "digits", "name"),
    [("d/B2SUMS", 128, "blake2b"), ("SHA3-384SUMS", 96, "sha3_384"), ("SHA384SUMS", 64, "sha256")],
)
def test_unless_the_files_own_name_does(source: str, digits: int, name: str) -> None:
    assert one(f"{'0' * digits}  a", source)[1] == name


@pytest.mark.parametrize(
    ("tag", "digits", "name"),
    [("MD5", 32, "md5"), ("BLAKE2b", 128, "blake2b"), ("SHA3-256", 64, "sha3_256")],
)
def test_a_bsd_line_names_its_algorithm(tag: str, digits: int, name: str) -> None:
    assert one(f"{tag} (a) = {'0' * digits}") == ("a", name, "0" * digits)


SIGNED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

# a comment
{HEX}  a.iso
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEEn3vbT+p7JZq1ePN1k8J4eLb4o4wFAmTwXhkACgkQk8J4eLb4
-----END PGP SIGNATURE-----
"""


def test_armour_and_comments_do_not_count() -> None:
    assert one(SIGNED)[0] == "a.iso"


@pytest.mark.parametrize(
    "line",
    [
        *("", "a.iso", "a b:", "a: b", "<p>", f"{HEX[1:]}  a", f"{HEX}0  a", f"g{HEX[1:]}  a"),
        *(f"\\{HEX}  a\\x", f"\\{HEX}  a\\", f"FOO (a) = {HEX}", f"MD5 (a) = {HEX}"),
        *(
            f"SHA512/256 (a) = {HEX}",
            f"BLAKE2b-256 (a) = {HEX}",
            f"rmd160:{HEX[:40]}  a",
            f"a{' ' * 60_000}b",
            f"a{': ' * 30_000}b",
            f"{'ab ' * 20_000}",
            f"{HEX}  {'a' * 70_000}",
        ),
    ],
)
def test_what_is_no_such_line_is_passed_over(line: str) -> None:
    (kept,) = read(f"{line}\n{HEX}  kept\n".encode())
    assert kept[0] == "kept"


# Those of no file, and of what came on the standard input, are nobody's.
NAMELESS = ("", "-", "*-", "stdin", "(stdin)")
names = st.text(min_size=1).filter(lambda name: "\0" not in name and name.strip() not in NAMELESS)


@given(names)
def test_lines_that_dl_writes_are_read_back(name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    digest = Digest("sha256", HEX)
    assert read(gnu_line(HEX, name)) == [(name, digest)]
    assert read(bsd_line(digest, name)) == [(name, digest)]


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    for name, digest in read(data):
        assert name
        assert digest.hexdigest
