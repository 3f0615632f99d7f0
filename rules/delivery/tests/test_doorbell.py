"""The doorbell wakes a worker. A ring without a listener raises nothing."""

from __future__ import annotations

import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rules.delivery import doorbell


def _wait_for(look: Any, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.01)
    return bool(found)


def test_ringing_wakes_who_listens(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with doorbell.Doorbell() as bell:
        doorbell.ring()
        assert bell.rung.wait(30)


def test_many_rings_are_few_messages(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    sent: list[float] = []
    monkeypatch.setattr(doorbell, "_send_datagram", lambda: sent.append(time.monotonic()))
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        doorbell.ring()
    # At most one in 20 ms, and one that was already being sent.
    assert _wait_for(lambda: sent)
    assert len(sent) <= 0.3 / 0.02 + 2


def test_ringing_when_nobody_listens_is_no_error(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_DIR = tmp_path
    doorbell.ring()
    time.sleep(0.1)
    assert [record for record in caplog.records if record.name == doorbell.logger.name] == []


def test_a_broker_that_is_away_is_logged_once(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}"
    failed = threading.Event()

    class Ringer(doorbell._Ringer):
        def _send(self) -> None:
            self.thread = threading.get_ident()
            super()._send()
            if self._is_failing:
                failed.set()

    from celery import current_app

    before = current_app.conf.broker_url
    current_app.conf.broker_url = settings.CELERY_BROKER_URL
    try:
        with caplog.at_level(logging.WARNING, logger="rules.delivery.doorbell"):
            ringer = Ringer()
            for _ in range(2):
                failed.clear()
                ringer.ring()
                assert failed.wait(30)
    finally:
        current_app.conf.broker_url = before
    # The ringer of the process may ring at the same time, for events that other tests stored.
    assert [record.thread for record in caplog.records].count(ringer.thread) == 1


def test_a_long_data_folder_has_its_socket_elsewhere(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / ("long" * 40)
    settings.DATA_DIR.mkdir(parents=True)
    # Linux, unix(7): a socket path has at most 108 bytes.
    assert len(str(doorbell.socket_file())) < 108
