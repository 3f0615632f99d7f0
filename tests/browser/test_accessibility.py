"""Every page in a real browser: usable by everybody, on a small screen, in the dark, under its own policy.

Rules: WCAG 2.2 AA as axe-core checks them. Pages are found by following links from the first one, as a person
would; ``tests.addresses`` names them all, so a page without a link to it is noticed.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page

from capi_admin import demo
from tests.addresses import PAGES
from tests.product import ROOT, Product, running, wait_for

from .axe import problems
from .conftest import choose_password, post, settings_of, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LINK = re.compile(r'href="([^"]+)"')
ADOBE_FILE = ROOT / "rules/documents/tests/adobe/shop.json"
# High enough that elements fixed at the bottom cover nothing.
WIDE, NARROW = {"width": 1280, "height": 6000}, {"width": 400, "height": 9000}
# Forms and events differ by their type; of other pages one is enough.
TRIED = {
    "properties:data_element_new": 3,
    "properties:extension_install": 2,
    "rules:component_new": 3,
    "rules:event_detail": 4,
    "rules:event_log": 2,
    "rules:overview": 2,
    "rules:dry_run": 2,
}
# Pages with every kind of element represent the others where not all are tried.
REPRESENTATIVE = ["rules:component_new", "rules:event_detail", "rules:publishing"]
# Their last screens exist once everything is made.
QUICK_START = [name for name in PAGES if name.startswith("quick_start:")]
# Django's own pages with our styles.
BACK_OFFICE = ["/backoffice/", "/backoffice/auth/user/"]
# Menus lie above other things, one at a time: they are not part of the page.
SHOW_EVERYTHING = "document.querySelectorAll('main details:not(.menu)').forEach((it) => { it.open = true; })"


@dataclass
class Site:
    """The running product with content on each page.

    Args:
        cookies: Of a signed-in administrator.
        addresses: Of each page by its name.
    """

    browser: Any
    url: str
    node_modules: Path
    cookies: list[Any]
    addresses: dict[str, list[str]]

    def problems(self, addresses: list[str], **options: Any) -> list[str]:
        """Return the problems of pages, one line for each place."""
        page, complaints = self.page(**options), []
        page.on(
            "console",
            lambda it: (
                complaints.append(f"{it.location} {it.text}") if it.type in ("error", "warning") else None
            ),
        )
        page.on("pageerror", lambda it: complaints.append(str(it)))
        found = [f"{address} {it}" for address in addresses for it in self._problems_of(page, address)]
        page.context.close()
        return [*found, *complaints]

    def page(self, **options: Any) -> Page:
        """A window of the administrator's browser."""
        context = self.browser.new_context(**options)
        context.add_cookies(self.cookies)
        found: Page = context.new_page()
        return found

    def _problems_of(self, page: Page, address: str) -> Iterator[str]:
        page.goto(self.url + address)
        page.evaluate(SHOW_EVERYTHING)
        yield from problems(page, self.node_modules)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser, node_modules: Path) -> Iterator[Site]:
    """The demo, whose events are held; a shop whose events are delivered; a property that was imported."""
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator").Simulator
    with (
        simulator() as graph,
        running(tmp_path_factory.mktemp("pages"), "--demo", **settings_of(graph)) as product,
    ):
        choose_password(product)
        session = signed_in(product)
        # Of each page the first one is tried, and the shoe shop has all of them.
        starts = [*_fill(product, session), "/"]
        cookies = [{"name": it.name, "value": it.value, "url": product.url} for it in session.cookies]
        addresses = _crawl(product.url, session, starts, PAGES)
        addresses["properties:connect_choice"] = [_connect(product, session, graph, addresses)]
        addresses["properties:connect_over"] = ["/connect/over/"]
        _set_up(product, session)
        addresses |= _crawl(product.url, session, ["/quick-start/"], QUICK_START)
        yield Site(browser, product.url, node_modules, cookies, addresses)


def _fill(product: Product, session: requests.Session) -> list[str]:
    """Fill the site with delivered, refused, repeated and unmatched events, code that logs, and an import."""
    document = demo.document()
    document["property"]["name"] = "Shoe shop"
    source = "utils.logger.log('Seen', arc.event.data.event); return 1"
    logging = {"delegate": "core::actions::custom-code", "settings": {"keyName": "seen", "source": source}}
    document["rules"][0]["actions"].append(logging)
    applied = product.apply(document, "--publish", "production")
    for _ in range(2):
        demo.send_samples(product.url, applied["environments"]["production"]["datastream_id"])
    wait_for(lambda: product.ledger()["delivered"] >= 3, "events to be delivered")
    with ADOBE_FILE.open("rb") as file:
        fields = {"step": "import", "name": "Imported"}
        report = post(session, f"{product.url}/import/adobe/", fields, files={"file": file})
    log = f"/p/{applied['property_id']}/events/"
    retried = _retry(product, session, log)
    rules = f"/p/{applied['property_id']}/rules/"
    lists = [rules, f"{log}?result=not_sent", f"{log}?result=no_match", log]
    return [*lists, report, *retried, "/password/done/"]


def _connect(product: Product, session: requests.Session, graph: Any, found: dict[str, list[str]]) -> str:
    """Sign in at the simulator, whose business has two pixels; return the page with the choice."""
    graph.set_state(pixels=[{"id": "1234567890", "name": "Web"}, {"id": "9876543210", "name": "App"}])
    page = product.url + found["properties:extension_edit"][0]
    [start] = set(re.findall(r'action="([^"]+/connect/)"', session.get(page).text))
    chosen = re.findall(r'name="environments" value="([^"]+)"', session.get(page).text)
    token = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
    leaving = session.post(product.url + start, {**token, "environments": chosen}).text
    [dialog] = re.findall(r'href="([^"]+/dialog/oauth[^"]+)"', leaving)
    return urlsplit(session.get(f"{unescape(dialog)}&auto=allow").url).path


