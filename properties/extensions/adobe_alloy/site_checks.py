"""What a validation says about the Web SDK on the site: consent, identity, and an SDK of the site's own."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.site_checks import SiteCheck, SiteFacts


def site_checks(facts: SiteFacts) -> Iterator[SiteCheck]:
    """Yield the lines about this extension."""
    yield _consent(facts)
    yield _identity(facts)
    yield _other(facts)


def _consent(facts: SiteFacts) -> SiteCheck:
    state = facts.seen.get("consent") if facts.seen else None
    if state == "in":
        return SiteCheck("consent", "Consent is given: events are sent", "ok")
    if state == "out":
        return SiteCheck(
            "consent",
            "This browser has refused: nothing is sent",
            "failed",
            cure="Agree on your site's banner, or open the address above in a new private window.",
        )
    waits = "The library waits for an answer on your site's banner. Agree there to see events."
    return SiteCheck("consent", "Consent: no answer yet", "open", waits if state == "pending" else "")


def _identity(facts: SiteFacts) -> SiteCheck:
    if not facts.seen or facts.seen.get("consent") != "in":
        return SiteCheck("identity", "The visitor has an identity from the first event on", "open")
    if facts.seen.get("identity") or _is_the_sites(facts):
        return SiteCheck("identity", "The visitor has an identity from the first event on", "ok")
    return SiteCheck(
        "identity",
        "The browser keeps no identity",
        "failed",
        "The Web SDK's cookie is missing, so a visitor who leaves early is lost.",
        "Allow cookies for the site in this browser. On the site itself, use https.",
    )


def _other(facts: SiteFacts) -> SiteCheck:
    if not facts.seen:
        return SiteCheck("own-sdk", "No other Web SDK in the way", "open")
    if facts.seen.get("other") and not _is_the_sites(facts):
        return SiteCheck(
            "own-sdk",
            "The site has a Web SDK of its own",
            "failed",
            "The function alloy was on the page before the library. Both send.",
            "Choose “Use the site's instance” in the extension, or remove the site's own Web SDK.",
        )
    return SiteCheck("own-sdk", "No other Web SDK in the way", "ok")


def _is_the_sites(facts: SiteFacts) -> bool:
    code = facts.settings.get("libraryCode")
    return isinstance(code, dict) and code.get("type") == "preinstalled"
