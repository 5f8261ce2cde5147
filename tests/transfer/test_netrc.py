"""netrc: read once, exact, and silent about what is in it (D12)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.transfer.netrc import logins


def read(tmp_path: Path, text: str | bytes) -> Mapping[str, tuple[str, str]]:
    path = tmp_path / "netrc"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return logins({"NETRC": str(path)})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("machine a.example login u password p", {"a.example": ("u", "p")}),
        ("machine A.Example login u password p", {"a.example": ("u", "p")}),
        ("machine a.example\n  login u\n  password p\n", {"a.example": ("u", "p")}),
        ('machine a.example login u password "p q"', {"a.example": ("u", "p q")}),
        ("machine a.example login u", {"a.example": ("u", "")}),
        ("machine a.example password p", {}),
        ("machine ::1 login u password p", {"[::1]": ("u", "p")}),
        ("machine *.example login u password p", {}),
        ("default login u password p", {}),
        ("machine default login u password p", {}),
        ("machine a.example login u password p\ndefault login d", {"a.example": ("u", "p")}),
        ("", {}),
    ],
)
def test_logins_are_those_of_named_hosts(
    tmp_path: Path, text: str, found: dict[str, tuple[str, str]]
) -> None:
    assert read(tmp_path, text) == found


@pytest.mark.parametrize("text", ["machine a login u password p sesame", b"sesame \xff\x81\xfe"])
def test_file_that_cannot_be_understood_is_not_quoted(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(UsageError, match=r"^--netrc: .*netrc: ") as caught:
        read(tmp_path, text)
    assert "sesame" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_home_is_read_where_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"\.netrc: no such file"):
        logins({})
    (tmp_path / ".netrc").write_text("machine h login u password p")
    assert logins({}) == {"h": ("u", "p")}
