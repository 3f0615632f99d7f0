"""Web and worker are killed while events arrive: no accepted event is lost, and the ledger balances."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from benchmarks import chaos

EVENTS = 2_000


def _check(folder: Path, **env: str) -> None:
    result = chaos.run(folder, EVENTS, per_second=400, kill_every=250, faults=False, **env)
    assert result["accepted"] == EVENTS
    assert result["lost"] == 0, result
    assert result["kills"]["web"] >= 2
    assert result["kills"]["worker"] >= 2
    # Sent again under the same id: the edge stored each event once, and every one of them is accounted for.
    ledger = result["ledger"]
    assert (ledger["accepted"], ledger["delivered"], ledger["balanced"]) == (EVENTS, EVENTS, True), result


@pytest.mark.processes
def test_kill_9_of_web_and_worker_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    _check(tmp_path)


@pytest.mark.processes
@pytest.mark.postgres
def test_kill_9_of_web_and_worker_loses_nothing_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    _check(tmp_path, DATABASE_URL=postgres_url, **keys)
