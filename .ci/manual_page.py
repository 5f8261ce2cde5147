"""Makes the manual page when the package is built, from the table that --help is made of."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHERE = "share/man/man1/dl.1"


class ManualPage(BuildHookInterface):  # type: ignore[type-arg]  # of no configuration of its own
    """Adds dl(1) to the wheel's data."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the page, in a process that has nothing but Python's own library."""
        self._folder = tempfile.TemporaryDirectory()
        page = Path(self._folder.name) / "dl.1"
        make = [sys.executable, "-S", "-m", "downloader.cli.man"]
        with page.open("wb") as file:
            subprocess.run(make, cwd=self.root, stdout=file, check=True)
        build_data["shared_data"][str(page)] = WHERE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel has now."""
        self._folder.cleanup()
