"""No two public classes share a name, and no two modules do, unless this file gives a reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
NO_PRODUCT = {"tests", "migrations"}
PRODUCT = ("capi_admin", "properties", "rules")

CLASSES = {
    "Command": "Django finds a command by this name.",
    "Rule": "The row of a rule, and the rule as the engine has compiled it.",
}
# What a module of this name holds is the same in each folder.
ROLES = {
    "actions": "What people or rules start.",
    "admin": "Django's back office.",
    "apps": "Django finds the application by this name.",
    "checks": "System checks of Django; checks of a package's settings.",
    "component_views": "Views of the components of a rule.",
    "examples": "Worked examples of a package.",
    "extension": "What a package declares.",
    "forms": "Forms of a room.",
    "responses": "Our answers, or the answers of a vendor.",
    "tasks": "Celery finds tasks by this name.",
    "urls": "Routes of a room.",
    "views": "Views of a room.",
}
# The folder says what a module of it is: `models/secret.py` holds the table, `views/secrets.py` the pages.
FOLDERS = {"models", "views", "commands"}
MODULES = {
    "build": "The engine's compiled build, and the row that publishing makes.",
    "connection": "Meta's test of a connection, and the connections of its simulator.",
}


def modules() -> Iterator[Path]:
    for root in PRODUCT:
        for path in (ROOT / root).rglob("*.py"):
            if not NO_PRODUCT & set(path.parts) and path.name != "__init__.py":
                yield path.relative_to(ROOT)


def twice(found: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Names with more than one place."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in found:
        places[name].append(place)
    return {name: sorted(each) for name, each in places.items() if len(each) > 1}


def public_classes() -> Iterator[tuple[str, str]]:
    for path in modules():
        for node in ast.parse((ROOT / path).read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, str(path)


def module_names() -> Iterator[tuple[str, str]]:
    """Names that may be used once. An extension package imports no other, so each has its own names."""
    for path in modules():
        if not FOLDERS & set(path.parts) and path.stem not in ROLES:
            package = path.parts[2] if path.parts[1] == "extensions" else ""
            yield f"{package} {path.stem}".strip(), str(path)


def test_each_public_class_name_is_defined_once() -> None:
    found = twice(public_classes())
    assert {name: places for name, places in found.items() if name not in CLASSES} == {}
    assert set(CLASSES) <= set(found), "An exception that nothing needs."


def test_each_module_name_is_used_once() -> None:
    found = twice(module_names())
    assert {name: places for name, places in found.items() if name.split()[-1] not in MODULES} == {}
    assert set(MODULES) <= {name.split()[-1] for name in found}, "An exception that nothing needs."


def test_each_role_is_one_of_several_folders() -> None:
    stems = [path.stem for path in modules()]
    assert [role for role in ROLES if stems.count(role) < 2] == []
