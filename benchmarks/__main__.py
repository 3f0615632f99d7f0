"""Runs every benchmark of this package and prints one JSON object per line."""

from __future__ import annotations

import importlib
import json
import sys

BENCHMARKS = (
    *("ingest", "latency", "meta_payload", "engine", "custom_code", "large_build", "delivered", "event_log"),
    "event_copies",
    "pages",
    "web_library",
)
"""Modules of this package; ``run`` of each yields its figures."""


def main(wanted: list[str]) -> None:
    """Run the named benchmarks, or all."""
    for name in wanted or BENCHMARKS:
        for figure in importlib.import_module(f"benchmarks.{name}").run():
            print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
