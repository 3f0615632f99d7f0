"""The pages of help that packages bring along."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.descriptor import ActionType
from properties.catalog.registry import packages
from properties.views.help_pages import help_pages, text_of
from properties.views.help_text import html_of, title_of
from tests.pages import page_text, page_words

NAMES = [name for name, _ in help_pages()]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_shown_and_its_title_is_that_of_its_text(owner_client: Client, name: str) -> None:
    page = dict(help_pages())[name]
    answer = owner_client.get(reverse("properties:help_page", args=[name]))
    assert answer.status_code == 200
    assert title_of(text_of(name)) == page.title
    assert f"<h1>{page.title}</h1>" in page_text(answer)
    # Nothing of the notation is left over.
    assert not re.search(r"\*\w|\w\*|\]\(|^\||^#", page_words(answer))


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_page_lead_to_pages_of_help_or_away(owner_client: Client, name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(name)):
        package = name.partition("/")[0]
        assert target.startswith("https://") or f"{package}/{target.removesuffix('.md')}" in NAMES, target


def test_every_page_is_listed_under_help(owner_client: Client) -> None:
    text = page_text(owner_client.get(reverse("properties:help")))
    assert NAMES
    assert [name for name in NAMES if reverse("properties:help_page", args=[name]) not in text] == []


def test_fields_sections_and_presets_name_pages_that_exist() -> None:
    named = {page for package in packages().values() for action in package.actions for page in _named(action)}
    assert named == set(NAMES)


def _named(action: ActionType) -> set[str]:
    def of(fields: Any) -> set[str]:
        return {it.help_page for it in fields} | {page for it in fields for page in of(it.properties)}

    found: set[str] = of(action.fields) | {it.help_page for it in (*action.sections, *action.presets)}
    return found - {""}


def test_an_unknown_page_is_not_found(owner_client: Client) -> None:
    for name in ("meta-conversions-api/gone", "gone/liveramp", "meta-conversions-api/../../secret"):
        assert owner_client.get(reverse("properties:help_page", args=[name])).status_code == 404


def test_a_text_cannot_bring_markup_of_its_own() -> None:
    html = html_of("# T\n\n<script>a</script> `<b>` **<i>** [<u>](https://a.example/?<s>)", lambda _: "")
    assert "<script" not in html
    assert not re.search(r"<[biu]>|<s>", html)


def test_blocks_of_a_text() -> None:
    text = "# T\n\n## Head\n\nOne\ntwo.\n\n- a\n- b\n  c\n\n1. d\n\n"
    text += "| A | B |\n|---|---|\n| 1 | 2 |\n\n```\nx\n\ny\n```\n"
    html = html_of(text, lambda target: f"/{target}")
    for part in (
        "<h2>Head</h2>",
        "<p>One two.</p>",
        "<li>b c</li>",
        "<li>d</li>",
        "<td>2</td>",
        "x\n\ny</pre>",
    ):
        assert part in html
