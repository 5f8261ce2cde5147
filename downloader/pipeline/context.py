"""What a run is plugged together from."""

from __future__ import annotations

from dataclasses import dataclass, field

from downloader.pipeline.concurrency import ConcurrencyController
from downloader.pipeline.failure_limit import FailureLimit
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.process_choice import ProcessChoice
from downloader.pipeline.stats import RunStats
from downloader.planning.server_names import Named, as_planned
from downloader.protocols import Fetcher, Reporter, Storage, Workers
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop
from downloader.state.journal import Journal
from downloader.transfer.usual import UsualExchanges


@dataclass(frozen=True, slots=True)
class RunContext:
    """The parts of one run; `named` gives what has landed its final path.

    Without `usual` every job is for a fetch thread; `choice` says when processes share those, and
    `limit` when failures end the run.
    """

    workers: Workers
    fetcher: Fetcher
    storage: Storage
    journal: Journal
    reporter: Reporter
    stats: RunStats
    concurrency: ConcurrencyController
    meter: LoadMeter
    stop: Stop
    algorithms: tuple[str, ...]
    hosts: HostLimits = field(default_factory=HostLimits)
    named: Named = as_planned
    usual: UsualExchanges | None = None
    choice: ProcessChoice | None = None
    limit: FailureLimit | None = None
