"""Build documents that look like properties people run: several rules that share data elements, and events.

Source: docs/reference/adobe.md, "The build document" and "Edge Core"; the guides to event
forwarding and to its Core and Meta extensions describe such rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .documents import action, code, compare, condition, document, path, rule, value
from .engines import Document

EVENTS: dict[str, dict[str, Any]] = {
    "a purchase": {
        "xdm": {
            "_id": "8f6c",
            "eventType": "commerce.purchases",
            "timestamp": "2026-11-22T10:00:00.000Z",
            "environment": {"ipV4": "203.0.113.7", "browserDetails": {"userAgent": "Mozilla/5.0 (Test)"}},
            "web": {
                "webPageDetails": {"URL": "https://shop.example/thanks?gclid=Cj0&a=1#x", "name": "Danke 🎉"}
            },
            "commerce": {"order": {"purchaseID": "T-77812", "priceTotal": 245.5, "currencyCode": "EUR"}},
            "productListItems": [
                {"SKU": "A-1", "name": "Straßenschuh", "quantity": 2, "priceTotal": 120},
                {"SKU": "B-2", "name": "Crème brûlée", "quantity": 1, "priceTotal": 125.5},
            ],
        },
        "data": {
            "user": {"email": "  Ada.Lovelace@Example.COM\t", "id": 42, "consent": True, "country": "DE"},
            "cookies": {"_fbp": "fb.1.1596403881668.1116446470"},
        },
    },
    "a page view": {
        "xdm": {
            "eventType": "web.webpagedetails.pageViews",
            "environment": {"ipV6": "2001:db8::1"},
            "web": {"webPageDetails": {"URL": "https://shop.example/", "name": "Home"}},
        },
        "data": {"user": {"consent": "denied"}},
    },
    "an event with almost nothing": {"xdm": {"eventType": "x"}, "data": {}},
    "an event without parts": {"xdm": None, "data": None},
    "an event of the wrong types": {
        "xdm": {"eventType": 7, "environment": "none", "web": [], "commerce": {"order": "T-1"}},
        "data": {"user": [{"email": True}], "cookies": 1.5},
    },
    "an event with text for numbers": {
        "xdm": {
            "eventType": "COMMERCE.PURCHASES",
            "commerce": {"order": {"purchaseID": 10**15, "priceTotal": " 1e2 ", "currencyCode": None}},
            "productListItems": [{"SKU": 17, "quantity": "3"}, None, "x"],
        },
        "data": {"user": {"email": "ΑΔΑ@EXAMPLE.ORG", "id": "42", "consent": "true"}},
    },
}

ELEMENTS: dict[str, Any] = {
    "Event Type": path(
        "arc.event.xdm.eventType", defaultValue="unknown", cleanText=True, forceLowerCase=True
    ),
    "Page": path("arc.event.xdm.web.webPageDetails.URL", defaultValue="https://shop.example/none"),
    "Page Name": path("arc.event.xdm.web.webPageDetails.name"),
    "Order": path("arc.event.xdm.commerce.order", defaultValue="no order"),
    "Order ID": path("arc.event.xdm.commerce.order.purchaseID"),
    "Total": path("arc.event.xdm.commerce.order.priceTotal"),
    "Currency": path("arc.event.xdm.commerce.order.currencyCode", defaultValue="EUR"),
    "Email": path("arc.event.data.user.email", cleanText=True, forceLowerCase=True),
    "Consent": path("arc.event.data.user.consent"),
    "User Agent": path("arc.event.xdm.environment.browserDetails.userAgent", defaultValue="none"),
    "Browser ID": path("arc.event.data.cookies._fbp"),
    "IP": {"modulePath": "core::dataElements::ip", "settings": {}},
    "Pixel": value("1234567890"),
    "Event ID": value("{{Pixel}}-{{Order ID}}-{{Event Type}}"),
    "Person": value({"em": "{{Email}}", "ip": "{{IP}}", "ids": ["{{Browser ID}}", {"id": "u:{{Email}}"}]}),
    "Names": code(
        "dataElements",
        "const items = arc.event.xdm && arc.event.xdm.productListItems || [];"
        "return items.filter((it) => it && it.name).map((it) => it.name);",
    ),
    "Cents": code(
        "dataElements",
        "const total = Number(getDataElementValue('Total'));"
        "return Number.isFinite(total) && total > 0 ? Promise.resolve(Math.round(total * 100)) : null;",
    ),
    "Response": path("arc.ruleStash.probe.answer.body"),
    "Kept": path("arc.ruleStash.core.customCode"),
}

BUY = compare("{{Event Type}}", "equals", "commerce.purchases")
AGREED = compare("{{Consent}}", "isTrue")


def unless(component: Mapping[str, Any]) -> dict[str, Any]:
    """The same condition as an exception."""
    return {**component, "negate": True}


def send(**settings: Any) -> dict[str, Any]:
    """An action that sends a request and keeps the answer."""
    return action(value={"answer": {"body": "{{Order ID}}"}}, **settings)


def keep(key: str, source: str, **more: Any) -> dict[str, Any]:
    """An action in custom code."""
    return {**code("actions", source, keyName=key), **more}


def purchases() -> Document:
    return document(
        rule(
            BUY,
            AGREED,
            send(
                event={"name": "Purchase", "value": "{{Total}}", "currency": "{{Currency}}"},
                user="{{Person}}",
            ),
            action(to="analytics", value="{{Event ID}} of {{Page}}"),
            name="Purchase",
        ),
        rule(
            compare("{{Event Type}}", "contains", "pageviews"),
            unless(compare("{{Page}}", "matchesRegex", "/(checkout|thanks)([/?#]|$)")),
            send(event={"name": "PageView", "url": "{{Page}}"}, agent="{{User Agent}}"),
            name="Page view",
        ),
        rule(unless(BUY), compare("{{Total}}", "greaterThan", 0), send(odd="{{Order}}"), name="Odd total"),
        elements=ELEMENTS,
        settings={"pixel": "{{Pixel}}", "test": [{"code": "TEST{{Pixel}}"}]},
    )


def several_steps() -> Document:
    return document(
        rule(
            compare("{{Order ID}}", "isTruthy"),
            send(url="https://api.example/orders?id={{Order ID}}"),
            keep("id", "return String(getDataElementValue('Response')).length;"),
            action(value="second", answer="{{Response}}", kept="{{Kept}}", of="other"),
            keep("all", "return Object.keys(arc.ruleStash).sort();"),
            action(kept="{{Kept}}", stash="{{Response}}"),
            name="Look up, then send",
        ),
        rule(action(before="{{Kept}}", stash="{{Response}}"), name="Sees nothing of it"),
        elements=ELEMENTS,
    )


def code_conditions() -> Document:
    return document(
        rule(
            code("conditions", "return (getDataElementValue('Cents') || 0) > 10000;"),
            unless(code("conditions", "return getDataElementValue('Names').includes('Straßenschuh');")),
            send(cents="{{Cents}}"),
            name="Large, but no shoes",
        ),
        rule(
            code("conditions", "return Promise.resolve(getDataElementValue('Names').length >= 2);"),
            action(value="{{Names}}", cents="{{Cents}}"),
            keep("sum", "return arc.event.xdm.productListItems.reduce((n, it) => n + it.quantity, 0);"),
            action(value="{{Kept}}"),
            name="Two names",
        ),
        rule(code("conditions", "return arc.event.data.user.email.length;"), send(), name="No boolean"),
        elements=ELEMENTS,
    )


def rules_that_fail() -> Document:
    return document(
        rule(send(a="{{Gone}}"), action(value="never"), name="An element that was deleted"),
        rule(action(value="first"), action("boom"), action(value="never"), name="An action that fails"),
        rule(AGREED, condition(kind="boom"), action(value="never"), name="A condition that fails"),
        rule(unless(condition(kind="boom")), action(value="never"), name="An exception that fails"),
        rule(keep("k", "throw new TypeError('no');"), action(value="never"), name="Code that throws"),
        rule(
            keep("k", "return 1;"),
            keep("l", "return Promise.reject(new Error('later'));"),
            action(value="never"),
            name="Code that rejects",
        ),
        rule(action(value="{{Email}}"), name="A rule that works"),
        elements=ELEMENTS,
    )


def timeouts() -> Document:
    forever = "return new Promise(() => {});"
    return document(
        rule(
            keep("k", "return 1;", timeout=0), {**action(value="{{Kept}}"), "timeout": 0}, name="None given"
        ),
        rule(
            {**code("conditions", "return true;"), "timeout": 0}, action(value=1), name="A condition without"
        ),
        rule(action(value=1), keep("k", forever, timeout=20), action(value="never"), name="Too long"),
        rule({**code("conditions", forever), "timeout": 20}, action(value="never"), name="Too long to tell"),
        rule(keep("k", "return Promise.resolve(2);", timeout=500), action(value="{{Kept}}"), name="In time"),
        elements=ELEMENTS,
    )


def changed_events() -> Document:
    """Code that tidies the event for the components after it."""
    return document(
        rule(
            code(
                "conditions", "if (!arc.event.data) return false; arc.event.data.tidy = {n: 1}; return true;"
            ),
            action(value="{{Tidy}}", email="{{Email}}"),
            keep("k", "arc.event.data.tidy = {n: arc.event.data.tidy.n + 1}; return 'done';"),
            action(value="{{Tidy}}", kept="{{Kept}}", of="other"),
            keep("k", "delete arc.event.data.user; arc.request.header.seen = 'yes'; return 'gone';"),
            action(email="{{Email}}", seen="{{Seen}}", value="{{Tidy}}"),
            name="Tidy",
        ),
        rule(action(email="{{Email}}", tidy="{{Tidy}}", seen="{{Seen}}"), name="Untouched"),
        elements={**ELEMENTS, "Tidy": path("arc.event.data.tidy"), "Seen": path("arc.request.header.seen")},
    )


def odd_names() -> Document:
    """Numbers as ids, names with emoji, missing settings, keys of a web property."""
    bare = {"id": 8, "modulePath": "probe::actions::note", "delayNext": False, "timeout": 2000}
    shop = rule(
        {**compare("{{🛒 Käufe.heute}}", "isTruthy"), "id": 7, "name": "🛒"},
        bare,
        {**action(value="{{🛒 Käufe.heute}} {{0}}"), "delayNext": True, "name": "Ärger (1) – “Ende”"},
        name="🛒 Käufe & mehr <b>",
    )
    return document(
        {**shop, "id": 99, "enabled": True, "events": []},
        {"id": "RLnothing", "name": None, "conditions": None, "actions": None},
        {"id": "RLbare"},
        {"id": "RLactions", "name": "Only actions", "actions": [bare]},
        elements={
            "🛒 Käufe.heute": path("arc.event.xdm.commerce.order.purchaseID", defaultValue="keine"),
            "0": value("zero", cleanText=None, forceLowerCase=None),
            "Bare": {"modulePath": "other::dataElements::value"},
        },
    )


def shared_elements() -> Document:
    """Elements five deep, each used in several places of several rules."""
    deep: dict[str, Any] = {"L0": path("arc.event.xdm.eventType", defaultValue="none")}
    for level in range(1, 6):
        before = f"L{level - 1}"
        deep[f"L{level}"] = value(
            {"of": f"{{{{{before}}}}}", "list": [f"{{{{{before}}}}}", level], "text": f"{level}: {{{{L0}}}}"}
        )
    return document(
        rule(action(value="{{L5}}", again="{{L5}}", lower=["{{L1}}", {"x": "{{L3}}"}]), name="Deep"),
        rule(
            compare("{{L0}}", "endsWith", "views", caseInsensitive=True), action(value="{{L2}}"), name="Views"
        ),
        rule(compare("{{L4}}", "equals", "{{L4}}"), action(value="same"), name="The same object"),
        rule(
            compare("{{L4}}", "isTruthy"),
            unless(compare("{{L1}}", "contains", "of")),
            action(),
            name="Text of",
        ),
        elements=deep,
    )


def broken_settings() -> Document:
    """The configuration of an extension with errors."""
    return document(
        rule(condition(), action(value="never"), name="Uses the configuration"),
        rule(action(value="{{Email}}", of="other"), name="Does not"),
        rule(AGREED, action(value="{{Kept}}", of="other"), name="Does not, either"),
        elements=ELEMENTS,
        settings={"token": "{{Deleted Element}}", "pixel": "{{Pixel}}"},
    )


def many_rules() -> Document:
    """A rule for each of Meta's standard events, as the quick start makes them."""
    names = ["Purchase", "AddToCart", "ViewContent", "Lead", "Search", "Contact", "Subscribe", "PageView"]
    types = {"Purchase": "commerce.purchases", "PageView": "web.webpagedetails.pageViews"}
    return document(
        *(
            rule(
                compare("{{Event Type}}", "equals", types.get(name, name), caseInsensitive=True),
                unless(compare("{{Consent}}", "equals", "denied")),
                send(event_name=name, event_id="{{Event ID}}", user="{{Person}}", source="{{Page Name}}"),
                name=f"MetaConversion_{name}",
            )
            for name in names
        ),
        elements=ELEMENTS,
        settings={"pixel": "{{Pixel}}"},
    )


SHOPS = {
    maker.__name__.replace("_", " "): maker()
    for maker in (
        purchases,
        several_steps,
        code_conditions,
        rules_that_fail,
        timeouts,
        changed_events,
        odd_names,
        shared_elements,
        broken_settings,
        many_rules,
    )
}
