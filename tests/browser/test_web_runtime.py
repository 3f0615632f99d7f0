"""Libraries in a real browser: beside Adobe's engine, and with the published Web SDK for comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from properties.catalog.descriptor import Configuration, ExtensionPackage
from rules.publishing.web_library import engine_name, library
from tests.differential.web_documents import PACKAGES, Document, does, read, rule, runs, web_document
from tests.work import HANG_SECONDS, hang_limit

pytestmark = pytest.mark.browser

SHOP = "https://www.shop.example/cart?a=1"
EDGE = "data.shop.example"
EMPTY = '<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>'
PROBES = """window.seen = []; window.record = (call) => seen.push(call[0]);
window.page = {element: document.body, target: document.body, values: {}, count: 0};"""
ORGANIZATION = "5BFE274A5F6980A50A495C08@AdobeOrg"
SDK = ExtensionPackage(
    name="sdk",
    display_name="SDK",
    version="1.0.0",
    platform="web",
    configuration=Configuration(client="sdk.js"),
)
OFFER = "window.sdk = require('@capi/web-sdk').createInstance({ name: 'alloy', monitors: [] });"
# What differs between any two pages.
CHANGING = {"timestamp", "localTime", "ECID", "id", "implementationDetails", "queueTimeMillis"}
# What the published file also does, because it has more components.
ADDED = {"personalization"}
COOKIE = "kndctr_5BFE274A5F6980A50A495C08_AdobeOrg"


def _cookie(name: str, value: str) -> Document:
    entry = {"key": f"{COOKIE}_{name}", "value": value, "maxAge": 34128000, "attrs": {"SameSite": "None"}}
    return {"type": "state:store", "payload": [entry]}


CONSENT = [_cookie("consent", "general=in")]
IDENTITY = [
    {"type": "identity:result", "payload": [{"id": "1" * 38, "namespace": {"code": "ECID"}}]},
    _cookie("identity", "CiYxMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMQ=="),
]


class Site:
    """A page of a shop whose edge notes each request; nothing leaves the machine."""

    def __init__(self, page: Page) -> None:
        self.page, self.requests, self.noise = page, [], []  # type: ignore[var-annotated]
        page.on("console", lambda message: self.noise.append(message.text))
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.route("**/*", self._answer)
        page.goto(SHOP)

    def run(self, *scripts: str) -> None:
        for script in scripts:
            self.page.add_script_tag(content=script)

    def _answer(self, route: Route) -> None:
        request = route.request
        if EDGE not in request.url:
            route.fulfill(body=EMPTY, content_type="text/html")
            return
        path, _, query = request.url.partition("?")
        keys = sorted(re.findall(r"(\w+)=", query))
        self.requests.append([request.method, path, keys, request.post_data_json])
        headers = {"Access-Control-Allow-Origin": "https://www.shop.example"}
        headers |= {
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Headers": "content-type",
        }
        handle = CONSENT if path.endswith("set-consent") else IDENTITY
        body = {"requestId": "1", "handle": handle}
        route.fulfill(body=json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def open_site(browser: Any) -> Iterator[Callable[[], Site]]:
    contexts = []

    def open_one() -> Site:
        contexts.append(browser.new_context())
        return Site(contexts[-1].new_page())

    yield open_one
    for context in contexts:
        context.close()


def globals_of(site: Site) -> set[str]:
    return set(site.page.evaluate("Object.getOwnPropertyNames(window)"))


def probe_library(**more: Any) -> str:
    document = web_document(rule(does(n=1), runs("seen.push(typeof _satellite.track)")))
    document["environment"] |= more
    return library(document, PACKAGES, read)


def sdk_library() -> str:
    document: Document = web_document() | {"extensions": {"sdk": {"displayName": "SDK", "settings": {}}}}
    return library(document, {"sdk": SDK}, lambda package, file: OFFER if file == "sdk.js" else None)


# Trap: two engines under one name. Whichever came second never ran.


@pytest.mark.parametrize("ours_first", [True, False])
def test_adobes_engine_and_ours_run_on_one_page(
    open_site: Callable[[], Site], web_runtime_packages: Path, ours_first: bool
) -> None:
    engine = (web_runtime_packages / "@adobe/reactor-turbine/dist/engine.min.js").read_text("utf-8")
    container = {
        "property": {"id": "PR9", "name": "Theirs", "settings": {}},
        **{"company": {}, "environment": {"id": "EN9", "stage": "production"}, "buildInfo": {}, "rules": []},
    }
    theirs = f"window._satellite = {{container: {json.dumps(container)}}};\n{engine}"
    site = open_site()
    site.run(PROBES, *([probe_library(), theirs] if ours_first else [theirs, probe_library()]))
    site.page.wait_for_function("seen.includes('function')")
    assert site.page.evaluate("_satellite.property") == {"id": "PR9", "name": "Theirs"}
    assert site.page.evaluate(f"{engine_name('EN1')}.property") == {"id": "PR1", "name": "Shop"}
    assert site.noise == []


def test_a_library_writes_one_global(open_site: Callable[[], Site]) -> None:
    site = open_site()
    site.run(PROBES)
    before = globals_of(site)
    site.run(probe_library())
    site.page.wait_for_function("seen.includes('function')")
    assert globals_of(site) - before == {engine_name("EN1")}


def test_the_same_embed_code_twice_runs_once(open_site: Callable[[], Site]) -> None:
    site = open_site()
    site.run(PROBES, probe_library(), probe_library())
    site.page.wait_for_function("seen.includes('function')")
    assert site.page.evaluate("seen.filter((it) => it === 'action').length") == 1
    assert site.page.evaluate(f"'container' in {engine_name('EN1')}") is False
    assert site.noise == []


def test_libraries_of_two_environments_run_on_one_page(open_site: Callable[[], Site]) -> None:
    site = open_site()
    site.run(PROBES, probe_library(), probe_library(id="EN2"))
    site.page.wait_for_function("seen.filter((it) => it === 'action').length === 2")
    assert site.noise == []


# Trap: `window.alloy` of the site was overwritten.


def test_the_sites_own_web_sdk_stays(open_site: Callable[[], Site]) -> None:
    site = open_site()
    site.run("window.alloy = () => 'of the site';")
    before = globals_of(site)
    site.run(sdk_library())
    assert site.page.evaluate("alloy()") == "of the site"
    assert globals_of(site) - before == {engine_name("EN1"), "sdk"}
    assert site.page.evaluate("typeof sdk") == "function"


# The bundle against the file that Adobe publishes.


def configure(consent: str) -> str:
    settings = {
        "datastreamId": "0f6c2a5e-3a1b-4c62-9a0e-7a1c5b9d0e11",
        "orgId": ORGANIZATION,
        "edgeDomain": EDGE,
        "edgeBasePath": "ee",
        "defaultConsent": consent,
        "thirdPartyCookiesEnabled": False,
        "idMigrationEnabled": False,
    }
    return f"await sdk('configure', {json.dumps(settings)})"


SEND = "sdk('sendEvent', {type: 'shop.Purchase', data: {value: 12.5, list: [{id: 'é'}]}, xdm: {a: {b: 1}}})"
GRANT = {"consent": [{"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}]}
STORIES = {
    "two events": [configure("in"), f"await {SEND}", f"await {SEND}"],
    "an event that leaves the page": [
        configure("in"),
        f"await {SEND}",
        "await sdk('sendEvent', {documentUnloading: true, type: 'left'})",
    ],
    "consent that is given later": [
        configure("pending"),
        f"window.sent = [{SEND}, {SEND}]",
        f"await sdk('setConsent', {json.dumps(GRANT)})",
        "await Promise.all(sent)",
    ],
    "consent that is refused": [configure("out"), f"await {SEND}"],
    "an identity that is asked for": [configure("in"), "return sdk('getIdentity')"],
    "settings that are wrong": ["return sdk('configure', {orgId: 1}).catch((error) => error.message)"],
    "a second datastream": [
        configure("in"),
        "await sdk('sendEvent', {type: 'x', edgeConfigOverrides: {datastreamId: 'other-id'}})",
    ],
}
REQUESTS = {
    "two events": 2,
    "an event that leaves the page": 2,
    "consent that is given later": 3,
    "consent that is refused": 0,
    "an identity that is asked for": 1,
    "settings that are wrong": 0,
    "a second datastream": 1,
}
PUBLISHED = """window.alloy = (...given) => new Promise((...ends) => alloy.q.push([...ends, given]));
alloy.q = []; window.__alloyNS = ["alloy"];"""


# The body of an async function; one that never ends is an error.
STEP = f"""(step) => Promise.race([
  Object.getPrototypeOf(async () => {{}}).constructor(step)(),
  new Promise((done, fail) => setTimeout(fail, {HANG_SECONDS * 1000}, new Error("It has not ended."))),
])"""


def told(value: Any) -> Any:
    """Return a request without what differs between any two pages."""
    if isinstance(value, dict):
        found = {
            key: "…" if key in CHANGING else told(item) for key, item in value.items() if key not in ADDED
        }
        return {key: item for key, item in found.items() if (key, item) != ("query", {})}
    return [told(item) for item in value] if isinstance(value, list) else value


def lived(site: Site, name: str) -> list[Any]:
    """Return the results of the steps, the requests and the cookies."""
    results = [site.page.evaluate(STEP, step) for step in STORIES[name]]
    with hang_limit():
        while len(site.requests) < REQUESTS[name]:  # A beacon leaves on its own.
            site.page.wait_for_timeout(20)
    cookies = sorted(
        (it["name"], it["value"], it["domain"], it["sameSite"]) for it in site.page.context.cookies()
    )
    return [results, told(site.requests), cookies]


@pytest.mark.parametrize("name", STORIES)
def test_the_web_sdk_does_what_the_published_one_does(
    open_site: Callable[[], Site], web_runtime_packages: Path, name: str
) -> None:
    published = (web_runtime_packages / "@adobe/alloy/dist/alloy.min.js").read_text("utf-8")
    ours, theirs = open_site(), open_site()
    ours.run(sdk_library())
    theirs.run(PUBLISHED, published, "window.sdk = window.alloy")
    ours_lived, theirs_lived = lived(ours, name), lived(theirs, name)
    assert ours_lived == theirs_lived
    assert len(ours_lived[1]) == REQUESTS[name]


def test_events_have_what_the_component_context_adds(open_site: Callable[[], Site]) -> None:
    site = open_site()
    site.run(sdk_library())
    lived(site, "two events")
    [_, path, _, body] = site.requests[0]
    assert path == f"https://{EDGE}/ee/v1/interact"
    xdm = body["events"][0]["xdm"]
    assert set(xdm) >= {"web", "device", "environment", "placeContext", "timestamp", "implementationDetails"}
    assert xdm["web"]["webPageDetails"]["URL"] == SHOP
    assert xdm["implementationDetails"]["version"].startswith("2.33.1")
