"""Digest authentication: the examples of the RFCs, and challenges as servers send them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from requests.auth import HTTPDigestAuth

from downloader.transfer.digest_auth import Challenge, answer, challenge

# RFC 7616 section 3.9.1.
REALM, PATH = "http-auth@example.org", "/dir/index.html"
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
LOGIN = ("Mufasa", "Circle of Life")
FIELD = (
    f'Digest realm="{REALM}", qop="auth, auth-int", algorithm=%s, nonce="{NONCE}", '
    f'opaque="{OPAQUE}"'
)
RESPONSES = {
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
}


def asked(*fields: str) -> Challenge:
    found = challenge(fields)
    assert found is not None
    return found


def answered(found: Challenge, path: str = PATH, **other: Any) -> str:
    return answer(found, other.get("login", LOGIN), path, count=1, cnonce=CNONCE)


def value_of(name: str, said: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', said)
    return found[1] if found else ""


@pytest.mark.parametrize("algorithm", RESPONSES)
def test_the_example_of_rfc_7616(algorithm: str) -> None:
    said = answered(asked(FIELD % algorithm))
    assert said == (
        f'Digest username="Mufasa", realm="{REALM}", nonce="{NONCE}", uri="{PATH}", '
        f'response="{RESPONSES[algorithm]}", algorithm={algorithm}, opaque="{OPAQUE}", '
        f'qop=auth, nc=00000001, cnonce="{CNONCE}"'
    )


def test_the_example_of_rfc_2617() -> None:
    nonce, opaque = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "5ccc069c403ebaf9f0171e9517f40e41"
    field = f'Digest realm="testrealm@host.com", qop="auth", nonce="{nonce}", opaque="{opaque}"'
    said = answer(asked(field), ("Mufasa", "Circle Of Life"), PATH, count=1, cnonce="0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    assert "algorithm" not in said


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("algorithm", ["", ", algorithm=MD5", ", algorithm=SHA-256"])
@pytest.mark.parametrize("qop", ["", ', qop="auth"'])
def test_the_answer_is_that_of_requests(algorithm: str, qop: str, count: int) -> None:
    field = f'realm="r", nonce="n"{algorithm}{qop}'
    theirs: Any = HTTPDigestAuth("us er", "pü:ss")
    theirs.init_per_thread_state()
    chal = dict(each.replace('"', "").split("=") for each in field.split(", "))
    theirs._thread_local.chal = chal
    for _ in range(count):
        said = theirs.build_digest_header("GET", "http://h/a?b=c")
    cnonce = value_of("cnonce", said)
    found = asked(f"Digest {field}")
    ours = answer(found, ("us er", "pü:ss"), "/a?b=c", count=count, cnonce=cnonce)
    assert value_of("response", ours) == value_of("response", said)


def test_the_secret_of_a_session_is_made_of_its_nonces() -> None:
    said = answered(asked(FIELD % "MD5-sess"))
    assert 'response="e783283f46242139c486a698fec7211d"' in said
    assert "algorithm=MD5-sess" in said


@pytest.mark.parametrize(
    ("fields", "algorithm"),
    [
        ([FIELD % "MD5", FIELD % "SHA-256"], "SHA-256"),
        ([FIELD % "SHA-512-256", FIELD % "MD5"], "MD5"),
        (['Basic realm="x", ' + FIELD % "md5"], "md5"),
        ([FIELD % "MD5" + ', Basic realm="x, nonce=y"'], "MD5"),
        (["Negotiate abcd==", FIELD % '"MD5"'], "MD5"),
        ([FIELD % "MD5" + ", " + FIELD % "SHA-256-sess"], "SHA-256-sess"),
        (["digest Realm = x ,nonce= y"], ""),
    ],
)
def test_the_strongest_challenge_is_answered(fields: list[str], algorithm: str) -> None:
    assert asked(*fields).algorithm == algorithm


@pytest.mark.parametrize(
    "field",
    [
        'Basic realm="x", nonce="y"',
        "Digest",
        "",
        'Digest realm="x"',
        'Digest nonce="y"',
        'Digest realm="x", nonce=""',
        'Digest realm="x", nonce="y", qop="auth-int"',
        'Digest realm="x", nonce="y", algorithm=SHA-512-256',
        'Digest realm="x, nonce=y',
        'Digest realm="' + "x" * 9000 + '", nonce="y"',
    ],
)
def test_what_cannot_be_answered_is_none(field: str) -> None:
    assert challenge([field]) is None


def test_quotes_are_escaped_and_letters_go_out_as_utf_8() -> None:
    found = asked(r'Digest realm="a \"b\" \\c", nonce="n", qop=auth')
    assert found.realm == r'a "b" \c'
    said = answered(found, login=('ü"', "p"))
    assert r'realm="a \"b\" \\c"' in said
    assert said.startswith('Digest username="Ã¼\\""')
