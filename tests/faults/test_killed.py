"""P10: whenever a run is killed, running it again with --continue comes to the same end."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed
from ranged import Ranged

FILES = {f"{name}.bin": bytes([ord(name)]) * (20_000 + 997 * ord(name)) for name in "abcdefgh"}
LARGE = {f"{name}.bin": random.Random(name).randbytes(900_000) for name in "xyz"}
SOON = 30.0


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_p10_a_run_that_is_killed_again_and_again_ends_as_if_it_never_was(
    tmp_path: Path, mode: list[str]
) -> None:
    chance = random.Random(7)
    dl = Installed(tmp_path)
    everything = {**FILES, **LARGE}
    routes = {f"/{name}": Ranged(data, etag='"1"') for name, data in everything.items()}
    with GoodServer(routes, rate=2.5e6) as server:
        names = dl.write_list([server.url(path) for path in routes])
        for _ in range(6):
            with dl.begin("fetch", names, "--continue", *mode) as process:
                goal = len(server.requests) + chance.randrange(4)
                while process.poll() is None and len(server.requests) < goal:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0.0, 0.3))  # the moment of a kill is any moment
                process.kill()
                process.communicate(timeout=SOON)
            for name, data in dl.files().items():
                assert data == everything[name]  # P1: whole, or not there
        done = dl("fetch", names, "--continue", *mode)
    assert done.returncode == 0, done.stderr
    assert (dl.files(), dl.parts()) == (everything, [])
    lines = {line.split(b"  ")[1]: line.split(b"  ")[0] for line in done.stdout.splitlines()}
    assert lines == {
        f"downloads/{name}".encode(): hashlib.sha256(data).hexdigest().encode()
        for name, data in everything.items()
    }
