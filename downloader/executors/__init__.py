"""Who does the work: the table of executors. Each row satisfies `protocols.Workers`.

local.py       this very thread; a thread pool and a process pool
inline.py      the thread of the caller
threads.py     a thread pool that ends within a given time
processes.py   the hash stage: worker processes, and what happens when one of them is killed
isolation.py   files under suspicion of killing workers, each alone with one worker
pool.py        one generation of worker processes
spawning.py    how a worker process is started
worker.py      what a worker process does first
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from downloader.protocols import Workers

EXECUTORS: dict[str, str] = {
    "sequential": "downloader.executors.local:Sequential",
    "pools": "downloader.executors.local:Pools",
}


def make(name: str, threads: int, processes: int) -> Workers:
    """Return the named workers, not yet started; raises `UsageError` for an unknown name."""
    # Here, since every hash worker imports this package, and needs none of it.
    from downloader.registry import load, look_up  # noqa: PLC0415

    part: Workers = load(look_up(EXECUTORS, name, "executor"))(threads, processes)
    return part
