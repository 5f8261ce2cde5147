"""What is no list at all is refused as a whole, and said to be what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from downloader import urls
from downloader.errors import BadUrl, UsageError
from downloader.formats.reading import ListContext, digest_of_hex
from downloader.models import UrlItem

# Items of which one must be usable, for what is read to be a list.
ENOUGH = 20

# By the bytes with which files begin.
_MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a": "a rar archive",
    b"!<arch>": "an archive of ar",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\0": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"%PDF-": "a PDF document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x89HDF": "an HDF5 file",
    b"CDF": "a netCDF file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "a database of SQLite",
}
_TAR = 257  # where "ustar" stands in a tar archive
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
_XML = re.compile(rb"\s*<(?:\?xml|[A-Za-z!])")
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_SEPARATORS = ("\t", ",", ";")
_COLUMNS = 8  # that are named
_PATH = re.compile(r"[^\s:?*\"<>|]+/[^\s:]*[^\s:/]")


def refuse_if_no_list(
    items: Iterator[UrlItem], head: bytes, context: ListContext
) -> Iterator[UrlItem]:
    """Yield the first items, up to one that is usable.

    Raises `UsageError` if there is none among the first `ENOUGH`, or none at all in what is
    something else for certain. `head` is what the list begins with.
    """
    first = None
    for seen, item in enumerate(items, start=1):
        yield item
        if _is_usable(item):
            return
        first = first or item
        if seen == ENOUGH:
            raise _refused(f"none of its first {ENOUGH} lines can be used", head, first, context)
    if first and _is_something_else(head):
        raise _refused("no line of it can be used", head, first, context)


def _is_usable(item: UrlItem) -> bool:
    return _fault(item) is None


def _fault(item: UrlItem) -> str | None:
    if item.fault is not None:
        return item.fault
    try:
        urls.normalise(item.url)
    except BadUrl as error:
        return str(error)
    return None


def _is_something_else(head: bytes) -> bool:
    return _kind(head) is not None or _PAGE.match(head) is not None


def _refused(what: str, head: bytes, first: UrlItem, context: ListContext) -> UsageError:
    advice = _advice(head, context) or _reason(first)
    return UsageError(f"{context.source}: is no list of URLs, {what}: {advice}")


def _reason(first: UrlItem) -> str:
    if first.fault is None and "://" not in first.url:
        return "its lines do not begin with http:// or https://"
    return f"{_fault(first)} (line {first.line})"


def _advice(head: bytes, context: ListContext) -> str | None:
    """Say what the list looks like, and what to do; `None` for plain lines."""
    if kind := _kind(head):
        return f"it looks like {kind}; give a file with a URL a line"
    if _PAGE.match(head):
        return "it looks like a web page; save the list itself, not the page that shows it"
    if _XML.match(head):
        return "it looks like XML; give a file with a URL a line, or a Metalink file"
    lines = head.decode(errors="replace").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return _advice_on_text(lines, context)


def _kind(head: bytes) -> str | None:
    if head[_TAR : _TAR + 5] == b"ustar":
        return "a tar archive"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic) and (len(magic) > 3 or _BINARY.search(head)):
            return kind
    if head[1:8:2] == b"\0\0\0\0" or head[:8:2] == b"\0\0\0\0":
        return "UTF-16 without a byte order mark"
    return "a binary file" if b"\0" in head or len(_BINARY.findall(head)) > ENOUGH else None


def _advice_on_text(lines: Sequence[str], context: ListContext) -> str | None:
    if all(digest_of_hex(line.split(None, 1)[0].lstrip("\\")) for line in lines):
        return "it looks like a sums file; give it with --sums"
    for separator in _SEPARATORS:
        columns = lines[0].split(separator) if lines else []
        if len(columns) > 1 and all(line.count(separator) for line in lines[:ENOUGH]):
            return _advice_on_table([column.strip(' "') for column in columns], separator)
    if context.base is None and all(_PATH.fullmatch(line.strip()) for line in lines[:ENOUGH]):
        return "its lines are relative: say with --base URL what they are below"
    return None


def _advice_on_table(columns: Sequence[str], separator: str) -> str:
    for number, column in enumerate(columns, start=1):
        if column.lower().startswith(("http://", "https://")):
            return f"the URL stands in column {number}: put it first, or write a line of titles"
    named = ", ".join(columns[:_COLUMNS]) + (", ..." if len(columns) > _COLUMNS else "")
    read = "tsv" if separator == "\t" else "csv"
    how = f"say with --list-format {read} --columns url=COLUMN which one holds the URLs"
    return f"it looks like a table with the columns {named}; {how}"
