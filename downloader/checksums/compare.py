"""Is a file what it should be? Checksums that were given decide, then those of its server.

Pure functions of what the stages returned.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from downloader import urls
from downloader.models import Digest, DownloadResult, Failure, Outcome, UrlItem, Verified, Warned
from downloader.text import plural

# Names of files that have a coding of their own: servers declare it in vain.
_OF_CODING: Mapping[str, tuple[str, ...]] = {
    "gzip": (".gz", ".tgz"),
    "x-gzip": (".gz", ".tgz"),
    "br": (".br",),
    "zstd": (".zst", ".tzst"),
    "compress": (".z",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks came to: by whose word the file is right, or why it is not.

    `doubt` is what the user should know of a file that is right all the same; `is_final` says
    that the same URL will bring nothing else.
    """

    verified: Verified = "none"
    wrong: str | None = None
    doubt: str | None = None
    is_final: bool = False

    @property
    def failure(self) -> Failure | None:
        """The failure of an item whose file is not right."""
        return None if self.wrong is None else Failure("checksum", self.wrong)


_UNCHECKED = Verdict()


def algorithms(asked: Sequence[str], result: DownloadResult) -> tuple[str, ...]:
    """Return those asked for, then those that the file's checks need too."""
    if not result.declared and not result.job.item.checksums:
        return tuple(asked)
    expected = [each.algorithm for each in result.job.item.checksums]
    needed = dict.fromkeys([*asked, *expected])
    declared = _declared(result, needed)
    return tuple(dict.fromkeys([*needed, declared.algorithm])) if declared else tuple(needed)


def judge(result: DownloadResult, digests: Sequence[Digest]) -> Verdict:
    """Compare a file's size and digests with what they should be."""
    size = result.job.item.size
    if size is not None and size != result.size:
        return Verdict(wrong=wrong_size(size, result.size), is_final=True)
    if not result.declared and not result.job.item.checksums:
        return _UNCHECKED
    return _by_digests(result, digests)


def _by_digests(result: DownloadResult, digests: Sequence[Digest]) -> Verdict:
    found = {each.algorithm: each.hexdigest for each in digests}
    expected = result.job.item.checksums
    if wrong := differing(expected, digests):
        return Verdict(wrong=wrong)
    declared = _declared(result, found)
    if declared is None:
        return Verdict("given" if expected else "none")
    if found.get(declared.algorithm) == declared.hexdigest:
        return Verdict("given" if expected else "server")
    if not expected:
        source = f" as the server's {result.declared_in} says"
        return Verdict(wrong=_wrong(declared, found, source))
    says = f"the server's {result.declared_in} says {declared.algorithm} {declared.hexdigest}"
    return Verdict("given", doubt=f"{says}, but the file is what the given checksum says")


def differing(expected: Sequence[Digest], digests: Sequence[Digest]) -> str | None:
    """Say in which digest a file is not what it should be, `None` if it is."""
    found = {each.algorithm: each.hexdigest for each in digests}
    wrong = (each for each in expected if found.get(each.algorithm) != each.hexdigest)
    return next((_wrong(each, found) for each in wrong), None)


def wrong_size(expected: int, found: int | str) -> str:
    """Say that a file has not the size that the list gives it."""
    return f"expected {plural('byte', expected)}, the server has {found}"


def is_of_name(coding: str, path: str) -> bool:
    """Return True if a file has a Content-Encoding by its name, as "a.gz" has gzip."""
    return path.lower().endswith(_OF_CODING.get(coding, ()))


def warnings(result: DownloadResult, verdict: Verdict) -> Iterator[Warned]:
    """Yield what the user should know of a file that was stored all the same."""
    url = urls.masked(result.job.item.url)
    if verdict.doubt:
        yield Warned(f"{url}: {verdict.doubt}", is_doubt=True)
    if result.coding and not is_of_name(result.coding, result.job.path):
        sent = f"it was sent with Content-Encoding {result.coding}: stored as it was sent"
        yield Warned(f"{url}: {sent}")


def repeated(item: UrlItem, earlier: Outcome) -> Verdict:
    """Compare what another line gives for the same URL with what is known of its file.

    Its checksums are those that the earlier line did not give.
    """
    if item.size is not None and earlier.size is not None and item.size != earlier.size:
        return Verdict(wrong=wrong_size(item.size, earlier.size))
    found = {each.algorithm: each.hexdigest for each in earlier.digests}
    for each in item.checksums:
        if each.algorithm not in found:
            why = f"its {each.algorithm} was not computed: give it where the URL stands first"
            return Verdict(wrong=why)
        if found[each.algorithm] != each.hexdigest:
            return Verdict(wrong=_wrong(each, found))
    return Verdict("given" if item.checksums else earlier.verified)


def _declared(result: DownloadResult, computed: Container[str]) -> Digest | None:
    """Return the declared digest that is compared: one that costs nothing, else the first."""
    if not result.declared:
        return None
    free = (each for each in result.declared if each.algorithm in computed)
    return next(free, result.declared[0])


def _wrong(expected: Digest, found: dict[str, str], source: str = "") -> str:
    name = expected.algorithm
    return f"expected {name} {expected.hexdigest}{source}, got {found.get(name, 'none')}"
