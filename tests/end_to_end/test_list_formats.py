"""Every format of lists, as its users hand it in: the files, under their names, checked."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from collections.abc import Iterator

import pytest
from good import GoodServer, echo
from installed import Installed

DATA = {"/x/a.bin": b"a" * 50, "/x/b.bin": b"b" * 60, "/x/sub/c d.bin": b"c" * 70}
PATHS = ["/x/a.bin", "/x/b.bin", "/x/sub/c%20d.bin"]
A, B, C = DATA.values()
BOTH = {"a.bin": A, "b.bin": B}
SUB = {**BOTH, "sub/c d.bin": C}


def hexes(data: bytes, name: str = "sha256") -> str:
    return hashlib.new(name, data).hexdigest()


@pytest.fixture(scope="module")
def server() -> Iterator[GoodServer]:
    files = dict(zip(PATHS, DATA.values(), strict=True))
    with GoodServer({**files, "/x/echo": echo}) as serving:
        yield serving


def fetched(dl: Installed, name: str, text: str | bytes, *options: str) -> dict[str, bytes]:
    """Fetch a list that is written to a file of this name; everything in it must be checked."""
    raw = text if isinstance(text, bytes) else text.encode()
    (dl.folder / name).parent.mkdir(exist_ok=True)
    (dl.folder / name).write_bytes(raw)
    done = dl("fetch", name, "--format", "json", *options)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["error"] for record in records] == [None] * len(records), done.stderr
    assert {record["verified"] for record in records} == {"given"}
    assert done.returncode == 0
    return dl.files()


def test_csv(dl: Installed, server: GoodServer) -> None:
    u, v = server.url(PATHS[0]), server.url(PATHS[1])
    rows = f"url,size,sha256\n{u},50,{hexes(A)}\n{v},60,{hexes(B)}\n"
    assert fetched(dl, "list.csv", rows) == BOTH


def test_tsv_of_an_archive_with_two_files_in_a_cell(dl: Installed, server: GoodServer) -> None:
    cell = ";".join(server.url(path).removeprefix("http://") for path in PATHS[:2])
    row = f"RUN1\t{cell}\t{hexes(A, 'md5')};{hexes(B, 'md5')}\n"
    table = f"run_accession\tfastq_ftp\tfastq_md5\n{row}"
    columns = ("--columns", "url=fastq_ftp,md5=fastq_md5", "--base", "http://")
    assert fetched(dl, "filereport.txt", table, *columns) == BOTH


def test_tsv_for_a_storage_transfer(dl: Installed, server: GoodServer) -> None:
    md5 = base64.b64encode(hashlib.md5(A).digest()).decode()
    row = f"{server.url(PATHS[0])}\t50\t{md5}"
    assert fetched(dl, "list", f"TsvHttpData-1.0\n{row}\n") == {"a.bin": A}


def test_json_and_jsonl_also_packed(dl: Installed, server: GoodServer) -> None:
    values = [
        {"url": server.url(path), "name": f"n/{number}", "digests": {"sha256": hexes(data)}}
        for number, (path, data) in enumerate(zip(PATHS, DATA.values(), strict=True))
    ]
    lines = "".join(json.dumps(value) + "\n" for value in values)
    named = {f"n/{number}": data for number, data in enumerate(DATA.values())}
    assert fetched(dl, "list", json.dumps(values, indent=2)) == named
    assert fetched(dl, "list.jsonl.gz", gzip.compress(lines.encode())) == named


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("layout", ["flat", "tree"])
def test_what_was_written_is_a_list_that_checks_every_digest(
    dl: Installed, server: GoodServer, form: str, layout: str
) -> None:
    urls = [server.url(path) for path in PATHS]
    named = f"{urls[0]}\n{urls[1]}  k/other.bin\n{urls[2]}\n"
    options = ("--format", form, "-a", "sha512", "-a", "md5", "--layout", layout)
    done = dl("fetch", "-", *options, given=named.encode())
    (dl.folder / "lock").write_bytes(done.stdout)
    before = dl.files()
    assert fetched(dl, "lock2", done.stdout, "--layout", layout) == before
    [first, *_] = before
    (dl.folder / "bad").write_bytes(done.stdout.replace(hexes(A, "md5").encode(), b"0" * 32))
    again = dl("fetch", "bad", "--layout", layout)
    assert (again.returncode, dl.files()) == (1, before), first
    assert b"expected md5 " + b"0" * 32 in again.stderr


def test_aria2(dl: Installed, server: GoodServer) -> None:
    gone, u, v = server.url("/gone"), server.url(PATHS[0]), server.url(PATHS[1])
    first = f"{gone}\t{v}\t{u}\n out=k.bin\n dir=sub\n checksum=sha-256={hexes(A)}\n"
    second = f"{v}\n checksum=md5={hexes(B, 'md5')}\n header=X-Key: 1\n"
    assert fetched(dl, "list", first + second) == {"sub/k.bin": A, "b.bin": B}
    assert [each.path for each in server.requests if "x-key" in each.headers] == [PATHS[1]]


@pytest.mark.parametrize("version", [3, 4])
def test_metalink(dl: Installed, server: GoodServer, version: int) -> None:
    gone, u = server.url("/gone"), server.url(PATHS[0])
    hashed = f'<hash type="sha-256">{hexes(A)}</hash>'
    urls = f'<url preference="10">{u}</url><url preference="90">{gone}</url>'
    inner = f"<verification>{hashed}</verification><resources>{urls}</resources>"
    if version == 4:
        inner = f'{hashed}<url priority="1">{gone}</url><url priority="2">{u}</url>'
    file = f'<file name="sub/k.bin"><size>50</size>{inner}</file>'
    text = f"<metalink>{file if version == 4 else f'<files>{file}</files>'}</metalink>"
    assert fetched(dl, "list", f'<?xml version="1.0" encoding="UTF-8"?>{text}') == {"sub/k.bin": A}


def test_bag(dl: Installed, server: GoodServer) -> None:
    (dl.folder / "bag").mkdir()
    (dl.folder / "bag/bagit.txt").write_text("BagIt-Version: 1.0\n")
    sums = f"{hexes(A)}  data/a\n{hexes(C)}  data/s/c%250.bin\n"
    (dl.folder / "bag/manifest-sha256.txt").write_text(sums)
    lines = f"{server.url(PATHS[0])} 50 data/a\n{server.url(PATHS[2])} - data/s/c%250.bin\n"
    assert fetched(dl, "bag/fetch.txt", lines, "-d", "downloads") == {
        "data/a": A,
        "data/s/c%0.bin": C,
    }


@pytest.mark.parametrize("source", ["bag", "bag/fetch.txt", "."])
def test_what_a_bag_lacks_goes_into_it(dl: Installed, server: GoodServer, source: str) -> None:
    bag = dl.folder if source == "." else dl.folder / "bag"
    bag.mkdir(exist_ok=True)
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (bag / "manifest-md5.txt").write_text(f"{hexes(A, 'md5')}  data/a\n")
    (bag / "fetch.txt").write_text(f"{server.url(PATHS[0])} 50 data/a\n")
    done = dl("fetch", source, "-q")
    assert (done.returncode, (bag / "data/a").read_bytes()) == (0, A)
    assert not (dl.folder / "downloads").exists()
    (bag / "fetch.txt").unlink()
    done = dl("fetch", str(bag))
    assert done.returncode == 2
    assert b"this bag has no fetch.txt: there is nothing to be fetched" in done.stderr


def test_sums_with_a_base(dl: Installed, server: GoodServer) -> None:
    names = zip(("a.bin", "./b.bin", "sub/c d.bin"), DATA.values(), strict=True)
    text = "".join(f"{hexes(data)}  {name}\n" for name, data in names)
    assert fetched(dl, "SHA256SUMS", text, "--base", server.url("/x")) == SUB


def test_curl(dl: Installed, server: GoodServer) -> None:
    text = f'# two\nsilent\nurl = "{server.url(PATHS[0])}"\noutput = "sub/k.bin"\n'
    sums = dl.folder / "sums"
    sums.write_text(f"{hexes(A)}  k.bin\n")
    assert fetched(dl, "list", text, "--sums", "sums") == {"sub/k.bin": A}


def test_parquet(dl: Installed, server: GoodServer) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    sink = io.BytesIO()
    columns = {"url": [server.url(path) for path in PATHS[:2]], "sha256": [hexes(A), hexes(B)]}
    parquet.write_table(pyarrow.table(columns), sink)
    assert fetched(dl, "list", sink.getvalue()) == BOTH


def test_a_row_that_is_not_usable_is_a_failed_item_with_its_place(
    dl: Installed, server: GoodServer
) -> None:
    u = server.url(PATHS[0])
    (dl.folder / "urls.csv").write_text(f"url,size\n{u},x\n{u},50\n{u};{u}?b,1;2;3\n,9\n")
    done = dl("fetch", "urls.csv", "-q")
    assert (done.returncode, dl.files()) == (1, {"a.bin": A})
    first, second, third, *_ = done.stderr.decode().splitlines()
    assert third == "dl: urls.csv:5: ,9: there is no URL in this row"
    assert first == f"dl: urls.csv:2: {u}: its size is no number of bytes: 'x'"
    assert second == f"dl: urls.csv:4: {u};{u}?b: it has 2 URLs, and 3 in its column size"


def test_a_column_that_is_not_there_is_a_usage_error(dl: Installed) -> None:
    (dl.folder / "urls.csv").write_text("link\nhttp://h/a\n")
    done = dl("fetch", "urls.csv")
    assert done.returncode == 2
    assert b"urls.csv: no column is called url (there are 'link'): name the right" in done.stderr
    done = dl("fetch", "urls.csv", "--columns", "url=lnk")
    assert b"no column is called lnk: did you mean 'link'?" in done.stderr
    done = dl("fetch", "urls.csv", "--columns", "links")
    assert b"--columns links: give KEY=COLUMN" in done.stderr
    done = dl("fetch", "urls.csv", "--columns", "uri=link")
    assert b"--columns uri=link: no such key: give url, name, size" in done.stderr
