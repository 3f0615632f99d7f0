"""Whether everybody can use a page: what axe-core says (WCAG 2.2 AA), and whether it fits the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.work import HANG_SECONDS

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 4000}, "color_scheme": "light"},
    {"viewport": {"width": 1280, "height": 4000}, "color_scheme": "dark"},
    {"viewport": {"width": 400, "height": 6000}, "color_scheme": "light"},
)
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((it) => it.outerHTML.slice(0, 160));
}"""
# A part that waits for its answer is paler. What moves or fades has neither its place nor its colours yet.
REST = """async (seconds) => {
  const isMoving = (it) => it.playState !== "finished" && it.effect.getComputedTiming().endTime !== Infinity;
  const isBusy = () => document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    || document.getAnimations().some(isMoving);
  const end = performance.now() + seconds * 1000;
  while (isBusy()) {
    if (performance.now() > end) throw new Error("The page does not come to rest");
    await new Promise(requestAnimationFrame);
  }
}"""


def problems(page: Page, node_modules: Path, *more_tags: str) -> list[str]:
    """Return a line for each violation on the page at rest, and for what is wider than the window."""
    page.evaluate(REST, HANG_SECONDS)
    if not page.evaluate("'axe' in window"):
        page.evaluate((node_modules / "axe-core/axe.min.js").read_text())
    options = {"runOnly": [*TAGS, *more_tags], "resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [
        *(
            f"{it['id']}: {node['html'][:200]} {node['failureSummary']}"
            for it in found
            for node in it["nodes"]
        ),
        *(f"is too wide: {it}" for it in page.evaluate(OVERFLOW)),
    ]


def in_every_look(
    browser: Browser, cookies: Any, node_modules: Path, show: Callable[[Page], None]
) -> list[str]:
    """Return the problems of what ``show`` opens, in light, dark and on a phone."""
    found: list[str] = []
    for look in LOOKS:
        context = browser.new_context(**look)
        context.add_cookies(cookies)
        page = context.new_page()
        show(page)
        width, scheme = look["viewport"]["width"], look["color_scheme"]
        found += [f"{width} {scheme}: {it}" for it in problems(page, node_modules)]
        context.close()
    return found
