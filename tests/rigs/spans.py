"""Spans with little said of them."""

from __future__ import annotations

from downloader.models import Span
from downloader.models.spans import Stage


def fetched(
    began: float,
    ended: float,
    *,
    name: str = "a.bin",
    stage: Stage = "fetch",
    status: str = "stored",
    bytes_: int = 1000,
    host: str = "h",
) -> Span:
    """Return a span that spent a quarter each on retrying, connecting, waiting, receiving."""
    quarter = (ended - began) / 4
    moments = (began, began + quarter, began + 2 * quarter, began + 3 * quarter, ended)
    return Span(stage, name, host, status, bytes_, 1, 0.0, *moments)
