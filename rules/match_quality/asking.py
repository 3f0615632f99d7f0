"""Asks a vendor about match quality, with the saved settings and the credentials of one environment.

The answers are kept for a quarter of an hour. Events never wait for this.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType
from properties.catalog.errors import Misconfigured
from properties.catalog.match_quality import QualityReading
from properties.catalog.registry import find_type
from properties.catalog.secret_markers import RunMarkers
from properties.catalog.substitution import Source, compile_settings
from properties.http import transport
from properties.models import Environment, Extension
from properties.secrets.belonging import Belonging
from properties.secrets.credentials import values_of
from rules.models import MatchQualityAnswers, MatchQualityReading

from .calibrating import calibrate_from, figures_of
from .offers import QualityOffer

logger = logging.getLogger(__name__)


def read_now(offer: QualityOffer, environment: Environment) -> bool:
    """Ask the vendor and store what it says, unless that was done within a quarter of an hour.

    Of several processes at once, one asks.

    Returns:
        Whether it was asked.
    """
    where: dict[str, Any] = {"environment": environment, "package_name": offer.package.name}
    row, _ = MatchQualityAnswers.objects.get_or_create(**where)
    stamp, now = stamp_of(offer.extension, environment), timezone.now()
    if row.is_fresh(stamp):
        return False
    mine = MatchQualityAnswers.objects.filter(pk=row.pk, asked_at=row.asked_at, stamp=row.stamp)
    if not mine.update(asked_at=now, stamp=stamp):
        return False
    store(offer, environment, _ask(offer, environment), now)
    return True


def stamp_of(extension: Extension, environment: Environment) -> str:
    """Return a text that changes with the settings of an extension and with the credentials it may use."""
    changed = extension.prop.secrets.aggregate(at=Max("updated_at"))["at"]
    parts = (extension.uid, extension.revision_number, changed.isoformat() if changed else "")
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@transaction.atomic
def store(
    offer: QualityOffer, environment: Environment, readings: Sequence[QualityReading], now: datetime
) -> None:
    """Store the answers about an environment: all of them, or nothing."""
    where: dict[str, Any] = {"environment": environment, "package_name": offer.package.name}
    for reading in readings:
        if reading.state == "ok":
            MatchQualityReading.objects.update_or_create(
                **where,
                destination=reading.destination[:255],
                day=now.date(),
                defaults={
                    "read_at": now,
                    "events": [asdict(it) for it in reading.events],
                    "figures": {it.name: figures_of(it) for it in reading.events},
                },
            )
    answers = [{key: it for key, it in asdict(reading).items() if key != "events"} for reading in readings]
    MatchQualityAnswers.objects.update_or_create(
        **where,
        defaults={
            "answered_at": now,
            "answers": answers,
            "calibration": calibrate_from(offer, environment),
        },
    )


def _ask(offer: QualityOffer, environment: Environment) -> Sequence[QualityReading]:
    source = _Settings(environment)
    try:
        given = compile_settings(offer.extension.settings)(source)
        asking = offer.quality.ask(given, _context(environment))
        return transport.run_inquiry(asking, secrets=transport.Secrets(source.markers.names, source.value_of))
    except LookupError as missing:
        return [_needs_event(str(missing.args[0]))]
    except Misconfigured as error:
        return [QualityReading("", "not_set", "Not complete", error.message, code=error.code)]
    except transport.SendingFailed as failed:
        logger.error("Reading match quality of %s failed with %s", offer.extension.uid, failed)
        return [QualityReading("", "away", "Not asked", f"An unexpected {failed} was raised.", "Report it.")]


def _needs_event(name: str) -> QualityReading:
    return QualityReading(
        "",
        "not_set",
        "Needs an event",
        f"The configuration uses the data element “{name}”, whose value comes from an event.",
        "Enter the value itself in the configuration to see its figures here.",
    )


def _context(environment: Environment) -> EventContext:
    """Return the context of an inquiry: the current time, without an event."""
    return EventContext(
        arc={"event": {"xdm": {}, "data": {}}, "request": {"header": {}}, "ruleStash": {}},
        inbound_event_id=uuid.uuid4().hex,
        received_at=time.time(),
        build_info={"environment": environment.stage},
        installation=settings.INSTALLATION,
    )


@dataclass(frozen=True)
class _Settings(Source):
    """Gives saved settings their credentials; of data elements, those that name one for each stage."""

    environment: Environment
    markers: RunMarkers = field(default_factory=RunMarkers)

    def secret(self, name: str) -> str:
        return self.markers(name)

    def element(self, name: str) -> Any:
        """Return the marker of the credential behind a data element.

        Raises:
            LookupError: The value comes from an event.
        """
        element = self.environment.prop.dataelements.filter(enabled=True, name=name).first()
        kind = find_type(element.delegate) if element else None
        of_stage = kind.secret_for if isinstance(kind, DataElementType) else None
        secret = of_stage(element.settings, self.environment.stage) if element and of_stage else ""
        if not secret:
            raise LookupError(name)
        return self.markers(secret)

    def value_of(self, name: str) -> str:
        """Return the credential itself. Only the transport calls this.

        Raises:
            Misconfigured: It is not stored, does not work now, or belongs to other environments.
        """
        if name not in self._values:
            text = Belonging(self.environment.prop).refusal(name, self.environment)
            raise Misconfigured(
                text or f"Secret “{name}” is not stored in this property.", code="secret_missing"
            )
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, str]:
        return values_of(self.environment.prop_id, self.environment.pk)
