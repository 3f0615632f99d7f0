"""Makes an example event: the fields that the rules of a property read, with fitting values."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from properties.catalog.descriptor import ConditionType, DataElementType
from properties.catalog.element_graph import element_graph, meant, with_inputs
from properties.catalog.element_usage import names_read
from properties.catalog.registry import find_type
from properties.catalog.tokens import tokens_in, whole_token
from properties.http.curl import NOW
from properties.models import DataElement, Property
from rules.dry_run.built_in_samples import BUILT_IN
from rules.models import Rule, RuleComponent

EVENT = "arc.event."
MOST_ITEMS = 20
_PATH = re.compile(r"(?:xdm|data)(?:\.[A-Za-z_$][\w$-]*|\[\d{1,2}\])+")
# Left out: the endpoint sets the time of an event.
_TIME = re.compile("time", re.IGNORECASE)
_STEP = re.compile(r"[A-Za-z_$][\w$-]*|\d+")
# A word in the last key of a path → an example value. The most certain words come first.
_GUESSES: Sequence[tuple[str, Any]] = (
    ("email|mail", "jane.doe@example.com"),
    ("phone|mobile|tel", "+1 650 555 1212"),
    ("currency", "USD"),
    ("value|total|revenue|amount|price", 99.5),
    ("quantity|count|num", 1),
    ("url|href|link", "https://shop.example/thank-you"),
    ("agent", BUILT_IN["purchase"][1]["xdm"]["environment"]["browserDetails"]["userAgent"]),
    ("country", "us"),
    ("id", f"test-{NOW}"),
)

Steps = tuple[str | int, ...]


def example_rules(prop: Property) -> list[Rule]:
    """Return the rules that an event can be made for: enabled rules with an action."""
    acting = RuleComponent.objects.filter(rule__prop=prop, kind=RuleComponent.Kind.ACTION)
    found = prop.rules.filter(enabled=True, pk__in=acting.values("rule_id"))
    return list(found.order_by("name").prefetch_related("components"))


def example_event(prop: Property, rule: Rule | None) -> str:
    """Return JSON of an event that ``rule`` runs for, as far as possible; without a rule, a purchase."""
    elements = {element.name: element for element in prop.dataelements.filter(enabled=True)}
    wanted = dict(_asked(rule, elements)) if rule else {}
    base = _nearest(wanted)
    event: dict[str, Any] = {
        "xdm": {
            "eventType": base["xdm"]["eventType"],
            "web": {"webPageDetails": {"URL": base["xdm"]["web"]["webPageDetails"]["URL"]}},
            "environment": {"browserDetails": copy.deepcopy(base["xdm"]["environment"]["browserDetails"])},
        },
        "data": {"event": base["data"]["event"], "event_id": f"test-{NOW}"},
    }
    for name in sorted(_read(rule, elements)) if rule else ():
        steps = _steps(elements[name])
        if steps and not _TIME.search(str(steps[-1])):
            _put(event, steps, wanted.get(steps, _value(base, steps)))
    return json.dumps(event, indent=2, ensure_ascii=False)


def _read(rule: Rule, elements: Mapping[str, DataElement]) -> set[str]:
    """Return the names of the data elements that a rule reads, directly or through others."""
    graph = element_graph({name: names_read(it.delegate, it.settings) for name, it in elements.items()})
    asked = {name for it in rule.components.all() for name in names_read(it.delegate, it.settings)}
    return with_inputs(meant(asked, graph), graph) & elements.keys()


def _asked(rule: Rule, elements: Mapping[str, DataElement]) -> Iterator[tuple[Steps, Any]]:
    """Yield the values that the conditions of a rule ask for, with their place in the event."""
    for component in rule.components.all():
        kind = find_type(component.delegate)
        if not isinstance(kind, ConditionType) or not kind.compared or not kind.compare or component.negate:
            continue
        left, right = (component.settings.get(key) for key in kind.compared)
        name, value = (whole_token(left), right) if whole_token(left) else (whole_token(right), left)
        element = elements.get((name or "").strip())
        compare = kind.compare(component.settings)
        if element is None or compare is None or value is None or tokens_in(value):
            continue
        if compare(value, value) is True and (steps := _steps(element)):
            yield steps, value


def _nearest(wanted: Mapping[Steps, Any]) -> dict[str, Any]:
    """Return the built-in sample with the most wanted values; the first sample if none has any."""
    samples = [event for _, event in BUILT_IN.values()]
    return max(samples, key=lambda it: sum(_at(it, steps) == value for steps, value in wanted.items()))


def _value(base: Mapping[str, Any], steps: Steps) -> Any:
    """Return the value that a sample has there, else a guess from the name of the key."""
    key = str(steps[-1])
    if re.search("event_?id", key, re.IGNORECASE):
        return f"test-{NOW}"
    for event in (base, *(it for _, it in BUILT_IN.values())):
        found = _at(event, steps)
        if found is not None:
            return copy.deepcopy(found)
    return next((value for words, value in _GUESSES if re.search(words, key, re.IGNORECASE)), "example")


def _steps(element: DataElement) -> Steps:
    """Return the path in the event that a data element reads; empty if it is unknown or elsewhere."""
    kind = find_type(element.delegate)
    if not isinstance(kind, DataElementType) or kind.sample_path is None:
        return ()
    try:
        path = kind.sample_path(element.settings)
    except (TypeError, ValueError, KeyError, AttributeError):
        return ()  # Its settings hold a token instead of a path.
    inside = path.removeprefix(EVENT)
    if inside == path or not _PATH.fullmatch(inside):
        return ()
    return tuple(int(step) if step.isdigit() else step for step in _STEP.findall(inside))


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _put(event: dict[str, Any], steps: Steps, value: Any) -> None:
    """Set a value, unless another value is in the way."""
    place: Any = event
    for step, following in pairwise(steps):
        place = _grown(place, step, [] if isinstance(following, int) else {})
        if place is None:
            return
    _grown(place, steps[-1], value, is_last=True)


def _grown(place: Any, step: str | int, fresh: Any, *, is_last: bool = False) -> Any:
    if isinstance(place, dict) and isinstance(step, str):
        if is_last and not isinstance(place.get(step), dict | list):
            place[step] = fresh
        return place.setdefault(step, fresh)
    if isinstance(place, list) and isinstance(step, int) and step < MOST_ITEMS:
        place += [copy.deepcopy(fresh) for _ in range(step + 1 - len(place))]
        return place[step]
    return None
