"""A page with a library, in a real Chromium: what a browser module does there.

The page, the library and the stand-ins for vendors come from the test. Every other request is refused
and noted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.examples import Example
from properties.catalog.registry import packages
from properties.catalog.tokens import tokens_in, tokens_of
from rules.publishing.web_library import engine_name, library
from tests.work import HANG_SECONDS

SITE = "https://www.shop.example"
LIBRARY = "https://data.shop.example/t/library.js"
Document = dict[str, Any]


def component(delegate: str, settings: Mapping[str, Any] | None = None, **more: Any) -> Document:
    """Return an event, a condition, an action or a data element of a build document."""
    usual = {"ruleOrder": 50, "negate": False, "timeout": 2000, "delayNext": False}
    return {
        "id": "RC1",
        "name": "",
        "modulePath": delegate,
        "settings": dict(settings or {}),
        **usual,
        **more,
    }


def rule(events: Sequence[Document], *actions: Document, conditions: Sequence[Document] = ()) -> Document:
    """Return a rule; its place gives it an id and a name."""
    return {"events": list(events), "conditions": list(conditions), "actions": list(actions)}


def element(source: str) -> Document:
    """Return a data element with the result of code."""
    return component("core-web::dataElements::custom-code", {"source": source}, defaultValue=None)


def code(source: str, **more: Any) -> Document:
    """Return an action that runs code."""
    return component("core-web::actions::custom-code", {"source": source}, **more)


def document(
    *rules: Document,
    elements: Mapping[str, Document] | None = None,
    extensions: Mapping[str, Mapping[str, Any]] | None = None,
    sequenced: bool = True,
    stage: str = "development",
    environment: str = "EN1",
) -> Document:
    """Return a build document of a web property."""
    settings = {
        "domains": ["shop.example"],
        "ruleComponentSequencingEnabled": sequenced,
        "undefinedVarsReturnEmpty": False,
    }
    named = [{**it, "id": f"RL{n}", "name": f"Rule {n}"} for n, it in enumerate(rules, 1)]
    installed: Mapping[str, Mapping[str, Any]] = {"core-web": {}, **(extensions or {})}
    return {
        "platform": "web",
        "buildInfo": {"environment": stage, "buildDate": "2026-01-01T00:00:00+00:00", "buildId": "BL1"},
        "company": {},
        "property": {"id": "PR1", "name": "Shop", "settings": settings},
        "environment": {"id": environment, "stage": stage},
        "extensions": {
            name: {"displayName": packages()[name].display_name, "settings": it}
            for name, it in installed.items()
        },
        "dataElements": dict(elements or {}),
        "rules": named,
    }


@dataclass
class WebPage:
    """A page of a shop.

    Args:
        html: The body.
        before, then: JavaScript before and after the library.
        policy: Its Content Security Policy.
        answers: Start of an address → JavaScript or another text that answers it.
        embed: How the library is embedded.
    """

    context: BrowserContext
    text: str
    html: str = ""
    before: str = ""
    then: str = ""
    policy: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    embed: str = f'<script src="{LIBRARY}" async></script>'
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, url: str = "/") -> Page:
        """Open the page and wait until the library has run and ``then`` with it."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda it: self.errors.append(it.text) if it.type == "error" else None)
        self.context.route("**/*", self._answer)
        page.goto(SITE + url, wait_until="commit")
        # Not wait_for_function: a page with Trusted Types does not let it evaluate.
        while not page.evaluate("() => !!window.isReady"):
            page.wait_for_timeout(10)
        return page

    def _answer(self, route: Route) -> None:
        url = route.request.url
        self.asked.append(url)
        if url.startswith(SITE) and route.request.resource_type == "document":
            headers = {"Content-Security-Policy": self.policy} if self.policy else {}
            route.fulfill(body=self._page(), content_type="text/html; charset=utf-8", headers=headers)
        elif url == LIBRARY:
            route.fulfill(body=self.text, content_type="text/javascript; charset=utf-8")
        elif found := next((it for start, it in self.answers.items() if url.startswith(start)), None):
            found(route) if callable(found) else route.fulfill(body=found, content_type="text/javascript")
        else:
            self.refused.append(url)
            route.abort()

    def _page(self) -> str:
        after = f"window._satellite = window.{engine_name('EN1')};\n{self.then}\nwindow.isReady = true;"
        wait = f"""
            window.after = () => setTimeout(() => {{
              if (!window.{engine_name("EN1")}?.track) {{ window.after(); return; }}
              {after}
            }}, 0);
            document.addEventListener('DOMContentLoaded', window.after);
        """
        return (
            '<!doctype html><meta charset="utf-8"><title>Shop</title>'
            f'<script nonce="n">{self.before}\n{wait}</script>{self.embed}<body>{self.html}</body>'
        )


def read_example(
    context: BrowserContext, package: ExtensionPackage, kind: ComponentType, example: Example
) -> Any:
    """Return the result of a worked example, as :class:`Example` describes it."""
    delegate = package.delegate_id(kind)
    tried = component(delegate, example.settings)
    with tokens_of("web"):
        named = tokens_in([example.settings, example.extension_settings]) | {*example.data_elements}
    elements = {name: element(f"return window.given[{json.dumps(name)}]") for name in named}
    elements |= {name: component(delegate, defaultValue=None) for name, delegate in example.elements.items()}
    first = [component(delegate, settings) for delegate, settings in example.actions]
    seen = code("window.seen.push(1);")
    ready = [component("core-web::events::dom-ready")]
    asked = [component("core-web::events::custom-event", {"type": "example"})]
    if kind.kind == "events":
        rules, shows = [rule([tried], seen), rule(asked, *first)], "window.seen.length"
    elif kind.kind == "conditions":
        rules, shows = [rule(ready, seen, conditions=[tried]), rule(ready, code("window.isOver = true;"))], ""
    elif kind.kind == "actions":
        rules, shows = [rule(asked, *first, tried, code("window.isOver = true;"))], example.page["shows"]
    else:
        elements["Tried"] = {**tried, "defaultValue": None}
        rules, shows = [rule(ready, code("window.isOver = true;"))], "_satellite.getVar('Tried')"
    extensions = {package.name: dict(example.extension_settings)}
    made = library(document(*rules, elements=elements, extensions=extensions), packages())
    given = json.dumps(dict(example.data_elements))
    page = WebPage(
        context,
        made,
        html=example.page.get("html", ""),
        before=f"window.seen = []; window.given = {given}; {example.page.get('before', '')}",
        then=f"{example.page.get('then', '')}\nwindow.dispatchEvent(new CustomEvent('example'));",
    )
    opened = page.open(example.page.get("url", "/"))
    if kind.kind == "events":
        opened.wait_for_function(f"{shows} >= {example.result}", timeout=HANG_SECONDS * 1000)
    else:
        opened.wait_for_function("!!window.isOver", timeout=HANG_SECONDS * 1000)
    found = opened.evaluate("window.seen.length > 0" if kind.kind == "conditions" else shows)
    assert page.errors == []
    return found
