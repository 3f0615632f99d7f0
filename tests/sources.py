"""Citations in code and documents, and where each leads; docs/reference/README.md describes the form."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
TITLES = ROOT / "docs" / "reference" / "sources.md"
GENERATED = {"package-lock.json", "constraints.txt"}
NOT_OURS = {"__pycache__", "build", "dist", "node_modules", "test-results", "var"}
HIDDEN_AND_OURS = {".ci", ".github"}

_CITATION = re.compile(r"\bSources?: (?![{“])")
_COMMENT = re.compile(r"^\s*(?:#|//|\*)?\s*")
_END = re.compile(r"\.(?=\s|\"\"\"|\)?$)|\"\"\"|\\n|$", re.MULTILINE)
_PAGE = re.compile(r"(docs/[\w/.-]+\.md|README\.md)")
_HEADINGS = re.compile(r'(?:,? (?:and )?"([^"]+)")')
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| (.+?) \| <(https?://\S+)> \|$", re.MULTILINE)
_ELSEWHERE = re.compile(r"(?:https?://\S+|RFC \d+|@?[\w-]+/[\w.-]+(?: issue \d+)?)(?=[,.:;( ]|$)")


@dataclass(frozen=True, slots=True)
class Citation:
    """The text after ``Source:``, in one line."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.text}"

    def unresolved(self) -> list[str]:
        """The parts that lead nowhere. Only a part after the first may be an explanation."""
        found, publisher = [], ""
        for number, part in enumerate(self.text.split("; ")):
            is_explanation = number > 0 and part.lstrip("`")[:1].islower()
            if resolves(part, self.path):
                publisher = part.partition(",")[0]
            elif not (is_explanation or is_title(f"{publisher}, {part}")):
                found.append(part)
        return found


def files() -> list[Path]:
    """Every text file of the repository."""
    paths = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            it for it in folders if it in HIDDEN_AND_OURS or not (it[0] == "." or it in NOT_OURS)
        )
        paths += [Path(folder, name) for name in sorted(names) if name not in GENERATED]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8_000]]


def citations(path: Path) -> Iterator[Citation]:
    """Each ``Source:`` of a file. A citation ends with its sentence, its paragraph or its docstring."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        for match in _CITATION.finditer(line):
            rest = [line[match.end() :], *(_COMMENT.sub("", it) for it in _paragraph(lines[number:]))]
            text = " ".join(rest)
            yield Citation(path, number, text[: _END.search(text).start()])  # type: ignore[union-attr]


def _paragraph(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not _COMMENT.sub("", line):
            return
        yield line


def resolves(part: str, path: Path) -> bool:
    """Whether one part of a citation leads to a heading, a page with an address, or an address."""
    part = part.replace("``", "").replace("observed, ", "").strip()
    if page := _PAGE.match(part):
        return _leads_to_heading(page[1], part[page.end() :], path)
    return bool(_ELSEWHERE.match(part)) or is_title(part)


def _leads_to_heading(name: str, rest: str, path: Path) -> bool:
    page = path.parent.parent / name if name == "README.md" else ROOT / name
    if not page.is_file():
        return False
    asked, position = [], 0
    while match := _HEADINGS.match(rest, position):
        asked.append(match[1])
        position = match.end()
    return set(asked) <= headings(page) and (bool(asked) or name.startswith("docs/decisions/"))


@cache
def headings(page: Path) -> frozenset[str]:
    return frozenset(_HEADING.findall(page.read_text(encoding="utf-8")))


@cache
def titles() -> dict[str, str]:
    """Address by title."""
    return dict(_ROW.findall(TITLES.read_text(encoding="utf-8")))


def is_title(part: str) -> bool:
    """Whether it begins with a title of the table, in quotes or without."""
    part = part.replace('"', "")
    return any(part.startswith(it) and not part[len(it) : len(it) + 1].isalnum() for it in titles())