def _set_up(product: Product, session: requests.Session) -> None:
    """Go through Quick Start, as far as the code for the site."""
    new = f"{product.url}/quick-start/new/meta-conversions-api/"
    setup = product.url + post(session, new, {"domain": "boots.example"})
    answers = {"pixelId": "1234567890", "accessToken": "EAAB1234", "dataLayerPath": "window.dataLayer.meta"}
    created = product.url + post(session, setup, answers)
    for _ in range(3):
        post(session, created.replace("/created/", "/work/"), {})


def _retry(product: Product, session: requests.Session, log: str) -> list[str]:
    """Send an unmatched event again; return the page that asks and the page that shows the progress."""
    shown = session.get(f"{product.url}{log}?result=no_match").text
    event = re.findall(r'id="event-(\d+)"', shown)[0]
    asked = f"{log}retry/?event={event}"
    [key] = re.findall('name="key" value="([^"]+)"', session.get(product.url + asked).text)
    given = {"event": event, "build": "current", "key": key}
    return [asked, post(session, f"{product.url}{log}retry/", given)]


def _crawl(
    url: str, session: requests.Session, starts: list[str], names: Collection[str]
) -> dict[str, list[str]]:
    """Return the addresses that links lead to, by the name of the page, of pages with these names."""
    found: dict[str, list[str]] = {"login": ["/login/"]}
    waiting, seen = [*starts], {*starts}
    while waiting:
        address = waiting.pop(0)
        name = _name_of(address)
        if name not in names or len(found.setdefault(name, [])) >= TRIED.get(name, 1):
            continue
        answer = session.get(url + address)
        if urlsplit(answer.url).path != urlsplit(address).path:
            continue
        found[name].append(address)
        links = [it for it in _links(answer) if it not in seen]
        waiting += links
        seen.update(links)
    return found


def _links(answer: requests.Response) -> Iterator[str]:
    for link in LINK.findall(answer.text):
        target = urlsplit(urljoin(answer.url, unescape(link)))
        if target.netloc == urlsplit(answer.url).netloc:
            yield target._replace(scheme="", netloc="", fragment="").geturl()


def _name_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def test_every_page_is_reached(site: Site) -> None:
    assert sorted(name for name, found in site.addresses.items() if found) == sorted(PAGES)


@pytest.mark.parametrize(("viewport", "colors"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_page_is_usable_by_everybody(site: Site, viewport: Any, colors: str) -> None:
    addresses = [*chain.from_iterable(site.addresses.values()), *BACK_OFFICE]
    assert site.problems(addresses, viewport=viewport, color_scheme=colors) == []


@pytest.mark.parametrize(("viewport", "colors"), [(WIDE, "dark"), (NARROW, "light")])
def test_pages_with_every_kind_of_element_are_usable_in_each_way(
    site: Site, viewport: Any, colors: str
) -> None:
    addresses = [site.addresses[name][0] for name in REPRESENTATIVE]
    assert site.problems(addresses, viewport=viewport, color_scheme=colors) == []


def test_the_sign_in_page_is_usable_by_everybody(site: Site) -> None:
    signed_out = replace(site, cookies=[])
    for colors in ("light", "dark"):
        assert signed_out.problems(["/login/"], viewport=NARROW, color_scheme=colors) == []


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_dialogs_and_answers_are_usable_by_everybody(site: Site, colors: str) -> None:
    """The list of data elements, a form that was refused, and the question before production."""
    page = site.page(viewport=NARROW, color_scheme=colors)
    page.goto(site.url + site.addresses["rules:component_new"][0])
    page.locator(".combo .pick:visible").first.click()
    page.locator("#picker [data-name]:visible").first.wait_for()
    assert problems(page, site.node_modules) == []
    page.goto(site.url + site.addresses["properties:property_new"][0])
    page.get_by_label("Name", exact=True).fill(" ")
    page.get_by_test_id("save").click()
    page.locator(".errorlist").first.wait_for()
    assert problems(page, site.node_modules) == []
    page.goto(site.url + site.addresses["rules:publishing"][0])
    page.get_by_role("button", name="Publish to Production").click()
    page.wait_for_url("**/publishing/publish/**")
    assert problems(page, site.node_modules) == []
    page.context.close()


@pytest.mark.parametrize(("viewport", "colors"), [(WIDE, "light"), (NARROW, "dark")])
def test_pages_between_typing_and_saving_are_usable_by_everybody(
    site: Site, viewport: Any, colors: str
) -> None:
    """A new name; two versions side by side; a test event with its outcome."""
    page = site.page(viewport=viewport, color_scheme=colors)
    address = site.url + site.addresses["properties:data_element_edit"][0]
    page.goto(address)
    page.get_by_label("Name", exact=True).fill(f"Renamed {colors}")
    assert problems(page, site.node_modules) == []
    page.goto(address)
    other = page.context.new_page()
    for window, path in ((other, f"arc.event.data.{colors}"), (page, "arc.event.data.mine")):
        if window is other:
            other.goto(address)
        window.get_by_label("Path", exact=True).fill(path)
        window.get_by_test_id("save").click()
        window.wait_for_load_state()
    page.get_by_text("Not saved:").wait_for()
    assert problems(page, site.node_modules) == []
    page.goto(site.url + site.addresses["rules:test_event"][0])
    page.get_by_test_id("send-test-event").click()
    page.get_by_test_id("outcome").wait_for()
    assert problems(page, site.node_modules) == []
    page.context.close()
