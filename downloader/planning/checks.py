"""Which checksums an item must have besides its own, and what becomes of one that has none.

What is published is looked for by the names that are known when a line is planned; where servers
give names (`--server-names`), by an item's final name too, once that is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloader import checksums, urls
from downloader.errors import BadChecksum
from downloader.models import Digest, DownloadResult, Failure, Job, UrlItem, replace
from downloader.planning.planned import Kept, PassedOver, Planned, Refused
from downloader.planning.published import Published
from downloader.planning.server_names import Named
from downloader.planning.sums_names import Called


@dataclass(frozen=True, slots=True)
class Checks:
    """Adds what is published to items, and refuses those without a checksum if one is `required`.

    `shown` gives a path as the user reaches it; with `by_server` names may still change.
    """

    published: Published
    shown: Callable[[str], str]
    required: bool = False
    by_server: bool = False

    def plan(self, job: Job, used: Callable[[Job], Job | Kept | PassedOver]) -> Planned:
        """Return what is to be done for a job; `used` says what earlier runs left of it."""
        found = self.published.of(self._called(job))
        try:
            job = replace(job, item=_with(job.item, found))
        except BadChecksum as error:
            return Refused(job.item, Failure("checksum", str(error)), job.key)
        is_open = self._may_be_renamed(job.item)
        lacks_any = self.required and not job.item.checksums
        if lacks_any:  # what stands is not proved by what earlier runs knew
            return job if is_open else Refused(job.item, self._failure(), job.key)
        planned = used(job)
        if isinstance(planned, PassedOver):
            return planned
        if not found and not (is_open and isinstance(planned, Job) and planned.known is None):
            self._miss()
        return planned

    def landed(self, named: Named) -> Named:
        """Return what gives a file that has landed its final path, by `named`, and its checks."""
        return lambda result: self._landed(result, named(result))

    def _landed(
        self, result: DownloadResult, named: DownloadResult | Failure
    ) -> DownloadResult | Failure:
        is_settled = result.job.mismatches or not self._may_be_renamed(result.job.item)
        if isinstance(named, Failure) or is_settled:
            return named
        planned, job = self._called(result.job), named.job
        found = self.published.of(planned)
        if job.path != result.job.path:
            found = (*found, *self.published.of_path(self._called(job)))
        if not found:
            self._miss()
        try:
            job = replace(job, item=_with(job.item, found))
        except BadChecksum as error:
            return Failure("checksum", str(error))
        if self.required and not job.item.checksums:
            return self._failure()
        return replace(named, job=job)

    def _called(self, job: Job) -> Called:
        url = urls.without_login(urls.normalise(job.url))
        return Called(url, job.item.name, job.path, self.shown(job.path))

    def _may_be_renamed(self, item: UrlItem) -> bool:
        return self.by_server and item.name is None

    def _miss(self) -> None:
        if self.published.exists:
            self.published.miss()

    def _failure(self) -> Failure:
        where = f": not named in {self.published.files}" if self.published.exists else ""
        return Failure("checksum", f"no given checksum verifies it (--require-checksum){where}")


def _with(item: UrlItem, found: tuple[Digest, ...]) -> UrlItem:
    """Return an item with more checksums. Raises `BadChecksum` if not all can be right."""
    if not found:
        return item
    return replace(item, checksums=checksums.checked([*item.checksums, *found]))
