"""One line of a text list: the URL on it, or several, and what is said of them (pure functions)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from downloader import checksums
from downloader.errors import BadUrl
from downloader.formats.reading import ListContext, digest_of_hex, quoted, resolved, unusable
from downloader.formats.text_fields import (
    CAPTIONS,
    Fields,
    digest_of,
    is_caption,
    is_field,
    may_be_name_of,
    may_be_one_name,
    read_fields,
    shared,
)
from downloader.formats.text_marks import BETWEEN, Cut, cut, without_bullet
from downloader.models import Digest, UrlItem

_SEVERAL = re.compile(r"\s*;\s*(?=https?://)", re.IGNORECASE)
_SUM_FIRST = re.compile(r"(\S+)[ \t]+\*?(?=[\"'<\[]?https?://)", re.IGNORECASE)
_URL = re.compile("https?://", re.IGNORECASE)

_TWO_BLANKS = (
    "two blanks may separate a name from the URL, or be part of the URL: write a tab before a name,"
    " or %20 for each blank in a URL"
)


def items_of(
    text: str, number: int, context: ListContext, *, explicit: bool = False
) -> Iterator[UrlItem]:
    """Yield the items of a line that is not blank: one, or one for each URL on it.

    `explicit` says that a fragment is a checksum, as in lists of conda after "@EXPLICIT".
    """
    plain = without_bullet(text, relative=context.base is not None)
    try:
        digests, rest = _sum_first(plain)
        line = cut(rest)
        urls = _urls(line, context)
        fields = _fields(line, urls)
    except BadUrl as error:
        yield unusable(text, number, context, str(error))
        return
    for url, said in zip(urls, fields, strict=True):
        name = _name(said.name, line.caption, url, context)
        sums = (*digests, *said.checksums, *(_conda(url) if explicit else ()))
        whole = resolved(url, context)
        yield UrlItem(whole, number, context.source, name, sums, size=said.size)


def _sum_first(text: str) -> tuple[Sequence[Digest], str]:
    """Split off a checksum that stands before a URL, as in a sums file."""
    found = _SUM_FIRST.match(text)
    digest = found and digest_of(found[1])
    return ([digest], text[found.end() :]) if found and digest else ((), text)


def _urls(line: Cut, context: ListContext) -> list[str]:
    """Return the URLs of a line, blanks in them encoded where they can be nothing else."""
    urls = _SEVERAL.split(line.url)
    if len(urls) > 1:
        urls[-1] = urls[-1].rstrip("; ")
    elif context.base is not None:
        urls = _on_one_host(line.url)
    is_url = context.base is not None or _URL.match(line.url) is not None
    return [_without_blanks(url, line) if " " in url and is_url else url for url in urls]


def _on_one_host(text: str) -> list[str]:
    """Split host/path;host/path, as archives list files without a scheme."""
    parts = text.strip("; ").split(";")
    host, slash, _ = parts[0].partition("/")
    is_host = slash and "." in host and ":" not in host
    return parts if is_host and all(part.startswith(host + slash) for part in parts) else [text]


def _without_blanks(url: str, line: Cut) -> str:
    """Encode blanks, as curl and wget do, unless they may separate something from the URL."""
    if not line.marked:
        for word in url.split()[1:]:
            if is_field(word):
                before = f"one blank stands before {quoted(word)}"
                raise BadUrl(f"{before}: write a tab, or two, before what follows a URL")
        if line.rest and "\t" not in line.rest:
            raise BadUrl(_TWO_BLANKS)
    return url.replace(" ", "%20")


def _fields(line: Cut, urls: Sequence[str]) -> list[Fields]:
    """Return what the line says of each of its URLs."""
    between = BETWEEN.match(line.rest)
    columns = [column for column in BETWEEN.split(line.rest.strip()) if column]
    if line.marked and columns and between is None:
        columns = [column for column in columns if is_field(column)]  # else it is a remark
    if len(urls) == 1:
        said = read_fields(columns)
        if between and not line.marked and may_be_one_name(urls[0], said, between[0]):
            raise BadUrl(_TWO_BLANKS)
        return [said]
    parts = [shared(column, len(urls)) for column in columns]
    return [read_fields([part[place] for part in parts]) for place in range(len(urls))]


def _name(name: str | None, caption: str | None, url: str, context: ListContext) -> str | None:
    """Return the name that is given, if it is one; count captions."""
    if name is None and (caption is None or _URL.match(caption)):
        return None
    is_name = not is_caption(name, url) if name else may_be_name_of(url, caption or "")
    if is_name:
        return name or caption
    context.notes.count(CAPTIONS)
    return None


def _conda(url: str) -> Iterator[Digest]:
    """Yield the checksum in the fragment of a URL: digits alone, or "sha256:" before them."""
    fragment = url.partition("#")[2]
    digest = digest_of_hex(fragment) or checksums.split(fragment)
    if digest:
        yield digest
