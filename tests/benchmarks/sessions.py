"""The script that most people write: a `requests.Session` a thread, then the digests.

python tests/benchmarks/sessions.py LIST FOLDER THREADS
"""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

import requests

PIECE = 1 << 16  # bytes


class Fetcher(local):
    """Fetches into a folder, with a session for each thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = requests.Session()
        self.session.trust_env = False

    def fetch(self, url: str) -> str:
        """Fetch one file; return its line of sums."""
        path = self.folder / url.rpartition("/")[2]
        with self.session.get(url, timeout=30, stream=True) as reply, path.open("wb") as file:
            reply.raise_for_status()
            for piece in reply.iter_content(PIECE):
                file.write(piece)
        with path.open("rb") as file:
            return f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path}\n"


def main(urls: str, folder: str, threads: str) -> None:
    """Fetch the list, and write the sums."""
    fetcher = Fetcher(Path(folder))
    with ThreadPoolExecutor(int(threads)) as pool:
        sys.stdout.writelines(pool.map(fetcher.fetch, Path(urls).read_text().split()))


if __name__ == "__main__":
    main(*sys.argv[1:])
