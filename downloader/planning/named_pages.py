"""Web pages among files that got their names from servers: told once they have landed.

While they came only their planned names were known, by which they may well have been pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from downloader.checksums import web_page
from downloader.models import DownloadResult, Failure
from downloader.planning.server_names import Named


@dataclass(frozen=True, slots=True)
class NamedPages:
    """Names what has landed as `named` does, and refuses a page in place of what is no text."""

    named: Named

    def __call__(self, result: DownloadResult) -> DownloadResult | Failure:
        """Return the result with its final path, or why its file cannot stand there."""
        final = self.named(result)
        if isinstance(final, Failure) or final.job.path == result.job.path:
            return final
        path = final.job.path
        if web_page.suffix(path) and web_page.is_page(_beginning(result.part)):
            return Failure("content", web_page.sentence(path))
        return final


def _beginning(part: str) -> bytes:
    """Return the first bytes of a part; none if it cannot be read here."""
    try:
        with open(part, "rb") as stream:
            return stream.read(web_page.LOOKED_AT)
    except OSError:
        return b""
