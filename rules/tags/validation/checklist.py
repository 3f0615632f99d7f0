"""The continuous checklist of a tags property: what is known of its site without a report from any visitor.

Facts come from requests for the library, from the newest event at the server, from the live builds, and from
the newest validation. What none of them says is shown as unknown. Source:
docs/decisions/0013-no-reports-from-visitors.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet

from properties.catalog.registry import find_type, packages
from properties.catalog.tokens import tokens_in, tokens_of
from properties.models import Environment, Property
from properties.resources.linked_property import SETTING
from rules.models import InboundEvent, TagSighting, ValidationSession
from rules.publishing.build import live_build

from ..sightings import page_of
from .checks import Seen, seen_in
from .live_tags import LiveTags, live_tags

State = Literal["ok", "failed", "unknown"]
# Settings that say the same in the page and at the server under one name.
LIMITED_DATA_USE = "lduEnabled"
CONSENT = "defaultConsent"
MOST_SITES = 5
PER_EVENT = "decided for each event"


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One line of the checklist.

    Args:
        at: When it was last seen; None if that has no time.
    """

    name: str
    title: str
    state: State
    text: str
    at: datetime | None = None


def checklist_of(environment: Environment) -> list[SiteLine]:
    """Return the lines of one environment of a tags property. At most a dozen queries."""
    live = live_tags(environment)
    validated = _validated(environment.prop)
    return [
        _embed(environment),
        _server(live),
        _pairs(validated),
        _fresh(validated),
        _limited_data_use(live),
        _consent(live),
    ]


def shown_environment(prop: Property) -> Environment:
    """Return the environment that the checklist is about: the one nearest to visitors that runs a build."""
    stages = list(Environment.Stage.values)
    environments = sorted(prop.environments.all(), key=lambda it: stages.index(it.stage), reverse=True)
    running = (it for it in environments if it.activations.exists())
    return next(running, environments[-1])


def senders_to(prop: Property, visible: QuerySet[Property]) -> list[Property]:
    """Return the tags properties that send to a property of event forwarding, of those that are visible."""
    sites = visible.filter(platform=Property.Platform.WEB, extensions__enabled=True)
    return list(sites.filter(**{f"extensions__settings__{SETTING}": prop.name}).distinct()[:MOST_SITES])


def _embed(environment: Environment) -> SiteLine:
    title, domains = "Library", environment.prop.domains
    sightings = list(TagSighting.objects.filter(environment=environment))
    known = [it for it in sightings if any(_is_below(it.host, domain) for domain in domains)]
    if known:
        page = known[0].host + (known[0].path if known[0].path != "/" else "")
        return SiteLine("embed", title, "ok", f"Asked for by a page of {page}.", known[0].seen_at)
    if others := [it for it in sightings if it.host]:
        text = f"Asked for by {others[0].host} only, which is no domain of this property."
        return SiteLine("embed", title, "failed", text, others[0].seen_at)
    if sightings:
        text = "Asked for, by a page that does not say its address."
        return SiteLine("embed", title, "unknown", text, sightings[0].seen_at)
    return SiteLine("embed", title, "unknown", "No page has asked for it yet. Is the embed code on the site?")


def _is_below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _server(live: LiveTags | None) -> SiteLine:
    title = "Copy at the server"
    if live is None or live.forwarding is None:
        return SiteLine("server", title, "unknown", "The live build sends to no property of this server.")
    newest = (
        InboundEvent.objects.filter(environment_id=live.forwarding.pk).defer("trace").order_by("-id").first()
    )
    if newest is None:
        return SiteLine("server", title, "unknown", f"No event has reached {live.forwarding.prop.name} yet.")
    page = _page_of_event(newest.body)
    text = f"{newest.name or 'An event'}{f' of {page}' if page else ''} reached {live.forwarding.prop.name}."
    return SiteLine("server", title, "ok", text, newest.received_at)


def _page_of_event(body: str) -> str:
    """Return the page of an event without its query; "" if it names none, or its body is gone."""
    try:
        address = json.loads(body)["xdm"]["web"]["webPageDetails"]["URL"]
    except (ValueError, KeyError, TypeError):
        return ""
    return "".join(page_of(str(address).encode()))


