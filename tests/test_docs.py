"""The documentation is complete and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from properties.catalog.registry import packages

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
SECTION_LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]*)#([^)\s]+)\)")
TEXT = "\n".join(page.read_text() for page in PAGES)
OURS = {
    name for name, app in get_commands().items() if app.split(".")[0] in ("capi_admin", "properties", "rules")
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_section_leads_to_a_heading(page: Path) -> None:
    links = SECTION_LINK.findall(page.read_text(encoding="utf-8"))
    missing = [
        f"{target}#{section}"
        for target, section in links
        if "://" not in target and section not in _sections(page.parent / target if target else page)
    ]
    assert missing == []


def _sections(page: Path) -> set[str]:
    """The names that forges give to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    kept = ("".join(it for it in heading.lower() if it.isalnum() or it in " -_") for heading in headings)
    return {it.replace(" ", "-") for it in kept}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_documented(name: str) -> None:
    assert f"manage.py {name}" in TEXT


@pytest.mark.parametrize("package", packages().values(), ids=lambda package: package.name)
def test_every_package_documents_each_of_its_types(package: object) -> None:
    folder = ROOT / "properties/extensions" / package.name.replace("-", "_")  # type: ignore[attr-defined]
    page = (folder / "README.md").read_text()
    assert [t.title for t in package.types() if t.title not in page] == []  # type: ignore[attr-defined]


def test_every_page_of_the_documentation_is_found_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        links = [
            (page.parent / target).resolve()
            for target in LINK.findall(page.read_text())
            if "://" not in target
        ]
        folders = [path for link in links if link.is_dir() for path in link.glob("*.md")]
        found = {link for link in [*links, *folders] if link.suffix == ".md" and link.exists()}
        waiting.extend(found - seen)
    assert [page for page in PAGES if page not in seen] == []


def test_no_page_is_reachable_without_a_name() -> None:
    """Documentation, tests and templates name pages, never addresses."""

    def unnamed(resolver: URLResolver, prefix: str = "") -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern) and not entry.name:
                found.append(path)
            elif isinstance(entry, URLResolver) and entry.app_name != "admin":
                found += unnamed(entry, path)
        return found

    assert unnamed(get_resolver()) == []
