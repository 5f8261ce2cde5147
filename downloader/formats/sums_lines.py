r"""Lines of sums files, each of which says by itself what it says (a table of their forms).

HEX  NAME      HEX *NAME        md5sum, sha256sum and their kin; "\" first if NAME is escaped
SHA256 (NAME) = HEX             BSD, OpenSSL, sha256sum --tag; base64 in place of HEX as well
DIST NAME SIZE BLAKE2B HEX ...  Gentoo's Manifest (GLEP 74)
CRC SIZE NAME                   POSIX cksum
sha256:HEX  NAME                and the other way round, NAME: sha256:HEX; SRI (sha256-BASE64)
NAME HEX                        pooch's registries, .sfv; a URL may follow
SHA256 HEX NAME                 PowerShell's Get-FileHash
HEX                             of the file that the sums file's own name names
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from downloader import checksums
from downloader.formats import sums_digests
from downloader.models import Digest

# A name with its digest; "" is whatever file is meant if the line names none.
Entry = tuple[str, Digest]

_GNU = re.compile(
    r"(\\?)([0-9A-Fa-f]{8}|[0-9A-Fa-f]{32,128})(?: [ *?]|\t+\*?| (?=[^ *]))(.+)", re.DOTALL
)
_BSD = re.compile(
    r"(\\?)([A-Za-z0-9_/-]+) ?\((.+)\) ?= ?([0-9A-Fa-f]{8,128}|[A-Za-z0-9+/]{6,}={0,2})", re.DOTALL
)
_MANIFEST = re.compile(
    r"(?:DIST|EBUILD|MISC|AUX|DATA|MANIFEST) (\S+) [0-9]+((?: [A-Z][A-Z0-9_]* [0-9A-Fa-f]+)+)"
)
_CKSUM = re.compile(r"([0-9]{1,10})[ \t]+([0-9]+)(?:[ \t]+(\S.*))?")
_HEX = re.compile("[0-9A-Fa-f]+")
_NAME_COLON_HEX = re.compile(r"(.*[^:\s]):([0-9A-Fa-f]{32,128})")
_URL = re.compile(r"(?:https?|ftp|doi):\S+")
_POWERSHELL = re.compile(r"([A-Z][A-Z0-9-]+)\s+([0-9A-Fa-f]{32,128})\s+(\S.*)")
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}
_OF_MANIFEST = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}))"
)
# What stands for the standard input, which was a file's.
_NAMELESS = frozenset({"-", "*-", "stdin", "(stdin)"})
# Largest checksum of BSD and System V `sum`.
_SUM = 0xFFFF


@dataclass
class Told:
    """What is known of a sums file: `by_digits` what bare digits are, and what was told so far.

    `unsupported` are the algorithms of digests that cannot be computed here.
    """

    by_digits: dict[int, str]
    has_cksum: bool = False
    unsupported: dict[str, None] = field(default_factory=dict)

    def entries(self, name: str, *digests: tuple[str, str]) -> list[Entry]:
        """Return what digests of a file, given with their algorithms, come to."""
        found = []
        for algorithm, digits in digests:
            if digest := sums_digests.known(algorithm, digits):
                found.append((named(name), digest))
            elif len(self.unsupported) < 4:
                self.unsupported[algorithm.lower()] = None
        return found

    def bare(self, name: str, digits: str) -> list[Entry]:
        """Return what a digest without an algorithm comes to."""
        algorithm = self.by_digits.get(len(digits))
        return self.entries(name, (algorithm, digits)) if algorithm else []


# Returns the entries of a line, `None` if it has not that form.
Form = Callable[[str, Told], list[Entry] | None]


def read(line: str, told: Told) -> list[Entry] | None:
    """Return the entries of a line without its end, `None` if it has no form that is known."""
    for form in _FORMS:
        entries = form(line, told)
        if entries is not None:
            return entries
    return None


def usual(line: str, told: Told) -> list[Entry] | None:
    """Return the entries of a line as sha256sum or BSD writes it, whatever the name in it is."""
    entries = _bsd(line, told)
    return _gnu(line, told) if entries is None else entries


def named(name: str) -> str:
    """Return the name that is meant: none if it is that of the standard input."""
    return "" if name.strip() in _NAMELESS else name


def _bsd(line: str, told: Told) -> list[Entry] | None:
    found = _BSD.fullmatch(line.rstrip()) if "(" in line else None
    if found is None:
        return None
    escape, algorithm, name, digits = found.groups()
    plain = _unescaped(name) if escape else name
    return told.entries(plain, (algorithm, digits)) if plain else []


def _manifest(line: str, told: Told) -> list[Entry] | None:
    found = _MANIFEST.fullmatch(line.rstrip())
    if found is None:
        return None
    words = found[2].split()
    name = _OF_MANIFEST.sub(lambda code: chr(int(code[1] or code[2] or code[3], 16)), found[1])
    return told.entries(name, *zip(words[::2], words[1::2], strict=True))


def _gnu(line: str, told: Told) -> list[Entry] | None:
    found = _GNU.fullmatch(line.lstrip())
    if found is None or len(found[2]) not in told.by_digits:
        return None
    escape, digits, name = found.groups()
    plain = _unescaped(name) if escape else name
    return told.bare(plain if plain.strip() else "", digits) if plain is not None else []


def _cksum(line: str, told: Told) -> list[Entry] | None:
    found = _CKSUM.fullmatch(line.strip())
    if found is None or int(found[1]) > 0xFFFFFFFF:
        return None
    if int(found[1]) <= _SUM and not told.has_cksum:
        told.unsupported["sum (of BSD or System V)"] = None
        return []
    told.has_cksum = True
    return told.entries(found[3] or "", ("cksum", f"{int(found[1]):08x}"))


def _typed_first(line: str, told: Told) -> list[Entry] | None:
    """Read sha256:HEX, or several of that kind, before a name, or alone."""
    digests, rest = [], line.strip()
    while rest and (digest := sums_digests.typed(rest.split(None, 1)[0])):
        digests.append(digest)
        rest = rest.partition(rest.split(None, 1)[0])[2].lstrip()
    return told.entries(rest.removeprefix("*"), *digests) if digests else None


def _typed_last(line: str, told: Told) -> list[Entry] | None:
    digests, rest = [], _without_url(line)
    while rest and (digest := sums_digests.typed(rest.rsplit(None, 1)[-1])):
        digests.append(digest)
        rest = rest[: -len(rest.rsplit(None, 1)[-1])].rstrip()
    name = _unquoted(_without_mark(rest))
    return told.entries(name, *digests) if digests and name else None


def _powershell(line: str, told: Told) -> list[Entry] | None:
    found = _POWERSHELL.fullmatch(line.strip())
    if found is None or checksums.algorithm(found[1]) not in checksums.known():
        return None
    return told.entries(found[3], (found[1], found[2]))


def _name_first(line: str, told: Told) -> list[Entry] | None:
    text = _without_url(line)
    name, *rest = text.rsplit(None, 1) or [""]
    if not rest and (found := _NAME_COLON_HEX.fullmatch(text)):
        name, rest = found[1], [found[2]]
    if not rest or len(rest[0]) not in told.by_digits or not _HEX.fullmatch(rest[0]):
        return None
    name = _unquoted(_without_mark(name))
    if checksums.algorithm(name) in checksums.known():  # "SHA256: HEX"
        return told.entries("", (name, rest[0]))
    return told.bare(name, rest[0])


def _alone(line: str, told: Told) -> list[Entry] | None:
    digits = line.strip()
    is_digest = len(digits) in told.by_digits and _HEX.fullmatch(digits)
    return told.bare("", digits) if is_digest else None


_FORMS: tuple[Form, ...] = (
    *(_bsd, _manifest, _gnu, _cksum, _alone),
    *(_typed_first, _typed_last, _powershell, _name_first),
)


def _without_url(line: str) -> str:
    """Return a line without the URL that may end it in a registry."""
    text = line.strip()
    first, *last = text.rsplit(None, 1) or [""]
    return first if last and _URL.fullmatch(last[0]) else text


def _without_mark(name: str) -> str:
    """Return a name without the colon or the like that stands before its digest."""
    name = name.rstrip()
    return name[:-1].rstrip() if name[-1:] in (":", "=", ",") else name


def _unquoted(name: str) -> str:
    is_quoted = len(name) > 2 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1] if is_quoted else name


def _unescaped(name: str) -> str | None:
    """Return the name that an escaped one stands for, `None` if it is none."""
    if any(escape[1] not in _ESCAPED for escape in _ESCAPE.finditer(name)):
        return None
    return _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], name)