def _validated(prop: Property) -> Seen | None:
    """Return what the newest validation has seen in which the page sent events."""
    sessions = ValidationSession.objects.filter(environment__prop=prop, report__contains='"calls":[[')
    newest = sessions.select_related("environment__prop").first()
    return seen_in(newest) if newest else None


def _pairs(validated: Seen | None) -> SiteLine:
    title = "Pairs of page and server"
    if validated is None or not validated.pairs.calls:
        text = "Not validated yet. Visitors’ pairs: Deduplication of the property that gets the events."
        return SiteLine("pairs", title, "unknown", text)
    pairs, at = validated.pairs, validated.session.reported_at
    text = f"{pairs.paired} of {pairs.calls} in the last validation. Deduplication shows those of visitors."
    return SiteLine("pairs", title, "ok" if pairs.paired == pairs.calls else "failed", text, at)


def _fresh(validated: Seen | None) -> SiteLine:
    title = "Fresh data"
    calls = validated.report.calls if validated and validated.report else []
    if validated is None or not calls:
        return SiteLine(
            "fresh", title, "unknown", "Validate the site to see whether each event has data of its own."
        )
    at, stale = validated.session.reported_at, sorted({it.name for it in calls if it.is_stale})
    if stale:
        text = f"In the last validation {', '.join(stale)} had the data of the event before."
        return SiteLine("fresh", title, "failed", text, at)
    return SiteLine("fresh", title, "ok", "In the last validation each event had data of its own.", at)


def _limited_data_use(live: LiveTags | None) -> SiteLine:
    title, name = "Limited Data Use", "limited-data-use"
    page = list(_settings_of_page(live, LIMITED_DATA_USE))
    server = list(_settings_of_server(live))
    if not page or not server:
        return SiteLine(name, title, "unknown", "Not set in both the page's and the server's live build.")
    said = {_on_off(value) for value in (*page, *server)}
    if PER_EVENT in said:
        return SiteLine(name, title, "unknown", "A data element decides for each event.")
    if len(said) > 1:
        text = f"{_both(page)} in the page, {_both(server)} at the server. Make both the same, then build."
        return SiteLine(name, title, "failed", text)
    return SiteLine(name, title, "ok", f"{_both(page).capitalize()} on both sides.")


def _consent(live: LiveTags | None) -> SiteLine:
    title, name = "Consent", "consent"
    found = {str(it or "in") for it in _settings_of_page(live, CONSENT)}
    if not found:
        return SiteLine(name, title, "unknown", "No extension of the live build asks for consent.")
    with tokens_of("web"):
        if tokens_in(list(found)):
            return SiteLine(name, title, "unknown", "A data element decides on the page.")
    if len(found) > 1:
        text = (
            f"The extensions differ: {' and '.join(sorted(found))}. Choose the same default consent in each."
        )
        return SiteLine(name, title, "failed", text)
    return SiteLine(name, title, "ok", _CONSENTS.get(found.pop(), "All extensions say the same."))


_CONSENTS = {
    "in": "Events are sent at once, without asking.",
    "pending": "All extensions wait until the visitor agrees.",
    "out": "Nothing is sent until an action gives consent.",
}


def _settings_of_page(live: LiveTags | None, key: str) -> Iterator[Any]:
    """Yield the value of a setting from each extension of a tags build that has it."""
    for name, settings in (live.extensions if live else {}).items():
        package = packages().get(name)
        fields = package.configuration.fields if package and package.configuration else ()
        if any(field.key == key for field in fields):
            yield settings.get(key)


def _settings_of_server(live: LiveTags | None) -> Iterator[Any]:
    """Yield Limited Data Use of each action of the forwarding build that has it."""
    build = live_build(live.forwarding) if live and live.forwarding else None
    for rule in json.loads(build.document)["rules"] if build else ():
        for action in rule["actions"]:
            kind = find_type(action["modulePath"])
            if kind and any(field.key == LIMITED_DATA_USE for field in kind.fields):
                yield _mapping(action.get("settings")).get(LIMITED_DATA_USE)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _on_off(value: Any) -> str:
    return PER_EVENT if isinstance(value, str) and value else "on" if value is True else "off"


def _both(values: list[Any]) -> str:
    return " and ".join(sorted({_on_off(value) for value in values}, reverse=True))
