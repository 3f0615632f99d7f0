"""Two people at the same library, on one PostgreSQL; SQLite lets one write at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.postgres
def test_people_share_one_library_and_nothing_slips_into_one_that_is_published(postgres_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": postgres_url,
        "DJANGO_SETTINGS_MODULE": "capi_admin.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "rules.publishing.tests.on_postgres"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert result["libraries"] == 1
    assert result["beyond"] == ["Library 1 is published and can no longer be edited."]
