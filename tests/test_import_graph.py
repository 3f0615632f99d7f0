"""No module of the product imports one that imports it, and no folder either; no import runs up the layers.

Imports inside functions and those for type checkers count like any other.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

CONTRACTS = Path(__file__).parent.parent / "pyproject.toml"
ROOTS = ("capi_admin", "properties", "rules")
Edges = set[tuple[str, str]]


@cache
def edges() -> Edges:
    """(importer, imported) of the product's own modules, tests left out."""
    graph = grimp.build_graph(*ROOTS, cache_dir=None)
    product = {name for name in graph.modules if not is_test(name)}
    return {(one, it) for one in product for it in graph.find_modules_directly_imported_by(one) & product}


def is_test(module: str) -> bool:
    return "tests" in module.split(".") or module.endswith(".conftest")


def circle_in(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a circle, or nothing."""
    imports: dict[str, set[str]] = {}
    for importer, imported in pairs:
        imports.setdefault(importer, set()).add(imported)
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []


def inside(folder: str, pairs: Edges) -> Edges:
    """Return the same imports between the parts of a folder: its modules, and each of its folders as one."""
    start, depth = f"{folder}.", folder.count(".") + 2
    both = [pair for pair in pairs if all(name.startswith(start) for name in pair)]
    short = {tuple(".".join(name.split(".")[:depth]) for name in pair) for pair in both}
    return {(one, other) for one, other in short if one != other}


def folders() -> list[str]:
    names = {name for pair in edges() for name in pair}
    return sorted({name.rpartition(".")[0] for name in names if "." in name})


def test_a_circle_is_found_also_between_folders() -> None:
    """Modules that form no circle may still tie two folders into one."""
    pairs = {("p.a.one", "p.b.one"), ("p.b.two", "p.a.two"), ("p.a.one", "p.a.two")}
    assert circle_in(pairs) == []
    assert circle_in(inside("p", pairs)) in (["p.a", "p.b", "p.a"], ["p.b", "p.a", "p.b"])
    assert circle_in({("p.a", "p.b"), ("p.b", "p.c"), ("p.c", "p.a")})


def test_no_module_imports_one_that_imports_it() -> None:
    assert len(edges()) > 1000, "The graph is not the product's."
    assert circle_in(edges()) == []


def test_no_folder_imports_one_that_imports_it() -> None:
    found = {folder: circle for folder in folders() if (circle := circle_in(inside(folder, edges())))}
    assert found == {}


def test_no_import_runs_up_the_layers() -> None:
    """In its own process, because import-linter disables the loggers of the process that runs it.

    Source: docs/architecture.md, "Rooms".
    """
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--config", CONTRACTS, "--no-cache"]
    done = subprocess.run(command, cwd=CONTRACTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout
