"""Makes the library of a tags property: one JavaScript file from a build document. Plain Python.

A library holds the container, the browser modules that it uses and the engine, inside one function. The same
content always gives the same file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from properties.catalog.descriptor import ExtensionPackage
from properties.web_runtime import ENGINE, ENGINE_NAME, text_of
from rules.sandbox import Limits, Sandbox, ScriptError

from .build_problems import Finding, Place
from .javascript_literals import literal
from .shortened_code import shortened
from .web_container import Container
from .web_modules import ReadModule, read_client_module

# Custom code may use `_satellite`, as in Adobe's libraries, without a global of that name. The engine takes
# the container away at once; a second copy of the file finds `_loaded` and does nothing.
_LIBRARY = """/*! CAPI Admin tags library. Licences: /t/licences.txt */
(function(){{
var _satellite=window.{name}=window.{name}||{{}};
if(_satellite._loaded)return;
{validation}_satellite.container={container};
{engine}
}})();
"""
# Parsing runs nothing; a property with thousands of rules may need this much.
_PARSING = Limits(heap_bytes=160 * 1024 * 1024, stack_bytes=1024 * 1024, cpu_seconds=5, wall_seconds=10)


class LibraryProblems(Exception):
    """This document cannot become a library; ``findings`` name every problem and its place."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{it.place}: {it.message}" for it in findings))


def library(
    document: Mapping[str, Any],
    packages: Mapping[str, ExtensionPackage],
    read: ReadModule = read_client_module,
) -> str:
    """Return the JavaScript of a build document of a web property.

    Args:
        document: As ``compile_document`` returns it. Its ``buildInfo`` leaves no trace in the file.
        packages: Extension packages by name.
        read: Reads browser modules.

    Raises:
        LibraryProblems: Code does not parse, a module is missing, or a credential would be published.
    """
    container = container_text(document, packages, read)
    name = engine_name(document["environment"]["id"])
    engine = text_of(ENGINE).replace(ENGINE_NAME, name)
    text = _LIBRARY.format(name=name, container=container, engine=engine, validation=_validation(document))
    _check_whole(text)
    return text


def container_text(
    document: Mapping[str, Any],
    packages: Mapping[str, ExtensionPackage],
    read: ReadModule = read_client_module,
) -> str:
    """Return the source of the container alone; arguments and errors as for ``library``."""
    made = Container(packages, read, reports=_reports(document))
    container = literal(made.of(document))
    if made.findings:
        raise LibraryProblems(made.findings)
    return container


def _reports(document: Mapping[str, Any]) -> bool:
    """Return whether a library may report what it sees: only that of Development, which no visitor gets."""
    return bool(document["environment"]["stage"] == "development")


def _validation(document: Mapping[str, Any]) -> str:
    return f"{_validation_text()}\n" if _reports(document) else ""


@cache
def _validation_text() -> str:
    return shortened((Path(__file__).parent / "browser" / "validation.js").read_text(encoding="utf-8"))


def engine_name(environment_id: str) -> str:
    """Return the global name of the engine: two libraries on one page are two engines."""
    return f"__capi_{hashlib.sha256(environment_id.encode()).hexdigest()[:12]}"


def _check_whole(text: str) -> None:
    """Refuse a text that does not parse: it would stop everything on the page.

    Raises:
        LibraryProblems: It does not parse.
    """
    try:
        problem = _parser().check_program(text)
    except ScriptError as error:
        raise LibraryProblems([_about_whole(f"It cannot be checked. {error} Build it again.")]) from None
    if problem is not None:
        found = f"Line {problem.line}: {problem.message}."
        raise LibraryProblems([_about_whole(f"{found} Disable the rules that you changed last, and build.")])


@cache
def _parser() -> Sandbox:
    return Sandbox(limits=_PARSING, spares=0)


def _about_whole(message: str) -> Finding:
    return Finding(Place(("Library",), "$"), message)
