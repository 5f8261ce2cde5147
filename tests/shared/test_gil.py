"""Whether the interpreter has a global lock."""

from __future__ import annotations

import sys

import pytest

from downloader.shared.gil import is_gil_enabled


@pytest.mark.parametrize("says", [True, False])
def test_the_interpreter_is_asked(monkeypatch: pytest.MonkeyPatch, says: bool) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: says, raising=False)
    assert is_gil_enabled() is says


def test_one_that_cannot_be_asked_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "_is_gil_enabled", raising=False)
    assert is_gil_enabled()
