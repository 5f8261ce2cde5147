"""Web pages in place of files, while they come: in the part, on the wire, and in a coding."""

from __future__ import annotations

from downloader.checksums import compare, web_page
from downloader.checksums.web_page import LOOKED_AT, Judge
from downloader.transfer import codings
from downloader.transfer.attempt import Attempt
from downloader.wire.errors import TransferError


class CodedJudge(Judge):
    """Looks at what a body would be without the coding in which it is stored.

    "page.html.gz" is a page by its name too, whatever else ends in ".gz" is none.
    """

    def __init__(self, path: str, coding: str) -> None:
        inner = path.rpartition(".")[0] if compare.is_of_name(coding, path) else ""
        super().__init__(inner if "." in inner.rpartition("/")[2] else path)
        self._decompressor = codings.decompressor(coding)
        self._left = LOOKED_AT
        self.is_done = self.is_done or self._decompressor is None

    def finds_page(self, data: bytes | memoryview) -> bool:
        """Take the next bytes as they are sent; return True once they show a page."""
        if self.is_done or self._decompressor is None:
            return False
        try:
            text = self._decompressor.decompress(bytes(data[: self._left]), LOOKED_AT)
        except Exception:  # it is in no such coding, or broken: no page will come of it
            self.is_done = True
            return False
        found = super().finds_page(text)
        self._left -= min(len(data), self._left)
        self.is_done = self.is_done or not self._left
        return found


def judge(attempt: Attempt, *, allow_html: bool) -> Judge:
    """Return what looks for a page in the bytes that come after those in the part.

    Raises `TransferError` if those show one: a run that took pages may have left them.
    """
    path, coding = "" if allow_html else attempt.job.path, attempt.answer.coding
    found = CodedJudge(path, coding) if coding and path else Judge(path)
    if attempt.progress.done and not found.is_done:
        refuse(found.finds_page(attempt.part.beginning(LOOKED_AT)), attempt)
    return found


def refuse(is_page: bool, attempt: Attempt) -> None:
    """Raise `TransferError` for a page."""
    if is_page:
        raise TransferError("content", web_page.sentence(attempt.job.path))
