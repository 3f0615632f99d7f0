"""Large builds: a thread makes them outside the request, and another process resumes them if it dies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from properties.models import Environment, Revision
from rules.models import Build, Library

from .build import activate, build, compile_into, pending_build, publish, record_built
from .content import components_of
from .libraries import revisions_for_build, revisions_numbered

logger = logging.getLogger(__name__)
# Resources and components that are compiled while the browser waits: about a fifth of a second.
MOST_AT_ONCE = 100
CLAIM = timedelta(seconds=20)
MOST_TRIES = 3
REPORT_SECONDS = 0.5
LOOK_SECONDS = 5.0
DIED = "The server stopped {} times while it made this build. Build the library again."
BROKE = "The build stopped with a server error ({}). See the server log."


class Overtaken(Exception):
    """Another process makes this build now."""


def start(library: Library, environment: Environment, actor: Any = None, *, goes_live: bool = False) -> Build:
    """Build a library: a small one at once, a large one in a thread.

    Args:
        goes_live: Make the build live if it succeeds.

    Returns:
        The build. While it is pending, ``progress`` shows how far it is.
    """
    revisions = revisions_for_build(library.prop, library)
    if size(revisions) <= MOST_AT_ONCE:
        return publish(library, environment, actor) if goes_live else build(library, environment, actor)
    made = pending_build(library, environment, revisions, actor)
    made.goes_live = goes_live
    made.save()
    transaction.on_commit(lambda: _in_thread(made.pk))
    return made


def size(revisions: Iterable[Revision]) -> int:
    """Return how many resources and components these revisions hold."""
    return sum(1 + sum(1 for _ in components_of(revision.snapshot)) for revision in revisions)


def make_if_forgotten(made: Build) -> None:
    """Restart a pending build that nobody works on. Pages that wait for a build call this."""
    if _free().filter(pk=made.pk).exists():
        _in_thread(made.pk)


def take_up_forever() -> None:
    """Start a thread that looks for pending builds without a maker every few seconds."""
    threading.Thread(target=_take_up_forever, name="builds", daemon=True).start()


def _take_up_forever() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            take_up()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database is not available (%s); builds are retried", type(error).__name__)
        except Exception as error:
            logger.exception("Pending builds stopped with %s and are retried", type(error).__name__)
        finally:
            connection.close()


def take_up() -> int:
    """Make every pending build that nobody works on; return how many were started."""
    return sum(make(pk) for pk in list(_free().values_list("pk", flat=True)))


def make(pk: int) -> bool:
    """Make one pending build unless another process does already; return whether it was started here."""
    claimed = _free().filter(pk=pk).update(claimed_until=_claim(), tries=F("tries") + 1)
    if not claimed:
        return False
    rows = Build.objects.select_related("prop", "library", "environment", "created_by")
    if made := rows.filter(pk=pk).first():
        _try(made)
    return True


def _try(made: Build) -> None:
    try:
        _make_or_fail(made)
    except Overtaken:
        logger.warning("Build %s was deleted, or another process makes it now", made.uid)
    except (OperationalError, InterfaceError) as error:
        kind = type(error).__name__
        logger.warning("The database is not available (%s); build %s is retried", kind, made.uid)


def _make_or_fail(made: Build) -> None:
    try:
        _make(made)
    except (Overtaken, OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Build %s stopped with %s", made.uid, type(error).__name__)
        _fail(made, BROKE.format(type(error).__name__))


def _free() -> QuerySet[Build]:
    """Return the pending builds that nobody has claimed, or whose claim has run out."""
    nobody = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
    return Build.objects.filter(nobody, status=Build.Status.PENDING)


def _claim() -> datetime:
    return timezone.now() + CLAIM


def _make(made: Build) -> None:
    if made.tries > MOST_TRIES:
        _fail(made, DIED.format(MOST_TRIES))
        return
    compile_into(made, _frozen(made), _ProgressWriter(made))
    _finish(made)


def _frozen(made: Build) -> list[Revision]:
    """Return the revisions that a build was started with, in its order."""
    found = revisions_numbered({entry["uid"]: entry["number"] for entry in made.revisions})
    return [found[entry["uid"]] for entry in made.revisions]


class _ProgressWriter:
    """Stores the progress of a build twice a second, which also renews its claim."""

    def __init__(self, made: Build) -> None:
        self._made, self._next, self._stage = made, 0.0, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self._stage and time.monotonic() < self._next:
            return
        self._stage, self._next = stage, time.monotonic() + REPORT_SECONDS
        progress = {"stage": stage, "done": done, "total": total}
        if not _ours(self._made).update(progress=progress, claimed_until=_claim()):
            raise Overtaken


def _ours(made: Build) -> QuerySet[Build]:
    return Build.objects.filter(pk=made.pk, status=Build.Status.PENDING, tries=made.tries)


@transaction.atomic
def _finish(made: Build) -> None:
    """Store the result of a build, and make it live if that was asked for."""
    kept = ("status", "document", "checksum", "problems")
    ended = {name: getattr(made, name) for name in kept}
    if not _ours(made).update(**ended, progress={}, claimed_until=None):
        raise Overtaken
    record_built(made, made.created_by)
    if made.goes_live and made.status == Build.Status.SUCCEEDED:
        activate(made, made.created_by)


def _fail(made: Build, reason: str) -> None:
    made.status, made.document, made.checksum = Build.Status.FAILED, "", ""
    made.problems = [{"where": "Build", "message": reason}]
    _finish(made)


def _in_thread(pk: int) -> None:
    threading.Thread(target=_make_and_close, args=(pk,), name=f"build-{pk}", daemon=True).start()


def _make_and_close(pk: int) -> None:
    try:
        make(pk)
    finally:
        connection.close()
