"""Several workers on one PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.postgres
def test_workers_never_share_a_row_and_one_of_them_ends_the_event(postgres_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": postgres_url,
        "DJANGO_SETTINGS_MODULE": "capi_admin.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "rules.delivery.tests.on_postgres"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    # Reliability, "Process and broker": two workers on the same row are impossible.
    assert (result["claimed"], result["different"]) == (2_000, 2_000)
    assert result["state"] == "delivered"
    assert result["reason"] == "rule_failed"
    assert result["ledger"]["balanced"]
