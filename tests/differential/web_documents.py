"""Build documents of web properties, written and generated, with a package of probes."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from properties.catalog.descriptor import (
    ActionType,
    ConditionType,
    Configuration,
    DataElementType,
    EventType,
    ExtensionPackage,
    Field,
)
from rules.publishing.shortened_code import shortened

CLIENT = Path(__file__).with_name("web_probe") / "client"
Document = dict[str, Any]


def _code(*parameters: str) -> Field:
    return Field("source", "Source", type="code", parameters=parameters)


PROBE = ExtensionPackage(
    name="probe",
    display_name="Probe",
    version="1.0.0",
    platform="web",
    configuration=Configuration(client="setup.js"),
    events=[
        EventType(name="fires", title="Fires", client="fires.js"),
        EventType(name="calls", title="Calls", client="calls.js", fields=[_code("trigger")]),
    ],
    conditions=[
        ConditionType(name="gives", title="Gives", client="gives.js"),
        ConditionType(name="judges", title="Judges", client="judges.js", fields=[_code("event", "target")]),
    ],
    actions=[
        ActionType(name="does", title="Does", client="does.js"),
        ActionType(
            name="runs",
            title="Runs",
            client="runs.js",
            fields=[Field("rows", "Rows", type="rows", properties=[_code("event", "target", "Promise")])],
        ),
    ],
    data_elements=[
        DataElementType(name="value", title="Value", client="value.js"),
        DataElementType(name="variable", title="Variable", client="variable.js"),
        DataElementType(name="counter", title="Counter", client="counter.js"),
        DataElementType(name="computes", title="Computes", client="computes.js", fields=[_code("event")]),
    ],
)
PACKAGES = {"probe": PROBE}


def read(package: str, file: str) -> str | None:
    """Read a module of the probes, as a library holds it."""
    path = CLIENT / file
    return shortened(path.read_text("utf-8")) if package == "probe" and path.is_file() else None


def web_document(
    *rules: Document,
    elements: dict[str, Document] | None = None,
    sequenced: bool = True,
    empty: bool = False,
    settings: Document | None = None,
) -> Document:
    """Return a build document; rules get ids and names by their position."""
    named = (
        {**rule, "id": f"RL{n}", "name": rule.get("name", f"Rule {n}")} for n, rule in enumerate(rules, 1)
    )
    switches = {"ruleComponentSequencingEnabled": sequenced, "undefinedVarsReturnEmpty": empty}
    return {
        "platform": "web",
        "buildInfo": {
            "environment": "development",
            "buildDate": "2026-01-01T00:00:00+00:00",
            "buildId": "BL1",
        },
        "company": {},
        "property": {"id": "PR1", "name": "Shop", "settings": {"domains": ["shop.example"], **switches}},
        "environment": {"id": "EN1", "stage": "development"},
        "extensions": {"probe": {"displayName": "Probe", "settings": settings or {}}},
        "dataElements": elements or {},
        "rules": list(named),
    }


def rule(
    *parts: tuple[str, Document], events: list[Document] | None = None, name: str | None = None
) -> Document:
    """Return a rule of the given conditions and actions, in order; it fires once unless events are given."""
    made: Document = {"events": events or [fires()]}
    made |= {kind: [it for of, it in parts if of == kind] for kind in ("conditions", "actions")}
    return made | ({"name": name} if name else {})


def _component(kind: str, name: str, settings: Document) -> Document:
    return {"id": "CO", "name": "", "modulePath": f"probe::{kind}::{name}", "settings": settings}


def fires(at: int = 0, *more: int, order: float = 50, **settings: Any) -> Document:
    return _component("events", "fires", {"at": [at, *more], **settings}) | {"ruleOrder": order}


def calls(source: str, order: float = 50) -> Document:
    return _component("events", "calls", {"source": source}) | {"ruleOrder": order}


def gives(
    value: Any = True, *, negate: bool = False, timeout: int = 2000, **settings: Any
) -> tuple[str, Document]:
    made = _component("conditions", "gives", {"value": value, **settings})
    return "conditions", made | {"negate": negate, "timeout": timeout}


def judges(source: str, *, negate: bool = False) -> tuple[str, Document]:
    made = _component("conditions", "judges", {"source": source})
    return "conditions", made | {"negate": negate, "timeout": 2000}


def does(*, waits: bool = False, timeout: int = 2000, **settings: Any) -> tuple[str, Document]:
    return "actions", _component("actions", "does", settings) | {"delayNext": waits, "timeout": timeout}


def runs(*sources: str, waits: bool = False) -> tuple[str, Document]:
    made = _component("actions", "runs", {"rows": [{"source": source} for source in sources]})
    return "actions", made | {"delayNext": waits, "timeout": 2000}


def element(kind: str = "value", *, storage: str | None = None, **described: Any) -> Document:
    """Return a data element; ``default``, ``clean`` and ``lower`` are its options, the rest its settings."""
    options = {
        "defaultValue": described.pop("default", None),
        "cleanText": described.pop("clean", False),
        "forceLowerCase": described.pop("lower", False),
        "storageDuration": storage,
    }
    return {
        "id": "DE",
        "name": "",
        "modulePath": f"probe::dataElements::{kind}",
        "settings": described,
    } | options


# Generated documents.

VALUES = [
    None,
    True,
    False,
    0,
    -1.5,
    12,
    "",
    " Two  words ",
    "ÄÖ<b>",
    "a\u2028b",
    [1, "x"],
    {"a": {"b": 1}},
    {},
]
NAMES = ["Value", "Text", "Missing", "Counter", "Nested", "Kept", "Broken", "Computed", "100"]
TEXTS = [
    *("%{}%", "before %{}% after", "%{}%%{}%", "%{} %", "100% off, 50% more", "%unknown%", "%event.detail%"),
    *("%this.id%", "%this.@text%", "%this.getAttribute(href)%", "%target.id%", "%set.deep%", "%event.$type%"),
]


def generated(seed: int) -> Document:
    """Return a document of up to six rules that mixes everything that the engine offers."""
    random = Random(seed)  # noqa: S311 - documents, not secrets
    rules = [_rule(random) for _ in range(random.randint(1, 6))]
    return web_document(
        *rules,
        elements={name: _element(random, name) for name in NAMES},
        sequenced=random.random() < 0.6,
        empty=random.random() < 0.4,
        settings={"account": _text(random), "depth": {"list": [_text(random), random.choice(VALUES)]}},
    )


def _rule(random: Random) -> Document:
    events = [_event(random) for _ in range(random.randint(1, 2))]
    conditions = [_condition(random) for _ in range(random.choice([0, 0, 1, 2]))]
    return rule(*conditions, *(_action(random) for _ in range(random.randint(1, 3))), events=events)


def _event(random: Random) -> Document:
    order = random.choice([1, 10, 50, 50, 50, 100])
    if random.random() < 0.2:
        return calls("trigger({detail: 'code'}); // ends here", order)
    more = {"throws": "no event"} if random.random() < 0.1 else {}
    times = random.sample([-1, 0, 5, 100, 3000], random.randint(1, 2))
    return fires(*times, order=order, detail=random.choice(VALUES), text=_text(random), **more)


def _condition(random: Random) -> tuple[str, Document]:
    negate = random.random() < 0.3
    if random.random() < 0.3:
        return judges(
            random.choice(["return true", "return 0", "return this.id", "throw new Error('no')"]),
            negate=negate,
        )
    return gives(
        random.choice(VALUES),
        negate=negate,
        text=_text(random),
        timeout=random.choice([50, 2000]),
        **_answer(random),
    )


def _action(random: Random) -> tuple[str, Document]:
    waits = random.random() < 0.5
    if random.random() < 0.2:
        return runs(
            "return new Promise(function (done) { setTimeout(done, 20); })", "return event.$type", waits=waits
        )
    more: Document = _answer(random)
    if random.random() < 0.5:
        more |= {"sets": "left", "to": _text(random)}
    if random.random() < 0.3:
        more |= {"reads": random.choice(NAMES)}
    if random.random() < 0.2:
        more |= {"logs": "a word"}
    return does(
        waits=waits,
        timeout=random.choice([50, 2000]),
        text=_text(random),
        given=random.choice(VALUES),
        **more,
    )


def _answer(random: Random) -> Document:
    return random.choice(
        [
            {},
            {},
            {},
            {"after": 20},
            {"after": 400},
            {"after": 20, "rejects": "refused"},
            {"throws": "failed"},
            {"never": True},
        ]
    )


def _text(random: Random) -> str:
    return random.choice(TEXTS).replace("{}", random.choice(NAMES))


def _element(random: Random, name: str) -> Document:
    storage = random.choice([None, None, "pageview", "session", "visitor"])
    options: Document = {
        "storage": storage,
        "default": random.choice([None, None, "", "Default", 0, False, "%Value%"]),
        "clean": random.random() < 0.3,
        "lower": random.random() < 0.3,
    }
    if name == "Counter":
        return element("counter", prefix=_text(random), **options)
    if name in ("Missing", "Kept"):
        return element("variable", name="left", **options)
    if name == "Broken":
        return element(throws="no value", **options)
    if name == "Computed":
        return element("computes", source="return event && event.detail", **options)
    value = _text(random) if name in ("Nested", "Text") else random.choice(VALUES)
    return element(value=value, **options)
