"""Sums files of every kind that is handed in, each with what it says."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib

import pytest

from downloader.formats.sums_reader import SumsReader, parse

DATA = b"abc"
HEXES = {name: hashlib.new(name, DATA).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
MD5, SHA1, SHA256, SHA512 = HEXES.values()
CRC = f"{zlib.crc32(DATA):08x}"
CKSUM = "1219131554"  # as coreutils' cksum prints for the same
BLAKE2B = hashlib.blake2b(DATA).hexdigest()
Entry = tuple[str, str, str]


def of(algorithm: str, name: str = "x.iso") -> Entry:
    digits = {**HEXES, "crc32": CRC, "blake2b": BLAKE2B, "cksum": f"{int(CKSUM):08x}"}
    return name, algorithm, digits[algorithm]


def read(text: str, source: str = "SUMS") -> list[Entry]:
    return [(name, *digest) for name, digest in parse(io.BytesIO(text.encode()), source)]


def sri(algorithm: str) -> str:
    return f"{algorithm}-{base64.b64encode(bytes.fromhex(HEXES[algorithm])).decode()}"


def grouped(digits: str, size: int) -> str:
    return " ".join(digits.upper()[at : at + size] for at in range(0, len(digits), size))


@pytest.mark.parametrize(
    "line",
    [
        *(f"x.iso {SHA256}", f"x.iso\t{SHA256}", f"x.iso: {SHA256}", f"x.iso = {SHA256}"),
        *(f"x.iso   {SHA256.upper()}  ", f"x.iso:{SHA256}", f'"x.iso" {SHA256}'),
        *(f"x.iso sha256:{SHA256}", f"x.iso: sha256:{SHA256}", f"x.iso  SHA-256:{SHA256}"),
        *(f"sha256:{SHA256}  x.iso", f"sha256:{SHA256} *x.iso", f"SHA256:{SHA256}\tx.iso"),
        *(f"{sri('sha256')}  x.iso", f"x.iso {sri('sha256')}", f"x.iso: {sri('sha256')}"),
        *(f"x.iso {SHA256} https://example.org/x.iso", f"x.iso sha256:{SHA256} doi:10.5/x"),
        *(f"{SHA256} x.iso", f"{SHA256}    x.iso", f"  {SHA256}  x.iso", f"{SHA256} ?x.iso"),
        f"SHA256 (x.iso) = {sri('sha256')[7:]}",
        f"SHA256          {SHA256.upper()}       x.iso",
    ],
)
def test_a_line_says_of_a_name_which_digest_it_has(line: str) -> None:
    ((name, *digest),) = read(f"# sums\n{line}\n")
    assert (name.strip(), *digest) == of("sha256")


@pytest.mark.parametrize(
    "text",
    [
        *(SHA256, f"{SHA256}\n", f"{SHA256}  -\n", f"SHA256(stdin)= {SHA256}", sri("sha256")),
        *(f"SHA256: {SHA256}", f"sha-256 = {SHA256}", f"Name: x.iso\nSize: 12\n{SHA256}"),
        *(f"sha256:{SHA256}", grouped(SHA256, 8), grouped(SHA256, 2), f"{SHA256}  \n"),
    ],
)
@pytest.mark.parametrize(
    ("source", "name"),
    [
        *(("dir/x.iso.sha256", "x.iso"), ("http://h/x.iso.sha256sum", "x.iso"), ("SUMS", "")),
        *(("http://h/x%20y.iso.sha256.txt", "x y.iso"), ("x.iso.sha256.asc", "x.iso")),
    ],
)
def test_a_digest_alone_is_of_the_file_that_the_sums_files_name_tells(
    text: str, source: str, name: str
) -> None:
    assert read(text, source) == [of("sha256", name)]


GPG = f"""\
x.iso:    MD5 = {grouped(MD5, 2)}
x.iso:   SHA1 = {grouped(SHA1, 4)}
x.iso: RMD160 = {grouped(SHA1, 4)}
x.iso: SHA256 = {grouped(SHA256, 8)}
x.iso: SHA512 = {grouped(SHA512[:64], 8)}
                {grouped(SHA512[64:], 8)}
