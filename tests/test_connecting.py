"""Connecting at a vendor, from the button to the stored token, with the simulator as the vendor.

The paths, parameters and answers are Meta's: Facebook Login for Business; Manually Build a Login Flow; Meta
Business Extension; Debugging access tokens.
"""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.connecting.connection_status import read_due
from properties.models import (
    RIGHTS,
    AuditEvent,
    ConnectAttempt,
    Environment,
    Membership,
    Property,
    Revision,
    Secret,
    VendorConnection,
)
from properties.resources.creation import create_property
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.documents.applying import apply_document
from rules.event_log.tests.conftest import DOCUMENT, PURCHASE
from rules.issues.issue_list import issues_of
from rules.issues.lifecycle import OPEN
from rules.models import Delivery, InboundEvent, QuickStartRun
from tests.event_ids import next_event_id
from tests.pages import page_text, page_words
from tests.people import make_user, member, signed_in

PACKAGE = "meta-conversions-api"
APP_ID, CONFIG_ID, APP_SECRET = "1000000000000001", "1000000000000002", "5f4dcc3b5aa765d61d8327deb882cf99"
PIXEL = "1234567890"
TWO_PIXELS = [
    {"id": PIXEL, "name": "Nordic Shop web"},
    {"id": "9876543210", "name": "Nordic Shop app", "shared": True},
]


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    module = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    with module.Simulator() as simulator:
        yield simulator


@pytest.fixture
def vendor(running: Any, settings: Any) -> Any:
    """The simulator, with an app of the operator."""
    running.reset_state()
    running.forget_requests()
    running.set_state(app_id=APP_ID, app_secret=APP_SECRET)
    settings.INSTALLATION = {
        **settings.INSTALLATION,
        "META_GRAPH_URL": running.url,
        "META_DIALOG_URL": running.url,
        "META_APP_ID": APP_ID,
        "META_APP_SECRET": APP_SECRET,
        "META_LOGIN_CONFIG_ID": CONFIG_ID,
    }
    return running


@pytest.fixture
def prop(db: None) -> Property:
    return create_property(name="Nordic Shop", domains=["shop.example"])


@dataclass
class Flow:
    """One person who connects the property."""

    client: Client
    prop: Property

    def leave(self, *stages: str) -> str:
        """Press the button; return the address of the dialog."""
        environments = self.prop.environments.filter(stage__in=stages or Environment.Stage.values)
        data = {"environments": [it.uid for it in environments]}
        url = reverse("properties:connect_start", args=[self.prop.uid, PACKAGE])
        answer = self.client.post(url, data, headers={"HX-Request": "true"})
        return str(answer["HX-Redirect"])

    def answer(self, dialog: str, choice: str = "allow") -> str:
        """Answer the dialog; return path and query of the way back."""
        back = requests.get(f"{dialog}&auto={choice}", allow_redirects=False, timeout=10)
        assert back.status_code == 302, back.text
        found = urlsplit(back.headers["location"])
        assert f"{found.scheme}://{found.netloc}" == django_settings.PUBLIC_URL
        return f"{found.path}?{found.query}"

    def come_back(self, address: str) -> Any:
        return self.client.get(address, follow=True)

    def connect(self, *stages: str) -> Any:
        return self.come_back(self.answer(self.leave(*stages)))

    @property
    def settings(self) -> dict[str, Any]:
        found: dict[str, Any] = self.prop.extensions.get(package_name=PACKAGE).settings
        return found

    def has_nothing(self) -> bool:
        return not (self.prop.extensions.filter(package_name=PACKAGE).exists() or self.prop.secrets.exists())


@pytest.fixture
def flow(owner: Any, prop: Property, vendor: Any) -> Flow:
    return Flow(signed_in(owner), prop)


# The way there


def test_the_dialog_gets_what_metas_page_lists_and_no_secret(flow: Flow) -> None:
    # Meta, Facebook Login for Business.
    dialog = urlsplit(flow.leave())
    asked = {name: value[0] for name, value in parse_qs(dialog.query).items()}
    assert dialog.path == "/v25.0/dialog/oauth"
    assert len(asked.pop("state")) >= 43
    assert asked == {
        "client_id": APP_ID,
        "config_id": CONFIG_ID,
        "redirect_uri": f"{django_settings.PUBLIC_URL}/connect/meta/return/",
        "response_type": "code",
        "override_default_response_type": "true",
    }


def test_without_environments_nobody_leaves(flow: Flow) -> None:
    url = reverse("properties:connect_start", args=[flow.prop.uid, PACKAGE])
    answer = flow.client.post(url, {"environments": "EN-of-somebody-else"}, follow=True)
    assert "Choose the environments" in page_words(answer)
    assert not ConnectAttempt.objects.exists()


