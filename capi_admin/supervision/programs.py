"""The processes of an installation on one machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .supervisor import Program

PROJECT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(PROJECT / "manage.py")]
WEB_STOP_SECONDS = 5


def simulator(command: str, host: str, port: int, record: Path) -> Program:
    """Return the simulator that replaces a vendor in a demo."""
    options = ["--host", host, "--port", str(port), "--record", str(record)]
    return Program("simulator", [*MANAGE, command, *options], stops_last=True)


def shop(port: int, environment: Mapping[str, str]) -> Program:
    """Return the shop of a demo, which listens on this machine alone."""
    return Program("shop", [*MANAGE, "demo_shop", "--port", str(port)], environment)


def web(host: str, port: int, environment: Mapping[str, str]) -> Program:
    """Return the web process, which accepts events and serves the pages."""
    options = ["--host", host, "--port", str(port), "--loop", "uvloop", "--http", "httptools", "--ws", "none"]
    quiet = ["--no-proxy-headers", "--no-server-header", "--no-access-log", "--log-level", "warning"]
    stop = ["--timeout-graceful-shutdown", str(WEB_STOP_SECONDS)]
    application = "capi_admin.asgi:application"
    return Program(
        "web", [sys.executable, "-m", "uvicorn", application, *options, *quiet, *stop], environment
    )


def workers(broker_url: str, environment: Mapping[str, str]) -> Iterator[Program]:
    """Yield the delivering processes: one that is woken over a socket, or Celery's worker and schedule."""
    if not broker_url:
        yield Program("worker", [*MANAGE, "deliver", "--forever"], environment)
        return
    # Without its banner, which is not a log line.
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "capi_admin"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    yield Program("worker", [*celery, "worker", "--concurrency", "2", *quiet], environment)
    yield Program("schedule", [*celery, "beat", "--loglevel", "WARNING"], environment)
