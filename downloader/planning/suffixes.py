"""Where the suffix of a file's name begins: that of all programs that unpack, check or read it."""

from __future__ import annotations

import re

# What packs one file: the suffix before it belongs to it, as in ".fastq.gz" and ".tar.xz".
_PACKED = r"\.(?:gz|bgz|bz2|xz|zst|zstd|z|lz|lz4|lzma|lzo|br)"
# What stands beside a file and has its whole name: checksums, signatures, indexes.
_BESIDE = r"\.(?:md5|sha1|sha224|sha256|sha384|sha512|asc|sig|gpg|tbi|csi|bai|crai|fai|gzi)"
# A suffix before those; "1.2.gz" and "x.v2.gz" have a version there, and no suffix.
_INNER = r"\.(?!v?[0-9])[^.\s]{1,10}"
_SUFFIX = re.compile(
    rf"(?<=.)(?:(?:{_INNER})?{_PACKED}(?:{_BESIDE}){{0,2}}"
    rf"|{_INNER}(?:{_BESIDE}){{1,2}}"
    r"|\.[^.\s]{1,20})$",
    re.IGNORECASE,
)


def stem_and_suffix(name: str) -> tuple[str, str]:
    """Split a name before its whole suffix, such as ".tar.gz"; it may be none."""
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    return name.removesuffix(suffix), suffix