def test_without_javascript_a_link_leads_to_the_dialog(flow: Flow) -> None:
    environment = flow.prop.environments.first()
    assert environment is not None
    url = reverse("properties:connect_start", args=[flow.prop.uid, PACKAGE])
    page = page_text(flow.client.post(url, {"environments": environment.uid}))
    assert f'href="{django_settings.INSTALLATION["META_DIALOG_URL"]}/v25.0/dialog/oauth?client_id=' in page


@pytest.mark.parametrize("name", ["META_APP_ID", "META_APP_SECRET", "META_LOGIN_CONFIG_ID"])
def test_without_a_setting_the_page_says_in_three_steps_what_to_do(
    flow: Flow, settings: Any, name: str
) -> None:
    settings.INSTALLATION = {**settings.INSTALLATION, name: ""}
    page = flow.client.get(reverse("properties:extension_install", args=[flow.prop.uid, PACKAGE]))
    assert f"Not set: {name}" in page_words(page)
    assert page_text(page).split('data-testid="connect-steps"')[1].split("</ol>")[0].count("<li>") == 3
    assert 'data-testid="connect"' not in page_text(page)
    assert 'name="accessToken"' in page_text(page)
    start = reverse("properties:connect_start", args=[flow.prop.uid, PACKAGE])
    assert flow.client.post(start, {}).status_code == 404


def test_the_three_ways_are_explained_where_one_chooses(flow: Flow) -> None:
    page = page_words(flow.client.get(reverse("properties:extension_install", args=[flow.prop.uid, PACKAGE])))
    for words in ("Facebook Login for Business", "Generate access token", "shares the pixel"):
        assert words in page


# The way back


def test_one_click_fills_both_fields_of_an_empty_property(flow: Flow, vendor: Any) -> None:
    page = flow.connect()
    [secret] = flow.prop.secrets.all()
    assert flow.settings == {"pixelId": PIXEL, "accessToken": {"$secret": secret.name}}
    assert secret.environment is None
    assert secret.name == "Meta Conversions API Access Token"
    assert f"ends in {secret.last_four}" in page_words(page)
    assert secret.value not in page_text(page)
    assert "The token reaches the pixel “Nordic Shop web”." in page_words(page)
    assert page.request["PATH_INFO"] == reverse(
        "properties:extension_edit", args=[flow.prop.uid, flow.prop.extensions.get(package_name=PACKAGE).uid]
    )
    assert page.request["QUERY_STRING"] == ""


def test_the_token_is_only_for_the_environments_that_were_named(flow: Flow) -> None:
    flow.connect("development", "staging")
    assert {it.environment.stage for it in flow.prop.secrets.all() if it.environment} == {
        "development",
        "staging",
    }


def test_connecting_is_in_the_audit_log_and_makes_a_revision(flow: Flow) -> None:
    flow.connect("development")
    names = AuditEvent.objects.filter(prop=flow.prop).values_list("type_of", flat=True)
    assert {"secret.created", "extension.created", "extension.connected"} <= set(names)
    entry = AuditEvent.objects.get(prop=flow.prop, type_of="extension.connected")
    assert entry.entity == {"account": PIXEL, "environments": ["Development"]}
    [revision] = Revision.objects.filter(prop=flow.prop, kind="extension", snapshot__package=PACKAGE)
    assert revision.snapshot["settings"]["pixelId"] == PIXEL
    assert revision.created_by is not None


def test_other_settings_of_the_extension_stay(flow: Flow) -> None:
    flow.connect()
    extension = flow.prop.extensions.get(package_name=PACKAGE)
    extension.settings = {**extension.settings, "dateOrder": "dmy"}
    extension.save()
    first = flow.prop.secrets.get().value
    flow.connect()
    assert flow.settings["dateOrder"] == "dmy"
    assert flow.prop.secrets.get().value != first


def test_every_call_carries_the_proof_and_no_address_the_token(flow: Flow, vendor: Any) -> None:
    # Meta, Securing Graph API calls. The simulator refuses a wrong proof with code 100.
    flow.connect()
    token = flow.prop.secrets.get().value
    calls = [it for it in vendor.requests if "dialog" not in it["path"]]
    assert len(calls) >= 5
    for call in calls:
        assert call["status"] == 200, call
        assert token not in call["path"].replace(f"input_token={token}", "")
        if "oauth/access_token" not in call["path"]:
            assert "appsecret_proof=" in call["path"]


