"""A fetcher on a folder of its own, with what it shares with the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from downloader import urls
from downloader.models import DownloadResult, Job, UrlItem, replace
from downloader.policy import Limits, Retry, Timeouts
from downloader.protocols import Storage
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop
from downloader.storage.local import LocalStorage
from downloader.transfer.fetcher import HttpFetcher


class Impatient(Stop):
    """A stop flag that writes down how long it should sleep, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> bool:
        self.sleeps.append(seconds)
        return self.requested()


class Rig:
    """A fetcher with two retries, no proxy, and settings of one's own.

    `is_warm` says that a job's first request goes out on a connection that was used before.
    """

    is_warm = False

    def __init__(self, root: Path, storage: Storage | None = None, **settings: Any) -> None:
        self.root = root
        self.local = LocalStorage(str(root))
        self.parts = root / ".dl" / "parts"
        self.meter = LoadMeter()
        self.stop = Impatient()
        usual: dict[str, Any] = {
            "retry": Retry(retries=2, base=0.0),
            "timeouts": Timeouts(connect=5, silence=20),
            "limits": Limits(),
            "proxy": "",
        }
        self.fetcher = HttpFetcher(
            storage or self.local, self.meter, self.stop, **{**usual, **settings}
        )

    def fetch(self, url: str, path: str = "a.bin") -> DownloadResult:
        """Fetch one URL, as often as it goes back to the queue."""
        url = urls.normalise(url)
        job = Job(UrlItem(url), url, path)
        while (result := self.run(job)).again_in is not None:
            self.stop.sleep(result.again_in)
            job = replace(job, attempts=result.attempts, earlier=result.timing)
        return result

    def run(self, job: Job) -> DownloadResult:
        """Fetch a job until it is done or goes back to the queue."""
        return self.fetcher.fetch(job)

    def close(self) -> None:
        """Close every connection; no transfer is under way any more."""
        self.fetcher.close()
        self.local.close()
        assert self.meter.active() == ()

    def body(self, url: str) -> bytes:
        """Fetch one URL that must succeed and return its bytes."""
        result = self.fetch(url)
        assert result.failure is None, result.failure
        data = Path(result.part).read_bytes()
        assert len(data) == result.size
        return data

    def message(self, url: str) -> str:
        """Fetch one URL that must fail and return kind and message."""
        failure = self.fetch(url).failure
        assert failure is not None
        return f"{failure.kind}: {failure.message}"

    def left_over(self) -> list[str]:
        """Name the parts on disk."""
        return [part.name for part in self.parts.iterdir()]
