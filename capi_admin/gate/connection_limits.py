"""Limits of a connection, enforced before the application sees a request.

uvicorn passes on a request when its headers are complete, however long they are and however slowly they
arrive. This protocol refuses long and slow ones before that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from . import gate_limits

logger = logging.getLogger(__name__)


class HeadTooLong(Exception):
    """Request line and headers together exceed ``limits.HEAD_BYTES``."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits of size and time.

    A request whose bytes arrive together, as nearly all do, costs only a few comparisons. Only incomplete
    requests get a timer.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Lower and upper bound of the head's size: the chunk in which it began may hold an earlier request.
        self._head_bytes = self._head_bytes_at_most = 0
        self._lingering_bytes = 0
        self._refusal: int | None = None
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._set_late(gate_limits.HEAD_SECONDS, self._is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_late()
        self._unset_unread()
        super().connection_lost(exc)

    # Arriving data

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        self._head_bytes_at_most += len(data)
        super().data_received(data)
        cycle = self.cycle
        if cycle is None or cycle.more_body or cycle.response_complete or cycle.scope is not self.scope:
            self._look_after(len(data))
            return
        self._head_bytes_at_most = 0
        if self._late is not None:
            self._unset_late()

    def on_headers_complete(self) -> None:
        if self._head_bytes_at_most > gate_limits.HEAD_BYTES:
            self._check_head()
        super().on_headers_complete()

    def eof_received(self) -> None:
        """Refuse an unfinished request when the client stops sending; never accept a part of it."""
        is_begun = self._is_in_head or (
            self.cycle and self.cycle.more_body and not self.cycle.response_started
        )
        if is_begun and self._refusal is None and not self.transport.is_closing():
            self.send_400_response("The request ended early.")

    @property
    def _is_in_head(self) -> bool:
        """uvicorn creates a scope when a request begins, and a cycle when its headers are complete."""
        return self.scope is not None and (self.cycle is None or self.cycle.scope is not self.scope)

    def _look_after(self, arrived: int) -> None:
        """Handle bytes that do not complete a request: a part of one, or unexpected data."""
        if self._refusal is not None or self.transport.is_closing():
            return
        if self._is_in_head:
            self._wait_for_head(arrived)
            return
        self._head_bytes_at_most = 0
        if self.cycle is None or self.cycle.response_complete:
            self._expect_nothing(arrived)
        else:
            self._set_late(gate_limits.PAUSE_SECONDS, self._is_late)

    # Size limits

    def _wait_for_head(self, arrived: int) -> None:
        has_begun_earlier = self._head_bytes_at_most > arrived
        self._head_bytes = self._head_bytes + arrived if has_begun_earlier else 0
        if not has_begun_earlier:
            self._set_late(gate_limits.HEAD_SECONDS, self._is_late)
        if self._head_bytes_at_most > gate_limits.HEAD_BYTES:
            with suppress(HeadTooLong):
                self._check_head()
            if self._refusal is not None:
                self.send_400_response("")

    def _check_head(self) -> None:
        """Raise ``HeadTooLong``. If raised in the parser's callbacks, it leads to ``send_400_response``."""
        fields = sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        if max(self._head_bytes, len(self.url) + fields) > gate_limits.HEAD_BYTES:
            self._refusal = 414 if len(self.url) > fields else 431
            raise HeadTooLong

    def send_400_response(self, msg: str) -> None:
        """Refuse with the status found, else with 400; while another answer is being sent, only close."""
        status = self._refusal = self._refusal or 400
        self._unset_late()
        if self._is_answering():
            self.transport.close()
            return
        text = _TEXTS.get(status, msg).encode("ascii", "replace")
        lines = [
            STATUS_LINE[status],
            b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(text),
            b"cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        ]
        self.transport.write(b"".join([*lines, text]))
        self.transport.close()

    def _is_answering(self) -> bool:
        if self.cycle is None or self.cycle.response_complete:
            return False
        return bool(self.pipeline) or self._is_in_head or self.cycle.response_started

    # Time limits

    def _is_late(self) -> None:
        self._late = None
        if self.flow.read_paused:
            # The delay is ours, not the client's: an earlier request of this connection is not answered yet.
            self._set_late(gate_limits.PAUSE_SECONDS, self._is_late)
        elif self._is_in_head or (self.cycle and not self.cycle.response_complete):
            self._refusal = 408
            self.send_400_response("")
        else:
            self.transport.close()

    def _expect_nothing(self, arrived: int) -> None:
        """Close a connection soon, between requests or after the current answer.

        A client that is cut off while it sends cannot read the answer.
        """
        self._lingering_bytes += arrived
        if self._lingering_bytes > gate_limits.LINGER_BYTES:
            self.transport.close()
        elif self._late is None:
            self._set_late(gate_limits.LINGER_SECONDS, self.transport.close)

    # Unread answers

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unset_unread()
        self._unread = self.loop.call_later(gate_limits.UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unset_unread()

    # Timers

    def _set_late(self, seconds: float, then: Callable[[], None]) -> None:
        self._unset_late()
        self._late = self.loop.call_later(seconds, then)

    def _unset_late(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _unset_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


_HEAD_KIB = gate_limits.HEAD_BYTES // 1024
_TEXTS = {
    408: "The request took too long.",
    414: f"The URL is too long: the limit for request line and headers together is {_HEAD_KIB} KiB.",
    431: f"The headers are too long: the limit for request line and headers together is {_HEAD_KIB} KiB.",
}


def guard(receive: Callable[..., Any]) -> bool:
    """Give this protocol to the running server, however it was started; return whether it is in use now.

    uvicorn makes a protocol for each connection from its configuration, which is reachable from the
    lifespan's ``receive``. ``--http capi_admin.gate.connection_limits:GuardedProtocol`` has the same effect.
    """
    config = getattr(getattr(receive, "__self__", None), "config", None)
    if not isinstance(config, Config):
        logger.warning(
            "This server is not uvicorn: let it, or a proxy in front of it, refuse headers above %d KiB"
            " and those that take longer than %d s.",
            gate_limits.HEAD_BYTES // 1024,
            gate_limits.HEAD_SECONDS,
        )
        return False
    if not issubclass(config.http_protocol_class, GuardedProtocol):
        config.http_protocol_class = GuardedProtocol
    return True
