"""P1, P2, P10 in the long run: many items, many faults, many kills, and not one byte wrong.

DL_SOAK=20000 makes it a real one.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from soak import WAYS, Soak

REAL = int(os.environ.get("DL_SOAK", "0"))
ITEMS, KILLS = (REAL, 5) if REAL else (400, 2)
# What eight threads and four hosts need, whatever the number of items: files, and MiB.
MOST_FILES = 80
MOST_MEMORY = 150


@pytest.mark.parametrize("way", WAYS if REAL else ["processes"])
@pytest.mark.timeout(3600 if REAL else 120)
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at processes in /proc")
def test_p10_a_soak_among_faults_and_kills_ends_with_every_file_right(
    tmp_path: Path, way: str
) -> None:
    soak = Soak(tmp_path, ITEMS, KILLS, way=way)
    soak.run()
    figures = soak.figures()
    assert soak.wrong == [], figures
    assert soak.killed == KILLS, figures
    assert figures["resumed items"], figures
    assert (soak.peaks.files < MOST_FILES, soak.peaks.kib < MOST_MEMORY << 10) == (True, True)
