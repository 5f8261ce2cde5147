"""Whatever bytes a list has, its reader yields items or says why it cannot be used."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from list_rig import MD5, SHA, listed

from downloader.errors import UsageError
from downloader.formats.reading import Read
from downloader.inputs import LIST_FORMATS
from downloader.registry import load

SAMPLES = {
    "csv": f'url,name,md5,size\n"http://h/a;http://h/b",x;y,{MD5};,1;2\n',
    "tsv": f"TsvHttpData-1.0\nhttp://h/a\t1\t{MD5}\n",
    "json": f'[{{"url": ["http://h/a"], "digests": {{"md5": "{MD5}"}}, "mirrors": ["http://h/b"]}}]',
    "jsonl": f'{{"schema":1,"url":"http://h/a","path":"d/a","final_url":null,"md5":"{MD5}"}}\n',
    "aria2": f"http://h/a\thttp://h/b\n out=x\n dir=d\n checksum=md5={MD5}\n header=a: b\n",
    "metalink": f'<metalink><file name="x"><size>1</size><hash type="md5">{MD5}</hash>'
    '<url priority="1">http://h/a</url></file></metalink>',
    "bagit": "http://h/a 12 data/a%0A\n",
    "curl": 'url = "http://h/a"\noutput = "x\\n"\nnext\n-H "a: b"\n',
    "sums": f"{SHA}  a\nMD5 (b) = {MD5}\n",
    "text": f"http://h/a\tx\tmd5:{MD5}\n",
}
PIECES = st.sampled_from(
    ["", "\0", "\n", "\t", '"', ";", ",", "<", ">", "&a;", "[", "{", "}", "\\", "%", "é", "../"]
)


def read_by(name: str, data: bytes) -> None:
    reader: Read = load(LIST_FORMATS[name].reader)
    with contextlib.suppress(UsageError):
        for item in listed(reader, data, base="http://h/", folder="d"):
            assert item.line > 0
            assert item.fault is None or item.fault.isprintable()


@pytest.mark.parametrize("name", sorted(LIST_FORMATS))
@given(data=st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_bytes(name: str, data: bytes) -> None:
    read_by(name, data)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_lists_with_pieces_cut_out_and_put_in(name: str, data: st.DataObject) -> None:
    text = SAMPLES[name]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    read_by(name, text.encode())
