"""Build documents in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .engines import Call, Document

EVENT = {
    "xdm": {
        "_id": "e-1",
        "eventType": "commerce.purchases",
        "environment": {"ipV4": "203.0.113.7", "ipV6": "2001:db8::1"},
        "web": {"webPageDetails": {"name": "Thanks", "URL": "https://shop.example/thanks?a=1&b=2"}},
        "commerce": {"order": {"purchaseID": "T-77812", "priceTotal": 245.5, "currencyCode": "EUR"}},
    },
    "data": {
        "user": {"email": " Ada@Example.com ", "id": 42, "tags": ["new", "vip"], "isKnown": True},
        "items": [{"sku": "A-1", "price": 20}, {"sku": "B-2", "price": 0.5}],
        "grid": [[1, 2], [3, 4]],
        "text": "The quick brown fox",
        "nothing": None,
        "zero": 0,
        "no": False,
        "empty": "",
        "form[email]": "ada@example.com",
        "open[0": "open",
        "x-y": "dash",
        'quoted["x-y"]': "the whole text",
        "": {"inside": "no name"},
    },
}
REQUEST = {"header": {"requestId": "r-1", "httpHeaders": {"user-agent": ["Test/1.0"]}}, "body": {}}


def call(event: Mapping[str, Any] = EVENT) -> Call:
    """Return an event as the edge passes it to the engine."""
    return {"event": dict(event), "request": REQUEST}


def document(
    *rules: Mapping[str, Any],
    elements: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Document:
    """A build document; ``settings`` are those of the extension ``probe``."""
    extensions: dict[str, Any] = {
        "core": {"displayName": "Core", "settings": {}},
        "probe": {"displayName": "Probe", "settings": dict(settings or {})},
        "other": {"displayName": "Other", "settings": {}},
    }
    named = {name: {"id": f"DE{name}", "name": name, **it} for name, it in (elements or {}).items()}
    return {
        "buildInfo": {"environment": "production", "turbineVersion": "3.0.1"},
        "company": {"orgId": "ORG"},
        "property": {"id": "PR1", "name": "Shop", "settings": {}},
        "environment": {"id": "EN1", "stage": "production"},
        "extensions": extensions,
        "dataElements": named,
        "rules": list(rules),
    }


def rule(*components: Mapping[str, Any], name: str = "R") -> dict[str, Any]:
    """A rule of these conditions and actions, in order; each gets an id."""
    found: dict[str, list[dict[str, Any]]] = {"conditions": [], "actions": []}
    for number, component in enumerate(components):
        kind = component["modulePath"].split("::")[1]
        found[kind].append({"id": f"RC{number}", "name": "", **component})
    return {"id": f"RL{name}", "name": name, **found}


def condition(result: Any = True, *, negate: bool = False, kind: str = "gives") -> dict[str, Any]:
    """A probe that returns ``result``, which may be a token."""
    return {"modulePath": f"probe::conditions::{kind}", "settings": {"value": result}, "negate": negate}


def compare(left: Any, operator: str, right: Any = None, **more: Any) -> dict[str, Any]:
    """Core's Value Comparison."""
    comparison = {"operator": operator, **more}
    settings = {"leftOperand": left, "comparison": comparison, "rightOperand": right}
    return {"modulePath": "core::conditions::value-comparison", "settings": settings, "negate": False}


def action(kind: str = "note", *, of: str = "probe", **settings: Any) -> dict[str, Any]:
    """A probe that notes its settings and returns the one called ``value``."""
    return {"modulePath": f"{of}::actions::{kind}", "settings": settings}


def code(kind: str, source: str, **settings: Any) -> dict[str, Any]:
    """Core's Custom Code."""
    return {"modulePath": f"core::{kind}::custom-code", "settings": {"source": source, **settings}}


def path(where: str, **options: Any) -> dict[str, Any]:
    """Core's Path; ``options`` are default value, clean text and lower case."""
    return {"modulePath": "core::dataElements::path", "settings": {"path": where}, **options}


def value(it: Any, *, kind: str = "value", **options: Any) -> dict[str, Any]:
    """A data element, of the extension without settings, that returns ``it`` with tokens replaced."""
    return {"modulePath": f"other::dataElements::{kind}", "settings": {"value": it}, **options}
