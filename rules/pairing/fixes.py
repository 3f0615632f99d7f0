"""Where a fault is mended: the rule of the page, and the action of the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.db.models import QuerySet
from django.urls import reverse

from properties.catalog.pairing import PairingRules
from properties.models import Property
from rules.issues.fixing import field_anchor
from rules.models import Delivery, RuleComponent
from rules.tags.validation.checklist import senders_to

from .findings import PairFinding
from .known_copies import SCRIPT, Copy
from .pair_faults import PairFault

_BOTH = frozenset({"page", "server"})
_PAGE, _SERVER = frozenset({"page"}), frozenset({"server"})
_NAMES = frozenset({PairFault.NAME, PairFault.NAME_CASE})
# On which side a person can mend a fault; on both if it says nothing here.
_SIDES: Mapping[PairFault, frozenset[str]] = {
    PairFault.NO_BROWSER_ID: _PAGE,
    PairFault.NO_SERVER_ID: _SERVER,
    PairFault.LATE: _SERVER,
    PairFault.BROWSER_ONLY: _SERVER,
    PairFault.SERVER_ONLY: _PAGE,
}


@dataclass(frozen=True, slots=True)
class SideFix:
    """The page that mends one side, with the label of its link."""

    url: str
    label: str


class Fixes:
    """The places of some findings, by a fixed number of queries.

    Args:
        visible: The properties that the person may see.
    """

    def __init__(
        self,
        prop: Property,
        findings: Iterable[PairFinding],
        rules: PairingRules,
        visible: QuerySet[Property],
    ) -> None:
        self._prop, self._rules = prop, rules
        findings = list(findings)
        copies = [it for finding in findings for it in (finding.example, finding.partner) if it]
        self._components = _components(prop, copies)
        self._of_pages = _of_pages(senders_to(prop, visible), rules)

    def of(self, finding: PairFinding) -> list[SideFix]:
        """Return where a finding is mended: in the page, at the server, or both."""
        sides = _SIDES.get(finding.fault, _BOTH)
        found = [self._in_page(finding)] if "page" in sides else []
        found += [self._at_server(finding)] if "server" in sides else []
        return [fix for fix in found if fix]

    def _in_page(self, finding: PairFinding) -> SideFix | None:
        component = self._of_pages.get(finding.name)
        return SideFix(self._editor(component, finding.fault), "Fix in the page") if component else None

    def _at_server(self, finding: PairFinding) -> SideFix | None:
        for copy in (finding.partner, finding.example):
            if copy and copy.side != SCRIPT and (component := self._components.get(_key(copy))):
                query = f"?{urlencode({'event': copy.event_id})}"
                return SideFix(self._editor(component, finding.fault, query), "Fix at the server")
        if finding.fault == PairFault.BROWSER_ONLY:
            return SideFix(reverse("rules:rules", args=[self._prop.uid]), "Show the rules")
        return None

    def _editor(self, component: RuleComponent, fault: PairFault, query: str = "") -> str:
        rule = component.rule
        page = reverse("rules:component_edit", args=[rule.prop.uid, rule.uid, component.uid])
        field = self._rules.name_field if fault in _NAMES else self._rules.id_field
        return f"{page}{query}#{quote(field_anchor(field))}"


def _key(copy: Copy) -> tuple[int, str]:
    return copy.event_id, copy.destination


def _components(prop: Property, copies: Sequence[Copy]) -> dict[tuple[int, str], RuleComponent]:
    """Return the action that sent each copy, if it still exists."""
    sent = Delivery.objects.filter(event_id__in={it.event_id for it in copies if it.side != SCRIPT})
    rows = list(sent.filter(property_id=prop.pk).values_list("event_id", "destination", "component_uid"))
    found = RuleComponent.objects.filter(rule__prop=prop, uid__in={uid for _, _, uid in rows})
    by_uid = {it.uid: it for it in found.select_related("rule__prop")}
    return {(event_id, where): by_uid[uid] for event_id, where, uid in rows if uid in by_uid}


def _of_pages(sites: Sequence[Property], rules: PairingRules) -> dict[str, RuleComponent]:
    """Return the actions of tags properties that hand events to the vendor's script, by event name."""
    found = RuleComponent.objects.filter(rule__prop__in=sites, kind=RuleComponent.Kind.ACTION)
    actions = found.filter(settings__has_key=rules.name_field).select_related("rule__prop")
    return {str(it.settings[rules.name_field]): it for it in actions}
