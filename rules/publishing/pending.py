"""Builds that take a while: asked for in a request, made beside it, taken up again when their maker dies."""

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
from .libraries import revisions_for_build, revisions_numbered

logger = logging.getLogger(__name__)
# Resources and components of what is compiled while the browser waits: about a fifth of a second.
MOST_AT_ONCE = 100
CLAIM = timedelta(seconds=20)
MOST_TRIES = 3
TELL_SECONDS = 0.5
LOOK_SECONDS = 5.0
DIED = "The server stopped while it made this build, {} times. Build the library again."
BROKE = "The build stopped with an error of the server ({}). Its log tells more."


class Overtaken(Exception):
    """Somebody else makes this build by now."""


def start(library: Library, environment: Environment, actor: Any = None, *, goes_live: bool = False) -> Build:
    """Build a library: at once when it is small, else pending, beside the request.

    Args:
        goes_live: The environment shall run the build when it succeeded.

    Returns:
        The build. While it is pending, its ``progress`` says how far it is.
    """
    revisions = revisions_for_build(library.prop, library)
    if size(revisions) <= MOST_AT_ONCE:
        return publish(library, environment, actor) if goes_live else build(library, environment, actor)
    made = pending_build(library, environment, revisions, actor)
    made.goes_live = goes_live
    made.save()
    transaction.on_commit(lambda: _beside(made.pk))
    return made


def size(revisions: Iterable[Revision]) -> int:
    """How many resources and components these revisions hold."""
    snapshots = [revision.snapshot for revision in revisions]
    return sum(1 + len(each.get("conditions", ())) + len(each.get("actions", ())) for each in snapshots)


def make_if_forgotten(made: Build) -> None:
    """Begin again with a pending build that nobody works on; whoever waits for it calls this."""
    if _free().filter(pk=made.pk).exists():
        _beside(made.pk)


def take_up_forever() -> None:
    """Look every few seconds for pending builds that nobody works on, in a thread of a worker."""
    threading.Thread(target=_take_up_forever, name="builds", daemon=True).start()


def _take_up_forever() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            take_up()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database is away (%s); pending builds later", type(error).__name__)
        except Exception as error:
            logger.exception("Pending builds stopped with %s; once more later", type(error).__name__)
        finally:
            connection.close()


def take_up() -> int:
    """Make every pending build that nobody works on; returns how many were tried."""
    return sum(make(pk) for pk in list(_free().values_list("pk", flat=True)))


def make(pk: int) -> bool:
    """Make one pending build unless somebody does already; whether it was tried here."""
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
        logger.warning("Build %s is gone, or made by somebody else now", made.uid)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database is away (%s); build %s later", type(error).__name__, made.uid)


def _make_or_fail(made: Build) -> None:
    try:
        _make(made)
    except (Overtaken, OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Build %s stopped with %s", made.uid, type(error).__name__)
        _fail(made, BROKE.format(type(error).__name__))


def _free() -> QuerySet[Build]:
    """Pending builds without a maker, or whose maker has not been heard of for a while."""
    nobody = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
    return Build.objects.filter(nobody, status=Build.Status.PENDING)


def _claim() -> datetime:
    return timezone.now() + CLAIM


def _make(made: Build) -> None:
    if made.tries > MOST_TRIES:
        _fail(made, DIED.format(MOST_TRIES))
        return
    compile_into(made, _frozen(made), _Teller(made))
    _finish(made)


def _frozen(made: Build) -> list[Revision]:
    """The revisions that a build was asked for with, in its order."""
    found = revisions_numbered({entry["uid"]: entry["number"] for entry in made.revisions})
    return [found[entry["uid"]] for entry in made.revisions]


class _Teller:
    """Writes how far a build is, twice a second, and so keeps its claim."""

    def __init__(self, made: Build) -> None:
        self._made, self._next, self._stage = made, 0.0, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self._stage and time.monotonic() < self._next:
            return
        self._stage, self._next = stage, time.monotonic() + TELL_SECONDS
        progress = {"stage": stage, "done": done, "total": total}
        if not _ours(self._made).update(progress=progress, claimed_until=_claim()):
            raise Overtaken


def _ours(made: Build) -> QuerySet[Build]:
    return Build.objects.filter(pk=made.pk, status=Build.Status.PENDING, tries=made.tries)


@transaction.atomic
def _finish(made: Build) -> None:
    """Write how a build ended, and let the environment run it when that was asked for."""
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


def _beside(pk: int) -> None:
    threading.Thread(target=_make_and_leave, args=(pk,), name=f"build-{pk}", daemon=True).start()


def _make_and_leave(pk: int) -> None:
    try:
        make(pk)
    finally:
        connection.close()