def test_no_token_and_no_secret_reach_log_session_or_audit_log(
    flow: Flow, vendor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        address = flow.answer(flow.leave())
        page = flow.come_back(address)
    code, token = parse_qs(urlsplit(address).query)["code"][0], flow.prop.secrets.get().value
    # The stand-in for the vendor runs in this process: what its server logs is not ours.
    logged = "\n".join(str(it.__dict__) for it in caplog.records if it.name != "uvicorn.access")
    kept = [logged, json.dumps(dict(flow.client.session)), page_text(page), str(flow.client.cookies)]
    kept += [json.dumps(it.entity) for it in AuditEvent.objects.all()]
    kept += [json.dumps(it.status) + json.dumps(it.kept) for it in VendorConnection.objects.all()]
    for secret in (code, token, APP_SECRET):
        assert not [it for it in kept if secret in it]


def test_an_expiring_token_is_stored_with_its_end(flow: Flow, vendor: Any) -> None:
    ends_at = int((timezone.now() + timedelta(days=60)).timestamp())
    vendor.set_state(expires_at=ends_at)
    flow.connect()
    stored = flow.prop.secrets.get().expires_at
    assert stored is not None
    assert stored.timestamp() == ends_at


# Choosing


def test_of_two_pixels_the_person_chooses_one(flow: Flow, vendor: Any) -> None:
    vendor.set_state(pixels=TWO_PIXELS)
    page = flow.connect("production")
    assert "Nordic Shop app 9876543210, shared with the business" in page_words(page)
    assert flow.has_nothing()
    choice = page.request["PATH_INFO"]
    answer = flow.client.post(choice, {"account": "1111111111"})
    assert answer.status_code == 400
    assert flow.has_nothing()
    flow.client.post(choice, {"account": "9876543210"}, follow=True)
    assert flow.settings["pixelId"] == "9876543210"
    refused(flow.client.get(choice, follow=True))


def test_many_pixels_are_read_page_by_page(flow: Flow, vendor: Any) -> None:
    pixels = [{"id": str(10**9 + number), "name": f"Pixel {number}"} for number in range(230)]
    vendor.set_state(pixels=pixels)
    page = page_text(flow.connect())
    assert page.count('name="account"') == 230
    assert "Pixel 229" in page


def test_without_a_pixel_one_can_be_made(flow: Flow, vendor: Any) -> None:
    vendor.set_state(pixels=[])
    page = flow.connect()
    assert "Nordic Shop has no pixel that you shared" in page_words(page)
    choice = page.request["PATH_INFO"]
    assert flow.client.post(choice, {"place": "act_5551234567", "name": " "}).status_code == 400
    assert flow.client.post(choice, {"place": "act_1", "name": "Shop"}).status_code == 400
    assert flow.has_nothing()
    flow.client.post(choice, {"place": "act_5551234567", "name": "Nordic Shop"}, follow=True)
    [made] = [it for it in vendor.requests if it["path"].endswith("/act_5551234567/adspixels")]
    assert made["body"]["name"] == "Nordic Shop"
    assert flow.settings["pixelId"] == made["response"]["id"]


def test_a_pixel_that_exists_already_is_named(flow: Flow, vendor: Any) -> None:
    # Meta, Error codes (Marketing API): 6200.
    vendor.set_state(pixels=[])
    page = flow.connect()
    vendor.set_state(pixels=[{"id": "77", "name": "Of somebody", "ad_account": "act_5551234567"}])
    answer = flow.client.post(page.request["PATH_INFO"], {"place": "act_5551234567", "name": "Shop"})
    assert "This ad account has a pixel already" in page_words(answer)
    assert flow.has_nothing()


def test_without_pixel_and_ad_account_the_page_says_what_to_do(flow: Flow, vendor: Any) -> None:
    vendor.set_state(pixels=[], ad_accounts=[])
    page = page_words(flow.connect())
    assert "Create one at Meta, or share one with the business, then connect again." in page


# What goes wrong: a sentence, a way on, and nothing stored


def in_trouble(flow: Flow, page: Any, *words: str) -> None:
    text = page_words(page)
    for word in words:
        assert word in text
    assert "Back, to connect again or enter the token" in text
    assert page.request["QUERY_STRING"] == ""
    assert flow.has_nothing()


def test_cancelling_says_so(flow: Flow) -> None:
    # Meta, Manually Build a Login Flow, "Cancelled Login".
    page = flow.come_back(flow.answer(flow.leave(), "deny"))
    in_trouble(flow, page, "Cancelled. You did not allow the access at Meta.")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"code": "expired"}, "Meta's code is too old"),
        ({"code": "used"}, "Meta's code was used before"),
        ({"token_app_id": "42"}, "The token belongs to another app"),
        ({"app_secret": "another"}, "Check META_APP_ID and META_APP_SECRET"),
        ({"business": None}, "The token belongs to no business"),
        ({"token": "revoked"}, "does not work"),
        ({"token": "no_permission"}, "Meta did not allow this step"),
        ({"answers": {"oauth/access_token": {}}}, "Meta's answer has no access token"),
        ({"answers": {"oauth/access_token": {"access_token": 5}}}, "Meta's answer has no access token"),
        ({"answers": {"oauth/access_token": "<html>"}}, "Meta did not give an answer that can be read"),
        ({"answers": {"debug_token": {}}}, "Meta did not say whether the token works"),
        ({"answers": {"debug_token": {"data": []}}}, "Meta did not say whether the token works"),
        ({"answers": {"me": {"client_business_id": {"id": 1}}}}, "The token belongs to no business"),
        ({"answers": {"me": []}}, "Meta did not give an answer that can be read"),
    ],
)
def test_trouble_at_meta_is_named(flow: Flow, vendor: Any, state: dict[str, Any], words: str) -> None:
    dialog = flow.leave()
    vendor.set_state(**state)
    in_trouble(flow, flow.come_back(flow.answer(dialog)), words)


