"""Everything that the pages for maintainers name exists: files, commands, markers, variables."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *(
            ROOT / name
            for name in ("CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/glossary.md")
        ),
        *ROOT.glob("docs/reference/*.md"),
        *ROOT.glob("docs/decisions/*.md"),
    ]
)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

NAMED_PATH = re.compile(
    r"`((?:\.ci|\.github|benchmarks|capi_admin|docs|properties|rules|templates|tests)/[\w./*-]+)`"
)
NAMED_TARGET = re.compile(r"^make ([\w-]+)|`make ([\w-]+)`", re.MULTILINE)
NAMED_VARIABLE = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"')
# Variables of the machine, and one that only saves pictures.
OTHER_VARIABLES = {"PATH", "HOME", "LANG", "USER", "PICTURES", "DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_file_that_a_page_names_exists(page: Path) -> None:
    named = NAMED_PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not any(ROOT.glob(path))] == []


def _ways() -> dict[str, str]:
    """Text of each section of the architecture that has a picture, by heading."""
    sections = re.split(r"^## ", ARCHITECTURE, flags=re.MULTILINE)[1:]
    return {it.partition("\n")[0]: it for it in sections if "```mermaid" in it}


def test_the_architecture_has_one_picture_for_an_event_a_change_and_a_click_on_publish() -> None:
    assert list(_ways()) == ["An event", "A change", "A click on *Publish*"]
    assert [text.count("```mermaid") for text in _ways().values()] == [1, 1, 1]


@pytest.mark.parametrize("heading", _ways())
def test_each_path_has_at_most_six_files(heading: str) -> None:
    files = re.findall(r"^\| \d+ \| `([^`]+)`", _ways()[heading], re.MULTILINE)
    assert 0 < len(files) <= 6
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_each_make_command_of_the_guide_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {one or other for one, other in NAMED_TARGET.findall(CONTRIBUTING)}
    assert {"check", "test"} <= named <= targets


def test_the_guide_describes_each_marker() -> None:
    declared = dict(it.split(": ", 1) for it in PYPROJECT["tool"]["pytest"]["ini_options"]["markers"])
    described = re.search(r"### Markers\n(.+?)\n###", CONTRIBUTING, re.DOTALL)
    assert described is not None
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", described[1], re.MULTILINE)) == declared


def test_the_guide_names_each_variable_that_the_tests_read() -> None:
    texts = (path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    read = {name for text in texts for name in NAMED_VARIABLE.findall(text)} - OTHER_VARIABLES
    assert [name for name in sorted(read) if name not in CONTRIBUTING] == []


def test_the_workflow_of_the_forge_calls_our_own_script() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"- run: (\S+)$", text, re.MULTILINE) == [".ci/run"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_each_hook_calls_a_tool_of_the_project() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    tools = re.findall(r"entry: \.venv/bin/([\w-]+)", text)
    assert tools
    assert [tool for tool in tools if not shutil.which(tool, path=str(Path(sys.executable).parent))] == []
    assert "repo: http" not in text


def test_the_version_has_a_section_in_the_change_log() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.escape(PYPROJECT["project"]["version"])
    section = re.search(
        rf"^## {version} – \d{{4}}-\d\d-\d\d$(.+?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    assert section is not None
    order = ["Before you upgrade", "Security", "Removed", "Added", "Changed", "Fixed"]
    headings = re.findall(r"^### (.+)$", section[1], re.MULTILINE)
    assert headings == [it for it in order if it in headings]
