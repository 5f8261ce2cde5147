"""dl verify against what people hand in: every format that holds checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from good import GoodServer
from installed import Done, Installed

BODIES = {"a.bin": b"a" * 3000, "sub/b.bin": b"b" * 3000}
needs_sha256sum = pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")


@pytest.fixture
def tree(dl: Installed) -> Path:
    """The files of BODIES in the current folder."""
    for name, body in BODIES.items():
        path = dl.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
    return dl.folder


def digest(algorithm: str, body: bytes) -> str:
    return hashlib.new(algorithm, body).hexdigest()


def told(done: Done) -> tuple[int, list[str]]:
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape").splitlines()


def url(name: str) -> str:
    return f"https://example.org/{name}"


def gnu(name: str, body: bytes) -> str:
    return f"{digest('sha256', body)}  {name}\n"


def bsd(name: str, body: bytes) -> str:
    return f"MD5 ({name}) = {digest('md5', body)}\nSHA1 ({name}) = {digest('sha1', body)}\n"


def pooch(name: str, body: bytes) -> str:
    return f"{name} sha256:{digest('sha256', body)} {url(name)}\n"


def hashdeep(name: str, body: bytes) -> str:
    return f"{len(body)},{digest('md5', body)},{digest('sha256', body)},{name}\n"


SUMS: dict[str, tuple[str, Callable[[str, bytes], str]]] = {
    "gnu": ("", gnu),
    "bsd": ("", bsd),
    "pooch": ("# a registry\n", pooch),
    "hashdeep": ("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## remark\n", hashdeep),
}


@pytest.mark.parametrize("kind", SUMS)
def test_names_of_sums_are_paths_from_the_current_folder(
    dl: Installed, tree: Path, kind: str
) -> None:
    """A file with several digests is told once."""
    head, line = SUMS[kind]
    (tree / "list").write_text(head + "".join(line(*each) for each in BODIES.items()))
    assert told(dl("verify", "list", "-q")) == (0, [])
    assert told(dl("verify", "list")) == (0, ["a.bin: OK", "sub/b.bin: OK"])
    (tree / "a.bin").write_bytes(b"A" * 3000)
    (tree / "sub" / "b.bin").unlink()
    assert told(dl("verify", "list")) == (1, ["sub/b.bin: MISSING", "a.bin: FAILED"])


def test_with_a_folder_names_are_below_it_and_lead_nowhere_else(dl: Installed, tree: Path) -> None:
    (tree / "list").write_text(gnu("b.bin", BODIES["sub/b.bin"]) + gnu("../a.bin", BODIES["a.bin"]))
    done = dl("verify", "list", "-d", "sub")
    assert told(done) == (1, ["sub/../a.bin: FAILED open or read", "sub/b.bin: OK"])


@needs_sha256sum
def test_lines_are_those_of_sha256sum_for_any_name(dl: Installed) -> None:
    for name in ("new\nline", "back\\slash", "all\\\n\r", "plain"):
        (dl.folder / name).write_bytes(name.encode())
    made = dl.shell("sha256sum * > ../list; sha256sum --check ../list; mv ../list list")
    assert told(dl("verify", "list")) == (0, made.stdout.decode().splitlines())


@pytest.mark.parametrize("form", ["json", "csv"])
def test_records_of_fetch_and_hash_are_checked(dl: Installed, tree: Path, form: str) -> None:
    """Under the very paths that they tell, wherever those are."""
    (tree / "list").write_bytes(dl("hash", "a.bin", f"{tree}/sub", "--format", form).stdout)
    assert told(dl("verify", "list")) == (0, ["a.bin: OK", f"{tree}/sub/b.bin: OK"])
    (tree / "a.bin").write_bytes(b"short")
    assert told(dl("verify", "-q", "-", given=(tree / "list").read_bytes())) == (
        1,
        ["a.bin: FAILED"],
    )


def text(name: str, body: bytes) -> str:
    return f"{url(name)}  {name}  sha256:{digest('sha256', body)}\n"


def aria2(name: str, body: bytes) -> str:
    return f"{url(name)}\n out={name}\n checksum=sha-256={digest('sha256', body)}\n"


def csv(name: str, body: bytes) -> str:
    return f"{url(name)},{name},{len(body)},{digest('md5', body)}\n"


def metalink(name: str, body: bytes) -> str:
    return (
        f'<file name="{name}"><size>{len(body)}</size><hash type="sha-256">'
        f"{digest('sha256', body)}</hash><url>{url(name)}</url></file>"
    )


LISTS: dict[str, tuple[str, Callable[[str, bytes], str], str]] = {
    "text": ("", text, ""),
    "aria2": ("", aria2, ""),
    "csv": ("url,name,size,md5\n", csv, ""),
    "metalink": ('<metalink xmlns="urn:ietf:params:xml:ns:metalink">', metalink, "</metalink>"),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("piped", [False, True])
def test_files_of_a_list_are_where_fetch_puts_them(
    dl: Installed, tree: Path, kind: str, piped: bool
) -> None:
    head, line, end = LISTS[kind]
    content = head + "".join(line(*each) for each in BODIES.items()) + end
    (tree / "list").write_text(content)
    source = "-" if piped else "list"
    given = content.encode() if piped else b""
    assert told(dl("verify", source, "-d", ".", given=given)) == (
        0,
        ["a.bin: OK", "sub/b.bin: OK"],
    )
    (tree / "a.bin").unlink()
    assert told(dl("verify", source, "-d", ".", "-q", given=given)) == (1, ["a.bin: MISSING"])


def test_a_url_that_stands_twice_is_one_file_and_must_have_all_its_digests(
    dl: Installed, tree: Path
) -> None:
    wrong = digest("md5", b"another")
    (tree / "list").write_text(text("a.bin", BODIES["a.bin"]) + f"{url('a.bin')}  md5:{wrong}\n")
    assert told(dl("verify", "list", "-d", ".")) == (1, ["a.bin: FAILED"])


def test_a_url_is_found_where_an_earlier_run_put_it(dl: Installed) -> None:
    with GoodServer({"/1/a.bin": b"one", "/2/a.bin": b"two"}) as server:
        one, two = server.url("/1/a.bin"), server.url("/2/a.bin")
        assert dl("fetch", dl.write_list([one, two]), "-q").returncode == 0
    lines = dl.write_list([f"{two}  sha256:{digest('sha256', b'two')}"], "two.txt")
    assert told(dl("verify", lines)) == (0, ["downloads/a-2.bin: OK"])


@pytest.fixture
def bag(dl: Installed) -> Path:
    """A bag with two manifests, and a name that has to be encoded."""
    bag = dl.folder / "bag"
    (bag / "data").mkdir(parents=True)
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    for name, body in ((b"a.bin", b"a"), (b"new\nline", b"n")):
        (bag / "data" / name.decode()).write_bytes(body)
    for algorithm in ("md5", "sha512"):
        sums = (
            f"{digest(algorithm, b'a')}  data/a.bin\n{digest(algorithm, b'n')}  data/new%0Aline\n"
        )
        (bag / f"manifest-{algorithm}.txt").write_text(sums)
    tag = digest("md5", (bag / "bagit.txt").read_bytes())
    (bag / "tagmanifest-md5.txt").write_text(f"{tag}  bagit.txt\n")
    return bag


@pytest.mark.parametrize("named", ["bag", "bag/"])
def test_a_bag_is_checked_against_all_its_manifests(dl: Installed, bag: Path, named: str) -> None:
    right = ["bag/data/a.bin: OK", "\\bag/data/new\\nline: OK", "bag/bagit.txt: OK"]
    assert told(dl("verify", named)) == (0, right)
    (bag / "data" / "a.bin").write_bytes(b"b")
    assert told(dl("verify", named, "-q")) == (1, ["bag/data/a.bin: FAILED"])
    (bag / "data" / "a.bin").unlink()
    assert told(dl("verify", "bag/manifest-md5.txt", "-q")) == (1, ["bag/data/a.bin: MISSING"])


def test_no_link_leads_out_of_a_bag(dl: Installed, bag: Path) -> None:
    (bag / "data" / "a.bin").rename(dl.folder / "outside")
    (bag / "data" / "a.bin").symlink_to(dl.folder / "outside")
    assert told(dl("verify", "bag", "-q")) == (1, ["bag/data/a.bin: FAILED open or read"])


# What cannot be checked.


@pytest.mark.parametrize(
    "content", ["", "nothing that one could understand\n", "https://example.org/a.bin\n"]
)
def test_a_file_without_checksums_is_refused(dl: Installed, tree: Path, content: str) -> None:
    (tree / "list").write_text(content)
    done = dl("verify", "list", "-d", ".")
    assert told(done) == (2, [])
    assert done.stderr.startswith(b"dl: list: ")


@pytest.mark.parametrize("named", ["nowhere", "sub", "https://example.org/SHA256SUMS"])
def test_what_is_no_file_is_refused(dl: Installed, tree: Path, named: str) -> None:
    done = dl("verify", named)
    assert told(done) == (2, [])
    assert done.stderr.startswith(b"dl: ")
    assert done.stderr.count(b"\n") == 1


def test_lines_that_are_not_understood_are_told_and_all_is_not_well(
    dl: Installed, tree: Path
) -> None:
    (tree / "list").write_text(gnu("a.bin", BODIES["a.bin"]) + "what is this\n")
    done = dl("verify", "list", "-q")
    assert told(done) == (1, [])
    assert done.stderr == (b"dl: warning: list: lines like 'what is this' are not understood\n")


def test_a_file_of_which_a_list_has_no_checksum_is_never_right(dl: Installed, tree: Path) -> None:
    (tree / "list").write_text(text("a.bin", BODIES["a.bin"]) + f"{url('b.bin')}  sub/b.bin\n")
    done = dl("verify", "list", "-d", ".", "--format", "json")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["path"], each["status"]) for each in records] == [
        ("sub/b.bin", "failed"),
        ("a.bin", "ok"),
    ]


def test_files_besides_those_of_sums_are_named(dl: Installed, tree: Path) -> None:
    """The file of sums itself is none of them."""
    (tree / "list").write_text(gnu("./a.bin", BODIES["a.bin"]))
    assert told(dl("verify", "list", "--extra", "-q")) == (1, ["sub/b.bin: EXTRA"])
    (tree / "list").write_text(gnu("b.bin", BODIES["sub/b.bin"]))
    assert told(dl("verify", "list", "--extra", "-q", "-d", "sub/")) == (0, [])


def test_in_a_bag_only_the_payload_must_be_known(dl: Installed, bag: Path) -> None:
    (bag / "bag-info.txt").write_text("Contact-Name: nobody\n")
    assert told(dl("verify", "bag", "--extra", "-q")) == (0, [])
    (bag / "data" / "more").write_text("foreign")
    assert told(dl("verify", "bag", "--extra", "-q")) == (1, ["bag/data/more: EXTRA"])