def test_lists_that_have_lost_parts_and_numbers_as_text_are_read(flow: Flow, vendor: Any) -> None:
    now = int(timezone.now().timestamp())
    token = {
        "app_id": int(APP_ID),
        "is_valid": True,
        "type": "SYSTEM_USER",
        "expires_at": str(now + 9_000_000),
    }
    vendor.set_state(
        answers={
            "debug_token": {"data": token},
            f"{vendor_business(vendor)}/owned_pixels": {"data": [{"name": "No ID"}, 5, {"id": 1234567890}]},
            f"{vendor_business(vendor)}/client_pixels": {},
        }
    )
    flow.connect()
    assert flow.settings["pixelId"] == PIXEL
    assert flow.prop.secrets.get().expires_at is not None


def vendor_business(vendor: Any) -> str:
    found = requests.get(f"{vendor.url}/_simulator/state", timeout=10).json()
    return str(found["business"]["id"])


def test_meta_out_of_reach_is_named(flow: Flow, settings: Any) -> None:
    address = flow.answer(flow.leave())
    settings.INSTALLATION = {**settings.INSTALLATION, "META_GRAPH_URL": "http://127.0.0.1:9"}
    in_trouble(flow, flow.come_back(address), "Meta is not reachable", "Try again in a few minutes")


def test_who_never_comes_back_reads_so_on_the_page(flow: Flow) -> None:
    flow.leave()
    page = flow.client.get(reverse("properties:extension_install", args=[flow.prop.uid, PACKAGE]))
    assert "You left for Meta" in page_words(page)
    assert "Nothing was stored" in page_words(page)


# Forgery


def refused(page: Any) -> None:
    assert page.status_code == 200
    assert page.request["PATH_INFO"] == reverse("properties:connect_over")
    assert "This answer belongs to no sign-in that you began in this browser" in page_words(page)
    assert page.request["QUERY_STRING"] == ""


@pytest.mark.parametrize("state", ["", "forged", "forged\x00", "x" * 10_000])
def test_a_forged_state_is_refused(flow: Flow, vendor: Any, state: str) -> None:
    flow.leave()
    refused(flow.client.get("/connect/meta/return/", {"code": "stolen", "state": state}, follow=True))
    assert flow.has_nothing()
    assert not [it for it in vendor.requests if "access_token" in it["path"]]


def test_a_code_without_state_is_refused(flow: Flow) -> None:
    flow.leave()
    refused(flow.client.get("/connect/meta/return/", {"code": "stolen"}, follow=True))


def test_a_state_counts_once(flow: Flow, vendor: Any) -> None:
    address = flow.answer(flow.leave())
    flow.come_back(address)
    before = len(vendor.requests)
    refused(flow.come_back(address))
    assert len(vendor.requests) == before


def test_a_state_of_a_failed_sign_in_counts_once(flow: Flow, vendor: Any) -> None:
    address = flow.answer(flow.leave(), "deny")
    flow.come_back(address)
    refused(flow.come_back(address))


def test_a_replayed_code_gives_nothing_with_a_fresh_state(flow: Flow) -> None:
    used = parse_qs(urlsplit(flow.answer(flow.leave())).query)
    flow.come_back(f"/connect/meta/return/?code={used['code'][0]}&state={used['state'][0]}")
    token = flow.prop.secrets.get().value
    state = parse_qs(urlsplit(flow.leave()).query)["state"][0]
    page = flow.come_back(f"/connect/meta/return/?code={used['code'][0]}&state={state}")
    assert "Meta's code was used before" in page_words(page)
    assert flow.prop.secrets.get().value == token


def test_the_state_of_another_person_is_refused_and_stays_theirs(flow: Flow) -> None:
    address = flow.answer(flow.leave())
    other = signed_in(member(make_user("mallory"), flow.prop, RIGHTS))
    refused(other.get(address, follow=True))
    assert flow.has_nothing()
    flow.come_back(address)
    assert flow.settings["pixelId"] == PIXEL


