"""Commands with JSON output report in JSON that the database is not ready."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from properties.management.json_commands import JsonCommand

ROOT = Path(__file__).parent.parent
COMMANDS = [
    ("apply", "shop.json"),
    ("import_adobe", "shop.json", "--name", "Shop"),
    ("export", "Shop"),
    ("ledger", "--json"),
    ("rotate_keys", "--check"),
]


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in its own process, with a new data folder."""
    (folder / "shop.json").write_text(
        '{"format": "capi-admin/property/v1", "property": {"name": "Shop"},'
        ' "data": [{"id": "RL1", "type": "rules", "attributes": {"name": "A"}}]}'
        if arguments[0] == "import_adobe"
        else '{"format": "capi-admin/property/v1", "property": {"name": "Shop"}}'
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "DATA_DIR")}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, "DATA_DIR": str(folder / "var"), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda it: it[0])
def test_before_the_first_migrate_the_answer_is_json_with_the_remedy(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 1, done.stderr
    (problem,) = json.loads(done.stdout)["errors"]
    assert problem["path"] == "$"
    assert problem["message"].startswith("The database is empty: run “python manage.py migrate” first")
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_said_in_json(tmp_path: Path) -> None:
    done = run(tmp_path, "export", "Shop", DATABASE_URL=f"sqlite:///{tmp_path}/missing/db.sqlite3")
    assert done.returncode == 1
    assert "The database does not answer" in json.loads(done.stdout)["errors"][0]["message"]


def test_a_database_of_an_earlier_version_is_said_in_json(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var/db.sqlite3") as database:
        database.execute("CREATE TABLE django_migrations (id integer, app text, name text, applied text)")
        database.execute(
            "INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', '2026-01-01')"
        )
    done = run(tmp_path, "export", "Shop")
    assert "is older than this version" in json.loads(done.stdout)["errors"][0]["message"]


def test_every_command_of_ours_that_prints_json_does_so() -> None:
    ours = {
        name: app
        for name, app in get_commands().items()
        if str(app).partition(".")[0] in ("properties", "rules")
    }
    speaking = {
        name
        for name, app in ours.items()
        if any(
            word in Path(sys.modules[load_command_class(app, name).__module__].__file__ or "").read_text()
            for word in ("json.dumps", "DocumentCommand")
        )
    }
    assert speaking == {
        name for name, app in ours.items() if isinstance(load_command_class(app, name), JsonCommand)
    }
    assert {arguments[0] for arguments in COMMANDS} <= speaking
