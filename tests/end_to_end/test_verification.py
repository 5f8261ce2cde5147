"""Checksums from lists, options, sums files and servers, with the command as it is installed."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

import pytest
from good import GoodServer, Reply, Route
from installed import Done, Installed

Files = dict[str, Route]
A = b"a" * 3000  # what the server has as /a.bin


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sri(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def records(done: Done) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(found, key=lambda record: record["line"])


def reasons(done: Done) -> list[str]:
    return [record["error"] and record["error"]["message"] for record in records(done)]


@pytest.mark.parametrize("form", [f"sha256:{sha256(A).upper()}", f"sha256-{sri(A)}"])
@pytest.mark.parametrize("mode", [(), ("--sequential",)])
def test_right_is_0_and_verified(
    dl: Installed, web: GoodServer, form: str, mode: tuple[str, ...]
) -> None:
    done = dl("fetch", web.url("/a.bin"), "--checksum", form, "--format", "json", *mode)
    assert done.returncode == 0
    assert records(done)[0]["verified"] == "given"
    assert dl.files() == {"a.bin": A}


@pytest.mark.parametrize("mode", [(), ("--sequential",)])
def test_wrong_is_1_and_leaves_what_was_there(
    dl: Installed, web: GoodServer, mode: tuple[str, ...]
) -> None:
    (dl.folder / "downloads").mkdir()
    (dl.folder / "downloads" / "a.bin").write_bytes(b"old")
    options = ("--checksum", f"sha256:{sha256(b'x')}", "--overwrite", "-q", *mode)
    done = dl("fetch", web.url("/a.bin"), *options)
    assert (done.returncode, done.stdout) == (1, b"")
    line = f"dl: {web.url('/a.bin')}: expected sha256 {sha256(b'x')}, got {sha256(A)}\n"
    assert done.stderr.decode() == line
    assert (dl.files(), dl.parts()) == ({"a.bin": b"old"}, [])


def test_wrong_then_right_is_0(dl: Installed) -> None:
    with GoodServer({"/x": [b"bad", b"good"]}) as server:
        done = dl("fetch", server.url("/x"), "--checksum", f"sha256:{sha256(b'good')}")
        assert server.paths == ["/x", "/x"]
    assert (done.returncode, dl.files()) == (0, {"x": b"good"})


def test_a_list_gives_names_and_checksums_line_by_line(dl: Installed, web: GoodServer) -> None:
    lines = [
        f"{web.url('/a.bin')}  one name.bin  sha256:{sha256(A)}  md5:{hashlib.md5(A).hexdigest()}",
        f"{web.url('/b.bin')}\tsha256:{sha256(A)}",
        f"{web.url('/c.bin')}  sha256:12",
        web.url("/d.bin"),
    ]
    done = dl("fetch", dl.write_list(lines), "--format", "json", "-q")
    told = [(record["line"], record["status"], record["verified"]) for record in records(done)]
    assert told[0] == (1, "stored", "given")
    assert [each[1] for each in told] == ["stored", "failed", "failed", "stored"]
    assert done.returncode == 1
    assert b"dl: urls.txt:3: " in done.stderr
    assert b"has 64 hexadecimal digits, this one has 2" in done.stderr
    assert sorted(dl.files()) == ["d.bin", "one name.bin"]
    assert {tuple(record["digests"]) for record in records(done)} == {("sha256",), ()}


@pytest.mark.parametrize(
    "options",
    [
        *(("--checksum", "sha256:12"), ("--checksum", "sha255:12"), ("--checksum", sha256(A))),
        *(("--checksum", f"sha256:{sha256(A)}", "SECOND"), ("--sums", "gone")),
        *(("--sums", "SECOND"), ("--sums", "http://127.0.0.1:1/SUMS", "--retries", "0")),
    ],
)
def test_what_cannot_be_checked_against_is_2_and_fetches_nothing(
    dl: Installed, options: tuple[str, ...]
) -> None:
    with GoodServer({"/x": b"x", "/y": b"no sums"}) as server:
        given = [each.replace("SECOND", server.url("/y")) for each in options]
        done = dl("fetch", server.url("/x"), *given)
        assert "/x" not in server.paths
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert not (dl.folder / "downloads").exists()


def test_published_sums_are_read_from_a_file(dl: Installed, web: GoodServer) -> None:
    lines = f"# published\r\n{sha256(A)} *a.bin\r\nSHA256 (dir/b.bin) = {sha256(b'x')}\r\n"
    (dl.folder / "SUMS").write_text(lines)
    listed = dl.write_list([web.url(f"/{name}.bin") for name in "abc"])
    done = dl("fetch", listed, "--sums", "SUMS", "--format", "json")
    assert [record["verified"] for record in records(done)] == ["given", "none", "none"]
    assert [record["status"] for record in records(done)] == ["stored", "failed", "stored"]
    assert done.returncode == 1
    assert b"dl: warning: 1 item was not checked by --sums: not named in SUMS\n" in done.stderr


def test_published_sums_are_fetched_first(dl: Installed) -> None:
    sums = f"{sha256(b'x')}  pub/x.iso\n{hashlib.sha512(b'y').hexdigest()}  y.iso\n".encode()
    files = {"/SUMS": sums, "/pub/x.iso": b"x", "/y.iso": b"y"}
    with GoodServer(files) as server:
        listed = dl.write_list([server.url("/pub/x.iso"), server.url("/y.iso")])
        env = {"DL_SUMS": server.url("/SUMS")}
        done = dl("fetch", listed, "--format", "json", "-H", "X-Key: k", env=env)
        assert server.paths[0] == "/SUMS"
        assert server.requests[0].headers["x-key"] == "k"
    assert (done.returncode, b"warning" in done.stderr) == (0, False)
    assert [record["verified"] for record in records(done)] == ["given", "given"]


def test_sums_that_name_nothing_are_2_and_fetch_nothing(dl: Installed, urls: str) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(A)}  other\n")
    done = dl("fetch", urls, "-q", "--sums", "SUMS")
    assert (done.returncode, done.stdout, dl.files()) == (2, b"", {})
    why = "no item is named in SUMS, which names 'other': nothing was fetched"
    assert done.stderr.decode() == f"dl: --sums: {why}\n"


def test_where_names_come_too_late_for_that_it_is_1_and_quiet_hides_nothing(
    dl: Installed, web: GoodServer
) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(A)}  other\n")
    done = dl("fetch", "-", "-q", "--sums", "SUMS", given=web.url("/a.bin").encode())
    assert (done.returncode, done.stdout.count(b"\n"), dl.files()) == (1, 1, {"a.bin": A})
    warning = "1 item was not checked by --sums: not named in SUMS, which names 'other'"
    assert done.stderr.decode() == f"dl: warning: {warning}\n"


def test_a_list_on_standard_input_may_be_a_file(dl: Installed, web: GoodServer) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(A)}  a.bin\n")
    with open(dl.folder / dl.write_list([web.url("/a.bin")]), "rb") as listed:
        done = dl("fetch", "-", "--sums", "SUMS", "--format", "json", stdin=listed)
    assert (done.returncode, records(done)[0]["verified"]) == (0, "given")


def test_quiet_hides_no_item_that_was_not_checked(dl: Installed, urls: str) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(A)}  a.bin\n")
    done = dl("fetch", urls, "-q", "--sums", "SUMS")
    assert done.returncode == 0
    assert done.stderr == b"dl: warning: 7 items were not checked by --sums: not named in SUMS\n"


ways = pytest.mark.parametrize(
    "way", [(), ("--sequential",), ("-t", "1"), ("--fetch-processes", "2")]
)


def named(name: str, data: bytes) -> Reply:
    return Reply(data, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@ways
def test_the_name_that_the_server_gives_is_looked_for_too(
    dl: Installed, way: tuple[str, ...]
) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(b'1')}  one.pdf\n{sha256(b'x')}  two.pdf\n")
    files: Files = {
        "/get/1": named("one.pdf", b"1"),
        "/get/2": named("two.pdf", b"2"),
        "/get/3": b"3",
    }
    with GoodServer(files) as server:
        listed = dl.write_list([server.url(path) for path in files])
        options = ("--content-disposition", "--sums", "SUMS", "--format", "json", "-q")
        done = dl("fetch", listed, *options, *way)
        assert server.paths.count("/get/2") == 2
    assert (done.returncode, dl.files()) == (1, {"one.pdf": b"1", "3": b"3"})
    assert [record["verified"] for record in records(done)] == ["given", "none", "none"]
    assert [record["status"] for record in records(done)] == ["stored", "failed", "stored"]
    assert b"warning: 1 item was not checked by --sums" in done.stderr


@ways
def test_and_so_is_the_name_to_which_a_redirect_leads(dl: Installed, way: tuple[str, ...]) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(b'1')}  one.iso\n")
    leads = Reply(status=302, headers={"Location": "/files/one.iso"})
    with GoodServer({"/get?id=1": leads, "/files/one.iso": b"1"}) as server:
        options = ("--server-names", "--sums", "SUMS", "--require-checksum", "--format", "json")
        done = dl("fetch", server.url("/get?id=1"), *options, *way)
    assert (done.returncode, dl.files()) == (0, {"one.iso": b"1"})
    assert records(done)[0]["verified"] == "given"


@ways
def test_an_item_without_a_given_checksum_fails_where_one_is_required(
    dl: Installed, way: tuple[str, ...]
) -> None:
    declaring = Reply(b"2", headers={"Repr-Digest": f"sha-256=:{sri(b'2')}:"})
    files: Files = {"/1": b"1", "/2": declaring, "/3": b"3"}
    with GoodServer(files) as server:
        lines = [f"{server.url('/1')}  sha256:{sha256(b'1')}", server.url("/2"), server.url("/3")]
        options = ("--require-checksum", "--format", "json", "-q")
        done = dl("fetch", dl.write_list(lines), *options, *way)
        assert server.paths == ["/1"]
    assert (done.returncode, dl.files()) == (1, {"1": b"1"})
    assert records(done)[1]["error"]["kind"] == "checksum"
    assert reasons(done)[2] == "no given checksum verifies it (--require-checksum)"


@ways
def test_where_servers_give_names_it_is_required_once_these_are_known(
    dl: Installed, way: tuple[str, ...]
) -> None:
    (dl.folder / "SUMS").write_text(f"{sha256(b'1')}  one.pdf\n")
    files: Files = {"/get/1": named("one.pdf", b"1"), "/get/2": named("two.pdf", b"2")}
    with GoodServer(files) as server:
        listed = dl.write_list([server.url(path) for path in files])
        options = ("--content-disposition", "--require-checksum", "--sums", "SUMS")
        done = dl("fetch", listed, *options, "--format", "json", *way)
    assert (done.returncode, dl.files()) == (1, {"one.pdf": b"1"})
    why = "no given checksum verifies it (--require-checksum): not named in SUMS"
    assert reasons(done) == [None, why]


def test_what_stands_unverified_is_not_kept_where_a_checksum_is_required(
    dl: Installed, web: GoodServer
) -> None:
    url = web.url("/a.bin")
    assert dl("fetch", url).returncode == 0
    options = ("--continue", "--require-checksum", "--format", "json")
    done = dl("fetch", url, *options, "--checksum", f"sha256:{sha256(A)}")
    assert (done.returncode, records(done)[0]["status"]) == (0, "kept")
    done = dl("fetch", url, *options)
    assert (done.returncode, records(done)[0]["error"]["kind"]) == (1, "checksum")


@pytest.mark.parametrize("way", [(), ("--sequential",)])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bin.sha256", sha256(A)),
        ("checksum.sha256", sha256(A)),
        ("b.sfv", f"; sfv\r\na.bin {zlib.crc32(A):08X}\r\n"),
        ("registry.txt", f"a.bin md5:{hashlib.md5(A).hexdigest()}\n"),
        ("SHA512", f"a.bin: {hashlib.sha512(A).hexdigest().upper()}\n"),
    ],
)
def test_sums_of_other_kinds_check_too(
    dl: Installed, web: GoodServer, way: tuple[str, ...], name: str, text: str
) -> None:
    (dl.folder / name).write_text(text)
    done = dl("fetch", web.url("/a.bin"), "--sums", name, "--format", "json", *way)
    assert (done.returncode, records(done)[0]["verified"]) == (0, "given")
    other = (web.url("/b.bin"), "-o", "a.bin", "--format", "json")
    done = dl("fetch", *other, "--sums", name, *way)
    assert (done.returncode, records(done)[0]["error"]["kind"]) == (1, "checksum")


@pytest.mark.parametrize("way", [(), ("--sequential",), ("--fetch-processes", "2")])
def test_a_crc_checks_and_is_written_as_what_it_is(
    dl: Installed, web: GoodServer, way: tuple[str, ...]
) -> None:
    crc = f"{zlib.crc32(A):08x}"
    given = (web.url("/a.bin"), "--checksum", f"crc32:{crc.upper()}", "-a", "crc32", *way)
    done = dl("fetch", *given)
    assert (done.returncode, done.stdout) == (0, f"CRC32 (downloads/a.bin) = {crc}\n".encode())
    wrong = dl("fetch", web.url("/a.bin"), "--checksum", "crc32:00000000", *way)
    assert wrong.returncode == 1


def test_names_with_blanks_and_backslashes_are_found(dl: Installed) -> None:
    names = {"/my%20file.bin": b"1", "/back%5Cslash": b"2"}
    sums = f"{sha256(b'1')}  my file.bin\n\\{sha256(b'2')}  back\\\\slash\n"
    (dl.folder / "SUMS").write_text(sums)
    with GoodServer(names) as server:
        listed = dl.write_list([server.url(path) for path in names])
        done = dl("fetch", listed, "--sums", "SUMS", "--format", "json")
    assert [record["verified"] for record in records(done)] == ["given", "given"]


def test_what_dl_wrote_checks_the_next_run(dl: Installed, web: GoodServer) -> None:
    """Also where two URLs end in the same name."""
    listed = dl.write_list([web.url("/dir/a.bin"), web.url("/a.bin")])
    (dl.folder / "SUMS").write_bytes(dl("fetch", listed).stdout)
    done = dl("fetch", listed, "--sums", "SUMS", "--format", "json")
    assert done.returncode == 0
    assert [record["verified"] for record in records(done)] == ["given", "given"]


def test_servers_are_asked_for_digests_and_held_to_them(dl: Installed) -> None:
    def declaring(data: bytes) -> Reply:
        return Reply(b"data", headers={"Repr-Digest": f"sha-256=:{sri(data)}:"})

    with GoodServer({"/right": declaring(b"data"), "/wrong": declaring(b"other")}) as server:
        listed = dl.write_list([server.url("/right"), server.url("/wrong")])
        done = dl("fetch", listed, "--format", "json", "-q")
        assert server.requests[0].headers["want-repr-digest"] == "sha-256=10, sha-512=5"
        assert sorted(server.paths) == ["/right", "/wrong", "/wrong"]
    assert (done.returncode, dl.files()) == (1, {"right": b"data"})
    assert records(done)[0]["verified"] == "server"
    right = f"expected sha256 {sha256(b'other')} as the server's Repr-Digest says, "
    assert reasons(done) == [None, f"{right}got {sha256(b'data')}"]