def test_the_same_person_in_a_second_session_is_refused(flow: Flow, owner: Any) -> None:
    address = flow.answer(flow.leave())
    refused(signed_in(owner).get(address, follow=True))
    assert flow.has_nothing()


def test_the_choice_of_one_session_is_not_shown_in_another(flow: Flow, vendor: Any, owner: Any) -> None:
    vendor.set_state(pixels=TWO_PIXELS)
    choice = flow.connect().request["PATH_INFO"]
    for client in (signed_in(owner), signed_in(member(make_user("mallory"), flow.prop, RIGHTS))):
        refused(client.get(choice, follow=True))
        refused(client.post(choice, {"account": PIXEL}, follow=True))
    assert flow.has_nothing()


def test_who_is_signed_out_signs_in_and_the_code_is_not_used(flow: Flow, vendor: Any) -> None:
    address = flow.answer(flow.leave())
    before = len(vendor.requests)
    answer = Client().get(address)
    assert answer["Location"] == f"/login/?next={reverse('properties:connect_over')}"
    assert len(vendor.requests) == before


def test_a_state_is_refused_after_twenty_minutes(flow: Flow) -> None:
    address = flow.answer(flow.leave())
    ConnectAttempt.objects.update(created_at=timezone.now() - timedelta(minutes=21))
    refused(flow.come_back(address))


def test_a_choice_ends_after_half_an_hour_and_its_token_is_deleted(flow: Flow, vendor: Any) -> None:
    vendor.set_state(pixels=TWO_PIXELS)
    choice = flow.connect().request["PATH_INFO"]
    ConnectAttempt.objects.update(came_back_at=timezone.now() - timedelta(minutes=31))
    refused(flow.client.post(choice, {"account": PIXEL}, follow=True))
    ConnectAttempt.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    forget()
    assert not ConnectAttempt.objects.exists()


def test_only_the_newest_sign_in_counts(flow: Flow) -> None:
    first = flow.answer(flow.leave())
    flow.connect()
    token = flow.prop.secrets.get().value
    refused(flow.come_back(first))
    assert flow.prop.secrets.get().value == token


@pytest.mark.parametrize("name", ["next", "back", "redirect_uri", "target"])
def test_nothing_in_the_address_says_where_to_go(flow: Flow, name: str) -> None:
    address = f"{flow.answer(flow.leave())}&{name}=https://evil.example/"
    page = flow.come_back(address)
    assert [urlsplit(url).netloc for url, _ in page.redirect_chain] == [""]
    assert flow.settings["pixelId"] == PIXEL


def test_another_slug_is_refused(flow: Flow) -> None:
    address = flow.answer(flow.leave())
    assert flow.client.get(address.replace("/meta/", "/other/")).status_code == 404


# Rights


def test_who_lost_the_right_meanwhile_stores_nothing(flow: Flow, owner: Any, vendor: Any) -> None:
    vendor.set_state(pixels=TWO_PIXELS)
    page = flow.connect()
    Membership.objects.filter(user=owner).update(rights=["develop"])
    assert flow.client.post(page.request["PATH_INFO"], {"account": PIXEL}).status_code == 403
    assert flow.has_nothing()
    vendor.set_state(pixels=TWO_PIXELS[:1])


def test_a_deleted_property_ends_the_sign_in(flow: Flow) -> None:
    address = flow.answer(flow.leave())
    flow.prop.delete()
    refused(flow.come_back(address))


def test_environments_that_are_gone_leave_the_choice_open(flow: Flow) -> None:
    address = flow.answer(flow.leave("staging"))
    flow.prop.environments.get(stage="staging").delete()
    page = flow.come_back(address)
    assert flow.client.post(page.request["PATH_INFO"], {"account": PIXEL}).status_code == 403
    assert flow.has_nothing()


# Meta Business Extension


@pytest.fixture
def partner(vendor: Any, settings: Any) -> Any:
    """The operator is an approved partner."""
    settings.INSTALLATION = {
        **settings.INSTALLATION,
        "META_BUSINESS_EXTENSION": "true",
        "META_LOGIN_CONFIG_ID": "",
    }
    return vendor


def test_the_business_extension_is_asked_with_the_stable_id_of_the_property(partner: Any, flow: Flow) -> None:
    # Meta Business Extension, Get Started.
    asked = parse_qs(urlsplit(flow.leave()).query)
    extras = json.loads(asked["extras"][0])
    assert "manage_business_extension" in asked["scope"][0].split(",")
    assert "config_id" not in asked
    assert extras["setup"]["external_business_id"] == flow.prop.uid
    assert extras["setup"]["domain"] == "shop.example"
    assert extras["business_config"] == {"business": {"name": "Nordic Shop"}}
    assert extras["repeat"] is False


