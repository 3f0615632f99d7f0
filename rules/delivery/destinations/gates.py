"""Gates: whether a destination may be sent to now. All workers share these rows.

A destination in trouble is *paused* for a while; one that needs a person to act is *parked*. When that time
is over, a single delivery is sent as a probe. Only its success opens the gate again.

Source: docs/reference/failures.md, "Circuit breaker" and "Vendors' answers".
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from properties.catalog.outbound import Outcome
from rules.models import Delivery, DestinationGate

from ..clock import database_now
from ..in_flight import GateKey

FAILURES_TO_PAUSE = 10
PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 900
SHORTEST_THROTTLE_SECONDS = 30
LONGEST_THROTTLE_SECONDS = 3_600
PARK_SECONDS = 900
PROBE_SECONDS = 60
RELEASED_AT_ONCE = 1_000

HELD = "held"
# JSON: installation settings and the addresses of the simulators that a demo runs. The command that starts
# the simulators sets this variable.
SIMULATED = "CAPI_ADMIN_SIMULATED"

State = DestinationGate.State
Gates = Mapping[GateKey, DestinationGate]


def troubled_gates() -> Gates:
    """Return every gate that is closed or counts failures."""
    rows = DestinationGate.objects.filter(~Q(state=State.OPEN) | Q(failures__gt=0))
    return {_key(gate): gate for gate in rows}


def gate_for(gates: Gates, key: GateKey) -> DestinationGate | None:
    """Return the closed gate of a destination: its own, or the gate of the whole property."""
    hold = gates.get(_property_key(key.property_id))
    if hold is not None and not is_let_through(hold):
        return hold
    gate = gates.get(key)
    return gate if gate is not None and gate.state != State.OPEN else None


def take_probe(gate: DestinationGate, now: datetime) -> bool:
    """Return whether the caller may send one delivery through a closed gate; nobody else may for a minute."""
    if gate.until is None or gate.until > now:
        return False
    state = State.PARKED if gate.state == State.PARKED else State.HALF_OPEN
    until = now + timedelta(seconds=PROBE_SECONDS)
    taken = DestinationGate.objects.filter(pk=gate.pk, until=gate.until).update(state=state, until=until)
    gate.state, gate.until = state, until
    return bool(taken)


def record_outcomes(outcomes: Mapping[GateKey, list[Outcome]], now: datetime) -> None:
    """Update gates from the answers of their destinations, in the order of the answers.

    Destinations that were open and accepted everything need no query.
    """
    for key in sorted(outcomes):
        gate = _locked(key)
        if gate is None and not any(_is_trouble(outcome) for outcome in outcomes[key]):
            continue
        gate = gate or DestinationGate(
            property_id=key.property_id, package_name=key.package_name, destination=key.destination
        )
        for outcome in outcomes[key]:
            _follow(gate, outcome, now)
        gate.save()


def _locked(key: GateKey) -> DestinationGate | None:
    return DestinationGate.objects.select_for_update().filter(**key._asdict()).first()


def _is_trouble(outcome: Outcome) -> bool:
    return outcome.kind in ("retry", "misconfigured") or outcome.pause_destination


def _follow(gate: DestinationGate, outcome: Outcome, now: datetime) -> None:
    if outcome.kind in ("delivered", "rejected", "accepted"):
        gate.failures = 0
    if not _is_trouble(outcome):
        _set(gate, State.OPEN, None, Outcome("delivered"))
    elif outcome.kind == "misconfigured":
        _set(gate, State.PARKED, now + timedelta(seconds=PARK_SECONDS), outcome)
    elif outcome.pause_destination:
        # A vendor can also ask for a pause in the answer to a delivered request, when usage nears its
        # limit.
        asked = outcome.retry_after_seconds or SHORTEST_THROTTLE_SECONDS
        seconds = min(max(asked, SHORTEST_THROTTLE_SECONDS), LONGEST_THROTTLE_SECONDS)
        _set(gate, State.PAUSED, now + timedelta(seconds=seconds), outcome)
    else:
        _count_failure(gate, outcome, now)


def _count_failure(gate: DestinationGate, outcome: Outcome, now: datetime) -> None:
    gate.failures += 1
    excess = gate.failures - FAILURES_TO_PAUSE
    if gate.state == State.PARKED:
        return
    if excess >= 0 or gate.state == State.HALF_OPEN:
        seconds = min(PAUSE_SECONDS * 2 ** min(max(excess, 0), 10), LONGEST_PAUSE_SECONDS)
        _set(gate, State.PAUSED, now + timedelta(seconds=seconds), outcome)


def _set(gate: DestinationGate, state: str, until: datetime | None, outcome: Outcome) -> None:
    gate.state, gate.until = state, until
    gate.code, gate.message, gate.advice = outcome.code[:60], outcome.message, outcome.advice


def _key(gate: DestinationGate) -> GateKey:
    return GateKey(gate.property_id, gate.package_name, gate.destination)


# A whole property


def _property_key(property_id: int) -> GateKey:
    return GateKey(property_id, "", "")


def hold_property(property_id: int, *, message: str, advice: str = "") -> None:
    """Park every destination of a property, including those that are not known yet."""
    DestinationGate.objects.update_or_create(
        **_property_key(property_id)._asdict(),
        defaults={"state": State.PARKED, "until": None, "code": HELD, "message": message, "advice": advice},
    )


def is_let_through(hold: DestinationGate) -> bool:
    """Return whether requests go to the simulators that a held property is meant for."""
    simulated = json.loads(os.environ.get(SIMULATED) or "{}")
    return hold.code == HELD and bool(simulated) and simulated.items() <= settings.INSTALLATION.items()


# Opening again


def probe_now(property_id: int, package_name: str | None = None) -> int:
    """Make the parked destinations of a property due for a probe, because a person changed something.

    Args:
        package_name: Only destinations of this extension.

    Returns:
        The number of destinations.
    """
    parked = DestinationGate.objects.filter(property_id=property_id, state=State.PARKED, until__isnull=False)
    if package_name is not None:
        parked = parked.filter(package_name=package_name)
    return parked.update(until=database_now())


def due_probes(now: datetime) -> Iterable[GateKey]:
    """Return parked destinations whose probe is due."""
    due = DestinationGate.objects.filter(state=State.PARKED, until__lte=now)
    return [_key(gate) for gate in due]


def release_parked(now: datetime) -> int:
    """Make parked deliveries due if their gate has opened, at most a thousand for each destination."""
    if not Delivery.objects.filter(state=Delivery.State.PARKED).exists():
        return 0
    rows = list(DestinationGate.objects.all())
    holds = {gate.property_id for gate in rows if not gate.package_name and not is_let_through(gate)}
    released = 0
    for gate in rows:
        if gate.property_id not in holds and (gate.state == State.OPEN or not gate.package_name):
            released += _release(gate, now)
    return released


def _release(gate: DestinationGate, now: datetime) -> int:
    parked = Delivery.objects.filter(
        property_id=gate.property_id, state=Delivery.State.PARKED, lease_token=""
    )
    if gate.package_name:
        parked = parked.filter(destination=gate.destination, delegate__startswith=f"{gate.package_name}::")
    else:
        parked = parked.filter(code=HELD)
    ids = list(parked.values_list("id", flat=True)[:RELEASED_AT_ONCE])
    return Delivery.objects.filter(id__in=ids, state=Delivery.State.PARKED).update(
        state=Delivery.State.PENDING, next_at=now, code="", message="", advice=""
    )
