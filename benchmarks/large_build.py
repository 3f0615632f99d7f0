"""Time and memory of checking and compiling a build with 500 rules and 1,000 data elements.

The baseline of each step is taken in the same run: the build document once through JSON and back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks import serving
from benchmarks.large_property import ELEMENTS, RULES, large_document

ROUNDS = 5
LIBRARY = "benchmarks.large_build"


def run() -> Iterator[dict[str, Any]]:
    """Yield figures of each step, from a process with its own database."""
    with serving.installation() as env:
        command = [sys.executable, "-m", LIBRARY]
        printed = subprocess.run(
            command, cwd=serving.ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    yield from (json.loads(line) for line in printed.splitlines())


def _steps() -> Iterator[dict[str, Any]]:
    """Yield each step in this process, whose settings are those of an empty installation."""
    import django

    django.setup()
    from properties.catalog.registry import packages
    from rules.documents import apply_document
    from rules.engine import compile_build
    from rules.publishing import check_cache
    from rules.publishing.build import build, candidate, check
    from rules.publishing.libraries import (
        add_all_changed,
        content_of,
        revisions_for_build,
        working_library,
    )

    document, started = large_document(), time.perf_counter()
    prop = apply_document(document).prop
    applied = time.perf_counter() - started
    library, environment = working_library(prop), prop.environments.get(stage="development")
    add_all_changed(library)
    revisions = revisions_for_build(prop, library)
    content, compiled = content_of(revisions), candidate(prop, environment, revisions, "BL0")

    def check_anew() -> None:
        check_cache.forget()
        assert not check(prop, environment, content)

    def build_anew() -> None:
        check_cache.forget()
        assert build(library, environment).status == "succeeded"

    steps: dict[str, Callable[[], object]] = {
        "check": check_anew,
        "check_unchanged": lambda: check(prop, environment, content),
        "compile_document": lambda: candidate(prop, environment, revisions, "BL0"),
        "compile_closures": lambda: compile_build(compiled, packages()),
        "build": build_anew,
    }
    text = json.dumps(compiled)
    yield _figure("apply", applied, _seconds(lambda: json.loads(json.dumps(compiled))), 0, text)
    for name, step in steps.items():
        times: tuple[list[float], list[float]] = [], []
        for _ in range(ROUNDS):
            times[0].append(_seconds(step))
            times[1].append(_seconds(lambda: json.loads(json.dumps(compiled))))
        yield _figure(name, median(times[0]), median(times[1]), _peak(step), text)


def _seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _peak(step: Callable[[], object]) -> int:
    """Return the most bytes that Python held at once because of a step. Measured separately, as counting
    takes time.
    """
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _figure(name: str, seconds: float, baseline: float, peak: int, text: str) -> dict[str, Any]:
    memory = f"{peak / 1_000_000:.1f} MB at most, " if peak else ""
    rounds = f"median of {ROUNDS} rounds" if peak else "once"
    return {
        "name": f"large_build_{name}",
        "value": round(seconds * 1000, 1),
        "unit": "ms",
        "baseline": round(baseline * 1000, 1),
        "ratio": round(seconds / baseline, 1),
        "detail": f"{memory}{RULES} rules, {ELEMENTS} data elements, build document of {len(text)} bytes; "
        f"baseline: that document through JSON and back; wall time, {rounds}",
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    for figure in _steps():
        print(json.dumps(figure, ensure_ascii=False))
