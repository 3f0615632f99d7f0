"""The output of the first `make run`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .machine import ROOT

# Replaces Python: creates an environment whose pip prints what the real one prints.
PYTHON = """#!/bin/sh
[ "$1" = -c ] && exit 0
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "Collecting django~=5.2"\\nexit ${PIP_EXIT:-0}\\n' > .venv/bin/pip
chmod +x .venv/bin/pip
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if not shutil.which("make"):
        pytest.skip("no make")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", f"PY={checkout}/python", ".venv/.stamp"]
    path = "/usr/local/bin:/usr/bin:/bin"
    return subprocess.run(
        command, cwd=checkout, env={"PATH": path} | environment, capture_output=True, text=True, timeout=60
    )


def test_setting_up_says_each_step_and_each_library(checkout: Path) -> None:
    said = make(checkout).stderr
    assert "step 1 of 2: a Python environment" in said
    assert "step 2 of 2: the libraries" in said
    assert "  django\n" in said


def test_setting_up_that_fails_is_not_taken_for_done(checkout: Path) -> None:
    assert make(checkout, PIP_EXIT="1").returncode != 0
    assert not (checkout / ".venv/.stamp").exists()