def test_the_business_extension_gives_pixel_and_token_of_a_system_user(partner: Any, flow: Flow) -> None:
    partner.set_state(pixels=TWO_PIXELS)
    flow.connect()
    # Meta Business Extension, System User Access Token.
    [asked] = [it for it in partner.requests if it["path"].endswith("/access_token") and it["body"]]
    assert asked["body"]["fbe_external_business_id"] == flow.prop.uid
    assert len(asked["body"]["appsecret_proof"]) == 64
    assert flow.settings["pixelId"] == PIXEL
    assert flow.prop.secrets.get().value == asked["response"]["access_token"]


def test_an_installation_without_pixel_offers_those_of_the_business(partner: Any, flow: Flow) -> None:
    dialog = flow.leave()
    partner.set_state(pixels=[])
    address = flow.answer(dialog)
    partner.set_state(pixels=TWO_PIXELS)
    assert "Which pixel of Nordic Shop receives the events?" in page_words(flow.come_back(address))


def test_a_missing_installation_is_named(partner: Any, flow: Flow) -> None:
    dialog = flow.leave()
    partner.set_state(answers={"fbe_business/fbe_installs": {"data": []}})
    in_trouble(flow, flow.come_back(flow.answer(dialog)), "Meta has no installation for this property")


def test_disconnecting_ends_the_installation_at_meta(partner: Any, flow: Flow) -> None:
    flow.connect()
    disconnect(flow)
    [ended] = [it for it in partner.requests if "fbe_installs" in it["path"] and it["status"] == 200][1:]
    assert ended["response"] == {"success": True}


# Ending


def disconnect(flow: Flow) -> Any:
    return flow.client.post(reverse("properties:disconnect", args=[flow.prop.uid, PACKAGE]), follow=True)


def test_disconnecting_says_what_stops_and_deletes_the_token(flow: Flow) -> None:
    flow.connect()
    page = flow.client.get(reverse("properties:disconnect", args=[flow.prop.uid, PACKAGE]))
    assert "Events for the pixel are not sent until a token is there again" in page_words(page)
    said = page_words(disconnect(flow))
    assert "remove the app in Meta Business settings" in said
    assert not flow.prop.secrets.exists()
    assert not VendorConnection.objects.exists()
    assert flow.settings == {"pixelId": PIXEL}
    assert AuditEvent.objects.filter(prop=flow.prop, type_of="extension.disconnected").exists()


def test_connecting_again_uses_the_same_name_so_that_live_builds_go_on(flow: Flow) -> None:
    flow.connect()
    name = flow.prop.secrets.get().name
    disconnect(flow)
    flow.connect()
    assert flow.prop.secrets.get().name == name


def test_disconnecting_works_while_meta_is_out_of_reach(partner: Any, flow: Flow, settings: Any) -> None:
    flow.connect()
    settings.INSTALLATION = {**settings.INSTALLATION, "META_GRAPH_URL": "http://127.0.0.1:9"}
    assert "Meta could not be told" in page_words(disconnect(flow))
    assert not flow.prop.secrets.exists()


# Status


def check(flow: Flow) -> str:
    url = reverse("properties:connection_read", args=[flow.prop.uid, PACKAGE])
    return page_words(flow.client.post(url, follow=True))


def test_the_status_names_scopes_end_business_pixel_and_last_activity(flow: Flow, vendor: Any) -> None:
    # Meta, Debugging access tokens; Ads Pixel reference.
    fired = timezone.now() - timedelta(hours=3)
    pixel = {"id": PIXEL, "name": "Nordic Shop web", "last_fired_time": f"{fired:%Y-%m-%dT%H:%M:%S}+0000"}
    vendor.set_state(pixels=[pixel], scopes=["ads_management", "read_ads_dataset_quality"])
    text = page_words(flow.connect())
    for words in (
        "Nordic Shop web (1234567890)",
        "Business Nordic Shop",
        "of a system user, made by the app CAPI Admin",
        "ads_management, read_ads_dataset_quality",
        "Token ends never",
        f"{fired:%H:%M}",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"token": "revoked"}, "Access taken back Somebody took the access back at Meta."),
        ({"token": "expired"}, "Token has ended The access token has expired."),
        ({"pixels": []}, "Pixel not found Meta does not know this pixel"),
        ({"token": "no_permission"}, "Connected, sends only This token can only send events."),
        (
            {"pixels": [{"id": PIXEL, "name": "Web", "is_unavailable": True}]},
            "Pixel unavailable Meta says that the pixel “Web” is unavailable.",
        ),
    ],
)
def test_a_later_change_at_meta_is_a_state_in_words(
    flow: Flow, vendor: Any, state: dict[str, Any], words: str
) -> None:
    flow.connect()
    vendor.set_state(**state)
    assert words in check(flow)