"""


def test_groups_of_digits_may_go_on_in_the_next_line() -> None:
    assert read(GPG) == [of(name) for name in HEXES]
    one = f"x.iso: {grouped(SHA512[:56], 8)}\n       {grouped(SHA512[56:], 8)}\n"
    assert read(one + f"{SHA1}  y\n") == [of("sha512"), of("sha1", "y")]
    assert read(f"x.iso:\n{grouped(SHA256, 8)}\n\nx.iso:\n{SHA1}") == [of("sha256"), of("sha1")]


def test_what_certutil_prints() -> None:
    for digits in (SHA256, grouped(SHA256, 2).lower()):
        text = f"SHA256 hash of x.iso:\r\n{digits}\r\nCertUtil: -hashfile command completed.\r\n"
        assert read(text) == [of("sha256")]


RELEASE = f"""\
Origin: Debian
Date: Sat, 10 May 2025 09:43:53 UTC
MD5Sum:
 {MD5}  1351 x.iso
SHA256:
 {SHA256}     3 x.iso
 {SHA256} 12345 main/by-hash/y
Description: none
"""
SIGNED = f"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

{RELEASE}- --
-----BEGIN PGP SIGNATURE-----

{SHA256}
x.iso {SHA1}
-----END PGP SIGNATURE-----
"""


@pytest.mark.parametrize("text", [RELEASE, SIGNED])
def test_sections_of_debian_have_an_algorithm_each(text: str) -> None:
    assert read(text) == [of("md5"), of("sha256"), of("sha256", "main/by-hash/y")]


def test_changes_of_debian_have_more_columns() -> None:
    text = f"Checksums-Sha1:\n {SHA1} 3 x.iso\nFiles:\n {MD5} 3 net optional x.iso\n"
    assert read(text) == [of("sha1"), of("md5")]


def test_dashes_that_a_signature_escapes_are_none() -> None:
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\n\n- -x.iso {SHA256}\n"
    assert read(text) == [of("sha256", "-x.iso")]


def test_a_manifest_of_gentoo_has_several_digests_a_line() -> None:
    text = f"DIST x.iso 3 BLAKE2B {BLAKE2B} SHA512 {SHA512}\nIGNORE a\nAUX a\\x20b 3 MD5 {MD5}"
    assert read(text) == [of("blake2b"), of("sha512"), of("md5", "a b")]
    odd = f"AUX a\\U00110000\\U0010FFFF 3 MD5 {MD5}"
    assert read(odd) == [of("md5", "a\\U00110000\U0010ffff")]


def test_what_cksum_and_sfv_files_say() -> None:
    assert read(f"{CKSUM} 3 x.iso\n12 3 y\n")[0] == of("cksum")
    made = f"; made by hand\nx.iso {CRC.upper()}\nmy file {CRC}\n"
    assert read(made, "a.txt") == [of("crc32"), of("crc32", "my file")]
    assert read(f"x.iso {CRC}", "x.sfv") == read(f"CRC32 (x.iso) = {CRC}") == [of("crc32")]


def test_columns_of_hashdeep() -> None:
    text = f"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## x\n3,{MD5},{SHA256},/d/x, y\n"
    assert read(text) == [of("md5", "/d/x, y"), of("sha256", "/d/x, y")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((f"RMD160 (x) = {SHA1}", "rmd160"), ("36978     4 x.iso", "sum (of BSD or System V)")),
        *((f"SHA512/256 (x) = {SHA256}", "sha512/256"), (f"whirlpool:{SHA512} x", "whirlpool")),
    ],
)
def test_what_cannot_be_computed_is_named_and_taken_for_nothing_else(text: str, name: str) -> None:
    reader = SumsReader("SUMS")
    assert list(reader.entries(io.BytesIO(text.encode()), "SUMS")) == []
    assert reader.unsupported == [name]


def test_the_first_line_that_is_not_understood_is_kept() -> None:
    reader = SumsReader("SUMS")
    assert list(reader.entries(io.BytesIO(b"\n# hello\n<!DOCTYPE html>\nb\n"), "SUMS")) == []
    assert reader.first_odd == "<!DOCTYPE html>"
