"""The worked examples of every web package, each on a page of its own in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.examples import Example
from properties.catalog.registry import packages
from tests.web_page import read_example

pytestmark = pytest.mark.browser

EXAMPLES = [
    (package, kind, example)
    for package in packages().values()
    if package.platform == "web"
    for kind in package.types()
    for example in kind.examples
]


@pytest.mark.parametrize(
    ("package", "kind", "example"), EXAMPLES, ids=[f"{p.name}: {e.title}" for p, _, e in EXAMPLES]
)
def test_an_example_has_its_stated_result(
    browser: Browser, package: ExtensionPackage, kind: ComponentType, example: Example
) -> None:
    context = browser.new_context()
    try:
        assert read_example(context, package, kind, example) == example.result
    finally:
        context.close()
