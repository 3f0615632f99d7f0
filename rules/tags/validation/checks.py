"""The lines of a validation: what is known, what is open, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from properties.catalog.registry import packages
from properties.catalog.site_checks import SiteCheck, SiteFacts
from rules.models import ValidationSession

from .live_tags import LiveTags, live_tags
from .pairs import Pairs, pairs_of
from .reports import SiteReport, read_report
from .server_events import SeenEvent, events_of

# A copy at the server follows the event in the page so soon. After that it is missing.
SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is known of a session.

    Args:
        report: None before the first one.
        is_settled: The newest report is old enough for its events to have arrived.
    """

    session: ValidationSession
    live: LiveTags | None
    report: SiteReport | None = None
    events: Sequence[SeenEvent] = field(default_factory=tuple)
    is_settled: bool = False

    @property
    def pairs(self) -> Pairs:
        calls = self.report.calls if self.report else ()
        return pairs_of(calls, [pair for event in self.events for pair in event.sent])


def seen_in(session: ValidationSession) -> Seen:
    """Return what is known of a session now."""
    live = live_tags(session.environment)
    is_settled = session.reported_at is not None and timezone.now() - session.reported_at > SOON
    events = events_of(session, live.forwarding if live else None)
    return Seen(session, live, read_report(session.report), events, is_settled)


def checks_of(seen: Seen) -> list[SiteCheck]:
    """Return every line of a validation, in the order in which a person clears them."""
    return [
        _library(seen),
        _build(seen),
        _engine(seen),
        _policy(seen),
        _rules(seen),
        *_of_packages(seen),
        _server(seen),
        _pair(seen),
    ]


def _library(seen: Seen) -> SiteCheck:
    if seen.report is None:
        return SiteCheck("library", "Waiting for the library on your site", "open")
    return SiteCheck("library", "The library runs on your site", "ok", f"Last seen on {seen.report.page}.")


def _build(seen: Seen) -> SiteCheck:
    name, environment = "build", seen.session.environment
    if seen.report is None:
        return SiteCheck(name, "Right environment, newest build", "open")
    if seen.report.environment != environment.uid:
        return SiteCheck(
            name,
            "The page has the library of another environment",
            "failed",
            cure=f"Copy the embed code of {environment.name} into the page.",
        )
    if seen.live is None or seen.report.content != seen.live.content:
        return SiteCheck(
            name,
            "The page runs an older build",
            "failed",
            "It is not the one that is live now.",
            "Reload the page. If that does not help, a cache before this server keeps the file, or the page"
            " has the embed code with integrity: copy the plain embed code.",
        )
    return SiteCheck(name, "Right environment, newest build", "ok", f"The live build of {environment.name}.")


def _engine(seen: Seen) -> SiteCheck:
    if seen.report is None:
        return SiteCheck("engine", "No other tag manager with rules in the way", "open")
    if seen.report.other_engine:
        return SiteCheck(
            "engine",
            "The page has another tag manager of this kind",
            "failed",
            "Its object _satellite is on the page. Both run, and each sends its own events.",
            "Switch off the rules there that this property replaces. Otherwise conversions count twice.",
        )
    return SiteCheck("engine", "No other tag manager with rules in the way", "ok")


def _policy(seen: Seen) -> SiteCheck:
    if seen.report is None:
        return SiteCheck("policy", "The site's Content Security Policy allows it", "open")
    if seen.report.blocked:
        return SiteCheck(
            "policy",
            "The site's Content Security Policy blocks something",
            "failed",
            f"Blocked: {', '.join(seen.report.blocked)}.",
            "Add the lines beside the embed code, on the page Environments, to the policy of the site.",
        )
    return SiteCheck("policy", "The site's Content Security Policy allows it", "ok")


def _rules(seen: Seen) -> SiteCheck:
    ran = seen.report.rules if seen.report else {}
    if not ran:
        return SiteCheck("rules", "Waiting for a rule to run", "open", "A rule without events never runs.")
    if broken := [name for name, is_good in ran.items() if not is_good]:
        return SiteCheck(
            "rules",
            "An action of a rule failed on the page",
            "failed",
            f"In {_listed(broken)}.",
            "Look at the custom code of this rule. The console of the browser names the error in debug mode.",
        )
    return SiteCheck("rules", "Rules run", "ok", f"{_listed(list(ran))}.")


def _of_packages(seen: Seen) -> Iterator[SiteCheck]:
    extensions = seen.live.extensions if seen.live else {}
    for name, settings in sorted(extensions.items()):
        package = packages().get(name)
        if package and package.site_checks:
            yield from package.site_checks(_facts(seen, name, settings))


def _facts(seen: Seen, name: str, settings: Mapping[str, object]) -> SiteFacts:
    report = seen.report
    cookies = frozenset[str]().union(*(it.cookies for it in seen.events)) if seen.events else None
    if report is None:
        return SiteFacts(settings, cookies=cookies)
    return SiteFacts(settings, report.parts.get(name, {}), report.calls, cookies, report.host)


def _server(seen: Seen) -> SiteCheck:
    name = "server"
    if seen.live is not None and seen.live.forwarding is None:
        return SiteCheck(
            name,
            "The library sends its events to no property here",
            "failed",
            cure="Choose the event forwarding property in the extension that sends events, then build.",
        )
    if not seen.events:
        if seen.is_settled and seen.report and seen.report.calls:
            return SiteCheck(
                name,
                "No event has reached the server",
                "failed",
                "The page sent events, and none of them arrived.",
                "Look at consent and the policy above, and at the allowed sites of the datastream.",
            )
        return SiteCheck(name, "Waiting for the first event at the server", "open")
    newest = seen.events[0]
    text = f"{newest.name or 'An event'}: {newest.outcome.label}."
    if newest.outcome.tone == "ok" or newest.outcome.kind == "without":
        return SiteCheck(name, "Events reach the server and are accepted", "ok", text)
    if newest.outcome.tone == "info":
        return SiteCheck(name, "Events reach the server", "open", text)
    cure = "Open the event in the Event Log below: it says why."
    return SiteCheck(name, "Events reach the server, but are not delivered", "failed", text, cure)


def _pair(seen: Seen) -> SiteCheck:
    name, pairs = "pairs", seen.pairs
    if not pairs.calls:
        return SiteCheck(name, "Waiting for an event in the page and its copy at the server", "open")
    if pairs.other_names:
        return SiteCheck(
            name,
            "Both copies have one ID, but not one name",
            "failed",
            f"{_listed(pairs.other_names)}.",
            "Use the same event name in the page's action and at the server. Otherwise both copies count.",
        )
    if pairs.without_id:
        return SiteCheck(
            name,
            "An event in the page has no event ID",
            "failed",
            f"{_listed(pairs.without_id)}.",
            "Add “Generate New Event ID” as the first action of its rule, and use the ID in both others.",
        )
    text = f"{pairs.paired} of {pairs.calls} have a copy with the same name and ID."
    if pairs.paired == pairs.calls:
        return SiteCheck(name, "Page and server events pair up", "ok", f"{text} Each counts once.")
    if not seen.is_settled:
        return SiteCheck(name, "Waiting for copies at the server", "open", text)
    return SiteCheck(
        name,
        "Some events have no copy at the server",
        "failed",
        f"{text} Missing: {_listed(pairs.missing)}.",
        "Check that its rule sends the event with the same ID, and that event forwarding has a rule for it.",
    )


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(names[:3])
    return f"{first} and {len(names) - 3} more" if len(names) > 3 else first
