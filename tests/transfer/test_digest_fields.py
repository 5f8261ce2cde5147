"""What servers declare of a file, and what is made of it."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.models import Digest
from downloader.transfer.digest_fields import Declared, coding, declared, dictionary

DATA = b"data"


class Fields(dict[str, str]):
    """A reply's header fields."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in given.items()})

    def get(self, name: str) -> str | None:  # type: ignore[override]  # as a reply has it
        return super().get(name.lower())


def base64_of(name: str) -> str:
    return base64.b64encode(hashlib.new(name, DATA).digest()).decode()


def digest(name: str) -> Digest:
    return Digest(name, hashlib.new(name, DATA).hexdigest())


SHA256, SHA512, SHA1, MD5 = map(base64_of, ("sha256", "sha512", "sha1", "md5"))
REPR = {"Repr-Digest": f"sha-256=:{SHA256}:"}


def found(given: dict[str, str], status: int = 200) -> tuple[Digest, ...]:
    return declared(status, Fields(given)).digests


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("Repr-Digest", f"sha-256=:{SHA256}:", ["sha256"]),
        ("Repr-Digest", f" sha-512=:{SHA512}: , sha-256=:{SHA256}: ", ["sha256", "sha512"]),
        ("Repr-Digest", f"md5=:{MD5}:, sha-256=:{SHA256}:;q=1, x=(1 2.5 a), y", ["sha256"]),
        ("Repr-Digest", f'a="x, \\"", b=?1, c=@12, d=-3, sha-256=:{SHA256}:', ["sha256"]),
        ("x-amz-checksum-sha256", SHA256, ["sha256"]),
        ("x-amz-checksum-sha1", SHA1, ["sha1"]),
        ("x-goog-hash", f"crc32c=n03x6A==, md5={MD5}", ["md5"]),
        ("Content-MD5", MD5, ["md5"]),
    ],
)
def test_a_digest_is_found_in_its_field(field: str, value: str, expected: list[str]) -> None:
    assert declared(200, Fields({field: value})) == Declared(tuple(map(digest, expected)), field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("Repr-Digest", text) for text in ["", "sha-256", f"sha-256={SHA256}", "sha-256=::"]),
        ("Repr-Digest", f"sha-256=:{SHA256}:,"),
        ("Repr-Digest", f"sha-256=:{SHA256}: sha-512=:{SHA512}:"),
        ("Repr-Digest", f"SHA-256=:{SHA256}:"),
        ("Repr-Digest", f"sha-256=:{SHA256[1:]}:"),
        ("Repr-Digest", f"sha-256=:{SHA512}:"),
        ("Repr-Digest", f"sha-256=:{SHA256}:, sha-256=:AAAA:"),
        ("Repr-Digest", f"sha-256=:{SHA256}:, " + "a=1, " * 3000 + "b"),
        ("Content-Digest", f"sha-256=:{SHA256}:"),
        ("Digest", f"sha-256={SHA256}"),
        ("ETag", f'"{hashlib.md5(DATA).hexdigest()}"'),
        ("x-amz-checksum-sha256", f"{SHA256}-3"),
        ("x-goog-hash", "crc32c=n03x6A=="),
        ("Content-MD5", hashlib.md5(DATA).hexdigest()),
    ],
)
def test_what_is_malformed_or_no_digest_is_passed_over(field: str, value: str) -> None:
    assert found({field: value}) == ()


def test_the_strongest_is_taken() -> None:
    everything = {"Content-MD5": MD5, "x-amz-checksum-sha1": SHA1, **REPR}
    assert found(everything) == (digest("sha256"),)


def test_a_malformed_field_does_not_hide_a_good_one() -> None:
    assert found({"Repr-Digest": "?", "Content-MD5": MD5}) == (digest("md5"),)


@pytest.mark.parametrize(
    "fields",
    [
        {**REPR, "Content-Encoding": "gzip"},
        {"x-amz-checksum-sha256": SHA256, "x-amz-checksum-type": "COMPOSITE"},
        {"x-goog-hash": f"md5={MD5}", "x-goog-stored-content-encoding": "gzip"},
    ],
)
def test_what_is_not_of_the_bytes_that_are_sent_is_not_trusted(fields: dict[str, str]) -> None:
    assert found(fields) == ()


def test_the_rest_of_a_file_comes_with_the_digest_of_the_whole() -> None:
    assert found(REPR, 206) == (digest("sha256"),)
    assert found({"Content-MD5": MD5}, 206) == ()


@pytest.mark.parametrize("status", [203, 404, 503])
def test_only_replies_with_the_file_are_believed(status: int) -> None:
    assert found(REPR, status) == ()


@pytest.mark.parametrize(
    ("value", "expected"), [("identity", ""), (" GZIP ", "gzip"), ("gzip, br", "gzip, br")]
)
def test_a_coding_is_named(value: str, expected: str) -> None:
    assert coding(Fields({"Content-Encoding": value})) == expected
    assert coding(Fields({})) == ""


@given(st.text(alphabet=st.sampled_from('ab-=:;,"()?@%\\ \t1.*é') | st.characters()))
def test_any_value_can_be_read(value: str) -> None:
    assert isinstance(dictionary(value), dict)
    for field in ("Repr-Digest", "x-goog-hash", "Content-MD5", "x-amz-checksum-sha256"):
        found({field: value})


keys = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,8}", fullmatch=True)


@given(st.dictionaries(keys, st.binary(max_size=70)))
def test_a_dictionary_is_read_as_it_was_written(members: dict[str, bytes]) -> None:
    written = {key: f":{base64.b64encode(value).decode()}:" for key, value in members.items()}
    line = ", ".join(f"{key}={value}" for key, value in written.items())
    assert dictionary(line) == written
