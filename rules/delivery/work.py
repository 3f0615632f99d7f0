"""Delivers everything that is due."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from properties.connecting.connection_status import read_due
from properties.secrets.refreshing import exchange_due
from rules.match_quality.daily import read_quality_due

from .doorbell import Doorbell
from .log.filling import fill_log
from .pipeline import EVENTS_AT_ONCE, Pipeline
from .replay.jobs import is_running
from .retention import forget

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 1.0
FORGET_SECONDS = 3_600.0
EXCHANGE_SECONDS = 15.0
READ_SECONDS = 300.0
FILL_SECONDS = 5.0
QUALITY_SECONDS = 1_800.0
FINISH_SECONDS = 20.0
SHORTEST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0


def deliver_due(limit: int = EVENTS_AT_ONCE) -> int:
    """Lease a batch of due rows, run it, send it and write the outcomes.

    Returns:
        How many events and waiting deliveries were claimed. 0 means that nothing is due.
    """
    pipeline = Pipeline(limit)
    taken = pipeline.step()
    while not pipeline.is_idle:
        if not pipeline.step(claim=False):
            pipeline.wait(1.0)
    return taken


def work_off(seconds: float) -> int:
    """Deliver until nothing is due, claiming nothing new after ``seconds``; return how many rows moved."""
    pipeline = Pipeline()
    deadline = time.monotonic() + seconds
    moved = 0
    while (step := pipeline.step(claim=time.monotonic() < deadline)) or _is_more_due(pipeline, deadline):
        moved += step
        if not step:
            pipeline.wait(1.0)
    return moved


def _is_more_due(pipeline: Pipeline, deadline: float) -> bool:
    """Return whether more may become due: replayed events arrive in parts."""
    return not pipeline.is_idle or (time.monotonic() < deadline and is_running())


def work_until(is_stopped: Callable[[], bool]) -> None:
    """Run the worker without a broker: it wakes on the doorbell, or every second.

    When it is stopped, it claims nothing new, writes rows that end within twenty seconds, and gives the rest
    back. If the database is unavailable, it waits.
    """
    _sync_less()
    _start_housekeeping()
    with Doorbell() as doorbell:
        pipeline = Pipeline(news=doorbell.rung)
        backoff = 0.0
        while not is_stopped():
            backoff = _step(pipeline, backoff)
        pipeline.finish(FINISH_SECONDS)


def _step(pipeline: Pipeline, backoff: float) -> float:
    """Do one step; return how long to wait if the database was unavailable."""
    try:
        if not pipeline.step():
            pipeline.wait(SWEEP_SECONDS)
        return 0.0
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database is unavailable (%s); trying again", type(error).__name__)
        connection.close()
        backoff = min(max(backoff * 2, SHORTEST_BACKOFF_SECONDS), LONGEST_BACKOFF_SECONDS)
        threading.Event().wait(backoff * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load
        _sync_less()
        return backoff
    finally:
        close_old_connections()


def _start_housekeeping() -> None:
    """Start the jobs that Celery's schedule runs elsewhere. Threads, because old rows and slow servers take
    time.
    """
    jobs: tuple[tuple[Callable[[], object], float], ...] = (
        (forget, FORGET_SECONDS),
        (exchange_due, EXCHANGE_SECONDS),
        (read_due, READ_SECONDS),
        (fill_log, FILL_SECONDS),
        (read_quality_due, QUALITY_SECONDS),
    )
    for work, seconds in jobs:
        threading.Thread(target=_repeat, args=(work, seconds), name=work.__name__, daemon=True).start()


def _repeat(work: Callable[[], object], seconds: float) -> None:
    while True:
        time.sleep(seconds)
        try:
            work()
        except (OperationalError, InterfaceError) as error:
            logger.warning(
                "The database is unavailable (%s); %s runs later", type(error).__name__, work.__name__
            )
        except Exception as error:
            logger.exception("%s ended with %s", work.__name__, type(error).__name__)
        finally:
            connection.close()


def _sync_less() -> None:
    """On SQLite, sync to disk less often: after a power loss, lost outcomes are sent again unchanged."""
    try:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=NORMAL")
    except OperationalError:
        connection.close()
