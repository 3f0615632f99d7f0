"""The pages of worked examples match the packages."""

from __future__ import annotations

import pytest

from properties.catalog.registry import packages

from .example_pages import PAGES, page


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_the_examples_of_the_package(name: str) -> None:
    assert PAGES[name].read_text() == page(packages()[name]), "Run: python -m tests.example_pages"
