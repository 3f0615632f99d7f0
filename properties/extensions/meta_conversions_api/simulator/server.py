"""The simulator as an HTTP server in a thread."""

import socket
import threading
import time
from pathlib import Path
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .application import GraphApplication
from .connection import TRANSPORT
from .faults import Fault, FaultBook
from .recording import Record, Recorder
from .state import GraphState

START_SECONDS = 10
STOP_SECONDS = 10
BACKLOG = 2048


class _Protocol(HttpToolsProtocol):
    """Passes the transport to the application, which breaks connections on purpose."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]

    def shutdown(self) -> None:
        self.transport.abort()


class Simulator:
    """A simulator of the Graph API, on its own port.

    Example:
        with Simulator() as graph:
            graph.inject("server_error", count=2)
            ...  # send to graph.url
            assert graph.requests[-1]["status"] == 200
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, record: Path | None = None) -> None:
        """Prepare the simulator; port 0 selects any free port.

        Raises:
            OSError: The recording cannot be opened for writing.
        """
        self._address = (host, port)
        self._recorder = Recorder(record)
        self._faults = FaultBook()
        self._state = GraphState()
        self._url = ""
        application = GraphApplication(self._faults, self._recorder, self._state)
        self._server = uvicorn.Server(_configuration(application))
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer until `stop`.

        Raises:
            OSError: The server cannot listen on the address.
            RuntimeError: The server's thread ended, or was not ready in time.
        """
        listener = _listen(*self._address)
        self._url = _url(listener)
        arguments: dict[str, Any] = {"sockets": [listener]}
        self._thread = threading.Thread(
            target=self._server.run, kwargs=arguments, name="graph-simulator", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started and self.is_running and time.monotonic() < deadline:
            time.sleep(0.005)
        if not self._server.started:
            raise RuntimeError("The Graph simulator did not start")

    def stop(self) -> None:
        """Stop listening, abort open requests, and close the recording."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        self._recorder.close()

    @property
    def is_running(self) -> bool:
        """Whether the server's thread is running."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """Return the base URL, for META_GRAPH_URL."""
        return self._url

    @property
    def requests(self) -> list[Record]:
        """Return the last recorded requests, oldest first."""
        return self._recorder.records

    def forget_requests(self) -> None:
        """Delete the requests in memory."""
        self._recorder.forget()

    def inject(self, kind: str, **options: Any) -> None:
        """Order a fault; the options are those of `Fault`.

        Raises:
            ValueError: The kind or an option is unknown or out of range.
        """
        self._faults.add(Fault.from_order({"kind": kind, **options}))

    def set_state(self, **parts: Any) -> None:
        """Change parts of the state, such as `token="expired"`.

        Raises:
            ValueError: A part is unknown or has the wrong shape.
        """
        self._state.change(parts)

    def reset_state(self) -> None:
        """Return to the state of a new simulator."""
        self._state.reset()

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._faults.clear()


def _configuration(application: GraphApplication) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=_Protocol,
        loop="asyncio",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only with TCP named does asyncio turn Nagle's algorithm off; otherwise each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
