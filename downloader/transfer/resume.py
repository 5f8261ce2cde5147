"""One item's part from try to try: what it holds, and the proof with which it may go on."""

from __future__ import annotations

from downloader.models import Job, Kind, ResumePoint, StoredFile, replace
from downloader.transfer import ranges
from downloader.transfer.partial_file import PartialFile
from downloader.wire.errors import TransferError
from downloader.wire.reply import Reply

# Failures that cast no doubt on the bytes that came before.
_HARMLESS: frozenset[Kind] = frozenset(
    {"incomplete", "timeout", "connect", "dns", "tls", "http-status"}
)


class ResumeState:
    """What proves that an item's part may be continued; a part of its `Attempt`."""

    def __init__(self, job: Job, part: PartialFile) -> None:
        self._job = job
        self._part = part
        self._has_checksum = bool(job.item.checksums)
        # The next run begins with another mirror, whose validators say nothing of this one's body.
        self._may_outlive = self._has_checksum or not job.item.mirrors
        # What did not have its checksum is fetched from zero, and in one piece.
        self._is_trusted = not job.mismatches
        self._kept = job.resume if self._is_trusted else None
        self._offset = self._kept.offset if self._kept else 0  # bytes that the part holds
        self._asked: ResumePoint | None = None

    def ask(self) -> dict[str, str]:
        """Begin another request; return its header fields: for the rest, or on condition."""
        self._asked = self._usable()
        if self._asked:
            return ranges.asking(self._asked)
        return _conditions(self._job.known) if self._job.known else {}

    def accepts(self, reply: Reply) -> bool:
        """Return True if the reply answers what was asked.

        One that does not is let go; the rest is not asked for any more, but the whole file.
        """
        if self._asked is None or reply.status not in (206, 416):
            return True
        try:
            is_right = self._is_right(self._asked, reply)
        except TransferError:  # not even its length is clear
            is_right = False
        if not is_right:
            reply.close()
            self._is_trusted, self._kept, self._asked = False, None, None
        return is_right

    def is_unchanged(self, reply: Reply) -> bool:
        """Return True if the file that stands is still the server's."""
        return reply.status == 304 and self._asked is None and self._job.known is not None

    @property
    def asked(self) -> ResumePoint | None:
        """What the rest was asked for, and is proved to be: `None` if the whole file was."""
        return self._asked

    def extent(self, reply: Reply) -> tuple[int, int | None]:
        """Return where the reply's bytes go, and the size of the file, if it is known."""
        if self._asked is None or reply.status != 206:
            return 0, reply.framing.length
        found = ranges.content_range(reply.headers.get("Content-Range"))
        assert found is not None
        return found.first, found.total

    def begin(self, reply: Reply) -> ResumePoint | None:
        """Make the part ready for the reply's body.

        Returns the proof with which another run may continue it, if this one is killed: `None` if
        there is none, or it is noted already.
        """
        start, total = self.extent(reply)
        if start:
            return None
        kept = ranges.proof(reply.headers, total)
        self._kept, self._offset = kept if kept and self._may_continue(kept) else None, 0
        self._part.begin(self._kept.version if self._kept else "")
        # Without a length, and in chunks, wrong bytes may be stored before the framing shows it: a
        # run that is killed in that moment shall leave nothing to be continued.
        is_plain = total is not None and not reply.framing.is_chunked
        is_safe = is_plain and self._may_outlive
        return self._kept if is_safe and self._is_worthwhile() else None

    def hold(self, offset: int) -> None:
        """Note how many bytes the part has by now."""
        self._offset = offset

    def doubt(self, kind: Kind) -> None:
        """Drop what the part holds if a failure of this kind casts doubt on it.

        At once: a run that is killed before its next try shall leave nothing to be continued.
        """
        if kind not in _HARMLESS:
            self._kept = None
            self._part.drop()

    def keep(self, *, for_later: bool) -> ResumePoint | None:
        """Close the part and keep it if that is worthwhile, else remove it; return its proof.

        What is kept `for_later` reaches the disk, and may be continued after a loss of power.
        """
        is_of_use = self._may_outlive or not for_later
        if not is_of_use or not self._offset or not self._is_worthwhile():
            self._part.drop()
            return None
        return self._proof() if self._part.keep(sync=for_later) else None

    def _proof(self) -> ResumePoint | None:
        return replace(self._kept, offset=self._offset) if self._kept else None

    def _is_right(self, asked: ResumePoint, reply: Reply) -> bool:
        if reply.status == 416:
            return ranges.is_complete(asked, reply.headers, has_checksum=self._has_checksum)
        return ranges.objection(asked, reply.headers, reply.framing.length) is None

    def _usable(self) -> ResumePoint | None:
        kept = self._proof()
        if kept is None or not self._may_continue(kept):
            return None
        if kept.total is not None and kept.offset >= kept.total:
            # Asked for the last byte once more, the server proves the others with it.
            kept = replace(kept, offset=kept.total - 1)
        if kept.offset > 0 and self._part.holds(kept):
            return kept
        self._kept = None
        return None

    def _may_continue(self, kept: ResumePoint) -> bool:
        return self._is_trusted and ranges.may_continue(kept, has_checksum=self._has_checksum)

    def _is_worthwhile(self) -> bool:
        kept = self._kept
        return kept is not None and (kept.total is None or kept.total >= ranges.WORTHWHILE)


def _conditions(known: StoredFile) -> dict[str, str]:
    """Return the header fields that ask for a file only if it has changed (RFC 9110 section 13)."""
    fields = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in fields.items() if value}
