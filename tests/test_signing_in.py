"""The sign-in page against people who guess, and for those who mistype."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

PASSWORD = "a long pass phrase"


@pytest.fixture
def olivia(db: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Quick.
    return get_user_model().objects.create_user("olivia", password=PASSWORD)


def sign_in(password: str = PASSWORD, *, username: str = "olivia", address: str = "203.0.113.5") -> Any:
    return Client(REMOTE_ADDR=address).post("/login/", {"username": username, "password": password})


def test_five_wrong_passwords_lock_one_name_for_one_address(olivia: Any) -> None:
    tries = [sign_in("wrong") for _ in range(5)]
    assert [answer.status_code for answer in tries] == [200, 200, 200, 200, 429]
    locked = sign_in()
    assert locked.status_code == 429
    assert b"locked for you for 15 minutes" in locked.content
    assert sign_in(address="198.51.100.9").status_code == 302


def test_a_lock_ends_after_a_quarter_of_an_hour(olivia: Any) -> None:
    for _ in range(5):
        sign_in("wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in().status_code == 302


def test_a_visitor_cannot_choose_whose_address_is_counted(olivia: Any, settings: Any) -> None:
    """Behind one proxy of ours only the last hop counts."""
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR="127.0.0.1")

    def answer(number: int) -> Any:
        headers = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.5"}
        return client.post("/login/", {"username": "olivia", "password": "wrong"}, headers=headers)

    assert [answer(number).status_code for number in range(5)][-1] == 429


def test_a_wrong_name_is_told_no_more_than_a_wrong_password(olivia: Any) -> None:
    texts = [sign_in("wrong", username=name).context["form"].non_field_errors() for name in ("olivia", "odd")]
    assert texts[0]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(olivia: Any, target: str) -> None:
    data = {"username": "olivia", "password": PASSWORD, "next": target}
    assert Client().post("/login/", data)["Location"] == "/"


def test_a_form_that_was_opened_before_signing_in_is_refused_in_plain_words(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "olivia", "password": PASSWORD})
    assert answer.status_code == 403
    assert b"This form was too old" in answer.content
    assert b"style=" not in answer.content


def test_a_new_password_signs_other_browsers_out(olivia: Any) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(olivia)
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/password/", data)["Location"] == "/password/done/"
    assert [browser.get("/").status_code for browser in (here, there)] == [200, 302]
