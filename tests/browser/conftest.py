"""A browser, the Graph simulator and the running product."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from capi_admin import demo
from tests.leftovers import keeping
from tests.product import OWN_PASSWORD, Product, running
from tests.work import HANG_SECONDS

# Waiting ends when the page shows it. Playwright's own five seconds are too few for a busy machine.
expect.set_options(timeout=HANG_SECONDS * 1000)

# Chromium must neither look for its maker's hosts nor need a sandbox that a container cannot give.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_numbers = count(1)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture
def launch(playwright: Playwright, chromium: str) -> Iterator[Any]:
    """``launch(*arguments)`` starts a Chromium."""
    started: list[Browser] = []

    def start(*arguments: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *arguments])
        started.append(browser)
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """One Chromium for the tests of a module; each test opens its own context in it."""
    found = playwright.chromium.launch(executable_path=chromium, args=QUIET)
    yield found
    found.close()


def simulator() -> Any:
    return importlib.import_module("properties.extensions.meta_conversions_api.simulator").Simulator()


def settings_of(graph: Any) -> dict[str, str]:
    """The settings of a product whose operator has an app at the simulator."""
    return {
        "META_GRAPH_URL": graph.url,
        "META_DIALOG_URL": graph.url,
        "META_APP_ID": "1000000000000001",
        "META_APP_SECRET": "secret-of-the-app",
        "META_LOGIN_CONFIG_ID": "1000000000000002",
    }


@pytest.fixture
def graph() -> Iterator[Any]:
    """The Graph simulator; ``graph.url`` and ``graph.requests``."""
    with simulator() as found:
        yield found


@pytest.fixture
def product(tmp_path: Path, graph: Any) -> Iterator[Product]:
    """A separate product behind one trusted proxy, with the simulator in place of Meta."""
    with running(tmp_path, META_GRAPH_URL=graph.url, TRUSTED_PROXY_COUNT="1") as found:
        yield found


# For tests that can share an installation: each creates a property there.


@dataclass
class Shop:
    """The example property in the product that tests share, with its own name and pixel.

    Args:
        number: Unique among the tests.
        graph: The Graph simulator.
    """

    product: Product
    graph: Any
    number: int

    @property
    def name(self) -> str:
        return f"Shop {self.number}"

    @property
    def pixel(self) -> str:
        return f"99{self.number:08}"

    def apply(self, *options: str, **more: Any) -> dict[str, Any]:
        """Create or change the property; return the output of the command."""
        document = demo.document() | more
        document["property"]["name"] = self.name
        [meta] = [it for it in document["extensions"] if it["package"] == "meta-conversions-api"]
        meta["settings"]["pixelId"] = self.pixel
        made = self.product.apply(document, *options)
        self.url = f"{self.product.url}/p/{made['property_id']}/"
        return made

    @property
    def requests(self) -> list[Any]:
        """The requests that the simulator got from this property."""
        return [it for it in list(self.graph.requests) if f"/{self.pixel}/" in it["path"]]

    def sign_in(self, context: BrowserContext) -> Page:
        """The property, opened by an administrator."""
        self.apply()
        return self.sign_in_only(context)

    def sign_in_only(self, context: BrowserContext) -> Page:
        """The property as it is, opened by an administrator."""
        cookies = _kept_session(self.product).cookies
        context.add_cookies([{"name": it.name, "value": it.value, "url": self.product.url} for it in cookies])
        page = context.new_page()
        page.goto(self.url)
        return page


_sessions: dict[str, requests.Session] = {}


def _kept_session(product: Product) -> requests.Session:
    """The session of ``admin`` that tests share, as checking a password is slow. A test may end it."""
    kept = _sessions.get(product.url)
    if kept is None or "/login/" in kept.get(f"{product.url}/help/").url:
        kept = _sessions[product.url] = signed_in(product)
    return kept


def signed_in(product: Product) -> requests.Session:
    """A new session of ``admin``, who has chosen a password."""
    session = requests.Session()
    post(session, f"{product.url}/login/", {"username": "admin", "password": OWN_PASSWORD})
    return session


def post(session: requests.Session, url: str, data: dict[str, str], **more: Any) -> str:
    """Send the form of a page; return the address that it led to."""
    if "csrftoken" not in session.cookies:
        session.get(url)
    answer = session.post(url, {"csrfmiddlewaretoken": session.cookies["csrftoken"], **data}, **more)
    answer.raise_for_status()
    return urlsplit(answer.url).path


def choose_password(product: Product) -> None:
    """Choose a password, as ``admin`` does at the first sign-in."""
    session = requests.Session()
    post(session, f"{product.url}/login/", {"username": "admin", "password": product.password()})
    post(session, f"{product.url}/password/", product.new_password())


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Any]]:
    folder = tmp_path_factory.mktemp("shared")
    with ExitStack() as stack:
        with keeping():
            graph = stack.enter_context(simulator())
            environment = {**settings_of(graph), "TRUSTED_PROXY_COUNT": "1"}
            product = stack.enter_context(running(folder, **environment))
        choose_password(product)
        yield product, graph


@pytest.fixture
def shop(shared: tuple[Product, Any]) -> Shop:
    """A shop that ``sign_in`` and ``apply`` create later."""
    return Shop(*shared, number=next(_numbers))


@pytest.fixture(scope="module")
def module_shop(shared: tuple[Product, Any]) -> Shop:
    """The same for all tests of a module, which only look at it."""
    return Shop(*shared, number=next(_numbers))
