"""The pages of a validation: who may start one, where it may start, what is shown before anything arrives."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from properties.models import RIGHTS, Membership, Property
from rules.models import ValidationSession
from tests.pages import page_words
from tests.people import make_user, member, signed_in


@pytest.fixture
def client(tags_prop: Property, olivia: Any) -> Any:
    return signed_in(member(olivia, tags_prop, RIGHTS))


def start(client: Any, prop: Property, **sent: str) -> Any:
    return client.post(reverse("rules:validation_start", args=[prop.uid]), sent)


def shown(client: Any, prop: Property, part: str = "validation") -> str:
    return page_words(client.get(reverse(f"rules:{part}", args=[prop.uid])))


def test_a_start_makes_a_session_of_a_quarter_of_an_hour(
    client: Any, tags_prop: Property, olivia: Any
) -> None:
    answer = start(client, tags_prop)
    assert answer.headers["Location"] == reverse("rules:validation", args=[tags_prop.uid])
    session = ValidationSession.objects.get()
    assert re.fullmatch("[0-9a-f]{32}", session.token)
    assert session.environment.stage == "development"
    assert session.created_by == olivia
    assert timedelta(minutes=14) < session.until - timezone.now() <= timedelta(minutes=15)
    text = shown(client, tags_prop)
    assert f"https://shop.example/?capi_validate={session.token}" in text
    assert "Waiting for the library on your site" in text


def test_a_start_leads_back_to_a_page_of_this_server_only(client: Any, tags_prop: Property) -> None:
    assert start(client, tags_prop, next="/quick-start/5/").headers["Location"] == "/quick-start/5/"
    own = reverse("rules:validation", args=[tags_prop.uid])
    assert start(client, tags_prop, next="https://evil.example/").headers["Location"] == own


@pytest.mark.parametrize(
    ("typed", "opened"),
    [
        ("https://shop.example/cart?size=9#top", "https://shop.example/cart?size=9&capi_validate="),
        ("www.shop.example", "https://www.shop.example/?capi_validate="),
        ("http://shop.example:8080/", "http://shop.example:8080/?capi_validate="),
        ("https://shop.example/?capi_validate=old", "https://shop.example/?capi_validate="),
    ],
)
def test_it_may_start_at_any_page_of_the_site(
    client: Any, tags_prop: Property, typed: str, opened: str
) -> None:
    start(client, tags_prop, page=typed)
    token = ValidationSession.objects.get().token
    assert opened + token in shown(client, tags_prop)


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://notshop.example/",
        "https://shop.example@evil.example/",
        "javascript:alert(1)",
        "javascript://shop.example/%0aalert(1)",
        "https://shop.example:port/",
        f"https://shop.example/{'x' * 600}",
        "https://[shop.example/",
    ],
)
def test_it_starts_nowhere_else(client: Any, tags_prop: Property, typed: str) -> None:
    answer = start(client, tags_prop, page=typed)
    assert not ValidationSession.objects.exists()
    text = page_words(client.get(answer.headers["Location"]))
    assert "Enter a page of shop.example" in text or "This address is too long" in text


def test_a_property_without_a_domain_says_where_to_enter_one(client: Any, tags_prop: Property) -> None:
    tags_prop.domains = []
    tags_prop.save()
    start(client, tags_prop)
    assert not ValidationSession.objects.exists()
    assert "Enter the domain of your site" in shown(client, tags_prop)


def test_a_person_without_the_right_reads_and_cannot_start(
    client: Any, tags_prop: Property, olivia: Any
) -> None:
    start(client, tags_prop)
    Membership.objects.filter(user=olivia).update(rights=[])
    assert "you need the right “Develop”" in shown(client, tags_prop)
    assert start(client, tags_prop).status_code == 403
    assert "Validation Results" in shown(client, tags_prop, "validation_results")


def test_each_person_sees_the_own_session_first(client: Any, tags_prop: Property) -> None:
    start(client, tags_prop)
    own = ValidationSession.objects.get()
    carl = signed_in(member(make_user("carl"), tags_prop, RIGHTS))
    assert own.token in shown(carl, tags_prop)
    start(carl, tags_prop)
    assert own.token in shown(client, tags_prop)
    assert own.token not in shown(carl, tags_prop)


def test_after_a_minute_of_silence_the_page_names_three_causes(client: Any, tags_prop: Property) -> None:
    start(client, tags_prop)
    assert "Nothing has arrived" not in shown(client, tags_prop, "validation_results")
    ValidationSession.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    text = shown(client, tags_prop, "validation_results")
    token = tags_prop.environments.get(stage="development").token
    for cause in (f"{token}.js", "left the address", "Content Security Policy"):
        assert cause in text


def test_a_session_that_is_over_asks_for_nothing_more(client: Any, tags_prop: Property) -> None:
    start(client, tags_prop)
    page = reverse("rules:validation_results", args=[tags_prop.uid])
    assert b"data-poll" in client.get(page).content
    ValidationSession.objects.update(until=timezone.now())
    assert b"data-poll" not in client.get(page).content
    assert ValidationSession.objects.get().token not in shown(client, tags_prop, "validation_results")
