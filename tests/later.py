"""A plugin of pytest: ``-p tests.later`` runs everything with the clock 400 days ahead.

A date in a fixture, an example or a certificate grows old without anybody touching it; this run meets that
day first. Processes that a test starts keep the machine's clock, so tests that start some are left out:
``make test-later``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

AHEAD = timedelta(days=400)


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """Before tests are collected: modules compute their dates when they are imported."""
    traveller = time_machine.travel(datetime.now(UTC) + AHEAD)
    traveller.start()
    session.config.add_cleanup(traveller.stop)
    return (yield)
