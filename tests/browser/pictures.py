"""Pictures of pages: ``PICTURES=folder`` saves them while a test goes through the pages."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def picture(page: Page, name: str) -> None:
    """Save a picture of the page for each width and colour scheme, if PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        for width in (1280, 400):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                # Not by its path: Playwright would write the file in a thread that it keeps.
                Path(folder, f"{name}-{width}-{scheme}.png").write_bytes(page.screenshot(full_page=True))
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
