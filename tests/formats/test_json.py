"""JSON records: the promised keys, in ASCII that can be printed."""

from __future__ import annotations

import json

from outcome_values import FAILED, STORED

from downloader.formats import Shape
from downloader.formats.json import number, record, text, writer


def test_the_record_has_the_promised_keys_in_order() -> None:
    expected = (
        '{"schema":1,"line":3,"url":"http://h/a","final_url":"http://h/b","status":"stored",'
        '"path":"d/a.bin","size":5,"digests":{"sha256":"ab"},"verified":"given","http_status":200,'
        '"attempts":1,"resumed_from":0,"fetch_seconds":0.123457,"hash_seconds":0.002,"error":null}'
    )
    assert text(record(STORED)) == expected


def test_json_is_printable_ascii_and_reads_back() -> None:
    shown = text(record(FAILED))
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown)["url"] == FAILED.url
    assert json.loads(shown)["error"] == {"kind": "dns", "message": "no\nhost", "retryable": False}


def test_a_record_is_a_line() -> None:
    write = writer(Shape(("sha256",)))
    assert write(STORED) == text(record(STORED)).encode() + b"\n"


def test_a_number_that_json_cannot_express_is_null() -> None:
    assert number(float("nan")) is number(float("inf")) is None
