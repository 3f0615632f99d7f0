"""Size and speed of a library of tags, compared with the published parts of Adobe that do the same.

The baseline is Adobe's engine, its whole Web SDK and the container of the same rules, all minified.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.web_shop import shop_document
from properties.catalog.registry import packages
from properties.web_runtime import WEB_SDK, text_of
from rules.publishing.web_library import container_text, library

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT / "properties/web_runtime/making/node_modules"
ENGINE_FILE = PUBLISHED / "@adobe/reactor-turbine/dist/engine.min.js"
SDK_FILE = PUBLISHED / "@adobe/alloy/dist/alloy.min.js"
ESBUILD = PUBLISHED / ".bin/esbuild"
ROUNDS, RULES = 15, 200
Figure = dict[str, Any]

PAGE = "<!doctype html><title>Shop</title><script>dataLayer = {meta: {value: 19.9, currency: 'EUR'}}</script>"
# Until the next tasks have run: DOM Ready fires in the first one.
RUN = """async (text) => {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script);
  for (let task = 0; task < 3; task++) await new Promise((done) => setTimeout(done));
}"""


def run() -> Iterator[Figure]:
    """Yield the size of a library, the time that a browser takes for it, and that making it takes."""
    text = library(shop_document(), packages())
    if ESBUILD.exists():
        yield _size(text)
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser and SDK_FILE.exists():
        yield _in_a_browser(browser, text)
    yield _making()


def _size(text: str) -> Figure:
    # Adobe loads its Web SDK next to the container, not inside it.
    made = container_text(shop_document(), packages()).replace(text_of(WEB_SDK), "")
    container = minified(f"window._satellite={{container:{made}}};")
    theirs = "\n".join([container, *(file.read_text("utf-8") for file in (ENGINE_FILE, SDK_FILE))])
    ours, baseline = (len(gzip.compress(it.encode(), 9)) for it in (text, theirs))
    return {
        "name": "web_library_size",
        "value": ours,
        "unit": "bytes, gzip -9",
        "baseline": baseline,
        "ratio": round(ours / baseline, 3),
        "detail": (
            f"library of 18 rules, {len(text.encode()):,} bytes before gzip; baseline: the published "
            "engine.min.js and alloy.min.js with the same container, minified by esbuild, "
            f"{len(theirs.encode()):,} bytes"
        ),
    }


def minified(text: str) -> str:
    """Return JavaScript as esbuild minifies it."""
    command = [str(ESBUILD), "--minify", "--charset=utf8"]
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout


def _in_a_browser(browser: str, text: str) -> Figure:
    from playwright.sync_api import sync_playwright

    candidates = {"ours": text, "alloy": SDK_FILE.read_text("utf-8"), "nothing": ""}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for number in range(ROUNDS):
            for name, script in sorted(candidates.items(), reverse=bool(number % 2)):
                # Another text each time: the browser would keep what it has compiled.
                times[name].append(_once(started, f"{script}\n//{number}"))
        started.close()
    ours, baseline, nothing = (median(times[name]) for name in candidates)
    return {
        "name": "web_library_run",
        "value": round(ours - nothing, 1),
        "unit": "ms of CPU",
        "baseline": round(baseline - nothing, 1),
        "ratio": round((ours - nothing) / (baseline - nothing), 2),
        "detail": (
            "Chromium, a new page each time: processor time of the page's thread for parsing and running the "
            "library of 18 rules until its PageView has been handed to the Web SDK and the pixel's queue; "
            "baseline: parsing and running alloy.min.js alone, not even configured; the time for an empty "
            f"script is taken off both; median of {ROUNDS} interleaved rounds"
        ),
    }


def _once(browser: Any, script: str) -> float:
    """Return the milliseconds of the thread of a new page for a script."""
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", _answer)
    page.goto("https://www.shop.example/")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _thread_seconds(devtools)
    page.evaluate(RUN, script)
    taken = (_thread_seconds(devtools) - before) * 1000
    context.close()
    return taken


def _thread_seconds(devtools: Any) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(it["value"] for it in metrics if it["name"] == "ThreadTime"))


def _answer(route: Any) -> None:
    """Answer instead of the shop, of the edge and of the pixel's host: nothing leaves."""
    kind = route.request.resource_type
    if kind == "document":
        route.fulfill(body=PAGE, content_type="text/html")
    elif kind == "script":
        route.fulfill(body="", content_type="text/javascript")
    else:
        route.fulfill(body='{"requestId": "1", "handle": []}', content_type="application/json")


def _making() -> Figure:
    document = shop_document(RULES)
    text = json.dumps(document)
    library(document, packages())
    ours, baseline = _interleaved(
        lambda: library(document, packages()), lambda: json.dumps(json.loads(text), sort_keys=True)
    )
    return {
        "name": "web_library_making",
        "value": round(ours, 1),
        "unit": "ms",
        "baseline": round(baseline, 2),
        "ratio": round(ours / baseline, 1),
        "detail": (
            f"library of {RULES} rules, {len(library(document, packages())):,} characters, with the check "
            f"that it parses; baseline: its document of {len(text):,} characters once from JSON and back, "
            f"keys sorted; median of {ROUNDS} interleaved rounds"
        ),
    }


def _interleaved(*candidates: Callable[[], object]) -> list[float]:
    """Return the median milliseconds of each candidate."""
    times: list[list[float]] = [[] for _ in candidates]
    for _ in range(ROUNDS):
        for of_candidate, candidate in zip(times, candidates, strict=True):
            started = time.perf_counter()
            candidate()
            of_candidate.append((time.perf_counter() - started) * 1000)
    return [median(of_candidate) for of_candidate in times]
