"""A mapping from text to text, of any length: in memory while it is small, else on disk."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing

from downloader.state.spill import WHERE, SpillDict
from downloader.state.sqlite import disk_errors

IN_MEMORY = 1 << 20  # bytes of texts, beyond which they go to a temporary file


class SpillTexts:
    """Maps text to other text in bounded memory, for one thread; nothing outlives it.

    A sibling of `SpillDict`, which says more. Raises `errors.DiskFailed` if the temporary folder
    is full.
    """

    def __init__(self) -> None:
        with ExitStack() as stack:
            self._places = stack.enter_context(closing(SpillDict()))
            self._texts = stack.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
            self._closing = stack.pop_all()

    def get(self, key: str) -> str | None:
        """Return what was put under a key, `None` if nothing was."""
        place = self._places.get(key)
        if place is None:
            return None
        with disk_errors(WHERE):
            self._texts.seek(place)
            size = int.from_bytes(self._texts.read(4), "big")
            return self._texts.read(size).decode("utf-8", "surrogatepass")

    def put(self, key: str, text: str) -> None:
        """Keep a text under a key."""
        data = text.encode("utf-8", "surrogatepass")
        with disk_errors(WHERE):
            place = self._texts.seek(0, 2)
            self._texts.write(len(data).to_bytes(4, "big") + data)
        self._places.put(key, place)

    def close(self) -> None:
        """Forget everything."""
        self._closing.close()
