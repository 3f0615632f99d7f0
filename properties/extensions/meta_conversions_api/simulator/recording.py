"""Records requests to the simulator with their answers, in memory and in a file."""

import json
import os
from collections import deque
from pathlib import Path
from typing import Any

from .answers import GraphResponse
from .connection import GraphRequest

Record = dict[str, Any]

KEPT_RECORDS = 1000
KEPT_BYTES = 64 * 1024 * 1024


class Recorder:
    """Keeps the last requests, and appends each one to a file as a line of JSON.

    The lines contain access tokens and the client's customer information, so only the owner of the file
    can read it.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the file.

        Raises:
            OSError: The file cannot be opened for writing.
        """
        self._kept: deque[tuple[int, Record]] = deque()
        self._kept_bytes = 0
        self._file = None if path is None else _open_private(path)

    @property
    def records(self) -> list[Record]:
        """Return the last requests, oldest first."""
        return [record for _, record in self._kept.copy()]

    def record(self, request: GraphRequest, answer: GraphResponse, fault: str | None) -> None:
        """Keep one request with its answer, and the kind of fault that affected it."""
        record: Record = {
            "path": request.target,
            "headers": request.headers,
            "body": _readable(request),
            "status": answer.status,
            "response": answer.body,
        }
        self._keep(len(request.content), record | ({"fault": fault} if fault else {}))

    def forget(self) -> None:
        """Delete the records in memory; the file stays."""
        self._kept.clear()
        self._kept_bytes = 0

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep(self, size: int, record: Record) -> None:
        if self._file is not None:
            _write_line(self._file, record)
        self._kept.append((size, record))
        self._kept_bytes += size
        while len(self._kept) > KEPT_RECORDS or self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= self._kept.popleft()[0]


def _open_private(path: Path) -> int:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(file, 0o600)
    return file


def _write_line(file: int, record: Record) -> None:
    line = memoryview(json.dumps(record).encode() + b"\n")
    while line:
        line = line[os.write(file, line) :]


def _readable(request: GraphRequest) -> Any:
    try:
        return request.json()
    except ValueError:
        return request.content.decode("utf-8", "replace")
