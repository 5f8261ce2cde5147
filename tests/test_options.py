"""Options that cannot be used are refused when they are made, in the command's words."""

from __future__ import annotations

import os
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from downloader.errors import UsageError
from downloader.options import Options, usable_cpus


def test_the_defaults_are_the_commands() -> None:
    options = Options()
    assert (options.dir, options.layout, options.threads) == ("downloads", "flat", 8)
    assert (options.algorithms, options.retries) == (("sha256",), 3)
    assert (options.connect_timeout, options.timeout) == (10, 30)
    assert (options.sequential, options.overwrite, options.proxy) == (False, False, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"threads": 0}, "--threads 0"),
        ({"threads": -8}, "--threads -8"),
        ({"processes": 0}, "--processes 0"),
        ({"retries": -1}, "--retries -1"),
        ({"retry_status": (403, 302)}, "--retry-status 302: give statuses from 400 to 599"),
        ({"timeout": 0}, "--timeout 0"),
        ({"timeout": -1}, "--timeout -1"),
        ({"timeout": float("nan")}, "--timeout nan"),
        ({"first_byte_timeout": 0}, "--first-byte-timeout 0"),
        ({"connect_timeout": float("inf")}, "--connect-timeout inf"),
        ({"cacert": "/does/not/exist"}, "--cacert /does/not/exist"),
        ({"algorithms": ()}, "--algorithm"),
        ({"dir": ""}, "--dir"),
        ({"output": ""}, "--output '': names no file"),
        ({"output": "-"}, "--output -: files do not go to standard output"),
        ({"output": "a/"}, "--output a/: names no file"),
        ({"output": ".."}, "--output ..: leads out of --dir"),
        ({"output": "a/../b"}, "--output a/../b: leads out of --dir"),
        ({"output": "/etc/x"}, "--output /etc/x: is an absolute path"),
        ({"output": "C:\\x"}, "--output C:\\x: is an absolute path"),
    ],
)
def test_what_cannot_be_used_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Options(**wrong)
    assert str(caught.value).startswith(said)


def test_the_least_that_can_be_used() -> None:
    options = Options(threads=1, processes=1, retries=0, timeout=0.001, connect_timeout=0.001)
    assert options.hash_processes == 1


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({}, 120), ({"timeout": 300}, 300), ({"timeout": 300, "first_byte_timeout": 5}, 5)],
)
def test_a_reply_may_take_longer_to_begin_than_a_silence(
    given: dict[str, Any], seconds: float
) -> None:
    assert Options(**given).first_byte == seconds


def test_processes_are_the_usable_processors_unless_given() -> None:
    assert Options().hash_processes == usable_cpus() >= 1
    assert Options(processes=7).hash_processes == 7


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_only_processors_that_this_process_may_use_count() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cpus() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_folder_of_certificates_will_do(tmp_path: Path) -> None:
    assert Options(cacert=str(tmp_path)).cacert == str(tmp_path)


def test_options_are_values() -> None:
    options = Options(threads=3)
    assert pickle.loads(pickle.dumps(options)) == options == Options(threads=3)
    with pytest.raises(FrozenInstanceError):
        options.threads = 4  # type: ignore[misc]
