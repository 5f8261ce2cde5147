"""Names of files: safe, and the same in every run of a list (pure functions).

A name is decided before the first request, from the list alone, and is good on every system: a
tree that was fetched here can be copied anywhere. A path has "/" between its parts, each of which
has been made safe.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from downloader import urls
from downloader.planning.suffixes import stem_and_suffix

INDEX = "index"
LONGEST_NAME = 240  # bytes of UTF-8: the 255 of most file systems less room for "-2" and the like
LONGEST_PATH = 1_024  # bytes: a quarter of Linux's PATH_MAX, the rest is for the target folder
DEEPEST = 32  # folders

_UNUSUAL = re.compile(r"[^A-Za-z0-9 _.,;=@+()~&!'$%#\[\]{}^`-]")
_FORBIDDEN = frozenset('/\\<>:"|?*')  # separators, and what Windows refuses
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)", re.IGNORECASE
)
_LEADS_ELSEWHERE = re.compile(r"\\|(?:\A|/)\.\.(?:/|\Z)|\A[A-Za-z]:")


def safe(text: str) -> str:
    """Return any text as one path component that is good, and harmless, on every system.

    Separators, characters that Windows refuses and lone surrogates become "_"; controls and
    invisible marks (bidi among them) go; dots and spaces at the end go. "_" comes before a
    leading dot, dash, tilde or space and before Windows' device names. At most `LONGEST_NAME`
    bytes, in NFC; doing it twice changes nothing. Percent signs are not decoded here.
    """
    name = _UNUSUAL.sub(lambda match: _harmless(match[0]), text)
    name = unicodedata.normalize("NFC", name).rstrip(". ") or INDEX
    if name[0] in ".-~ " or _DEVICE.match(name):
        name = "_" + name
    return shortened(name)


def from_url(url: str) -> str:
    """Return a safe name from the last segment of the URL's path, percent-decoded once.

    The query is no part of it, as with `curl -O`: it holds keys and signatures that change.
    """
    return safe(last_segment(url))


def last_segment(url: str) -> str:
    """Return the last segment of the URL's path, percent-decoded once: any text."""
    return _decoded(urls.path(url).rpartition("/")[2])


def flat_path(url: str, name: str | None = None) -> str:
    """Return the path of an item if all files are in one folder: its name.

    A name that the list gives may have folders of its own, which are kept as `given` says.
    """
    return "/".join(_bounded_path(*_named(url, name)))


def tree_path(url: str, name: str | None = None) -> str:
    """Return the path of an item as `wget -x` does: host/folders/name.

    A port that is not the scheme's own follows the host after "+", as Windows knows no ":" in
    names. Empty segments are left out. Folders of a given name come below those of the URL, unless
    it begins with those, as it does in the records of an earlier run. What is beyond `DEEPEST` or
    `LONGEST_PATH` becomes one folder, whose name is a hash of them all.
    """
    scheme, host, port = urls.origin(url)
    own = port == urls.PORTS[scheme]
    segments = urls.path(url).split("/")[1:-1]
    folders = [host.strip("[]") if own else f"{host.strip('[]')}+{port}"]
    folders += [_decoded(segment) for segment in segments if segment]
    above, named = [safe(folder) for folder in folders], _named(url, name)
    within = _bounded_path(*above, named[-1])[:-1]
    if named[: len(within)] == within:
        above = []
    return "/".join(_bounded_path(*above, *named))


def given(name: str) -> list[str]:
    """Return a name that the list gives as safe folders and a safe name; none if it has no name.

    Folders are kept, "./" says nothing. What leads elsewhere is no path but one odd name: with
    "..", from the root, with a drive or with a backslash.
    """
    parts = [part for part in name.split("/") if part != "."]
    if _LEADS_ELSEWHERE.search(name) or "" in parts:
        parts = [name]
    return [safe(part) for part in parts] if parts and parts[-1].strip(". /\\") else []


LAYOUTS: Mapping[str, Callable[[str, str | None], str]] = {"flat": flat_path, "tree": tree_path}


def beside(path: str, name: str) -> str:
    """Return the path with another name, made safe, in the same folder."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{safe(name)}"


def _harmless(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Cf" | "Zl" | "Zp":
            return ""
        case "Zs":
            return " "
        case "Cs":
            return "_"
    return "_" if character in _FORBIDDEN else character


def _decoded(segment: str) -> str:
    return unquote(segment, errors="surrogateescape")


def shortened(name: str) -> str:
    """Return a name that fits: its stem cut, with a short hash that keeps names apart."""
    whole = name.encode()
    if len(whole) <= LONGEST_NAME:
        return name
    stem, suffix = stem_and_suffix(name)
    tail = f"-{_hash(name)}{suffix}"
    return stem.encode()[: LONGEST_NAME - len(tail.encode())].decode(errors="ignore") + tail


def _named(url: str, name: str | None) -> list[str]:
    """Return the folders and the name that an item is given, else the name from its URL."""
    if name is None:
        return [from_url(url)]
    return given(name) or [from_url(url)]


def _bounded_path(*parts: str) -> list[str]:
    *folders, name = parts
    return [*_bounded(folders), name]


def _bounded(folders: list[str]) -> list[str]:
    if len(folders) <= DEEPEST and _size(folders) + LONGEST_NAME <= LONGEST_PATH:
        return folders
    kept: list[str] = []
    for folder in folders[: DEEPEST - 1]:
        if _size([*kept, folder]) + 2 * LONGEST_NAME > LONGEST_PATH:
            break
        kept.append(folder)
    return [*kept, _hash("/".join(folders))]


def _size(folders: list[str]) -> int:
    return sum(len(folder.encode()) + 1 for folder in folders)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