def test_while_meta_is_away_the_last_status_stays_with_its_age(flow: Flow, settings: Any) -> None:
    flow.connect()
    settings.INSTALLATION = {**settings.INSTALLATION, "META_GRAPH_URL": "http://127.0.0.1:9"}
    text = check(flow)
    assert "The newest check failed. Meta is not reachable." in text
    assert "The token reaches the pixel “Nordic Shop web”." in text


def test_an_entered_token_is_checked_too_and_may_only_send(flow: Flow, vendor: Any, settings: Any) -> None:
    # The token of another app: debug_token refuses it, and the pixel cannot be read.
    data = {"pixelId": PIXEL, "accessToken": "EAAB" + "w1d2f3g4h5" * 4}
    flow.client.post(reverse("properties:extension_install", args=[flow.prop.uid, PACKAGE]), data)
    vendor.set_state(token="no_permission")
    assert read_due() == 1
    extension = flow.prop.extensions.get(package_name=PACKAGE)
    page = flow.client.get(reverse("properties:extension_edit", args=[flow.prop.uid, extension.uid]))
    assert "Connected, sends only" in page_words(page)


def test_the_status_is_read_once_a_day(flow: Flow, vendor: Any) -> None:
    flow.connect()
    assert read_due() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        vendor.set_state(token="revoked")
        assert read_due() == 1
        assert read_due() == 0
    assert VendorConnection.objects.get().status["title"] == "Access taken back"


def test_another_token_has_no_old_status(flow: Flow) -> None:
    flow.connect()
    extension = flow.prop.extensions.get(package_name=PACKAGE)
    secret: Secret = flow.prop.secrets.get()
    secret.set_value("EAAB" + "another123" * 4)
    secret.save()
    page = flow.client.get(reverse("properties:extension_edit", args=[flow.prop.uid, extension.uid]))
    assert "Not checked yet" in page_words(page)
    assert "The token reaches the pixel" not in page_words(page)


def test_a_token_warns_before_it_ends(flow: Flow, vendor: Any) -> None:
    vendor.set_state(expires_at=int((timezone.now() + timedelta(days=6, hours=1)).timestamp()))
    assert "The token ends in 6 days." in page_words(flow.connect())


def issues(flow: Flow) -> list[Any]:
    production = flow.prop.environments.get(stage="production")
    return issues_of([production], timezone.now(), OPEN)


def test_a_token_that_ends_soon_is_an_issue_of_production(flow: Flow, vendor: Any) -> None:
    vendor.set_state(expires_at=int((timezone.now() + timedelta(days=6, hours=1)).timestamp()))
    flow.connect()
    [issue] = issues(flow)
    assert issue.kind == "warning"
    assert issue.message == "The token of Meta Conversions API ends in 6 days"
    production = flow.prop.environments.get(stage="production")
    page = flow.client.get(reverse("rules:issues", args=[flow.prop.uid]), {"env": production.uid})
    assert "The token of Meta Conversions API ends in 6 days" in page_words(page)
    assert "Check the configuration" in page_words(page)


def test_access_that_was_taken_back_is_an_issue_until_somebody_connects(flow: Flow, vendor: Any) -> None:
    flow.connect()
    assert issues(flow) == []
    vendor.set_state(token="revoked")
    check(flow)
    [issue] = issues(flow)
    assert "Somebody took the access back at Meta" in issue.message
    vendor.set_state(token="valid")
    flow.connect()
    assert issues(flow) == []


def test_a_token_of_development_is_no_issue_of_production(flow: Flow, vendor: Any) -> None:
    flow.connect("development")
    vendor.set_state(token="revoked")
    check(flow)
    assert issues(flow) == []


def test_a_reader_sees_the_status_without_buttons(flow: Flow, reader_client: Client) -> None:
    flow.connect()
    extension = flow.prop.extensions.get(package_name=PACKAGE)
    page = reader_client.get(reverse("properties:extension_edit", args=[flow.prop.uid, extension.uid]))
    assert "The token reaches the pixel" in page_words(page)
    assert 'data-testid="connect"' not in page_text(page)
    assert 'data-testid="disconnect"' not in page_text(page)


# Quick Start


@pytest.fixture
def anna(db: None) -> Any:
    user = make_user("anna")
    user.user_permissions.add(Permission.objects.get(codename="add_property"))
    return user


