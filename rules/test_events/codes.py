"""Which test codes each environment sends now, and setting one for a whole environment."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from properties.catalog.descriptor import ActionType, Field
from properties.catalog.registry import find_package, find_type
from properties.models import Environment, Property
from rules.issues.fixing import field_anchor
from rules.models import Activation, Build, EnvironmentTestCode
from rules.publishing.content import components_of

HOURS = (1, 4, 24, 168)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")
KEPT = 256


class WrongCode(Exception):
    """What a person typed is not a test code."""


class ActionOfBuild(NamedTuple):
    """An action of a build whose events can carry a test code."""

    rule_uid: str
    rule_name: str
    component_uid: str
    delegate: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CodeOn:
    """A test code that events of an environment carry now.

    Args:
        since: When it was set; for a code of a rule, when its build went live.
        until: When it ends by itself; None if never.
        where: The rule that has it; "" if it is for all events.
        url: The field of the action that has it.
    """

    code: str
    since: datetime
    until: datetime | None
    where: str = ""
    url: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentCodes:
    """The codes of one environment.

    Args:
        is_live: It runs a build.
        takes_code: Its build has an action whose vendor knows test codes.
        turned_off_at: When the codes of its rules were turned off; None if they are not.
    """

    environment: Environment
    is_live: bool = False
    takes_code: bool = False
    codes: list[CodeOn] = field(default_factory=list)
    turned_off_at: datetime | None = None
    turned_off_by: str = ""


def codes_of(prop: Property, now: datetime) -> list[EnvironmentCodes]:
    """Return the codes of each environment. The number of queries does not depend on how many there are."""
    environments = list(prop.environments.all())
    live = _live(environments)
    actions = _actions_of(live.values())
    rows = EnvironmentTestCode.objects.filter(environment__in=environments).select_related("set_by")
    set_here = {row.environment_id: row for row in rows}
    return [_codes(prop, it, live.get(it.pk), actions, set_here.get(it.pk), now) for it in environments]


def _codes(
    prop: Property,
    environment: Environment,
    live: Activation | None,
    actions: Mapping[int, Sequence[ActionOfBuild]],
    row: EnvironmentTestCode | None,
    now: datetime,
) -> EnvironmentCodes:
    if live is None:
        return EnvironmentCodes(environment)
    given = row.at(now, live.build_id) if row else None
    testing = actions[live.build_id]
    if row is None or given is None:
        codes = list(_of_rules(prop, testing, live.activated_at, now))
        return EnvironmentCodes(environment, True, bool(testing), codes)
    who = str(row.set_by or "")
    if not given:
        return EnvironmentCodes(environment, True, bool(testing), [], row.since, who)
    return EnvironmentCodes(
        environment, True, bool(testing), [CodeOn(given, row.since, row.until, set_by=who)]
    )


def _of_rules(
    prop: Property, actions: Sequence[ActionOfBuild], since: datetime, now: datetime
) -> Iterator[CodeOn]:
    for action in actions:
        kind = find_type(action.delegate)
        period = (
            kind.test_period(action.settings, now.timestamp())
            if isinstance(kind, ActionType) and kind.test_period
            else None
        )
        if period is not None:
            until = datetime.fromtimestamp(period.until, UTC) if period.until is not None else None
            yield CodeOn(period.code, since, until, action.rule_name, _field_of(prop, action, kind))


def _field_of(prop: Property, action: ActionOfBuild, kind: Any) -> str:
    page = reverse("rules:component_edit", args=[prop.uid, action.rule_uid, action.component_uid])
    return f"{page}#{field_anchor(next(iter(kind.test_asks), ''))}"


def _live(environments: Sequence[Environment]) -> dict[int, Activation]:
    newest = Activation.objects.filter(environment_id=OuterRef("pk")).order_by("-id").values("pk")[:1]
    ids = Environment.objects.filter(pk__in=[it.pk for it in environments])
    found = Activation.objects.filter(pk__in=ids.values_list(Subquery(newest), flat=True))
    return {it.environment_id: it for it in found.select_related("build").defer("build__document")}


# The actions of a build, by its id and its checksum.
_kept: OrderedDict[tuple[int, str], list[ActionOfBuild]] = OrderedDict()


def _actions_of(live: Iterable[Activation]) -> dict[int, list[ActionOfBuild]]:
    builds = {(it.build_id, it.build.checksum) for it in live}
    unread = [key for key in builds if key not in _kept]
    if unread:
        keys = dict(unread)
        for pk, text in Build.objects.filter(pk__in=keys).values_list("pk", "document"):
            _kept[pk, keys[pk]] = list(_testing(json.loads(text))) if text else []
    found = {key[0]: _kept.get(key, []) for key in builds}
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _testing(document: Mapping[str, Any]) -> Iterator[ActionOfBuild]:
    for rule in document.get("rules", []):
        for component in components_of(rule):
            kind = find_type(component["modulePath"])
            if isinstance(kind, ActionType) and kind.test_period is not None:
                where = rule.get("id", ""), rule["name"], component.get("id", "")
                yield ActionOfBuild(*where, component["modulePath"], component.get("settings") or {})


# Asking for a code


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """What a page asks for: the vendor's field for a test code, and the pages that explain it.

    Args:
        vendor: Name of the extension.
    """

    vendor: str
    field: Field
    help_page: str = ""


def question_of(prop: Property) -> CodeQuestion | None:
    """Return the field for a test code of the first installed extension whose vendor knows them."""
    for name in prop.extensions.filter(enabled=True).order_by("pk").values_list("package_name", flat=True):
        package = find_package(f"{name}::")
        for action in package.actions if package else ():
            key = next(iter(action.test_asks), "") if action.test_period else ""
            asked = next((it for it in action.fields if it.key == key), None)
            if package and asked:
                return CodeQuestion(package.display_name, asked, _help_of(package, action, asked))
    return None


def _help_of(package: Any, action: ActionType, asked: Field) -> str:
    section = next((it for it in action.sections if it.key == asked.section), None)
    page = section.help_page if section else ""
    return reverse("properties:help_page", args=[page]) if page else ""


def set_code(
    environment: Environment, code: str, hours: str, person: Any, now: datetime
) -> EnvironmentTestCode:
    """Let all events of an environment carry a code for some hours.

    Raises:
        WrongCode: It is not a code, or not one of the offered times.
    """
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise WrongCode("Enter the code as the vendor shows it: letters and digits, such as TEST12345.")
    if hours not in map(str, HOURS):
        raise WrongCode("Choose when the code ends.")
    until = now + timedelta(hours=int(hours))
    return _written(environment, {"code": code, "until": until, "build_id": None}, person, now)


def turn_off(environment: Environment, person: Any, now: datetime) -> None:
    """Send the events of an environment without any test code from now on.

    A code of the whole environment ends. Codes of rules are not sent until another build is live.
    """
    row = EnvironmentTestCode.objects.filter(environment=environment).first()
    live = _live([environment]).get(environment.pk)
    build_id = live.build_id if live else None
    actions = _actions_of([live])[live.build_id] if live else []
    has_own = any(True for _ in _of_rules(environment.prop, actions, now, now))
    if has_own:
        _written(environment, {"code": "", "until": None, "build_id": build_id}, person, now)
    elif row is not None:
        row.until = now
        row.save(update_fields=["until"])


def turn_on_again(environment: Environment) -> None:
    """Let the rules of an environment decide again."""
    EnvironmentTestCode.objects.filter(environment=environment, code="").delete()


def _written(
    environment: Environment, values: Mapping[str, Any], person: Any, now: datetime
) -> EnvironmentTestCode:
    values = {**values, "since": now, "set_by": person}
    return EnvironmentTestCode.objects.update_or_create(environment=environment, defaults=values)[0]
