"""A browser, Meta's stand-in and the running product."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.product import Product, running
from tests.work import HANG_SECONDS

# Waiting ends when the page shows it. Playwright's own five seconds are too few for a busy machine.
expect.set_options(timeout=HANG_SECONDS * 1000)

# Chromium must neither look for its maker's hosts nor need a sandbox that a container cannot give.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def launch(chromium: str) -> Iterator[Any]:
    """``launch(*arguments)`` starts a Chromium."""
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*arguments: str) -> Browser:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *arguments])
            started.append(browser)
            return browser

        yield start
        for browser in started:
            browser.close()


@pytest.fixture
def graph() -> Iterator[Any]:
    """The Graph simulator; ``graph.url`` and ``graph.requests``."""
    simulator = importlib.import_module("properties.extensions.meta_conversions_api.simulator").Simulator()
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def product(tmp_path: Path, graph: Any) -> Iterator[Product]:
    """The product behind one trusted proxy, with the simulator as Meta."""
    with running(tmp_path, META_GRAPH_URL=graph.url, TRUSTED_PROXY_COUNT="1") as found:
        yield found
