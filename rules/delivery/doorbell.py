"""The doorbell: a message that wakes workers, at most every 20 milliseconds. It may be lost.

Without a broker, it is a datagram to a local socket. With one, it is the task ``deliver_due``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from django.conf import settings

logger = logging.getLogger(__name__)
LOCAL_SECONDS = 0.02
BROKER_SECONDS = 0.05
LONGEST_SOCKET_NAME = 100
TASK = "rules.delivery.tasks.deliver_due"


def ring() -> None:
    """Announce that something is due. Returns at once, whatever happens to the message."""
    _ringer().ring()


class _Ringer:
    """Sends from its own thread, so that a slow broker delays nobody."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._is_failing = False
        threading.Thread(target=self._run, name="doorbell", daemon=True).start()

    def ring(self) -> None:
        self._wanted.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self._send()
            time.sleep(BROKER_SECONDS if settings.CELERY_BROKER_URL else LOCAL_SECONDS)

    def _send(self) -> None:
        try:
            _send_task() if settings.CELERY_BROKER_URL else _send_datagram()
            self._is_failing = False
        except Exception as error:
            # Nothing is lost: the sweep finds the rows.
            if not self._is_failing:
                logger.warning(
                    "The doorbell does not ring (%s); events wait for the sweep", type(error).__name__
                )
            self._is_failing = True


_of_process: dict[int, _Ringer] = {}
_lock = threading.Lock()


def _ringer() -> _Ringer:
    """Return the ringer of this process: a thread does not survive a fork."""
    found = _of_process.get(os.getpid())
    if found is None:
        with _lock:
            found = _of_process.setdefault(os.getpid(), _Ringer())
    return found


def _send_task() -> None:
    from celery import current_app

    current_app.send_task(TASK, expires=30, retry=False)


def _send_datagram() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(b"!", str(socket_file()))
        except (BlockingIOError, FileNotFoundError, ConnectionRefusedError):
            # The socket is full, so the worker will wake anyway, or nobody listens yet.
            return


def socket_file() -> Path:
    """Return the socket of this installation's worker. Socket names must be short."""
    file = Path(settings.DATA_DIR) / "doorbell.sock"
    if file.parent.is_dir() and len(str(file)) < LONGEST_SOCKET_NAME:
        return file
    name = hashlib.sha256(str(file).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"capi-admin-{name}.sock"


class Doorbell:
    """The listening side. ``rung`` is set on every ring."""

    def __init__(self) -> None:
        self.rung = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._listen, name="doorbell-listener", daemon=True)

    def __enter__(self) -> Self:
        file = socket_file()
        file.unlink(missing_ok=True)
        self._listener.bind(str(file))
        file.chmod(0o600)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        # Closing alone does not wake a thread that is reading.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _listen(self) -> None:
        while self._listener.recv(16):
            self.rung.set()
