"""Issues that are a present state: a destination on hold, a failed build, a warning, a token that ends, an
unusual silence.

They are read where the state is kept, so they are never out of date, and end by themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from properties.catalog.registry import packages
from properties.catalog.shown_times import in_text, lasting
from properties.connecting.connection_status import WARN_WITHIN, ending_connections
from properties.models import Environment, VendorConnection
from rules.delivery.destinations.gates import is_let_through
from rules.engine import mask_lookalikes
from rules.models import Activation, Build, Delivery, DestinationGate, Issue
from rules.publishing.production_warnings import ProductionWarning, warnings_of

from .silence import silences

MOST_WAITING = 10_000
LONGEST_MESSAGE = 1_000
Waiting = Mapping[tuple[int, str, str], Counter[int]]


def standing_issues(environments: Sequence[Environment], now: datetime) -> list[Issue]:
    """Return the present states of these environments that need a person, as issues that are not stored.

    The number of queries does not depend on the number of environments.
    """
    by_property: dict[int, list[Environment]] = defaultdict(list)
    for environment in environments:
        by_property[environment.prop_id].append(environment)
    return [
        *_on_hold(by_property, now),
        *_failed_builds(environments),
        *_warnings(environments, now),
        *_tokens(by_property, now),
        *_silent(environments, now),
    ]


# Destinations on hold


def _on_hold(by_property: Mapping[int, Sequence[Environment]], now: datetime) -> Iterator[Issue]:
    parked = DestinationGate.objects.filter(
        property_id__in=by_property, state=DestinationGate.State.PARKED
    ).order_by("id")
    gates = [gate for gate in parked if not is_let_through(gate)]
    waiting = _waiting({gate.property_id for gate in gates}) if gates else {}
    for gate in gates:
        counts = _counts_of(gate, waiting)
        for environment in by_property[gate.property_id]:
            # A destination that nothing waits for concerns production.
            is_concerned = counts[environment.pk] or (not counts and _is_production(environment))
            if is_concerned:
                yield _of_gate(gate, environment, counts[environment.pk], now)


def _waiting(property_ids: Iterable[int]) -> Waiting:
    """Count the parked deliveries, at most 10,000, by (property, package, destination) and environment."""
    rows = Delivery.objects.filter(state=Delivery.State.PARKED, property_id__in=property_ids)
    some = Delivery.objects.filter(pk__in=rows.values("pk")[:MOST_WAITING]).order_by()
    columns = ("property_id", "delegate", "destination", "environment_id")
    found: dict[tuple[int, str, str], Counter[int]] = defaultdict(Counter)
    for prop, delegate, destination, environment, number in some.values_list(*columns).annotate(Count("pk")):
        found[prop, delegate.partition("::")[0], destination][environment] += number
    return found


def _counts_of(gate: DestinationGate, waiting: Waiting) -> Counter[int]:
    if gate.package_name:
        return waiting.get((gate.property_id, gate.package_name, gate.destination), Counter())
    of_property = (counts for key, counts in waiting.items() if key[0] == gate.property_id)
    return sum(of_property, Counter())


def _of_gate(gate: DestinationGate, environment: Environment, count: int, now: datetime) -> Issue:
    delegate = f"{gate.package_name}::" if gate.package_name else ""
    issue: Any = _issue(
        environment,
        Issue.Kind.ON_HOLD,
        now,
        key=(delegate, gate.destination),
        since=gate.updated_at,
        delegate=delegate,
        destination=gate.destination,
        code=gate.code,
        message=_text(gate.message),
        advice=gate.advice,
        count=count,
    )
    # A person may ask it at once.
    issue.gate_id = gate.pk if gate.until else None
    return issue  # type: ignore[no-any-return]


# Builds


def _failed_builds(environments: Sequence[Environment]) -> Iterator[Issue]:
    """Yield the newest build of each environment if it failed."""
    by_id = {it.pk: it for it in environments}
    newest = Build.objects.filter(environment_id=OuterRef("pk")).order_by("-id").values("pk")[:1]
    ids = Environment.objects.filter(pk__in=by_id).values_list(Subquery(newest), flat=True)
    for build in Build.objects.filter(pk__in=ids, status=Build.Status.FAILED).defer("document"):
        problems = build.problems
        first = f"{problems[0]['where']}: {problems[0]['message']}" if problems else ""
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        yield _issue(
            by_id[build.environment_id],
            Issue.Kind.FAILED_BUILD,
            build.created_at,
            key=(build.uid,),
            code=build.uid,
            message=_text(first) + more,
            advice="The environment keeps running the build that was live before.",
        )


# Warnings about production


def _warnings(environments: Sequence[Environment], now: datetime) -> Iterator[Issue]:
    by_id = {it.pk: it for it in environments if _is_production(it)}
    newest = Activation.objects.filter(environment_id=OuterRef("pk")).order_by("-id").values("pk")[:1]
    ids = Environment.objects.filter(pk__in=by_id).values_list(Subquery(newest), flat=True)
    codes = (f"environment__test_code__{name}" for name in ("code", "since", "until"))
    columns = ("environment_id", "activated_at", "build_id", "build__checksum", *codes)
    live = list(Activation.objects.filter(pk__in=ids).values_list(*columns))
    found = warnings_of((build_id, checksum) for _, _, build_id, checksum, *_ in live)
    for environment_id, activated_at, build_id, _, code, since, until in live:
        for warning in found[build_id]:
            yield _of_warning(warning, by_id[environment_id], build_id, activated_at, now)
        if code and until and since <= now < until:
            yield _of_test_code(by_id[environment_id], code, since, until, now)


def _of_warning(
    warning: ProductionWarning, environment: Environment, build_id: int, since: datetime, now: datetime
) -> Issue:
    return _issue(
        environment,
        Issue.Kind.WARNING,
        now,
        key=(warning.component_uid, warning.package, warning.text),
        since=since,
        build_id=build_id,
        delegate=f"{warning.package}::" if warning.package else "",
        component_uid=warning.component_uid,
        rule_uid=warning.rule_uid,
        rule_name=warning.rule_name[:255],
        message=_text(warning.text),
    )


def _of_test_code(
    environment: Environment, code: str, since: datetime, until: datetime, now: datetime
) -> Issue:
    """Return the warning about a test code that a person has set for all events of production."""
    return _issue(
        environment,
        Issue.Kind.WARNING,
        now,
        key=("test code", code),
        since=since,
        message=f"All events are sent with the test code {code} until {in_text(until)}. "
        "They count as usual. Turn it off under Test Events when you are done.",
    )


# Tokens of connections


def _tokens(by_property: Mapping[int, Sequence[Environment]], now: datetime) -> Iterator[Issue]:
    """Yield tokens that end soon, or that the vendor no longer accepts. One for every environment concerns
    production.
    """
    for connection in ending_connections(by_property, WARN_WITHIN):
        own = connection.secret.environment_id
        for environment in by_property[connection.secret.prop_id]:
            if environment.pk == own or (own is None and _is_production(environment)):
                yield _of_token(connection, environment, now)


def _of_token(connection: VendorConnection, environment: Environment, now: datetime) -> Issue:
    package, status = packages().get(connection.package_name), connection.status
    name = package.display_name if package else connection.package_name
    ends_at = connection.ends_at()
    message, advice = f"{name}: {status['message']}", status["advice"]
    if status["kind"] != "problem" and ends_at:
        left = (ends_at - now).total_seconds()
        message = f"The token of {name} {f'ends in {lasting(left)}' if left > 0 else 'has ended'}"
        advice = "Connect again, or enter another token, so that no event waits."
    return _issue(
        environment,
        Issue.Kind.WARNING,
        now,
        key=("connection", connection.secret.uid, connection.fingerprint, status["title"]),
        since=connection.read_at,
        delegate=f"{connection.package_name}::",
        message=_text(message),
        advice=advice,
    )


# Silence


def _silent(environments: Sequence[Environment], now: datetime) -> Iterator[Issue]:
    found = silences(environments, now)
    for environment in environments:
        if silence := found.get(environment.pk):
            issue: Any = _issue(
                environment,
                Issue.Kind.SILENT,
                now,
                # A mute is for this silence, not for the next one.
                key=(f"{silence.last_at:%Y-%m-%d %H}",),
                since=silence.last_at,
                message=silence.in_words(now),
                advice="Check that the site is up, sends with this datastream, and is allowed to.",
            )
            issue.missing = silence.missing(now)
            yield issue


def _issue(
    environment: Environment,
    kind: Issue.Kind,
    seen_at: datetime,
    *,
    key: tuple[str, ...],
    since: datetime | None = None,
    build_id: int | None = None,
    **fields: object,
) -> Issue:
    return Issue(
        id=Issue.id_of(environment.prop_id, environment.pk, kind.value, *key),
        property_id=environment.prop_id,
        environment_id=environment.pk,
        kind=kind,
        first_seen_at=since or seen_at,
        first_build_id=build_id,
        last_seen_at=seen_at,
        last_live_at=seen_at,
        **fields,
    )


def _text(message: str) -> str:
    return str(mask_lookalikes(message))[:LONGEST_MESSAGE]


def _is_production(environment: Environment) -> bool:
    return environment.stage == Environment.Stage.PRODUCTION
