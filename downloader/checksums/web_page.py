"""Web pages that come in place of a file: told by how the body begins (pure functions).

Login pages, captive portals and soft 404s come with status 200, and under any Content-Type. Only a
file whose name says that it is no text is judged: any other one may well be a page.
"""

from __future__ import annotations

import re

# Bytes within which a page says what it is, after white space and comments.
LOOKED_AT = 64 * 1024

# Suffixes of files that are no text, and hence never begin as a page does. Many programs write what
# they call .doc and .xls as HTML: those are left out.
_GROUPS = {
    "archives": (
        "7z ar arj br bz2 cab cpio gz lha lz lz4 lzh lzma lzo rar sz tar taz tbz tbz2 tgz "
        "tlz txz tzst wacz xz z zip zst"
    ),
    "packages": (
        "apk appimage bin class conda crate crx deb dll dmg dylib ear egg elf exe flatpak "
        "gem img ipa iso jar msi msix nupkg phar pkg pyc qcow2 rpm snap so squashfs swf "
        "vdi vhd vhdx vmdk vsix war wasm whl xpi"
    ),
    "pictures": (
        "avif bmp cr2 cr3 dds dng exr gif heic heif icns ico j2k jfif jls jp2 jpe jpeg jpg "
        "jxl nef orf png psb psd tga tif tiff webp xcf"
    ),
    "sound": (
        "3gp aac ac3 aif aiff amr ape avi eot flac flv m2ts m4a m4b m4v mid midi mka mkv "
        "mov mp2 mp3 mp4 mpeg mpg mts oga ogg ogv opus otf ttc ttf wav webm wma wmv woff "
        "woff2 wv"
    ),
    "documents": ("azw3 chm djvu docx epub mobi odg odp ods odt pdf pptx xlsb xlsm xlsx xps"),
    "data": (
        "abf arrow avro bai bam bcf bgen bigbed bigwig bufr bw cdf ckpt cram crai dcm "
        "dicom dta edf fast5 fcs feather fit fits fts gguf ggml glb gpkg grb grb2 grib "
        "grib2 h5 h5ad h5mu hdf hdf4 hdf5 he5 joblib keras las laz lmdb loom mat mbtiles "
        "mcool mgz mmdb mrc nc nc4 nd2 nii npy npz onnx orc parquet pbf pgen pickle pkl "
        "pmtiles pod5 pt pth rda rdata rds root safetensors sas7bdat sav segy sgy sqlite "
        "sqlite3 sra tbi tflite tfrecord torrent trk twobit 2bit xtc"
    ),
}
_NO_TEXT = frozenset(word for words in _GROUPS.values() for word in words.split())

# What a page may begin with: a byte order mark, white space, a tag.
FIRST_BYTES = frozenset(b"\xef\xfe\xff \t\r\n\f<")

_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SKIPPED = re.compile(rb"(?:[ \t\r\n\f]++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_PAGE = re.compile(rb"<!doctype\s*html[\s>]|<html[\s>/]", re.IGNORECASE)
_OPEN = (b"<!--", b"<?")
_CUT = re.compile(rb"<!doctype\s*(?:h|ht|htm|html)?|<html", re.IGNORECASE)
_TAGS = (b"<!doctype", b"<html", b"<!--", b"<?")


def suffix(path: str) -> str:
    """Return the suffix of a file that is no text, ".gz" of "a.tar.gz"; "" for any other one."""
    name, dot, last = path.rpartition("/")[2].rpartition(".")
    return f".{last}" if dot and name and last.lower() in _NO_TEXT else ""


def stands_for(path: str, body: bytes | memoryview) -> bool:
    """Return True if a whole body is a page that stands for a file which is no text."""
    return bool(suffix(path)) and is_page(bytes(body[:LOOKED_AT])) is True


def sentence(path: str) -> str:
    """Return what is said of such a file."""
    kind = suffix(path)
    return f"the server sent a web page in place of a {kind} file (a login or error page?)"


def is_page(beginning: bytes) -> bool | None:
    """Return True if a body begins as a page of HTML does, `None` if more of it has to be seen.

    That is a doctype or an html tag after a byte order mark, white space, comments and what XML
    has before them.
    """
    text = _narrow(beginning)
    skipped = _SKIPPED.match(text)
    rest = text[skipped.end() if skipped else 0 :]
    if _PAGE.match(rest):
        return True
    is_open = rest.startswith(_OPEN) or any(_may_become(rest, tag) for tag in _TAGS)
    return None if is_open or _CUT.fullmatch(rest) else False


def _may_become(rest: bytes, tag: bytes) -> bool:
    return len(rest) < len(tag) and tag.startswith(rest.lower())


def _narrow(beginning: bytes) -> bytes:
    """Return the text without its mark, one byte a character."""
    if any(mark.startswith(beginning[:2]) for mark in _WIDE_MARKS):
        return beginning.decode("utf-16", "ignore").encode("latin-1", "ignore")
    if _MARK.startswith(beginning[:3]):
        return beginning[3:]
    return beginning


class Judge:
    """Looks at how a body begins while it comes, for a file with this path."""

    def __init__(self, path: str) -> None:
        self._seen = b""
        self._next = 1
        self.is_done = not suffix(path)

    def finds_page(self, data: bytes | memoryview) -> bool:
        """Take the next bytes; return True once they show a page.

        As they may come one by one, they are looked at whenever there are twice as many.
        """
        if self.is_done:
            return False
        self._seen += bytes(data[: LOOKED_AT - len(self._seen)])
        if len(self._seen) < self._next:
            return False
        self._next = 2 * len(self._seen)
        return self._finds()

    def finds_page_at_last(self) -> bool:
        """Return True if all that came shows a page."""
        return not self.is_done and self._finds()

    def _finds(self) -> bool:
        found = is_page(self._seen)
        self.is_done = found is not None or len(self._seen) >= LOOKED_AT
        return found is True
