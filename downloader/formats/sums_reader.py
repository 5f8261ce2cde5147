"""Sums files of every kind, read line by line: what spans several lines is kept here.

These are the armour of PGP (RFC 9580 section 7), the sections of Debian's `Release`, `.dsc` and
`.changes`, the groups of digits of `gpg --print-md`, what Windows' certutil prints, and the
columns of hashdeep. All other lines stand for themselves (`sums_lines`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from downloader.formats import sums_digests, sums_lines
from downloader.formats.sums_lines import Entry, Told
from downloader.formats.text import is_cut, lines

KNOWN = (
    "lines of sha256sum and its kin (HEX  NAME), BSD (SHA256 (NAME) = HEX), NAME HEX, "
    "NAME sha256:HEX, SRI, HEX alone, gpg --print-md, Debian Release, Gentoo Manifest, hashdeep, "
    "cksum and .sfv"
)
SHOWN = 60  # characters of a line that is not understood

_COMMENT = re.compile(r"\s*(?:#|;|//)")
_BEGIN, _END, _SIGNED = "-----BEGIN ", "-----END ", "-----BEGIN PGP SIGNED MESSAGE-----"
# Debian's sections, by the words before their colon.
_SECTIONS = {"md5sum": "md5", "files": "md5"} | {
    f"{before}{name}": name
    for name in ("sha1", "sha256", "sha512")
    for before in ("", "checksums-")
}
_SECTION = re.compile(r"([A-Za-z0-9-]+):\s*")
_IN_SECTION = re.compile(r"\s+([0-9A-Fa-f]{32,128})\s+[0-9]+\s+(?:\S+\s+)*(\S+)\s*")
_GROUPS = re.compile(r"\s*((?:[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8})(?:\s+|$))+")
_NAME_GROUPS = re.compile(
    r"(\S.*?):(?:\s+([A-Z][A-Z0-9-]*)\s*=)?((?:\s+(?:[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}))*)\s*"
)
_CERTUTIL = re.compile(r"([A-Z0-9]+) hash of (?:file )?(.+):\s*")
_COLUMNS = re.compile(r"%%%% (size(?:,[a-z0-9]+)+),filename\s*")
_LONGEST = 128  # digits of a digest


class _Group(NamedTuple):
    """A digest whose digits stand in groups, perhaps on several lines."""

    name: str
    algorithm: str
    digits: str = ""


class SumsReader:
    """Reads one sums file; `first_odd` is its first line that is not understood, if any is."""

    def __init__(self, source: str) -> None:
        self._told = Told(sums_digests.by_digits(source))
        self._section = ""
        self._columns: tuple[str, ...] = ()
        self._group: _Group | None = None
        self.first_odd = ""

    @property
    def unsupported(self) -> list[str]:
        """Return the names of algorithms that cannot be computed, of lines that were read."""
        return list(self._told.unsupported)

    def entries(self, stream: BinaryIO, source: str) -> Iterator[Entry]:
        """Yield a name with its digest for each that a stream holds, in constant memory.

        The name is "" if none stands with the digest. Raises `UsageError` for what has no lines.
        """
        for line in _signed(_texts(stream, source)):
            yield from self._read(line)
        yield from self._end_group()

    def _read(self, line: str) -> Iterator[Entry]:
        is_in_section = self._section and line[:1].isspace()
        usual = None if is_in_section else sums_lines.usual(line, self._told)
        if usual is None:
            yield from self._read_other(line)
        else:
            yield from self._end_group()
            yield from usual

    def _read_other(self, line: str) -> Iterator[Entry]:
        if self._group and (groups := _GROUPS.fullmatch(line)):
            self._continue(groups[0])
            return
        is_open = self._group and not self._group.digits
        if is_open and self._told.by_digits.get(len(line.strip())):
            digits = sums_lines.read(line.strip(), self._told)
            if digits and digits[0][0] == "":  # a whole digest below its file's name
                self._continue(line)
                return
        yield from self._end_group()
        for reader in (self._in_section, self._of_columns, self._begin_group):
            entries = reader(line)
            if entries is not None:
                yield from entries
                return
        yield from self._alone(line)

    def _alone(self, line: str) -> list[Entry]:
        """Read a line that stands for itself."""
        entries = sums_lines.read(line, self._told)
        if entries is None and not self.first_odd:
            self.first_odd = line.strip()[:SHOWN]
        return entries or []

    def _in_section(self, line: str) -> list[Entry] | None:
        """Read the head of a section, and lines in it; comments and blank lines, too."""
        if not line.strip() or _COMMENT.match(line):
            if line.lstrip().startswith(";"):  # of .sfv
                self._told.by_digits.setdefault(8, "crc32")
            return []
        if head := _SECTION.fullmatch(line):
            self._section = _SECTIONS.get(head[1].lower(), "")
            return [] if self._section else None
        if self._section and (found := _IN_SECTION.fullmatch(line)):
            return self._told.entries(found[2], (self._section, found[1]))
        self._section = self._section if line[:1].isspace() else ""
        return None

    def _of_columns(self, line: str) -> list[Entry] | None:
        """Read what hashdeep writes: a line that names the columns, then rows."""
        if head := _COLUMNS.fullmatch(line):
            self._columns = tuple(head[1].split(","))
            return []
        if line.startswith("%%%% "):
            return []
        if not self._columns or line.count(",") < len(self._columns):
            return None
        *values, name = line.split(",", len(self._columns))
        return self._told.entries(name, *zip(self._columns[1:], values[1:], strict=True))

    def _begin_group(self, line: str) -> list[Entry] | None:
        if found := _CERTUTIL.fullmatch(line):
            self._group = _Group(found[2], found[1])
        elif (groups := _GROUPS.fullmatch(line)) and " " in line.strip():
            self._group = _Group("", "")
            self._continue(groups[0])
        elif found := _NAME_GROUPS.fullmatch(line):
            self._group = _Group(sums_lines.named(found[1]), found[2] or "")
            self._continue(found[3])
        else:
            return None
        return []

    def _continue(self, groups: str) -> None:
        assert self._group is not None
        digits = (self._group.digits + "".join(groups.split()))[: _LONGEST + 1]
        self._group = self._group._replace(digits=digits)

    def _end_group(self) -> list[Entry]:
        group, self._group = self._group, None
        if group is None:
            return []
        if not group.digits:
            self.first_odd = self.first_odd or f"{group.name}:"[:SHOWN]
            return []
        if group.algorithm:
            return self._told.entries(group.name, (group.algorithm, group.digits))
        return self._told.bare(group.name, group.digits)


def _texts(stream: BinaryIO, source: str) -> Iterator[str]:
    """Yield lines without their ends; those that are too long are left out."""
    for number, line in enumerate(lines(stream, source)):
        if not is_cut(line):
            text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
            yield text if number else text.removeprefix("\ufeff")


def _signed(texts: Iterable[str]) -> Iterator[str]:
    """Yield what is signed without its armour, and no signature."""
    end, is_signed, is_head = "", False, False
    for line in texts:
        if end:
            end = "" if line.startswith(end) else end
        elif line.startswith(_SIGNED):
            is_signed = is_head = True
        elif line.startswith(_BEGIN):
            end = _END
        elif is_head:
            is_head = bool(line.strip())
        else:
            yield line.removeprefix("- ") if is_signed else line


def parse(stream: BinaryIO, source: str) -> Iterator[Entry]:
    """Yield a file's name and digest for each that a sums file has, in constant memory.

    A digest without a name is that of the file that the sums file's own name names, else the name
    is "". Raises `UsageError` for a file that has no lines at all.
    """
    own = sums_digests.own_name(source)
    for name, digest in SumsReader(source).entries(stream, source):
        yield name or own, digest
