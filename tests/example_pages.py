"""The worked examples of a package as a page of the documentation.

``python -m tests.example_pages`` writes the pages; a test compares them with the packages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.examples import Example
from properties.catalog.registry import packages

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {"core": DOCS / "core_examples.md", "meta-conversions-api": DOCS / "meta_examples.md"}


def page(package: ExtensionPackage) -> str:
    """Markdown with every worked example of a package, in the package's order."""
    examples = [(it, example) for it in package.types() for example in it.examples]
    lines = [
        f"# {package.display_name}: worked examples",
        "",
        "Each example is also a test, which expects exactly this result.",
        "",
        *(f"- [{example.title}](#{_anchor(example.title)})" for _, example in examples),
    ]
    for component_type, example in examples:
        lines += ["", f"## {example.title}", "", *_example(component_type, example)]
    return "\n".join(lines) + "\n"


def _example(component_type: ComponentType, example: Example) -> Iterator[str]:
    yield from _block(f"Settings of **{component_type.title}**:", example.settings)
    if example.data_elements:
        yield from _block("Values of the data elements:", example.data_elements)
    if example.event:
        yield from _block("Event:", example.event)
    if example.request_header:
        yield from _block("Header of the request:", example.request_header)
    yield from _block("Result:", example.result)
    if example.warnings:
        yield from (f"Warnings in the event log: {', '.join(f'`{code}`' for code in example.warnings)}.", "")
    yield f"Source: {example.source}."


def _block(headline: str, value: Any) -> Iterator[str]:
    yield from (headline, "", "```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")


def _anchor(title: str) -> str:
    kept = "".join(char for char in title.lower() if char.isalnum() or char in " -")
    return kept.replace(" ", "-")


def main() -> None:
    for name, path in PAGES.items():
        path.write_text(page(packages()[name]))


if __name__ == "__main__":
    main()
