"""Requests that were recorded from real clients, loaded as if they had been sent a moment ago."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "fixtures"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)")
AGE = timedelta(minutes=1)


def recording(name: str, now: datetime | None = None) -> dict[str, Any]:
    """A recorded request: ``path``, ``headers`` and ``body``.

    Vendors refuse events older than a few days, so every time in it moves by the same span: the latest one
    is a minute ago, the others keep their distance and their format.

    Args:
        name: A file of ``tests/fixtures``, without ``.json``.
        now: For tests of this function; otherwise the clock's time.
    """
    text = (FOLDER / f"{name}.json").read_text()
    latest = max(datetime.fromisoformat(each) for each in MOMENT.findall(text))
    later = (now or datetime.now(UTC)) - AGE - latest
    moved: dict[str, Any] = json.loads(MOMENT.sub(lambda found: _moved(found[0], later), text))
    return moved


def _moved(text: str, later: timedelta) -> str:
    written = (datetime.fromisoformat(text) + later).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z") if text.endswith("Z") else written
