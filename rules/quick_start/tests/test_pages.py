"""The screens, one after the other, and what goes wrong on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.http import transport
from properties.models import RIGHTS, Property, Secret
from properties.resources.creation import create_property
from rules.delivery.retention import forget
from rules.documents import apply_document, export_document
from rules.models import QuickStartRun
from rules.publishing.build import live_build
from tests.pages import page_text, page_words
from tests.people import make_user, member, signed_in

from .conftest import PACKAGE, TOKEN

pytestmark = pytest.mark.django_db
ADD = "properties.add_property"


class Vendor:
    """Answers the connection test."""

    def __init__(self) -> None:
        self.status, self.body, self.requests = 200, '{"events_received": 1, "fbtrace_id": "A1"}', []  # type: ignore[var-annotated]

    def __call__(self, request: Any, **_: Any) -> Answer:
        self.requests.append(request)
        return Answer(self.status, body=self.body)

    def refuse(self, code: int, subcode: int | None = None) -> None:
        more = f', "error_subcode": {subcode}' if subcode else ""
        self.status, self.body = (
            400,
            f'{{"error": {{"message": "Invalid OAuth access token.", "code": {code}{more}}}}}',
        )


@pytest.fixture(autouse=True)
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    found = Vendor()
    monkeypatch.setattr(transport, "send", found)
    return found


@pytest.fixture
def anna(db: None) -> Any:
    user = make_user("anna")
    user.user_permissions.add(Permission.objects.get(codename="add_property"))
    return user


@pytest.fixture
def browser(anna: Any) -> Client:
    return signed_in(anna)


NEW = f"/quick-start/new/{PACKAGE}/"
SETUP = {"pixelId": "1234567890", "accessToken": TOKEN, "dataLayerPath": "window.dataLayer.meta"}


def page(run: QuickStartRun, name: str) -> str:
    return reverse(f"quick_start:quick_start_{name}", args=[run.uid])


def begin(browser: Client, domain: str = "shoes.example", **more: str) -> QuickStartRun:
    answer = browser.post(NEW, {"domain": domain, **more})
    assert answer.status_code == 302, page_words(answer)
    return QuickStartRun.objects.latest("id")


def set_up(browser: Client, run: QuickStartRun, **more: str) -> Any:
    answer = browser.post(page(run, "setup"), {**SETUP, **more})
    run.refresh_from_db()
    return answer


def work(browser: Client, run: QuickStartRun) -> Any:
    """Do every step as the page does; return the last part."""
    for _ in range(3):
        answer = browser.post(page(run, "work"), headers={"HX-Request": "true"})
    run.refresh_from_db()
    return answer


def made(browser: Client, domain: str = "shoes.example") -> QuickStartRun:
    run = begin(browser, domain)
    set_up(browser, run)
    work(browser, run)
    assert run.work == "done", run.trouble
    return run


def test_an_empty_installation_starts_with_quick_start(browser: Client) -> None:
    answer = browser.get("/")
    assert f'href="{NEW}"' in page_text(answer)
    assert 'href="/p/new/"' in page_text(answer)
    assert "Send Conversions Data to Meta" in page_words(answer)


def test_the_screens_follow_each_other_until_close(browser: Client) -> None:
    run = begin(browser, "https://Shoes.example/cart")
    assert (run.domain, run.reached) == ("shoes.example", 2)
    assert set_up(browser, run)["Location"] == page(run, "created")
    assert 'hx-trigger="submit, load delay' in page_text(browser.get(page(run, "created")))
    part = work(browser, run)
    assert "Created: 2 properties, 5 extensions" in page_words(part)
    assert "19 rules" in page_words(part)
    code = browser.get(page(run, "code"))
    development = run.tags.environments.get(stage="development")
    assert f"/t/{development.token}.js" in page_text(code)
    for name in ("validation", "next"):
        assert browser.get(page(run, name)).status_code == 200
    assert f'href="{reverse("rules:rules", args=[run.tags.uid])}"' in page_text(
        browser.get(page(run, "next"))
    )
    browser.post(page(run, "close"))
    run.refresh_from_db()
    assert run.closed_at is not None
    assert "of 6" not in page_words(browser.get("/?all=1"))


def test_both_properties_are_live_and_the_person_owns_them(browser: Client, anna: Any) -> None:
    run = made(browser)
    for prop in (run.tags, run.forwarding):
        assert live_build(prop.environments.get(stage="development")) is not None
        assert prop.rights_of(anna) == frozenset(RIGHTS)


def test_the_token_is_encrypted_until_it_is_a_secret_and_then_gone(browser: Client) -> None:
    from django.db import connection

    run = begin(browser)
    set_up(browser, run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials, answers FROM rules_quickstartrun")
        [(stored, answers)] = cursor.fetchall()
    assert stored
    assert TOKEN not in stored + str(answers)
    assert TOKEN not in page_text(browser.get(page(run, "setup")))
    work(browser, run)
    assert run.credentials == ""
    assert [it.value for it in Secret.objects.all()] == [TOKEN]


def test_credentials_that_nobody_uses_are_forgotten_after_a_day(browser: Client) -> None:
    run = begin(browser)
    set_up(browser, run)
    forget()
    assert QuickStartRun.objects.get().credentials
    QuickStartRun.objects.update(updated_at=timezone.now() - QuickStartRun.CREDENTIALS_KEPT)
    forget()
    assert QuickStartRun.objects.get().credentials == ""
    answer = browser.get(page(run, "created"), follow=True)
    assert answer.redirect_chain[-1][0] == page(run, "setup")
    assert "Enter the Meta Conversion API Access Token." in page_words(answer)


def test_leaving_and_coming_back_continues(browser: Client) -> None:
    run = begin(browser)
    set_up(browser, run)
    home = page_text(browser.get("/"))
    assert f'href="{page(run, "created")}"' in home
    assert "3 of 6" in home
    kept = page_text(browser.get(page(run, "setup")))
    assert 'value="1234567890"' in kept
    assert "Stored. Enter another one to replace it." in kept
    assert set_up(browser, run, accessToken="")["Location"] == page(run, "created")


# Domain


@pytest.mark.parametrize("typed", ["", "my shop", "shop", "https://"])
def test_a_domain_that_is_no_host_is_refused_with_an_example(browser: Client, typed: str) -> None:
    answer = browser.post(NEW, {"domain": typed})
    assert "such as shop.example" in page_words(answer)
    assert not QuickStartRun.objects.exists()


def test_names_that_exist_are_linked_and_can_be_added_to(browser: Client, anna: Any) -> None:
    old = create_property("shoes.example tags", platform="web", actor=anna)
    answer = browser.post(NEW, {"domain": "shoes.example"})
    assert (
        f'<a class="link" href="{reverse("rules:rules", args=[old.uid])}">shoes.example tags</a>'
        in page_text(answer)
    )
    run = begin(browser, adds="on")
    set_up(browser, run)
    shown = browser.get(page(run, "created"))
    assert "changes nothing that is there" in page_words(shown)
    assert 'hx-trigger="submit"' in page_text(shown)
    assert not old.rules.exists()
    work(browser, run)
    assert old.rules.count() == 18


def test_a_property_of_others_is_neither_shown_nor_changed(browser: Client, anna: Any) -> None:
    old = create_property("shoes.example tags", platform="web")
    for more in ({}, {"adds": "on"}):
        answer = browser.post(NEW, {"domain": "shoes.example", **more})
        assert "exists, but not for you" in page_words(answer)
        assert old.uid not in page_text(answer)
    member(anna, old, ["develop"])
    answer = browser.post(NEW, {"domain": "shoes.example", "adds": "on"})
    assert "you may not develop and install extensions there" in page_words(answer)


def test_a_property_that_appears_meanwhile_is_not_changed_unasked(browser: Client, anna: Any) -> None:
    run = begin(browser)
    set_up(browser, run)
    old = create_property("shoes.example tags", platform="web", actor=anna)
    assert browser.post(page(run, "work")).status_code == 403
    assert browser.get(page(run, "created"), follow=True).redirect_chain[-1][0] == page(run, "domain")
    assert not old.rules.exists()


def test_an_existing_forwarding_property_gets_what_it_lacks(
    browser: Client, anna: Any, forwarding_document: dict[str, Any]
) -> None:
    old = apply_document(forwarding_document).prop
    member(anna, old, RIGHTS)
    run = begin(browser, forwarding_name="Old shop")
    set_up(browser, run)
    words = page_words(browser.get(page(run, "created")))
    assert "There, but different. Left as they are" in words
    before = export_document(old)
    work(browser, run)
    assert run.forwarding == old
    after = export_document(old)
    assert [it for it in after["data_elements"] if it in before["data_elements"]] == before["data_elements"]


# Initial Setup


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("pixelId", "12x", "Enter the digits alone"),
        ("pixelId", "", "Enter the Meta Pixel ID."),
        ("accessToken", "", "Enter the Meta Conversion API Access Token."),
        ("dataLayerPath", "data layer", "Write names of variables with dots"),
    ],
)
def test_a_wrong_answer_is_marked_and_the_others_are_kept(
    browser: Client, vendor: Vendor, field: str, value: str, message: str
) -> None:
    run = begin(browser)
    answer = browser.post(page(run, "setup"), {**SETUP, field: value})
    assert message in page_words(answer)
    assert answer.resolver_match.url_name == "quick_start_setup"
    assert vendor.requests == []
    for name, kept in SETUP.items():
        if name not in (field, "accessToken"):
            assert f'value="{kept}"' in page_text(answer)


@pytest.mark.parametrize(
    ("code", "subcode", "words"),
    [
        (190, None, "Token refused. Meta does not accept this access token"),
        (100, 33, "Pixel not found, or no right to it."),
    ],
)
def test_what_the_vendor_refuses_stays_on_the_page_with_its_words(
    browser: Client, vendor: Vendor, code: int, subcode: int | None, words: str
) -> None:
    vendor.refuse(code, subcode)
    run = begin(browser)
    answer = set_up(browser, run)
    assert words in page_words(answer)
    assert "Invalid OAuth access token." in page_words(answer)
    assert TOKEN not in page_text(answer)
    assert run.reached == 2
    assert browser.get(page(run, "created"))["Location"] == page(run, "setup")
    assert browser.post(page(run, "work")).status_code == 403
    vendor.__init__()  # type: ignore[misc]
    assert set_up(browser, run, accessToken="")["Location"] == page(run, "created")


def test_the_token_is_tried_with_one_event(browser: Client, vendor: Vendor) -> None:
    set_up(browser, begin(browser), testEventCode="TEST123")
    [request] = vendor.requests
    assert "/1234567890/events" in request.url
    assert "TEST123" in str(request.json if hasattr(request, "json") else request)


def test_a_vendor_that_does_not_answer_stops_nobody(browser: Client, vendor: Vendor) -> None:
    vendor.status, vendor.body = 503, ""
    run = begin(browser)
    answer = set_up(browser, run)
    assert answer["Location"] == page(run, "created")
    assert "You can go on." in page_words(browser.get(answer["Location"]))


# The work


def test_a_failed_step_is_said_and_can_be_tried_again(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(browser)
    set_up(browser, run)

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("full")

    with monkeypatch.context() as patched:
        patched.setattr("rules.quick_start.working.publish_in_development", fail)
        part = work(browser, run)
    assert "A server error (RuntimeError)" in page_words(part)
    assert "Try again" in page_words(part)
    assert run.work == "forwarding"
    assert "Try again" in page_words(browser.get(page(run, "created")))
    work(browser, run)
    assert run.work == "done"
    assert Property.objects.count() == 2


def test_two_pages_do_a_step_once(browser: Client) -> None:
    run = begin(browser)
    set_up(browser, run)
    QuickStartRun.objects.update(claimed_until=timezone.now() + timezone.timedelta(seconds=30))
    browser.post(page(run, "work"), headers={"HX-Request": "true"})
    assert not Property.objects.exists()


def test_work_without_scripts_goes_step_by_step(browser: Client) -> None:
    run = begin(browser)
    set_up(browser, run)
    for _ in range(3):
        assert browser.post(page(run, "work"))["Location"] == page(run, "created")
    run.refresh_from_db()
    assert run.work == "done"


def test_later_screens_do_not_exist_before_the_work_is_done(browser: Client) -> None:
    run = begin(browser)
    for name in ("code", "validation", "next"):
        assert browser.get(page(run, name)).status_code == 404


# Others, and deleting


def test_nobody_sees_the_run_of_somebody_else(browser: Client) -> None:
    run = made(browser)
    bob = make_user("bob")
    bob.user_permissions.add(Permission.objects.get(codename="add_property"))
    other = signed_in(bob)
    for name in ("domain", "setup", "created", "code", "validation", "next", "delete"):
        assert other.get(page(run, name)).status_code == 404
    for name in ("work", "close", "delete"):
        assert other.post(page(run, name)).status_code == 404
    assert "shoes.example" not in page_words(other.get("/quick-start/"))


def test_who_may_not_add_properties_is_told_whom_to_ask() -> None:
    browser = signed_in(make_user("sam"))
    assert browser.get(NEW).status_code == 403
    assert "Ask the person who manages this server" in page_words(browser.get("/quick-start/"))


def test_everything_that_was_made_is_deleted_in_one_act(browser: Client) -> None:
    run = made(browser)
    made(browser, "boots.example")
    address = page(run, "delete")
    assert "goes as a whole" in page_words(browser.get(address))
    browser.post(address, {"name": "wrong.example"})
    assert Property.objects.count() == 4
    browser.post(address, {"name": "shoes.example"})
    assert sorted(Property.objects.values_list("name", flat=True)) == [
        "boots.example event forwarding",
        "boots.example tags",
    ]
    assert [it.domain for it in QuickStartRun.objects.all()] == ["boots.example"]


def test_deleting_takes_only_what_was_added_from_an_existing_property(
    browser: Client, anna: Any, forwarding_document: dict[str, Any]
) -> None:
    del forwarding_document["extensions"][1]
    old = apply_document(forwarding_document).prop
    member(anna, old, RIGHTS)
    before = export_document(old)
    run = begin(browser, forwarding_name="Old shop")
    set_up(browser, run)
    work(browser, run)
    assert Secret.objects.filter(prop=old).exists()
    browser.post(page(run, "delete"), {"name": "shoes.example"})
    assert export_document(old) == before
    assert not Secret.objects.filter(prop=old).exists()
    assert not Property.objects.filter(name="shoes.example tags").exists()


def test_discarding_forgets_the_answers(browser: Client) -> None:
    run = begin(browser)
    set_up(browser, run)
    browser.post(page(run, "close"))
    assert not QuickStartRun.objects.exists()
    assert not Property.objects.exists()


def test_a_run_whose_properties_were_deleted_says_so(browser: Client) -> None:
    run = made(browser)
    run.tags.delete()
    answer = browser.get("/quick-start/")
    assert f'href="{page(run, "created")}"' in page_text(answer)
    assert "Its properties were deleted" in page_words(browser.get(page(run, "created")))
    browser.post(page(run, "delete"), {"name": "shoes.example"})
    assert not Property.objects.exists()
