"""Who imports whom: downwards only. The tables below are the rules, and the tests read the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parent
HOME = TESTS.parent / "downloader"

# From the top to the bottom; "*" stands for a folder's modules. A module imports what stands
# below its own row, and the modules of its own folder: in no row do rooms know each other.
ROWS: dict[str, tuple[str, ...]] = {
    "entry": ("__main__",),
    "command": ("cli.*",),
    "verbs of several runs": ("comparison.*", "demo.*"),
    "library": ("api",),
    "composition": ("assemble.*", "run.*"),
    "pipeline": ("pipeline.*",),
    "stages": ("transfer.*", "planning.*", "inputs.*", "reporters.*", "report.*"),
    "formats": ("formats.*", "executors.*"),
    "foundations": ("wire.*", "storage.*", "checksums.*", "state.*", "hashing"),
    "ground": ("urls.*", "estimate.*", "shared.*", "options", "protocols", "registry"),
    "values": ("models.*", "errors", "text", "policy", "crc"),
}

# Arrows that the rows forbid, each with its reason.
EXCEPTIONS: dict[tuple[str, str], str] = {}

# Packages, and modules of Python's own that mark a seam, with the only places that import them.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "typer": ("cli.*",),
    "pyarrow": ("formats.parquet",),
    "tqdm": ("reporters.bars", "reporters.rows"),
    "requests": ("transfer.*",),
    "urllib3": ("transfer.*", "wire.*"),
    "socks": ("wire.socks",),
    "truststore": ("transfer.trust",),
    "httptools": ("wire.parser",),
    "ssl": ("transfer.*", "wire.*"),
    "idna": ("urls.hosts",),
    "blake3": ("hashing",),
    "bz2": ("inputs.unpacking",),
    "lzma": ("inputs.unpacking",),
    "matplotlib": tuple(f"comparison.plot{part}" for part in ("", "_look", "_matrix", "_runs")),
    "sqlite3": ("state.*",),
    "multiprocessing": ("executors.*",),
    "fcntl": ("storage.lock",),
}
# Packages that are imported inside a function, or for type checkers: extras, and what is slow to
# load where most runs do without.
LATE = {"blake3", "matplotlib", "pyarrow", "tqdm", "truststore"}


class Arrow(NamedTuple):
    """One import: from a module of ours to a module, and whether it happens on import."""

    importer: str
    imported: str
    at_once: bool


def modules() -> dict[str, Path]:
    """Return all modules by their name below the package; a folder's own has the folder's name."""
    found = {}
    for path in HOME.rglob("*.py"):
        parts = path.relative_to(HOME).with_suffix("").parts
        found[".".join(parts if parts[-1] != "__init__" else parts[:-1])] = path
    return found


MODULES = modules()


def arrows(name: str) -> Iterator[Arrow]:
    """Read every import of a module, wherever it stands."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    at_once = set(_at_once(tree))
    for node in ast.walk(tree):
        for imported in _imported(node):
            yield Arrow(name, imported, node in at_once)


def _at_once(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs on import: not the insides of functions, and not what type checkers see."""
    waiting: list[ast.AST] = list(tree.body)
    for node in waiting:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting.extend(ast.iter_child_nodes(node))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        assert node.module
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner.removeprefix("downloader.") in MODULES else node.module


ARROWS = [arrow for name in MODULES if name for arrow in arrows(name)]
OURS = [
    arrow._replace(imported=arrow.imported.removeprefix("downloader."))
    for arrow in ARROWS
    if arrow.imported.startswith("downloader.")
]


def matches(name: str, pattern: str) -> bool:
    folder = pattern.removesuffix(".*")
    return name == folder or (pattern.endswith(".*") and name.startswith(f"{folder}."))


def row(name: str) -> int:
    """Return the number of a module's row, from the top."""
    for number, patterns in enumerate(ROWS.values()):
        if any(matches(name, pattern) for pattern in patterns):
            return number
    raise LookupError(f"{name} stands in no row of ROWS")


def is_allowed(arrow: Arrow) -> bool:
    here, there = row(arrow.importer), row(arrow.imported)
    if here != there:
        return here < there
    return arrow.importer.partition(".")[0] == arrow.imported.partition(".")[0]


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.parent.name for path in HOME.glob("*/__init__.py")}
    folders = [path.name for path in TESTS.iterdir() if any(path.glob("test_*.py"))]
    assert set(folders) - rooms == {"benchmarks", "contracts", "end_to_end", "faults"}


def test_every_module_stands_in_a_row() -> None:
    for name in filter(None, MODULES):
        assert row(name) >= 0


@pytest.mark.parametrize("pattern", [pattern for names in ROWS.values() for pattern in names])
def test_every_row_names_modules_that_exist(pattern: str) -> None:
    assert any(matches(name, pattern) for name in MODULES)


def test_arrows_point_downwards_and_never_to_the_side() -> None:
    wrong = {
        f"{arrow.importer} -> {arrow.imported}"
        for arrow in OURS
        if not is_allowed(arrow) and (arrow.importer, arrow.imported) not in EXCEPTIONS
    }
    assert wrong == set()


def test_every_exception_is_still_needed() -> None:
    there_are = {(a.importer, a.imported) for a in OURS if not is_allowed(a)}
    assert set(EXCEPTIONS) <= there_are


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_seams_package_is_imported_behind_its_seam_only(package: str) -> None:
    importers = {a.importer for a in ARROWS if matches(a.imported, f"{package}.*")}
    assert importers
    outside = {
        name
        for name in importers
        if not any(matches(name, pattern) for pattern in ONLY_IN[package])
    }
    assert outside == set()


@pytest.mark.parametrize("package", sorted(LATE))
def test_what_most_runs_do_without_is_not_imported_at_once(package: str) -> None:
    at_once = [a for a in ARROWS if matches(a.imported, f"{package}.*") and a.at_once]
    assert at_once == []


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert not [arrow for arrow in arrows("") if arrow.at_once and "downloader" in arrow.imported]


def test_there_is_no_circle() -> None:
    """A module that is imported at once does not need, at once, who imports it."""
    below: dict[str, set[str]] = {}
    for arrow in OURS:
        if arrow.at_once:
            below.setdefault(arrow.importer, set()).add(arrow.imported)
    done: set[str] = set()

    def descend(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for inner in sorted(below.get(name, ())):
                descend(inner, (*above, name))
            done.add(name)

    for name in sorted(below):
        descend(name, ())
