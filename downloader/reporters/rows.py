"""A row of text at a place of its own on the terminal, as tqdm keeps it."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm


def row_on(stream: TextIO, position: int) -> tqdm[NoReturn]:
    """Return a row that is so many below the first; it is drawn once it has a text."""
    # The delay keeps tqdm from drawing a row before it has a text; without it, rows are cleared.
    row: tqdm[NoReturn] = _row_class()(
        file=stream, position=position, leave=False, bar_format="{desc}", delay=1
    )
    row.delay = 0
    return row


@cache
def _row_class() -> type[tqdm[NoReturn]]:
    # Imported here: it takes 55 ms, which a run without bars does not have to wait for.
    from tqdm import tqdm  # noqa: PLC0415

    class Row(tqdm):  # type: ignore[type-arg]  # tqdm is generic for the type checker only
        """A row without tqdm's monitor: that thread can deadlock when the process ends."""

        monitor_interval = 0

    # tqdm's own lock would start a helper process, by a fork while threads are running. It is set
    # on this class only: a program that uses this package keeps its own.
    Row.set_lock(threading.RLock())
    return Row
