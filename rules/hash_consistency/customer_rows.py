"""What the page *Customer Data* shows: faults and streams, with the names and links of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse

from properties.catalog.registry import find_type
from properties.models import Property
from rules.models import RuleComponent

from .faults import BROWSER, DataFault
from .streams import CustomerStream, StreamKey


class FieldPlace(NamedTuple):
    """The field of a stream.

    Args:
        label: Its name in the form; its key if the action is gone.
        rule: Name of its rule; "" if that is gone.
        url: The field in the form of its action; or "".
    """

    label: str
    rule: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault as the table shows it."""

    fault: DataFault
    place: FieldPlace
    source: str
    side: str


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One stream as the table shows it: shares in per cent of its values."""

    place: FieldPlace
    source: str
    side: str
    total: int
    plain: int
    hashed: int
    other: int


def fault_rows(prop: Property, faults: Iterable[DataFault]) -> list[FaultRow]:
    found = list(faults)
    places = _places(prop, {it.key for it in found})
    return [FaultRow(it, places[it.key], it.key.source, _side(it.key)) for it in found]


def stream_rows(prop: Property, streams: Iterable[CustomerStream]) -> list[StreamRow]:
    found = list(streams)
    places = _places(prop, {it.key for it in found})
    rows = [_row(it, places[it.key]) for it in found if it.total]
    return sorted(rows, key=lambda row: (row.place.rule, row.place.label, row.side))


def _row(stream: CustomerStream, place: FieldPlace) -> StreamRow:
    plain, hashed = (round(100 * stream.forms[form] / stream.total) for form in ("plain", "hashed"))
    other = (
        max(0, 100 - plain - hashed) if stream.total > stream.forms["plain"] + stream.forms["hashed"] else 0
    )
    return StreamRow(place, stream.key.source, _side(stream.key), stream.total, plain, hashed, other)


def _side(key: StreamKey) -> str:
    return "browsers" if key.side == BROWSER else "servers"


def _places(prop: Property, keys: Iterable[StreamKey]) -> Mapping[StreamKey, FieldPlace]:
    keys = set(keys)
    found = RuleComponent.objects.filter(rule__prop=prop, uid__in={it.component_uid for it in keys})
    components = {it.uid: it for it in found.select_related("rule")}
    return {key: _place(prop, key, components.get(key.component_uid)) for key in keys}


def _place(prop: Property, key: StreamKey, component: RuleComponent | None) -> FieldPlace:
    if component is None:
        return FieldPlace(key.path)
    kind = find_type(component.delegate)
    label = next((it.label for it in kind.fields if it.key == key.path), key.path) if kind else key.path
    page = reverse("rules:component_edit", args=[prop.uid, component.rule.uid, component.uid])
    return FieldPlace(label, component.rule.name, f"{page}#id_{key.path}")