@dataclass
class QuickStartFlow(Flow):
    """One person in Quick Start, before there is a property."""

    run: QuickStartRun

    def leave(self, *stages: str, **typed: str) -> str:
        url = reverse("quick_start:quick_start_connect", args=[self.run.uid])
        return str(self.client.post(url, typed, headers={"HX-Request": "true"})["HX-Redirect"])


@pytest.fixture
def quick_start(anna: Any, vendor: Any) -> QuickStartFlow:
    client = signed_in(anna)
    client.post(f"/quick-start/new/{PACKAGE}/", {"domain": "shoes.example"})
    return QuickStartFlow(client, Property(), QuickStartRun.objects.get())


def test_quick_start_gets_pixel_and_token_and_keeps_what_was_typed(
    quick_start: QuickStartFlow, vendor: Any
) -> None:
    dialog = quick_start.leave(dataLayerPath="window.shop")
    page = quick_start.come_back(quick_start.answer(dialog))
    assert page.request["PATH_INFO"].endswith("/setup/")
    assert f'value="{PIXEL}"' in page_text(page)
    assert 'value="window.shop"' in page_text(page)
    quick_start.run.refresh_from_db()
    token = quick_start.run.read_credentials()["accessToken"]
    assert token.startswith("EAA")
    assert token not in page_text(page)
    assert not ConnectAttempt.objects.exists()
    answers = {"pixelId": PIXEL, "accessToken": "", "dataLayerPath": "window.shop"}
    quick_start.client.post(page.request["PATH_INFO"], answers)
    [tested] = [it for it in vendor.requests if it["path"].endswith(f"/{PIXEL}/events")]
    assert tested["body"]["access_token"] == token


def test_quick_start_shows_the_choice_and_the_cancelled_sign_in(
    quick_start: QuickStartFlow, vendor: Any
) -> None:
    page = quick_start.come_back(quick_start.answer(quick_start.leave(), "deny"))
    assert "Cancelled." in page_words(page)
    vendor.set_state(pixels=TWO_PIXELS)
    page = quick_start.connect()
    assert "For shoes.example" in page_words(page)
    page = quick_start.client.post(page.request["PATH_INFO"], {"account": "9876543210"}, follow=True)
    assert 'value="9876543210"' in page_text(page)


def test_the_run_of_another_person_gets_nothing(quick_start: QuickStartFlow) -> None:
    other = make_user("mallory")
    other.user_permissions.add(Permission.objects.get(codename="add_property"))
    url = reverse("quick_start:quick_start_connect", args=[quick_start.run.uid])
    assert signed_in(other).post(url).status_code == 404
    refused(signed_in(other).get(quick_start.answer(quick_start.leave()), follow=True))


def test_quick_start_without_an_app_explains_the_steps(quick_start: QuickStartFlow, settings: Any) -> None:
    settings.INSTALLATION = {**settings.INSTALLATION, "META_APP_ID": ""}
    page = quick_start.client.get(reverse("quick_start:quick_start_setup", args=[quick_start.run.uid]))
    assert "Not set: META_APP_ID" in page_words(page)
    assert 'name="accessToken"' in page_text(page)


# What stops, and goes on


def buy(flow: Flow, number: int) -> InboundEvent:
    """Accept a purchase as the edge does, and run everything that is due."""
    environment = flow.prop.environments.get(stage="production")
    data = {**PURCHASE, "event_id": f"order-{number}"}
    event = InboundEvent.objects.create(
        id=next_event_id(),
        property_id=flow.prop.pk,
        environment_id=environment.pk,
        datastream_id=environment.datastream.pk,
        build_id=environment.activations.latest("id").build_id,
        name="Purchase",
        received_at=timezone.now(),
        body=json.dumps({"xdm": {}, "data": data}),
        request=json.dumps({"header": {}}),
    )
    deliver(flow)
    return event


def deliver(flow: Flow) -> None:
    while deliver_due():
        pass


def state_of(event: InboundEvent) -> str:
    return str(Delivery.objects.get(event_id=event.pk).state)


def test_events_wait_while_disconnected_and_are_sent_after_connecting(flow: Flow, vendor: Any) -> None:
    document = {**DOCUMENT, "property": {**DOCUMENT["property"], "name": flow.prop.name}}
    apply_document(document, publish="production")
    pixel = flow.settings["pixelId"]
    vendor.set_state(pixels=[{"id": pixel, "name": "Nordic Shop web"}])
    flow.connect()
    assert state_of(buy(flow, 1)) == "delivered"
    [sent] = [it for it in vendor.requests if it["path"].endswith("/events")]
    assert sent["body"]["access_token"] == flow.prop.secrets.get().value

    disconnect(flow)
    waiting = buy(flow, 2)
    assert state_of(waiting) == "parked"

    flow.connect()
    deliver(flow)
    assert state_of(waiting) == "delivered"
