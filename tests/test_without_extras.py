"""An installation on SQLite has none of the optional libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import INHERITED, ROOT

# What the extras of pyproject.toml install.
EXTRAS = ("psycopg", "psycopg2", "redis", "brotli")
START = """
import sys
sys.modules |= dict.fromkeys({extras}, None)
sys.argv = ["manage.py", *{arguments}]
import manage
manage.main()
"""


@pytest.mark.processes
@pytest.mark.parametrize("arguments", [("migrate", "--verbosity", "0"), ("check",)], ids=" ".join)
def test_commands_run_without_the_optional_libraries(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    source = START.format(extras=EXTRAS, arguments=arguments)
    environment = {**INHERITED, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
