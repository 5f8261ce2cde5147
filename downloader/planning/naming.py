"""Names of files: safe, unique, and the same in every run of a list (pure functions).

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
from downloader.state.spill import SpillDict

INDEX = "index"
LONGEST_NAME = 240  # bytes of UTF-8: the 255 of most file systems less room for "-2" and the like
LONGEST_PATH = 1_024  # bytes: a quarter of Linux's PATH_MAX, the rest is for the target folder
DEEPEST = 32  # folders
NEXT = 2  # the number to try first for another item that wants a name which is taken

_UNUSUAL = re.compile(r"[^A-Za-z0-9 _.,;=@+()~&!'$%#\[\]{}^`-]")
_FORBIDDEN = frozenset('/\\<>:"|?*')  # separators, and what Windows refuses
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)", re.IGNORECASE
)
_SUFFIX = re.compile(r"(?<=.)(?:\.tar)?\.[^.\s]{1,20}$", re.IGNORECASE)


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
    return _shortened(name)


def from_url(url: str) -> str:
    """Return a safe name from the last segment of the URL's path, percent-decoded once.

    The query is no part of it, as with `curl -O`: it holds keys and signatures that change.
    """
    return safe(_decoded(urls.path(url).rpartition("/")[2]))


def flat_path(url: str, name: str | None = None) -> str:
    """Return the path of an item where all files are in one folder: its name."""
    return from_url(url) if name is None else safe(name)


def tree_path(url: str, name: str | None = None) -> str:
    """Return the path of an item as `wget -x` does: host/folders/name.

    A port that is not the scheme's own follows the host after "+", as Windows knows no ":" in
    names. Empty segments are left out. Folders beyond `DEEPEST` or `LONGEST_PATH` become one
    whose name is a hash of them all.
    """
    scheme, host, port = urls.origin(url)
    own = port == urls.PORTS[scheme]
    segments = urls.path(url).split("/")[1:-1]
    folders = [host.strip("[]") if own else f"{host.strip('[]')}+{port}"]
    folders += [_decoded(segment) for segment in segments if segment]
    return "/".join([*_bounded([safe(folder) for folder in folders]), flat_path(url, name)])


LAYOUTS: Mapping[str, Callable[[str, str | None], str]] = {"flat": flat_path, "tree": tree_path}


def key(path: str) -> str:
    """Return what two paths have in common that are one on some system: NFC and case-folded."""
    folded = unicodedata.normalize("NFD", path).casefold()  # Unicode 3.13, definition D145
    return unicodedata.normalize("NFC", folded)


def numbered(path: str, number: int) -> str:
    """Return the path with "-number" before the suffix of its name: a-2.txt, a-2.tar.gz."""
    folder, slash, name = path.rpartition("/")
    stem, suffix = _stem_and_suffix(_shortened(name))
    return f"{folder}{slash}{stem}-{number}{suffix}"


def unique(path: str, taken: SpillDict) -> str:
    """Return the path, or its first numbered form that is no other item's file or folder.

    Called in list order with the same `taken`: earlier items keep their names whatever follows.
    Each name costs a few look-ups, however many items want the same one.
    """
    *folders, name = path.split("/")
    above = ""
    for folder in folders:
        above = _folder(above + folder, taken) + "/"
    return _variant(above + name, _claim(above + name, taken))


def beside(path: str, name: str) -> str:
    """Return the path with another name, made safe, in the same folder."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{safe(name)}"


def claim(path: str, taken: SpillDict) -> bool:
    """Take a path whose folder is taken already; false where it is another item's."""
    if taken.get(key(path)) is not None:
        return False
    _claim(path, taken)
    return True


def _folder(path: str, taken: SpillDict) -> str:
    """Return the folder that stands for `path`: another one where a file has its name."""
    mark = key(path) + "/"  # no file's key ends so
    number = taken.get(mark)
    if number is None:
        number = _claim(path, taken)
        taken.put(mark, number)
    return _variant(path, number)


def _claim(path: str, taken: SpillDict) -> int:
    """Take the first free variant of a path, and remember where to go on looking."""
    wanted = key(path)
    number = taken.get(wanted) or 1
    while number > 1 and taken.get(key(_variant(path, number))) is not None:
        number += 1
    taken.put(key(_variant(path, number)), NEXT)
    taken.put(wanted, number + 1)
    return number


def _variant(path: str, number: int) -> str:
    return path if number == 1 else numbered(path, number)


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


def _stem_and_suffix(name: str) -> tuple[str, str]:
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    return name.removesuffix(suffix), suffix


def _shortened(name: str) -> str:
    """Cut the stem on a character's edge; a short hash keeps names apart that begin alike."""
    whole = name.encode()
    if len(whole) <= LONGEST_NAME:
        return name
    stem, suffix = _stem_and_suffix(name)
    tail = f"-{_hash(name)}{suffix}"
    return stem.encode()[: LONGEST_NAME - len(tail.encode())].decode(errors="ignore") + tail


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
