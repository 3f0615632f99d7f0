"""Every citation leads to something that a stranger can open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sources import ROOT, TITLES, Citation, citations, files, resolves, titles

THIS = Path(__file__).name
CITATIONS = [it for path in files() if path.name != THIS for it in citations(path)]
# Papers that are not in the repository were once cited like this.
PAPERS = re.compile(
    r"(?<![\w/-])(?:adobe-event-forwarding|meta-conversions-api|client-side|reliability|performance|contracts"
    r"|design|journal|ecosystem|peers)(?:\.md)?,? (?:\"|§|R?\d|goal R|sections? \d)|\bfinding \d"
)


def cited(text: str) -> Citation:
    return Citation(ROOT / "rules" / "invented.py", 1, text)


@pytest.mark.parametrize(
    "text",
    [
        'docs/reference/README.md, "How the code cites"',
        'docs/operating.md, "Sending again" and "Is everything there?"; what follows explains it',
        'Meta, Customer Information Parameters, "ph"',
        "Meta, Using the API; Main Body Parameters",
        "docs/decisions/0003-a-build-is-one-document.md",
        "RFC 9110, 5.6.7; RFC 3339",
        "@adobe/alloy, createMediaRequest",
        "observed, facebook/facebook-java-business-sdk issue 421: Purchase without currency",
        "https://tc39.es/ecma262/#sec-assertion",
    ],
)
def test_a_citation_in_the_described_form_leads_somewhere(text: str) -> None:
    assert cited(text).unresolved() == []


@pytest.mark.parametrize(
    "text",
    [
        "docs/operating.md",
        'docs/operating.md, "A heading that it lacks"',
        'docs/no_such_page.md, "Sending again"',
        "Meta, A page that is not in the table",
        "Meta, Using the APIs",
        "a paper of ours",
        "RFC 9110; A page without an address",
    ],
)
def test_a_citation_that_leads_nowhere_is_found(text: str) -> None:
    assert cited(text).unresolved()


def test_a_citation_continues_over_lines_and_ends_with_its_sentence(tmp_path: Path) -> None:
    page = tmp_path / "module.py"
    page.write_text(
        '"""Reads.\n\nSource: Meta, Using\n    the API. More text; Nonsense.\n"""\n# Source: RFC 3339\n'
    )
    assert [it.text for it in citations(page)] == ["Meta, Using the API", "RFC 3339"]


def test_every_source_leads_somewhere() -> None:
    assert len(CITATIONS) > 300
    assert [f"{it} ({'; '.join(parts)})" for it in CITATIONS if (parts := it.unresolved())] == []


def test_no_paper_is_cited_that_is_not_in_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files()
        if path.name != THIS
        for line in path.read_text(encoding="utf-8").splitlines()
        if PAPERS.search(line)
    ]
    assert found == []


def test_every_heading_that_is_named_elsewhere_in_the_code_exists() -> None:
    named = re.compile(r'docs/[\w/.-]+\.md, "')
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files()
        if path.suffix != ".md" and path.name != THIS
        for line in path.read_text(encoding="utf-8").splitlines()
        for mention in named.finditer(line)
        if line.count('"', mention.start()) > 1 and not resolves(line[mention.start() :], path)
    ]
    assert found == []


def test_each_title_is_there_once() -> None:
    rows = re.findall(r"^\| (.+?) \| <", TITLES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(titles())
