"""Meta's cookies in the answer to the Web SDK.

Source: Meta, fbp and fbc Parameters (ClickID); facebook/capi-param-builder, Python 1.3.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.clicks import new_cookies, registrable_domain
from rules.models import InboundEvent

from .conftest import EdgeClient

CLICK = "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk"
SITE = {"host": "data.shop.example", "origin": "https://www.shop.example"}
# An earlier answer gave it: the ECID 1234… as the Web SDK keeps it.
KNOWN = "kndctr_ABC_AdobeOrg_identity=CiYxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA"
FBP = "fb.1.1596403881668.1116446470"

Visit = Callable[..., dict[str, Any]]


@pytest.fixture
def visit(client: EdgeClient, datastream: Datastream) -> Visit:
    """Send one event of a page; return the cookies that the answer writes."""
    Datastream.objects.update(write_click_cookies=True)
    client.refresh()

    def visit(
        page: str = "https://www.shop.example/", cookie: str = "", query: str = "", **headers: str
    ) -> dict[str, Any]:
        event = {"xdm": {"web": {"webPageDetails": {"URL": page}}}}
        sent = {**SITE, **({"cookie": cookie} if cookie else {}), **headers}
        path = f"/ee/v1/interact?configId={datastream.uid}{query}"
        answer = client.post(path, {"events": [event]}, sent)
        assert answer.status == 200
        stores = [it for it in answer.json()["handle"] if it["type"] == "state:store"]
        return {entry["key"]: entry for store in stores for entry in store["payload"]}

    return visit


def cookies_of_event() -> dict[str, str]:
    request = json.loads(InboundEvent.objects.order_by("-id")[0].request)
    return dict(request["header"].get("cookies", {}))


def test_a_known_visitor_from_an_ad_gets_both_and_the_event_has_them(visit: Visit) -> None:
    written = visit(f"https://www.shop.example/?fbclid={CLICK}", cookie=KNOWN)
    assert re.fullmatch(rf"fb\.1\.[0-9]{{13}}\.{CLICK}", written["_fbc"]["value"])
    assert re.fullmatch(r"fb\.1\.[0-9]{13}\.[0-9]{1,10}", written["_fbp"]["value"])
    assert int(written["_fbp"]["value"].split(".")[3]) <= 2_147_483_647
    assert written["_fbp"]["maxAge"] == 7_776_000
    assert cookies_of_event() == {name: written[name]["value"] for name in ("_fbc", "_fbp")}


def test_the_answer_to_the_first_event_leaves_the_browser_id_to_the_pixel(visit: Visit) -> None:
    """The Pixel of the page makes one while our answer is on its way: the visitor would have two."""
    written = visit(f"https://www.shop.example/?fbclid={CLICK}")
    assert "_fbp" not in written
    assert written["_fbc"]["value"].endswith(CLICK)
    assert "_fbp" not in cookies_of_event()
    assert "_fbp" in visit(cookie=f"{written_identity(written)}")


def written_identity(written: dict[str, Any]) -> str:
    """Return the identity that an answer wrote, as the next request has it."""
    (name,) = [name for name in written if name.endswith("_identity")]
    return f"{name}={written[name]['value']}"


def test_without_a_click_there_is_no_click_id(visit: Visit) -> None:
    """Source: Meta, fbp and fbc Parameters: never invent a click id."""
    assert "_fbc" not in visit()


def test_cookies_that_are_there_stay(visit: Visit) -> None:
    fbc = f"fb.1.1554763741205.{CLICK}"
    written = visit(f"https://www.shop.example/?fbclid={CLICK}", cookie=f"_fbp={FBP}; _fbc={fbc}")
    assert not {"_fbp", "_fbc"} & written.keys()
    assert cookies_of_event() == {"_fbp": FBP, "_fbc": fbc}


def test_the_fourth_part_shows_whether_a_click_is_the_same(visit: Visit) -> None:
    """Meta's page says "after the last dot"; with the suffix of the parameter builder that is wrong."""
    fbc = f"fb.1.1554763741205.{CLICK}.AQIAAQEB"
    assert "_fbc" not in visit(f"https://www.shop.example/?fbclid={CLICK}", cookie=f"_fbc={fbc}")


def test_another_click_replaces_the_cookie(visit: Visit) -> None:
    written = visit(
        "https://www.shop.example/?fbclid=AnotherClick", cookie=f"_fbc=fb.1.1554763741205.{CLICK}"
    )
    assert written["_fbc"]["value"].endswith(".AnotherClick")
    assert cookies_of_event()["_fbc"] == written["_fbc"]["value"]


def test_the_same_request_again_gets_the_same_browser_id(visit: Visit) -> None:
    first, again = (visit(cookie=KNOWN, query="&requestId=r-1")["_fbp"]["value"] for _ in range(2))
    assert first.split(".")[3] == again.split(".")[3]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "edge.other.example"},
        {"origin": "https://shop.other.example"},
        {"host": "edge.github.io", "origin": "https://shop.github.io"},
        {"host": "edge.asso.fr", "origin": "https://foo.asso.fr"},
        {"cookie": "kndctr_ORG_AdobeOrg_consent=general=out"},
    ],
)
def test_elsewhere_and_without_consent_nothing_is_written(visit: Visit, headers: dict[str, str]) -> None:
    assert not {"_fbp", "_fbc"} & visit(f"https://www.shop.example/?fbclid={CLICK}", **headers).keys()


def test_nothing_is_written_unless_the_datastream_says_so(client: EdgeClient, datastream: Datastream) -> None:
    path = f"/ee/v1/interact?configId={datastream.uid}"
    assert "_fbp" not in client.post(path, {"events": [{"data": {}}]}, SITE).body.decode()


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com", "example.com"),
        ("example.com", "example.com"),
        ("shop.example.co.uk", "example.co.uk"),
        ("shop.foo.asso.fr", "foo.asso.fr"),
        ("www.shop.com.ar", "shop.com.ar"),
        ("www.xn--mller-kva.example", "xn--mller-kva.example"),
        ("shop.github.io", "shop.github.io"),
        ("www.shop.myshopify.com", "shop.myshopify.com"),
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("", ""),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_the_registrable_domain_is_what_an_owner_registers(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize("cookie", ["fb.1.1596403881668", "fb.1.1.2.3.4", "fb.1.1596403881668.1.XX"])
def test_a_cookie_of_another_form_is_a_missing_one(cookie: str) -> None:
    headers = {b"host": b"www.example.com", b"origin": b"https://www.example.com"}
    assert "_fbp" in new_cookies({"_fbp": cookie}, {}, headers, now=1.0, seed=b"")


def test_the_page_wins_over_what_led_to_it_and_the_referrer_counts_without_it() -> None:
    headers = {
        b"host": b"www.example.com",
        b"origin": b"https://www.example.com",
        b"referer": b"https://www.example.com/?fbclid=Third",
    }

    def click(**web: Any) -> str:
        payload = {"events": [{"xdm": {"web": {key: {"URL": url} for key, url in web.items()}}}]}
        return new_cookies({}, payload, headers, now=1.0, seed=b"")["_fbc"].split(".")[3]

    page, referrer = "https://www.example.com/?a=1&fbclid=First#x", "https://l.example/?fbclid=Second"
    assert click(webPageDetails=page, webReferrer=referrer) == "First"
    assert click(webReferrer=referrer) == "Second"
    assert click() == "Third"
