"""The text of a library, and the documents that cannot become one. test_web_engine.py shows what it does."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import _quickjs
import pytest

from properties.catalog.descriptor import (
    ActionType,
    DataElementType,
    EventType,
    ExtensionPackage,
    Field,
)
from properties.web_runtime import ENGINE_NAME, WEB_SDK, text_of
from rules.publishing.javascript_literals import literal
from rules.publishing.web_library import LibraryProblems, engine_name, library
from rules.publishing.web_modules import ModuleMissing, modules_needed
from tests.differential.web_documents import (
    PACKAGES,
    Document,
    calls,
    does,
    element,
    fires,
    gives,
    read,
    rule,
    runs,
    web_document,
)

# Two forms of one thing that ends a line in JavaScript, and ends of a script in a page.
STRANGE = "\u2028 \u2029 </script> </SCRIPT > <!-- \\ \" ' ` \x00 \ud83d 😀"


def made(document: Document, **more: Any) -> str:
    return library(document, PACKAGES, read, **more)


def container(text: str) -> dict[str, Any]:
    """Return the container as JavaScript reads it, functions as their text."""
    source = text.partition(".container=")[2].partition(";\n(function(){")[0]
    found = _quickjs.Context().eval(
        f"""JSON.stringify({source}, (key, it) => typeof it === "function" ? `${{it}}`
        : it && typeof it === "object" && Object.getPrototypeOf(it) !== Object.prototype && !Array.isArray(it)
        ? "another prototype" : it)"""
    )
    result: dict[str, Any] = json.loads(found)
    return result


def problems(document: Document, packages: Any = PACKAGES, modules: Any = read) -> list[tuple[str, str]]:
    with pytest.raises(LibraryProblems) as caught:
        library(document, packages, modules)
    return [(str(it.place), it.message) for it in caught.value.findings]


def test_a_library_writes_one_global_and_names_its_licences() -> None:
    text = made(web_document(rule(does())))
    assert text.startswith("/*! CAPI Admin tags library. Licences: /t/licences.txt */\n(function(){\n")
    assert set(re.findall(r"__capi_\w+", text)) == {engine_name("EN1")}
    assert ENGINE_NAME not in text
    assert "__satelliteLoaded" not in text


def test_two_environments_have_two_engines() -> None:
    assert re.fullmatch("__capi_[0-9a-f]{12}", engine_name("EN1"))
    assert engine_name("EN1") != engine_name("EN2")


def test_the_same_content_gives_the_same_bytes() -> None:
    document = web_document(rule(does(b=1, a={"d": 1, "c": 2})), elements={"B": element(), "A": element()})
    other = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    other["buildInfo"] |= {"buildId": "BL2", "buildDate": "2027-01-01T00:00:00+00:00"}
    assert made(other) == made(document)
    other["dataElements"]["B"]["settings"]["value"] = 1
    assert made(other) != made(document)


def test_a_container_holds_what_the_engine_asks_for() -> None:
    document = web_document(
        rule(gives(), does(waits=True, timeout=5), events=[fires(order=7)]), settings={"account": "x"}
    )
    found = container(made(document))
    assert found["property"] == {
        "id": "PR1",
        "name": "Shop",
        "settings": {
            "domains": ["shop.example"],
            "ruleComponentSequencingEnabled": True,
            "undefinedVarsReturnEmpty": False,
        },
    }
    assert found["environment"] == {"id": "EN1", "stage": "development"}
    [made_rule] = found["rules"]
    assert made_rule == {
        "id": "RL1",
        "name": "Rule 1",
        "events": [{"modulePath": "probe/fires.js", "settings": {"at": [0]}, "ruleOrder": 7}],
        "conditions": [
            {"modulePath": "probe/gives.js", "settings": {"value": True}, "negate": False, "timeout": 2000}
        ],
        "actions": [{"modulePath": "probe/does.js", "settings": {}, "delayNext": True, "timeout": 5}],
    }
    extension = found["extensions"]["probe"]
    assert (extension["displayName"], extension["settings"]) == ("Probe", {"account": "x"})


def test_only_modules_that_are_used_are_in_a_library() -> None:
    found = container(made(web_document(rule(does()))))["extensions"]["probe"]["modules"]
    assert list(found) == [f"probe/{name}.js" for name in ("answer", "does", "fires", "note", "setup")]
    assert found["probe/fires.js"]["name"] == "fires"
    assert found["probe/fires.js"]["displayName"] == "Fires"
    assert set(found["probe/note.js"]) == {"script"}


def test_a_rule_without_events_is_left_out_with_its_modules() -> None:
    idle = rule(gives(), does()) | {"events": []}
    found = container(made(web_document(idle)))
    assert found["rules"] == []
    assert list(found["extensions"]["probe"]["modules"]) == ["probe/note.js", "probe/setup.js"]


@pytest.mark.parametrize(
    "value",
    [
        STRANGE,
        {"__proto__": {"a": 1}, "constructor": 1, "a b": [None, True, -1.5], "</script>": STRANGE},
        [[[[]]], {}, "", 0],
        1e300,
        12345678901234,
    ],
)
def test_values_reach_javascript_unchanged(value: Any) -> None:
    source = literal(value)
    assert not re.search("</|<!--|[\u2028\u2029]", source)
    source.encode()
    as_json = _quickjs.Context().eval("(source) => JSON.stringify(eval(`(${source})`), (key, it) => it)")(
        source
    )
    assert json.loads(as_json) == value


def test_a_key_named_proto_is_a_key() -> None:
    found = container(made(web_document(rule(does(__proto__={"a": 1})), elements={"__proto__": element()})))
    assert found["rules"][0]["actions"][0]["settings"] == {"__proto__": {"a": 1}}
    assert found["dataElements"]["__proto__"]["modulePath"] == "probe/value.js"


def test_code_becomes_functions_of_the_arguments_that_its_field_names() -> None:
    code = "return event; // the end"
    found = container(made(web_document(rule(runs(code, "return 1"), events=[calls("trigger()")]))))
    rows = found["rules"][0]["actions"][0]["settings"]["rows"]
    assert rows[0]["source"] == f"function(event,target,Promise){{\n{code}\n}}"
    assert found["rules"][0]["events"][0]["settings"]["source"] == "function(trigger){\ntrigger()\n}"


def test_code_may_hold_the_end_of_a_script() -> None:
    text = made(web_document(rule(runs("return '</script>'.length"))))
    assert "</script" not in text
    assert "return '<\\/script>'.length" in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("return 1 +;", "Line 1, column 11: SyntaxError"),
        ("\nvar event; let event;", "Line 2"),
        ("return 1}, injected: function () {", "Line 1"),
        ("}}}, injected: function () {{{", "Line 1"),
        ("/* never closed", "SyntaxError"),
        ("`never closed", "SyntaxError"),
        ("await 1", "Line 1"),
        ("import x from 'y'", "Line 1"),
        ("return '\ud83d'", "cannot be used"),
    ],
)
def test_code_that_does_not_parse_alone_is_a_problem_with_its_place(source: str, said: str) -> None:
    [(place, message)] = problems(web_document(rule(does()), rule(runs("return 1", source))))
    assert place == "Rule “Rule 2” › Action “probe::actions::runs” › Source"
    assert said in message


def test_every_problem_is_named_at_once() -> None:
    document = web_document(
        rule(runs("return }"), events=[calls("(")]), elements={"Bad": element("computes", source="return )")}
    )
    places = [place for place, _ in problems(document)]
    assert places == [
        "Rule “Rule 1” › Event “probe::events::calls” › Source",
        "Rule “Rule 1” › Action “probe::actions::runs” › Source",
        "Data element “Bad” › Source",
    ]


def test_a_library_that_does_not_parse_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(package: str, file: str) -> str | None:
        text = read(package, file)
        return f"{text}\n}}" if file == "does.js" and text else text

    [(place, message)] = problems(web_document(rule(does())), modules=broken)
    assert place == "Library"
    assert re.match(r"Line \d+: SyntaxError", message)


def _acme(**parts: Any) -> Document:
    package = ExtensionPackage(name="acme", display_name="Acme", version="1.0.0", **parts)
    return {**PACKAGES, "acme": package}


def _with_acme(*rules: Document, settings: Document | None = None, **more: Any) -> Document:
    document = web_document(*rules, **more)
    document["extensions"]["acme"] = {"displayName": "Acme", "settings": settings or {}}
    return document


def _of_acme(component: Document, delegate: str, **settings: Any) -> Document:
    return {**component, "modulePath": f"acme::{delegate}", "settings": settings}


def test_types_of_event_forwarding_do_not_run_in_a_browser() -> None:
    packages = _acme(actions=[ActionType(name="send", title="Send", client="does.js")])
    broken = rule(("actions", _of_acme(does()[1], "actions::send")))
    messages = [message for _, message in problems(_with_acme(broken), packages)]
    assert messages == [
        "“acme::actions::send” does not run in a browser. Choose a type of an extension for tags.",
        "This server has no extension package “acme” for tags. Remove the extension.",
    ]


def test_a_type_without_a_browser_module_is_a_problem() -> None:
    packages = _acme(platform="web", events=[EventType(name="load", title="Load")])
    broken = rule(does(), events=[_of_acme(fires(), "events::load")])
    assert problems(_with_acme(broken), packages)[0][1].startswith(
        "“acme::events::load” names no browser module."
    )


def test_a_module_that_requires_another_one_that_is_missing_is_a_problem() -> None:
    packages = _acme(platform="web", events=[EventType(name="load", title="Load", client="load.js")])
    document = _with_acme(rule(does(), events=[_of_acme(fires(), "events::load")]))

    def modules(package: str, file: str) -> str | None:
        return "require('./gone.js')" if (package, file) == ("acme", "load.js") else read(package, file)

    [(place, message)] = problems(document, packages, modules)
    assert place == "Extension package “acme”"
    assert message.startswith("The package “acme” has no file client/gone.js, which load.js needs.")


def test_an_extension_that_is_missing_is_a_problem() -> None:
    document = web_document(rule(does()))
    document["extensions"] = {}
    assert problems(document) == [
        ("Extensions", "The extension of the package “probe” is missing. Install it from the catalog.")
    ]


SECRETS: dict[str, Callable[[], tuple[Document, Any]]] = {
    "a data element that gives a secret": lambda: (
        _with_acme(rule(does()), elements={"Token": _of_acme(element(), "dataElements::token")}),
        _acme(
            platform="web",
            data_elements=[
                DataElementType(
                    name="token", title="Token", client="value.js", secret_for=lambda it, stage: "x"
                )
            ],
        ),
    ),
    "a reference in a setting": lambda: (
        web_document(rule(does(deep=[{"token": {"$secret": "Acme token"}}]))),
        PACKAGES,
    ),
    "a reference in the settings of an extension": lambda: (
        web_document(rule(does()), settings={"token": {"$secret": "Acme token"}}),
        PACKAGES,
    ),
    "a field for a credential": lambda: (
        _with_acme(rule(("actions", _of_acme(does()[1], "actions::send", rows=[{"token": "abc"}])))),
        _acme(
            platform="web",
            actions=[
                ActionType(
                    name="send",
                    title="Send",
                    client="does.js",
                    fields=[
                        Field(
                            "rows", "Rows", type="rows", properties=[Field("token", "Token", type="secret")]
                        )
                    ],
                )
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", SECRETS)
def test_no_credential_can_be_published(name: str) -> None:
    document, packages = SECRETS[name]()

    def modules(package: str, file: str) -> str | None:
        return read("probe", file)

    found = [message for _, message in problems(document, packages, modules)]
    assert found == [
        "It holds a secret, and every visitor can read a library. Send it from event forwarding."
    ]


def test_the_document_is_not_changed() -> None:
    document = web_document(rule(runs("return 1")), elements={"A": element("computes", source="return 1")})
    before = copy.deepcopy(document)
    made(document)
    assert document == before


def test_the_prebuilt_web_sdk_has_a_place_in_the_package_that_requires_it() -> None:
    files = {
        "a.js": "require('./lib/b.js'); require('@capi/web-sdk')",
        "lib/b.js": 'require("@capi/web-sdk")',
    }
    found = modules_needed("acme", ["a.js"], lambda package, file: files.get(file))
    assert found == {
        "acme/a.js": "require('./lib/b.js'); require('./web_sdk.js')",
        "acme/lib/b.js": "require('../web_sdk.js')",
        "acme/web_sdk.js": text_of(WEB_SDK),
    }


@pytest.mark.parametrize("name", ["lodash", "@adobe/reactor-unknown"])
def test_a_module_may_not_require_what_no_library_has(name: str) -> None:
    with pytest.raises(ModuleMissing, match=f"requires “{name}”, which no library has"):
        modules_needed("acme", ["a.js"], lambda package, file: f'require("{name}")')


def test_modules_are_found_from_the_folder_of_the_one_that_requires_them() -> None:
    files = {
        "a.js": "require('./lib/b.js')",
        "lib/b.js": "require('../a.js'); require('./c.js')",
        "lib/c.js": "",
    }
    assert list(modules_needed("acme", ["a.js"], lambda package, file: files.get(file))) == [
        "acme/a.js",
        "acme/lib/b.js",
        "acme/lib/c.js",
    ]
