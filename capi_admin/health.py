"""``/healthz``, ``/readyz`` and ``/metrics``, which bypass the pages."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from properties.catalog.installation import is_loopback
from rules.forwarding.app import Edge
from rules.forwarding.event_ids import milliseconds_of
from rules.models import InboundEvent

PATHS = {"/healthz", "/readyz", "/metrics"}
# Headers that proxies add: the request came from somewhere else.
PROXIED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip"}
PROGRESS_SECONDS = 60
MOST_COUNTED = 100_000
PLAIN = b"text/plain; charset=utf-8"
METRICS = b"text/plain; version=0.0.4; charset=utf-8"


class Health:
    """Reports the state of this process and of the pipeline behind it."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._is_migrated = False
        self._registry = CollectorRegistry()
        self._registry.register(EdgeCollector(edge))

    def answers(self, path: str) -> bool:
        return path in PATHS

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["path"] == "/healthz":
            await _send(send, 200, b"alive\n")
        elif scope["path"] == "/readyz":
            problem = await asyncio.to_thread(_without_connection, self._problem)
            body = {"ready": not problem, "reason": problem}
            await _send(send, 503 if problem else 200, json.dumps(body).encode() + b"\n", b"application/json")
        elif not may_read_metrics(scope):
            await _send(
                send, 403, b"Metrics are available from this machine, or with METRICS_TOKEN as Bearer.\n"
            )
        else:
            text = await asyncio.to_thread(_without_connection, lambda: generate_latest(self._registry))
            await _send(send, 200, text, METRICS)

    def _problem(self) -> str:
        """Return why events should be sent elsewhere for now; empty if all is well."""
        try:
            return self._schema_problem() or self._writer_problem() or _progress_problem()
        except DatabaseError as error:
            return f"The database does not answer: {type(error).__name__}"

    def _schema_problem(self) -> str:
        if not self._is_migrated:
            executor = MigrationExecutor(connection)
            self._is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return "" if self._is_migrated else "Migrations are missing: run manage.py migrate."

    def _writer_problem(self) -> str:
        writer = self._edge.writer
        return "" if writer and writer.is_available else "Events cannot be stored now."


def _progress_problem() -> str:
    """Return a problem if events are not processed. A backlog is fine while it shrinks."""
    oldest = oldest_received_seconds()
    if oldest < PROGRESS_SECONDS:
        return ""
    since = timezone.now() - timedelta(seconds=PROGRESS_SECONDS)
    if InboundEvent.objects.filter(state__in=InboundEvent.FINAL, done_at__gte=since).exists():
        return ""
    return f"The oldest event has waited for {oldest:.0f} seconds. Check that a worker runs."


def oldest_received_seconds() -> float:
    """Return the age of the oldest event that no worker has processed; 0 if there is none."""
    received = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED).order_by("id")
    oldest = received.values_list("id", flat=True).first()
    return max(0.0, time.time() - milliseconds_of(oldest) / 1000) if oldest else 0.0


def may_read_metrics(scope: HTTPScope) -> bool:
    """Allow this machine, unless through a proxy; others need the token."""
    headers = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if settings.METRICS_TOKEN and scheme.lower() == b"bearer":
        return hmac.compare_digest(token.strip(), settings.METRICS_TOKEN.encode())
    peer = scope.get("client") or ("", 0)
    return is_loopback(peer[0]) and PROXIED.isdisjoint(headers)


class EdgeCollector:
    """The counts of this process, and the state of the pipeline from the database."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def collect(self) -> Iterator[Metric]:
        counters = self._edge.counters
        yield CounterMetricFamily("capi_events_accepted", "Events stored by this process.", counters.accepted)
        help_text = "Events that were not stored, by reason."
        refused = CounterMetricFamily("capi_events_refused", help_text, labels=["reason"])
        refused.add_metric(["consent"], counters.without_consent)
        yield refused
        answered = CounterMetricFamily("capi_edge_answers", "Answers by HTTP status.", labels=["status"])
        for status, count in sorted(counters.answers.copy().items()):
            answered.add_metric([str(status)], count)
        yield answered
        queued = self._edge.writer.queued if self._edge.writer else 0
        yield GaugeMetricFamily("capi_edge_queue_events", "Events that wait for their commit.", queued)
        yield from _pipeline()


def _pipeline() -> Iterator[Metric]:
    states = [InboundEvent.State.RECEIVED, InboundEvent.State.OPEN]
    try:
        waiting = InboundEvent.objects.filter(state__in=states).values("id")[:MOST_COUNTED].count()
        oldest = oldest_received_seconds()
    except DatabaseError:
        return
    yield GaugeMetricFamily("capi_events_open", "Events without a final state, up to 100,000.", waiting)
    yield GaugeMetricFamily("capi_oldest_event_seconds", "Age of the oldest unprocessed event.", oldest)


def _without_connection(ask: Callable[[], Any]) -> Any:
    """Query from a pool's thread, and close its connection: nothing else would."""
    try:
        return ask()
    finally:
        connections.close_all()


async def _send(send: ASGISendCallable, status: int, body: bytes, content_type: bytes = PLAIN) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
