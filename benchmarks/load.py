"""A closed-loop load generator: as many requests as are answered, over a fixed number of connections.

It uses ``wrk`` if installed. Otherwise it uses our own client: raw sockets on uvloop in a separate process,
which sends the same request again and again and reads each answer up to its Content-Length.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 32


@dataclass(frozen=True)
class Load:
    """The result of one pass.

    Args:
        statuses: How many answers of each HTTP status.
        unread: Most requests that may have been answered after the generator had ended.
    """

    statuses: dict[int, int]
    seconds: float
    unread: int = 0

    @property
    def accepted(self) -> int:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    @property
    def unsure(self) -> int:
        """Return the most requests that may be stored without a counted 2xx: unread, or answered too late."""
        return self.unread + sum(self.statuses.values()) - self.accepted

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds


def generator_name() -> str:
    ours = "own uvloop client in a process of its own"
    return f"{'wrk, 1 thread' if shutil.which('wrk') else ours}, {CONNECTIONS} connections"


def press(url: str, body: bytes, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Send ``body`` as JSON to ``url`` for some seconds.

    Raises:
        RuntimeError: The generator ended without figures.
    """
    with_generator = _press_with_wrk if shutil.which("wrk") else _press_with_ours
    return with_generator(url, body, seconds, connections)


def _press_with_wrk(url: str, body: bytes, seconds: float, connections: int) -> Load:
    """Run wrk, which leaves up to one request of each connection unanswered when its time is over."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        headers = '{["Content-Type"] = "application/json"}'
        script.write(f'wrk.method = "POST"\nwrk.headers = {headers}\nwrk.body = {_lua_text(body.decode())}\n')
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{math.ceil(seconds)}s", "-s", script.name, url]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)s", said)
    if not found:
        raise RuntimeError(f"wrk said: {said}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    others = int(refused[1]) if refused else 0
    return Load({200: int(found[1]) - others, 500: others}, float(found[2]), connections)


def _lua_text(text: str) -> str:
    return f"[==[{text}]==]"


def _press_with_ours(url: str, body: bytes, seconds: float, connections: int) -> Load:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.load", url, file.name, str(seconds), str(connections)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    figures = json.loads(ended.stdout)
    return Load({int(status): count for status, count in figures["statuses"].items()}, figures["seconds"])


class Sender(asyncio.Protocol):
    """One connection: the next request leaves when the answer is complete."""

    def __init__(self, request: bytes, statuses: Counter[int], until: float) -> None:
        self._request = request
        self._statuses = statuses
        self._until = until
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + _length(self._buffer[:end]):
            return
        self._statuses[int(self._buffer[9:12])] += 1
        self._buffer = b""
        if time.perf_counter() < self._until:
            self._transport.write(self._request)  # type: ignore[attr-defined]
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    found = re.search(rb"content-length: (\d+)", head)
    return int(found[1]) if found else 0


async def _generate(url: str, body: bytes, seconds: float, connections: int) -> dict[str, object]:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: load\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    statuses: Counter[int] = Counter()
    begin = time.perf_counter()
    loop = asyncio.get_running_loop()
    senders = []
    for _ in range(connections):
        sender = Sender(head.encode() + body, statuses, begin + seconds)
        await loop.create_connection(lambda sender=sender: sender, parts.hostname, parts.port)  # type: ignore[misc]
        senders.append(sender)
    await asyncio.gather(*(sender.done for sender in senders))
    return {"statuses": statuses, "seconds": time.perf_counter() - begin}


def main() -> None:
    import uvloop

    url, file, seconds, connections = sys.argv[1:]
    figures = uvloop.run(_generate(url, Path(file).read_bytes(), float(seconds), int(connections)))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
