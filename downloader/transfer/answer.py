"""What a reply says of the file that it brings."""

from __future__ import annotations

from typing import NamedTuple

from downloader.models import ResumePoint, StoredFile
from downloader.transfer.content_disposition import filename
from downloader.transfer.digest_fields import NOTHING, Declared, coding, declared
from downloader.wire.reply import Reply


class Answer(NamedTuple):
    """Who answered, and what: see `DownloadResult`; all empty while there is no reply."""

    status: int | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    declared: Declared = NOTHING
    coding: str = ""
    served: str = ""

    def completed(self, known: ResumePoint | StoredFile) -> Answer:
        """Return the answer with what it does not say again, as it is `known`."""
        etag, changed = self.etag or known.etag, self.last_modified or known.last_modified
        return self._replace(etag=etag, last_modified=changed)


NO_ANSWER = Answer()


def answer(url: str, reply: Reply) -> Answer:
    """Read what a reply from this URL (as it may be shown) says."""
    fields = reply.headers
    disposition = fields.getlist("Content-Disposition")
    return Answer(
        status=reply.status,
        final_url=url,
        etag=fields.get("ETag"),
        last_modified=fields.get("Last-Modified"),
        declared=declared(reply.status, fields),
        coding=coding(fields),
        served=(filename(disposition) or "") if disposition else "",
    )
