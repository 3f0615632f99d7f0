"""Our libraries and Adobe's published engine of the browser do the same, call by call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .web_documents import (
    Document,
    calls,
    does,
    element,
    fires,
    generated,
    gives,
    judges,
    rule,
    runs,
    web_document,
)
from .web_engines import WebEngines

pytestmark = pytest.mark.node
GENERATED = 120
ORDER = [
    rule(does(n="a"), events=[fires(-1, order=60)], name="late"),
    rule(does(n="b"), events=[fires(-1, order=10)], name="early"),
    rule(does(n="c"), events=[fires(-1, order=50), fires(-1, order=5)], name="twice"),
    rule(does(n="d"), events=[fires(-1, order=50)], name="equal"),
]
KEPT = {
    f"Kept {storage}": element("variable", name="left", storage=storage, default="none yet")
    for storage in ("pageview", "session", "visitor")
}
KEEPS = rule(
    *(does(text=f"%{name}%") for name in KEPT),
    does(sets="left", to="found"),
    *(does(text=f"%{name}%") for name in KEPT),
)
SLOW = "return new Promise(function (done) { setTimeout(done, 100); })"
WRITTEN: dict[str, Document] = {
    "order of events": web_document(*ORDER),
    "order of events, not sequenced": web_document(*ORDER, sequenced=False),
    "negate": web_document(
        rule(gives(False, negate=True), does()),
        rule(gives(True, negate=True), does()),
        rule(gives(0), does()),
    ),
    "truthy": web_document(*(rule(gives(value), does()) for value in ("", "0", [], {}, None, 0, 1, "false"))),
    "a condition that waits": web_document(rule(gives(True, after=50), does()), rule(does())),
    "a condition that waits, not sequenced": web_document(
        rule(gives(True, after=50), does()), rule(does()), sequenced=False
    ),
    "a condition that takes too long": web_document(
        rule(gives(never=True, timeout=80), does()), rule(does())
    ),
    "a condition that throws": web_document(rule(gives(throws="no"), does()), rule(does())),
    "a negated condition that throws": web_document(rule(gives(throws="no", negate=True), does())),
    "an action that waits": web_document(rule(does(after=90, waits=True), does()), rule(does())),
    "an action that is not waited for": web_document(rule(does(after=90), does()), rule(does())),
    "an action that never ends": web_document(
        rule(does(never=True, waits=True, timeout=70), does()), rule(does())
    ),
    "an action that is refused": web_document(rule(does(after=5, rejects="no", waits=True), does())),
    "an action that is refused later": web_document(rule(does(after=5, rejects="no"), does())),
    "an action that throws": web_document(rule(does(throws="no"), does()), rule(does())),
    "an action that throws, not sequenced": web_document(
        rule(does(throws="no"), does()), rule(does()), sequenced=False
    ),
    "an event that throws": web_document(rule(does(), events=[fires(throws="no")]), rule(does())),
    "rules that meet": web_document(
        rule(does(after=30, waits=True), does(), events=[fires(0, 10, 40)]),
        rule(gives(True), does(), events=[fires(5)]),
    ),
    "tokens": web_document(
        rule(
            does(
                whole="%Object%",
                text="a %Number% b %Object% c %List%",
                list=["%Nothing%", {"deep": "%True%"}],
            ),
            does(
                unknown="%no such%", some="100% off, 50% more", twice="%Number%%Number%", key={"%Number%": 1}
            ),
        ),
        elements={
            "Object": element(value={"a": [1]}),
            "Number": element(value=7),
            "List": element(value=[1, 2]),
            "Nothing": element(value=None),
            "True": element(value=True),
        },
    ),
    "tokens of the event": web_document(
        rule(
            does(
                detail="%event.detail.value%",
                text="%this.@text%",
                attribute="%this.getAttribute(href)%",
                target="%target.id%",
                kind="%event.$type%",
                variable="%set.deep%",
            ),
            events=[fires(5, detail={"value": [1, 2]})],
        )
    ),
    "nested elements": web_document(
        rule(does(text="%Outer%")),
        elements={
            "Outer": element(value={"inner": "<%Inner%>"}),
            "Inner": element(value="%Innermost%"),
            "Innermost": element(value=5),
        },
    ),
    "a circle of elements": web_document(
        rule(does(text="%One%")), elements={"One": element(value="1 %Two%"), "Two": element(value="2 %One%")}
    ),
    "elements eleven deep": web_document(
        rule(does(text="%E0%")), elements={f"E{n}": element(value=f"{n} %E{n + 1}%") for n in range(12)}
    ),
    "defaults": web_document(
        rule(*(does(text=f"%{name}%") for name in ("Text", "Number", "Empty", "No", "Token", "None"))),
        elements={
            "Text": element("variable", name="x", default=" A Default "),
            "Number": element("variable", name="x", default=0),
            "Empty": element("variable", name="x", default=""),
            "No": element("variable", name="x", default=False),
            "Token": element("variable", name="x", default="%Number%"),
            "None": element("variable", name="x"),
        },
    ),
    "clean text and lower case": web_document(
        rule(does(text="%Both%"), does(text="%Clean%"), does(text="%Lower%"), does(text="%List%")),
        elements={
            "Both": element(value="  A \n B  ", clean=True, lower=True),
            "Clean": element(value="  A \u00a0 B  ", clean=True),
            "Lower": element(value=" ÄB ", lower=True),
            "List": element(value=[" A "], clean=True, lower=True),
        },
    ),
    "nothing in texts": web_document(
        rule(does(text="a%Null%b%Gone%c", whole="%Gone%")),
        elements={"Null": element(value=None), "Gone": element("variable", name="x")},
    ),
    "nothing in texts is empty": web_document(
        rule(does(text="a%Null%b%Gone%c", whole="%Gone%")),
        elements={"Null": element(value=None), "Gone": element("variable", name="x")},
        empty=True,
    ),
    "an element that throws": web_document(
        rule(does(text="%Bad%")), elements={"Bad": element(throws="no", default="d")}
    ),
    "an element is read again each time": web_document(
        rule(does(text="%C% %C%"), does(text="%C%", reads="C")), elements={"C": element("counter")}
    ),
    "an action changes what the next one reads": web_document(
        rule(does(sets="left", to="new", text="%Left%"), does(text="%Left%")),
        elements={"Left": element("variable", name="left")},
    ),
    "settings of the extension": web_document(
        rule(does(), does()), elements={"C": element("counter")}, settings={"account": "%C%", "list": ["%C%"]}
    ),
    "code": web_document(
        rule(
            judges("return event.detail === 'code' && target.id && this.id; // a comment"),
            runs(
                "return [typeof _satellite.track, this.id, Object.keys(arguments).length]",
                "return Promise === window.Promise",
            ),
            events=[calls("trigger({detail: 'code', element: page.element, target: page.target}) /* */")],
        ),
        elements={"Computed": element("computes", source="return '</script>' + event.$rule.name")},
    ),
    "code that waits": web_document(rule(runs(SLOW, waits=True), does()), rule(does())),
    "code that throws": web_document(
        rule(judges("throw new Error('x')"), does()), rule(does(), runs("null.x"), does())
    ),
    "code of an element": web_document(
        rule(does(text="%Computed%")),
        elements={"Computed": element("computes", source="return '</script>' + event.$rule.name")},
    ),
    "names of the language": web_document(
        rule(does(text="%constructor% %toString% %__proto__%", __proto__={"a": 1}, constructor="c")),
        elements={"constructor": element(value="own"), "hasOwnProperty": element(value="own")},
    ),
    "letters": web_document(
        rule(does(text="\u2028 \u2029 </script> <!-- \\ \" ' \x00 😀 %Ünï 🚀 (5)%"), name="</script>\u2028"),
        elements={"Ünï 🚀 (5)": element(value="\u2029</SCRIPT>")},
    ),
    "words for the log": web_document(rule(does(logs="one"), does(logs="two"))),
}


@pytest.fixture(scope="module")
def engines(node: str, web_runtime_packages: Path) -> Iterator[WebEngines]:
    with WebEngines(node, web_runtime_packages / "@adobe/reactor-turbine/dist/engine.min.js") as found:
        yield found


def acted(answer: dict[str, Any]) -> list[Any]:
    """What our side called, visit by visit."""
    return [[it for it in visit if it[0] == "call"] for visit in answer["ours"]["seen"]]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_document_does_the_same_in_both(engines: WebEngines, name: str) -> None:
    answer = engines.run(WRITTEN[name])
    assert answer["ours"] == answer["adobe"]
    assert any(
        call[2][0] in ("action", "code action", "condition", "code condition") for call in acted(answer)[0]
    )


@pytest.mark.parametrize("seed", range(GENERATED))
def test_a_generated_document_does_the_same_in_both(engines: WebEngines, seed: int) -> None:
    answer = engines.run(generated(seed), visits=2)
    assert answer["ours"] == answer["adobe"]
    assert all(acted(answer))


def test_generated_documents_reach_what_they_are_for(engines: WebEngines) -> None:
    seen = [it for seed in range(GENERATED // 4) for it in engines.run(generated(seed))["ours"]["seen"][0]]
    kinds = {it[0] for it in seen} | {it[2][0] for it in seen if it[0] == "call"}
    assert kinds >= {"ruleTriggered", "ruleCompleted", "ruleConditionFailed", "ruleActionFailed", "error"}
    assert kinds >= {
        "event",
        "code event",
        "condition",
        "code condition",
        "action",
        "code action",
        "extension",
    }


@pytest.mark.parametrize("sequenced", [True, False])
def test_what_an_element_keeps_is_the_same_on_the_next_page(engines: WebEngines, sequenced: bool) -> None:
    answer = engines.run(web_document(KEEPS, elements=KEPT, sequenced=sequenced), visits=2)
    assert answer["ours"] == answer["adobe"]
    assert set(answer["ours"]["local"]) >= {"com.adobe.reactor.dataElements.Kept visitor"}
    assert set(answer["ours"]["session"]) == {"com.adobe.reactor.dataElements.Kept session"}


def test_a_difference_would_be_noticed(engines: WebEngines, monkeypatch: pytest.MonkeyPatch) -> None:
    from rules.publishing import web_library

    engine = web_library.text_of("engine.js")
    assert "ruleTriggered" in engine
    monkeypatch.setattr(web_library, "text_of", lambda name: engine.replace("ruleTriggered", "ruleStarted"))
    answer = engines.run(WRITTEN["negate"])
    assert answer["ours"] != answer["adobe"]
