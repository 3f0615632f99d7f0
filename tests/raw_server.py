"""A server that sends any bytes that a test wants, and keeps the requests that it got."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers every request on every connection with whatever ``respond`` does to the socket."""

    def __init__(self, respond: Callable[[socket.socket], None]) -> None:
        self.received: list[bytes] = []
        self.connections = 0
        self.respond = respond
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = [self._listener]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/events"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := _whole_request(connection):
                self.received.append(request)
                try:
                    self.respond(connection)
                except OSError:
                    return

    def close(self) -> None:
        """End every thread: closing alone does not wake a waiting thread."""
        for waiting in self._open:
            with suppress(OSError):
                waiting.shutdown(socket.SHUT_RDWR)
            waiting.close()


def _whole_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data or not _is_whole(data):
        try:
            part = connection.recv(65536)
        except OSError:
            return b""
        if not part:
            return b""
        data += part
    return data


def _is_whole(data: bytes) -> bool:
    head, _, body = data.partition(b"\r\n\r\n")
    length = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    return len(body) >= int(length[0] if length else 0)
