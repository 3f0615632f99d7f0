"""What a validation says about the Pixel on the site: data layer, script, set-up, cookies, fresh data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from properties.catalog.site_checks import SiteCheck, SiteFacts

_LAYER = "The data layer is in its place"
_SCRIPT = "The Pixel is loaded"
_ONCE = "The Pixel is set up once, and sends only with our event IDs"
_COOKIES = "Browser ID and click ID are the same on both sides"
_FRESH = "Each conversion has data of its own"


def site_checks(facts: SiteFacts) -> Iterator[SiteCheck]:
    """Yield the lines about this extension."""
    seen = facts.seen or {}
    yield _data_layer(seen) if seen.get("loaded") else SiteCheck("data-layer", _LAYER, "open")
    yield _script(seen) if seen else SiteCheck("pixel", _SCRIPT, "open")
    yield _once(facts, seen) if seen else SiteCheck("pixel-once", _ONCE, "open")
    yield _cookies(facts, seen) if seen else SiteCheck("cookies", _COOKIES, "open")
    yield _fresh(facts)


def _data_layer(seen: Mapping[str, Any]) -> SiteCheck:
    name, path = "data-layer", seen.get("path") or "window.dataLayer.meta"
    ready, loaded = seen.get("ready"), seen["loaded"]
    if ready == loaded == "object":
        return SiteCheck(name, _LAYER, "ok", f"{path} is an object, at DOM ready and after loading.")
    if loaded == "list":
        text, cure = f"{path} is a list.", f"Make it an object: {path} = {{value: 9.99, currency: 'EUR'}}."
    elif loaded == "missing" and ready == "object":
        text = f"{path} was there at DOM ready and is gone after loading."
        cure = "A later script made its parent anew, as Google's snippet does. Fill it after that script."
    elif loaded == "object":
        text = f"{path} came only after DOM ready."
        cure = "Fill it in the head of the page, before the embed code: rules at DOM ready read it too early."
    else:
        text = f"There is no object at {path}."
        cure = f"Add {path} = {{}} before the embed code, or correct Data Layer Path in the extension."
    return SiteCheck(name, "The data layer is not as it should be", "failed", text, cure)


def _script(seen: Mapping[str, Any]) -> SiteCheck:
    if seen.get("isLoaded"):
        return SiteCheck("pixel", _SCRIPT, "ok")
    if seen.get("consent") != "in":
        return SiteCheck("pixel", _SCRIPT, "open", "It loads when the visitor agrees.")
    if not seen.get("hasWaited"):
        return SiteCheck("pixel", _SCRIPT, "open")
    return SiteCheck(
        "pixel",
        "The Pixel did not load",
        "failed",
        "fbevents.js did not run within five seconds.",
        "Switch off blockers for the site, and look at the policy line. It loads with the first event that a"
        " rule sends. Of visitors with blockers, only the server's copy arrives.",
    )


def _once(facts: SiteFacts, seen: Mapping[str, Any]) -> SiteCheck:
    name = "pixel-once"
    has_own = bool(seen.get("isThePages"))
    is_expected = facts.settings.get("ownBaseCode") is True
    if has_own and not is_expected:
        return SiteCheck(
            name,
            "The page has a base code of its own",
            "failed",
            "The function fbq was there before the library.",
            "Remove the base code from the page, or tick “The page has its own base code” in the extension.",
        )
    if isinstance(seen.get("setUps"), int) and seen["setUps"] > 1:
        return SiteCheck(
            name,
            "The same pixel is set up twice",
            "failed",
            f"It was set up {seen['setUps']} times on this page.",
            "Remove the second base code, such as that of a shop plug-in or of another tag manager.",
        )
    if foreign := seen.get("foreign"):
        return SiteCheck(
            name,
            "Somebody else sends events of this pixel",
            "failed",
            f"{', '.join(foreign)}, without an event ID of ours.",
            "Remove that code. Meta cannot pair such an event with its copy at the server, and counts both.",
        )
    return SiteCheck(name, _ONCE, "ok")


def _cookies(facts: SiteFacts, seen: Mapping[str, Any]) -> SiteCheck:
    name = "cookies"
    if seen.get("consent") != "in":
        return SiteCheck(name, _COOKIES, "open", "They are written when the visitor agrees.")
    missing = [] if seen.get("browserId") else ["_fbp"]
    missing += ["_fbc"] if seen.get("click") and not seen.get("clickId") else []
    if missing:
        return SiteCheck(
            name,
            "The browser keeps no cookie of the Pixel",
            "failed",
            f"Missing: {', '.join(missing)}.",
            "Allow cookies for the site in this browser, and write cookies in the extension's settings.",
        )
    if facts.cookies is None:
        return SiteCheck(
            name, _COOKIES, "open", "In the browser they are. No event has reached the server yet."
        )
    if "_fbp" not in facts.cookies:
        return SiteCheck(
            name,
            "The server does not get the cookies",
            "failed",
            "The browser has _fbp, and no event brought it along.",
            f"Set TAGS_URL to a host below the domain of {facts.host}, such as data.shop.example.",
        )
    return SiteCheck(name, _COOKIES, "ok", "The events bring them along.")


def _fresh(facts: SiteFacts) -> SiteCheck:
    if not facts.calls:
        return SiteCheck("stale-data", _FRESH, "open")
    if stale := list(dict.fromkeys(call.name for call in facts.calls if call.is_stale)):
        return SiteCheck(
            "stale-data",
            "A conversion had the data of the one before",
            "failed",
            f"{', '.join(stale)}.",
            "Fill the data layer before each event. For clicks, tick “Wait for the page's own handlers”.",
        )
    return SiteCheck("stale-data", _FRESH, "ok")
