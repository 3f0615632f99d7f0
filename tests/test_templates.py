"""Templates are easy to read, are in the folder of the code that renders them, and are all in use."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "templates"
TEMPLATES = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in sorted(FOLDER.rglob("*.html"))}
CODE = {
    path.relative_to(ROOT): path.read_text()
    for app in ("properties", "rules")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "tests" not in path.parts
}

LONGEST_LINE = 140
LONGEST_FILE = 130
BLOCK_LEVEL = re.compile(
    r"<(?:article|aside|body|dd|details|dialog|div|dl|dt|fieldset|footer|form|h[1-6]|head|header|html|legend|li"
    r"|main|nav|ol|option|p|pre|section|select|summary|table|tbody|td|textarea|th|thead|tr|ul)\b"
)
NAME = re.compile(r"""["']((?:\w+/)+\w+\.html)["']""")
# Pages of several rooms, and the pages that Django renders under names of its own.
SHARED = {"capi", "registration"}
DJANGO_RENDERS = {
    "403.html",
    "403_csrf.html",
    "404.html",
    "500.html",
    "admin/base_site.html",
    "registration/login.html",
    "registration/password_change_done.html",
    "registration/password_change_form.html",
}


def lines_where(is_bad: Callable[[str], bool]) -> list[str]:
    """Each bad line of a template, as ``file:number``."""
    return [
        f"{name}:{number}"
        for name, text in TEMPLATES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if is_bad(line)
    ]


def test_no_line_of_a_template_is_long() -> None:
    assert lines_where(lambda line: len(line) > LONGEST_LINE) == []


def test_a_line_opens_at_most_one_block_level_element() -> None:
    assert lines_where(lambda line: len(BLOCK_LEVEL.findall(line)) > 1) == []


def test_no_template_is_long() -> None:
    assert [name for name, text in TEMPLATES.items() if len(text.splitlines()) > LONGEST_FILE] == []


def room(path: Path) -> str:
    """The template folder of a Python file: ``dry_run`` for ``rules/dry_run/action_views.py``."""
    return path.parts[0] if path.parts[0] == "properties" else path.parts[1]


def test_code_renders_the_templates_of_its_own_room() -> None:
    strangers = [
        (path.as_posix(), name)
        for path, text in CODE.items()
        for name in NAME.findall(text)
        if name.split("/")[0] not in SHARED | {room(path)}
    ]
    assert strangers == []


def test_every_template_is_in_use() -> None:
    used = DJANGO_RENDERS.union(*(NAME.findall(text) for text in [*CODE.values(), *TEMPLATES.values()]))
    assert sorted(TEMPLATES.keys() - used) == []
