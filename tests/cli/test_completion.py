"""What shells offer: verbs, options, and the values that have names; files are the shell's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import COMMAND, Installed

from downloader.cli.completion import values_of
from downloader.cli.options import OPTIONS
from downloader.formats import CHECKED, FORMATS
from downloader.hashing import ALGORITHMS
from downloader.inputs import LIST_FORMATS
from downloader.planning.naming import LAYOUTS

TABLES = {
    "--format": FORMATS,
    "--list-format": LIST_FORMATS,
    "--algorithm": ALGORITHMS,
    "--layout": LAYOUTS,
}


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def offered(dl: Installed, *words: str) -> list[str]:
    """Return what bash is offered for the last of the words."""
    env = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    return dl(env=env | {"_DL_COMPLETE": "complete_bash"}).stdout.decode().split()


def test_verbs_are_offered(dl: Installed) -> None:
    assert offered(dl, "dl", "") == ["fetch", "hash", "verify", "compare", "demo"]


def test_options_of_the_verb_are_offered(dl: Installed) -> None:
    assert offered(dl, "dl", "fetch", "--lay") == ["--layout"]
    assert offered(dl, "dl", "hash", "--lay") == []


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["fetch", "--layout"], [*LAYOUTS]),
        (["fetch", "--format"], [*FORMATS]),
        (["fetch", "--fetch-processes"], ["auto"]),
        (["hash", "x", "-a", "md5", "-a"], [*ALGORITHMS]),
        (["fetch", "--threads", "nonsense", "--layout"], [*LAYOUTS]),
    ],
)
def test_values_that_have_names_are_offered(
    dl: Installed, words: list[str], values: list[str]
) -> None:
    assert offered(dl, "dl", *words, "") == values


@pytest.mark.parametrize("words", [["fetch"], ["hash"], ["fetch", "--report"], ["fetch", "--dir"]])
def test_files_are_left_to_the_shell(dl: Installed, words: list[str]) -> None:
    """It completes files itself where it is offered nothing."""
    assert offered(dl, "dl", *words, "") == []


def test_other_shells_show_words_that_fit_a_menu(dl: Installed) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "dl fetch --max-r", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    fish = dl(env=asked | {"_DL_COMPLETE": "complete_fish"}).stdout.decode()
    zsh = dl(env=asked | {"_DL_COMPLETE": "complete_zsh"}).stdout.decode()
    assert fish == "--max-retry-wait\tLongest wait that a server may ask for, in seconds\n"
    assert '(("--max-retry-wait":"Longest wait that' in zsh


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shells_script_asks_the_command(dl: Installed, shell: str) -> None:
    script = dl(env={"_DL_COMPLETE": f"source_{shell}"}).stdout.decode()
    assert f"_DL_COMPLETE=complete_{shell}" in script


def test_bash_completes_with_its_script(dl: Installed) -> None:
    done = dl.shell(
        'eval "$(_DL_COMPLETE=source_bash $DL)"; COMP_WORDS=(dl fetch -a sha51); COMP_CWORD=3; '
        f'_dl_completion "{" ".join(COMMAND)}"; echo "${{COMPREPLY[@]}}"'
    )
    assert (done.stdout, done.stderr) == (b"sha512\n", b"")


def test_every_table_of_names_is_the_one_that_counts() -> None:
    for option in OPTIONS:
        if table := TABLES.get(option.names[0]):
            checks = option.table.endswith(":CHECKED")
            assert values_of(option) == tuple(CHECKED if checks else table)
