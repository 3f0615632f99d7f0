"""`manage.py backup` while events arrive, and `manage.py restore` into an empty installation."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet

from tests.databases import new_database
from tests.product import PATIENCE_SECONDS, Product, running, wait_for

pytestmark = pytest.mark.processes


class Sender:
    """Sends purchases one after the other until it is stopped."""

    def __init__(self, product: Product) -> None:
        curl = wait_for(lambda: re.search(r"curl .*", product.log.read_text()), "the curl line")[0]
        self.url = re.search(r"'(http\S+)'", curl)[1]
        self.accepted = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        session = requests.Session()
        while not self._stop.is_set():
            data = {"event": "Purchase", "event_id": f"order-{self.accepted}", "value": 1, "currency": "USD"}
            data["user"] = {"email": "mary@shop.example"}
            event = {"xdm": {"eventType": "commerce.purchases"}, "data": data}
            self.accepted += session.post(self.url, json={"event": event}, timeout=30).ok
        session.close()

    @contextmanager
    def sending(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join(PATIENCE_SECONDS)


def _back_up_while_events_come_in(product: Product, folder: Path) -> tuple[int, int]:
    """Back up; return how many events were accepted before it started, and how many when it had ended."""
    sender = Sender(product)
    with sender.sending():
        wait_for(lambda: sender.accepted >= 50, "fifty events")
        before = sender.accepted
        product.manage("backup", str(folder))
        after = sender.accepted
        assert after > before, "no event was accepted while the backup was made"
    return before, after


def _check_restored(product: Product, before: int, after: int) -> None:
    ledger = product.ledger()
    assert ledger["balanced"]
    assert before <= ledger["accepted"] <= after + 10  # The samples of the demo, and one in flight.
    product.start("--demo")
    try:
        wait_for(lambda: product.ledger()["open"] == 0, "what was open to be delivered")
        assert product.ledger()["balanced"]
    finally:
        product.stop()


def test_a_backup_made_while_events_come_in_is_whole_on_sqlite(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    with running(tmp_path / "first", "--demo") as product:
        before, after = _back_up_while_events_come_in(product, tmp_path / "backup")
    assert {file.name for file in (tmp_path / "backup").iterdir()} == {"database.sqlite3", "manifest.json"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "backup").iterdir())
    (tmp_path / "second").mkdir()
    for name in ("encryption_keys", "secret_key"):
        shutil.copy(tmp_path / "first" / name, tmp_path / "second")
    second = Product(tmp_path / "second")
    second.manage("restore", str(tmp_path / "backup"))
    _check_restored(second, before, after)


@pytest.mark.postgres
def test_a_backup_made_while_events_come_in_is_whole_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    if not shutil.which("pg_dump"):
        pytest.skip("no pg_dump")
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    with running(tmp_path, "--demo", DATABASE_URL=postgres_url, **keys) as product:
        before, after = _back_up_while_events_come_in(product, tmp_path / "backup")
        in_use = product.manage("restore", str(tmp_path / "backup"), "--replace", check=False)
    assert "Stop every web process and worker first" in in_use.stderr
    with new_database() as url:
        second = Product(tmp_path, DATABASE_URL=url, **keys)
        second.manage("restore", str(tmp_path / "backup"))
        _check_restored(second, before, after)
        not_empty = second.manage("restore", str(tmp_path / "backup"), check=False)
        assert "The database is not empty. Add --replace" in not_empty.stderr
        second.manage("restore", str(tmp_path / "backup"), "--replace")
        assert second.ledger()["balanced"]


@pytest.fixture
def backed_up(tmp_path: Path) -> Product:
    """An installation without processes, and a backup of it."""
    (tmp_path / "data").mkdir()
    product = Product(tmp_path / "data")
    product.manage("migrate")
    product.manage("backup", str(tmp_path / "backup"))
    return product


def _refusal(product: Product, *arguments: str) -> str:
    ended = product.manage(*arguments, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_backup_says_where_the_keys_are_and_has_none(tmp_path: Path, backed_up: Product) -> None:
    said = backed_up.manage("backup", str(tmp_path / "another")).stdout
    assert f"Keep {backed_up.folder}/encryption_keys" in said
    key = (backed_up.folder / "encryption_keys").read_text().strip()
    assert not any(key.encode() in file.read_bytes() for file in (tmp_path / "another").iterdir())


def test_a_backup_into_a_folder_that_has_something_is_refused(tmp_path: Path, backed_up: Product) -> None:
    assert "is not empty" in _refusal(backed_up, "backup", str(tmp_path / "backup"))


def test_a_restore_over_a_database_keeps_it_aside(tmp_path: Path, backed_up: Product) -> None:
    assert "Add --replace" in _refusal(backed_up, "restore", str(tmp_path / "backup"))
    said = backed_up.manage("restore", str(tmp_path / "backup"), "--replace").stdout
    kept = re.search(r"is in (\S+)\.", said)
    assert kept
    assert Path(kept[1]).is_file()
    assert (backed_up.folder / "db.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_restore_without_the_keys_is_refused(tmp_path: Path, backed_up: Product) -> None:
    other = Product(tmp_path / "other")
    other.folder.mkdir()
    assert "keys are not those of the backup" in _refusal(other, "restore", str(tmp_path / "backup"))
    other.manage("restore", str(tmp_path / "backup"), "--other-keys")
    assert other.ledger()["balanced"]


def test_a_backup_that_is_not_whole_is_refused(tmp_path: Path, backed_up: Product) -> None:
    folder = tmp_path / "backup"
    with (folder / "database.sqlite3").open("ab") as file:
        file.write(b"x")
    assert "its checksum differs" in _refusal(backed_up, "restore", str(folder), "--replace")
    (folder / "manifest.json").unlink()
    assert "was not finished" in _refusal(backed_up, "restore", str(folder), "--replace")


def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path, backed_up: Product) -> None:
    file = tmp_path / "backup" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["migrations"]["rules"] = "9999_of_tomorrow"
    file.write_text(json.dumps(manifest))
    said = _refusal(backed_up, "restore", str(tmp_path / "backup"), "--replace")
    assert "newer release (see rules)" in said


def test_a_restore_is_refused_while_the_product_runs(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with running(tmp_path / "data") as product:
        product.manage("backup", str(tmp_path / "backup"))
        assert "runs already" in _refusal(product, "restore", str(tmp_path / "backup"), "--replace")
