"""The sign-in page, for people who guess and people who mistype."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from capi_admin.page_client import client_address_of
from properties.models import PasswordToChange, SignInCount
from properties.signing_in import attempts

PASSWORD = "a long pass phrase"


@pytest.fixture
def olivia(db: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Quick.
    user = get_user_model().objects.create_user("olivia", password=PASSWORD)
    PasswordToChange.objects.all().delete()  # She has chosen it herself.
    return user


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared with a stored one, or as if there were one."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def watched(self: Any, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", watched)
    return seen


def sign_in(password: str = PASSWORD, *, username: str = "olivia", address: str = "203.0.113.5") -> Any:
    return Client(REMOTE_ADDR=address).post("/login/", {"username": username, "password": password})


def test_five_wrong_passwords_lock_one_name_for_one_address(olivia: Any) -> None:
    tries = [sign_in("wrong") for _ in range(5)]
    assert [answer.status_code for answer in tries] == [200, 200, 200, 200, 429]
    locked = sign_in()
    assert locked.status_code == 429
    assert b"cannot sign in for 15 minutes" in locked.content
    assert sign_in(address="198.51.100.9").status_code == 302


def test_a_lock_ends_after_a_quarter_of_an_hour(olivia: Any) -> None:
    for _ in range(5):
        sign_in("wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert sign_in().status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in().status_code == 302


@pytest.mark.parametrize(("failures", "minutes"), [(5, 15), (10, 60), (15, 60), (20, 24 * 60)])
def test_each_lock_is_longer_than_the_one_before(olivia: Any, failures: int, minutes: int) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(failures):
            answer = sign_in("wrong")
            if answer.status_code == 429:
                retry_after = int(answer["Retry-After"])
                clock.shift(retry_after)
        assert retry_after == minutes * 60
        assert sign_in().status_code == 302


def test_a_correct_password_resets_the_count(olivia: Any) -> None:
    for _ in range(3):
        assert [sign_in("wrong").status_code for _ in range(4)] == [200] * 4
        assert sign_in().status_code == 302


def test_one_address_that_tries_many_names_is_locked(olivia: Any, evaluated: list[str]) -> None:
    for number in range(24):
        sign_in("wrong", username=f"name{number}")
    assert len(evaluated) == 20
    assert sign_in(address="203.0.113.5").status_code == 429
    assert sign_in(address="203.0.113.6").status_code == 302


def test_addresses_of_one_ipv6_network_count_as_one(olivia: Any, evaluated: list[str]) -> None:
    for number in range(24):
        sign_in("wrong", address=f"2001:db8:1:2:{number:x}::{number:x}")
    assert len(evaluated) == 5
    assert sign_in(address="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    "written",
    [
        "203.0.113.5:{port}",
        "[2001:db8::7]:{port}",
        "[2001:db8::{port:x}]",
        "2001:db8::{port:x}%eth{port}",
        "::ffff:203.0.113.5",
        "unknown-{port}",
        "203.0.113.5.{port}",
    ],
)
def test_no_way_to_write_an_address_avoids_the_lock(
    olivia: Any, settings: Any, evaluated: list[str], written: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    for port in range(40_000, 40_008):
        headers = {"X-Forwarded-For": written.format(port=port)}
        Client(REMOTE_ADDR="127.0.0.1").post(
            "/login/", {"username": "olivia", "password": "wrong"}, headers=headers
        )
    assert len(evaluated) == 5


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:52713", "203.0.113.7"),
        ("2001:DB8::0007", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("192.0.2.1, 203.0.113.7", "203.0.113.7"),
        ("unknown", "127.0.0.1"),
        ("203.0.113.777", "127.0.0.1"),
        ("[", "127.0.0.1"),
    ],
)
def test_the_address_that_a_proxy_writes_is_read_in_every_spelling(
    settings: Any, written: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    request = RequestFactory(REMOTE_ADDR="127.0.0.1").get("/", headers={"X-Forwarded-For": written})
    assert client_address_of(request) == address


def guess(username: str, times: int) -> None:
    """Guess from as many addresses; the last ones through the page."""
    for number in range(times - 5):
        attempts.take(attempts.keys_of(username, f"198.51.{number // 250}.{number % 250}", None))
    for number in range(5):
        sign_in("wrong", username=username, address=f"192.0.2.{number}")


def test_one_name_that_many_addresses_guess_is_locked(olivia: Any, evaluated: list[str]) -> None:
    guess("olivia", 52)
    assert len(evaluated) == 3
    assert sign_in(address="192.0.2.77").status_code == 429


def test_nobody_can_lock_a_person_out_of_a_browser_that_she_has_used_before(olivia: Any) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.5")
    data = {"username": "olivia", "password": PASSWORD}
    assert browser.post("/login/", data).status_code == 302
    browser.post("/logout/")
    guess("olivia", 60)
    for _ in range(30):
        sign_in("wrong", username="other", address="203.0.113.5")
    assert sign_in(address="192.0.2.77").status_code == 429
    assert browser.post("/login/", data).status_code == 302


def test_a_known_browser_has_five_tries_as_well(olivia: Any, evaluated: list[str]) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.5")
    browser.post("/login/", {"username": "olivia", "password": PASSWORD})
    browser.post("/logout/")
    evaluated.clear()
    for _ in range(30):
        browser.post("/login/", {"username": "olivia", "password": "wrong"})
    assert len(evaluated) == 5


def test_a_browser_is_known_for_one_name_and_cannot_be_made_up(olivia: Any, evaluated: list[str]) -> None:
    get_user_model().objects.create_user("mallory", password=PASSWORD)
    browser = Client(REMOTE_ADDR="203.0.113.66")
    browser.post("/login/", {"username": "mallory", "password": PASSWORD})
    browser.post("/logout/")
    guess("olivia", 60)
    assert browser.post("/login/", {"username": "olivia", "password": PASSWORD}).status_code == 429
    browser.cookies["known_browser"] = "WyJvbGl2aWEiLCJ4Il0:1w:x"
    assert browser.post("/login/", {"username": "olivia", "password": PASSWORD}).status_code == 429


def test_a_flood_of_guesses_slows_unknown_browsers_down_and_locks_nobody_out(
    olivia: Any, evaluated: list[str]
) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.5")
    browser.post("/login/", {"username": "olivia", "password": PASSWORD})
    browser.post("/logout/")
    evaluated.clear()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(298):
            attempts.take(attempts.keys_of(f"name{number}", f"198.51.{number // 250}.{number % 250}", None))
        for number in range(10):
            sign_in("wrong", username=f"other{number}", address=f"192.0.2.{number}")
        assert len(evaluated) == 2
        answer = sign_in(address="192.0.2.77")
        assert answer.status_code == 429
        assert answer["Retry-After"] == "2"
        assert b"Try again in 2 seconds" in answer.content
        assert browser.post("/login/", {"username": "olivia", "password": PASSWORD}).status_code == 302
        clock.shift(3)
        assert sign_in(address="192.0.2.77").status_code == 302


def test_tries_at_the_same_moment_are_all_counted(transactional_db: None) -> None:
    keys, taken = attempts.keys_of("olivia", "203.0.113.5", None), []

    def work() -> None:
        try:
            taken.append(attempts.take(keys).opens_at is None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 5


def test_an_attempt_that_is_refused_unchecked_is_not_recorded(olivia: Any) -> None:
    """Somebody who floods the page does not fill a table."""
    for number in range(20):
        attempts.take(attempts.keys_of(f"name{number}", "203.0.113.5", None))
    before = SignInCount.objects.count()
    for number in range(5):
        assert sign_in(username=f"other{number}").status_code == 429
    assert SignInCount.objects.count() == before


def test_the_counts_hold_no_name_because_it_may_be_a_password(olivia: Any) -> None:
    sign_in("wrong", username="my secret pass phrase")
    assert SignInCount.objects.exists()
    assert "secret" not in str(list(SignInCount.objects.values()))


@pytest.mark.parametrize(
    "command", [["axes_reset"], ["axes_reset_username", "olivia"], ["axes_reset_ip", "203.0.113.5"]]
)
def test_an_operator_can_end_a_lock(olivia: Any, command: list[str]) -> None:
    for _ in range(5):
        sign_in("wrong")
    call_command(*command, verbosity=0)
    assert sign_in().status_code == 302


@pytest.fixture
def cost(evaluated: list[str]) -> Callable[[str], tuple[int, int]]:
    def cost(username: str) -> tuple[int, int]:
        evaluated.clear()
        with CaptureQueriesContext(connection) as queries:
            sign_in("wrong", username=username)
        return len(evaluated), len(queries)

    return cost


def test_an_unknown_name_costs_the_server_as_much_as_a_known_one(
    olivia: Any, cost: Callable[[str], tuple[int, int]]
) -> None:
    """The time reveals nothing: for both, one password is hashed and the same rows are read."""
    get_user_model().objects.create_user("inactive", password=PASSWORD, is_active=False)
    get_user_model().objects.create_user("without password")
    names = ["olivia", "inactive", "without password"]
    cost("the first of all")  # Creates the rows that all share.
    assert {name: cost(name) for name in names} == dict.fromkeys(names, cost("nobody"))


def test_a_visitor_cannot_choose_whose_address_is_counted(olivia: Any, settings: Any) -> None:
    """Behind one proxy of ours only the last hop counts."""
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR="127.0.0.1")

    def answer(number: int) -> Any:
        headers = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.5"}
        return client.post("/login/", {"username": "olivia", "password": "wrong"}, headers=headers)

    assert [answer(number).status_code for number in range(5)][-1] == 429


def test_a_wrong_name_gets_the_same_answer_as_a_wrong_password(olivia: Any) -> None:
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
    assert b"This form has expired" in answer.content
    assert b"style=" not in answer.content


def test_a_new_password_signs_other_browsers_out(olivia: Any) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(olivia)
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/password/", data)["Location"] == "/password/done/"
    assert [browser.get("/").status_code for browser in (here, there)] == [200, 302]
