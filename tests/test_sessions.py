"""Choosing a password before anything else; sessions that end, and the page that lists them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capi_admin.supervision import first_steps
from properties.models import AuditEvent, OpenSession, PasswordToChange
from properties.signing_in.browsers import device

FIRST, OWN = "the first pass phrase", "a pass phrase of my own"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SESSIONS = "/account/sessions/"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def petra(db: None) -> Any:
    """A new user with a password that somebody else has set."""
    return get_user_model().objects.create_user("petra", password=FIRST)


def signed_in(password: str = FIRST, username: str = "petra", **meta: Any) -> Client:
    browser = Client(**meta)
    answer = browser.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302
    return browser


def choose(browser: Client, old: str = FIRST, new: str = OWN) -> Any:
    return browser.post("/password/", {"old_password": old, "new_password1": new, "new_password2": new})


# The first password


def test_who_had_to_choose_a_password_goes_straight_on_to_the_properties(petra: Any) -> None:
    browser = signed_in()
    assert choose(browser)["Location"] == "/"
    assert b"Your password was changed" in browser.get("/").content
    assert choose(browser, OWN, "another pass phrase of mine")["Location"] == "/password/done/"


def test_who_has_a_password_of_somebody_else_reaches_no_page_before_choosing_another(petra: Any) -> None:
    petra.is_superuser = petra.is_staff = True
    petra.save()
    browser = signed_in()
    for name in ("properties:property_list", "properties:property_new", "properties:sessions", "admin:index"):
        assert browser.get(reverse(name))["Location"] == "/password/", name
        assert browser.post(reverse(name))["Location"] == "/password/", name
    assert b"Choose a password of your own" in browser.get("/password/").content
    assert choose(browser).status_code == 302
    assert browser.get("/").status_code == 200
    assert signed_in(OWN).get("/").status_code == 200


def test_a_part_of_a_page_leads_to_the_password_page_as_well(petra: Any) -> None:
    answer = signed_in().get("/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/password/"


def test_the_first_password_is_not_one_of_her_own(petra: Any) -> None:
    answer = choose(signed_in(), new=FIRST)
    assert answer.status_code == 200
    assert b"This is your current password" in answer.content
    assert PasswordToChange.objects.filter(user=petra).exists()


def test_she_may_sign_out_instead(petra: Any) -> None:
    assert signed_in().post("/logout/")["Location"] == "/login/"


def test_the_password_that_up_prints_is_changed_first(db: None) -> None:
    password = first_steps.one_time_password()
    assert signed_in(password or "", "admin").get("/")["Location"] == "/password/"


def test_a_password_that_is_set_in_the_back_office_is_changed_first(petra: Any) -> None:
    choose(signed_in())
    administrator = Client()
    administrator.force_login(get_user_model().objects.create_superuser("root"))
    new = "set by an administrator"
    data = {"password1": new, "password2": new, "usable_password": "true"}
    answer = administrator.post(reverse("admin:auth_user_password_change", args=[petra.pk]), data)
    assert answer.status_code == 302
    assert signed_in(new).get("/")["Location"] == "/password/"


def test_a_password_that_a_command_sets_is_changed_first(petra: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(signed_in())
    new = "set by a command 1"
    monkeypatch.setattr("getpass.getpass", lambda **_: new)
    call_command("changepassword", "petra", stdout=StringIO())
    assert signed_in(new).get("/")["Location"] == "/password/"


def test_the_command_for_the_first_user_makes_one_who_chooses_a_password_first(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/operating.md says for servers without ``up``."""
    page = (Path(__file__).parent.parent / "docs/operating.md").read_text()
    assert re.search(r"^\S*python manage.py createsuperuser ", page, re.MULTILINE)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", FIRST)
    assert '`--noinput --username NAME --email ""`' in page
    options = ["--noinput", "--username", "ada", "--email", ""]
    call_command("createsuperuser", *options, stdout=StringIO())
    browser = signed_in(username="ada")
    assert browser.get("/")["Location"] == "/password/"
    choose(browser)
    assert browser.get(reverse("properties:property_new")).status_code == 200


def test_a_hash_that_is_only_made_stronger_is_not_a_new_password(petra: Any, settings: Any) -> None:
    choose(signed_in())
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert signed_in(OWN).get("/").status_code == 200
    petra.refresh_from_db()
    assert petra.password.startswith("scrypt$")
    assert signed_in(OWN).get("/").status_code == 200


# Sessions


@pytest.fixture
def own(petra: Any) -> Any:
    """A user who has chosen her own password."""
    choose(signed_in())
    OpenSession.objects.all().delete()
    return petra


def test_the_page_lists_device_address_and_times_of_each_session(own: Any) -> None:
    signed_in(OWN, REMOTE_ADDR="203.0.113.5", HTTP_USER_AGENT=FIREFOX)
    text = signed_in(OWN, REMOTE_ADDR="198.51.100.9").get(SESSIONS).content.decode()
    assert "Firefox on Windows" in text
    assert "203.0.113.5" in text
    assert "198.51.100.9" in text
    assert text.count("This browser") == 1


def test_a_session_that_is_ended_elsewhere_is_signed_out_at_once(own: Any) -> None:
    here, there = signed_in(OWN), signed_in(OWN)
    session = OpenSession.objects.latest("id")
    here.post(reverse("properties:session_end", args=[session.pk]))
    assert here.get("/").status_code == 200
    assert there.get("/")["Location"].startswith("/login/")
    assert AuditEvent.objects.filter(type_of="user.session_ended", actor_name="petra").count() == 1


def test_all_others_are_ended_with_one_button(own: Any) -> None:
    here, *others = (signed_in(OWN) for _ in range(3))
    here.post(reverse("properties:sessions_end_others"))
    assert here.get("/").status_code == 200
    assert {browser.get("/").status_code for browser in others} == {302}
    assert OpenSession.objects.count() == 1


def test_a_new_password_ends_the_other_sessions_and_removes_them_from_the_list(own: Any) -> None:
    here, there = signed_in(OWN), signed_in(OWN)
    choose(here, OWN, "yet another pass phrase")
    assert [browser.get("/").status_code for browser in (here, there)] == [200, 302]
    assert here.get(SESSIONS).content.count(b"This browser") == 1
    assert OpenSession.objects.count() == 1


def test_a_session_ends_when_nobody_has_used_it_for_the_idle_limit(own: Any, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    now = timezone.now()
    browser = signed_in(OWN)
    for minutes in (29, 58, 87):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert browser.get("/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=118)):
        assert browser.get("/")["Location"].startswith("/login/")
    with time_machine.travel(now + timedelta(minutes=88)):
        assert browser.get("/")["Location"].startswith("/login/")


def test_a_page_that_asks_by_itself_keeps_no_session_open(own: Any, settings: Any) -> None:
    from properties.resources.creation import create_property

    prop = create_property("Shop", actor=own)
    now = timezone.now()
    browser = signed_in(OWN)
    for minutes in range(0, 119, 10):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert browser.get(reverse("rules:event_live", args=[prop.uid])).status_code in (200, 204)
    with time_machine.travel(now + timedelta(minutes=121)):
        assert browser.get("/")["Location"].startswith("/login/")


def test_a_session_ends_after_two_weeks_however_much_it_is_used(own: Any) -> None:
    now = timezone.now()
    browser = signed_in(OWN)
    OpenSession.objects.update(last_seen_at=now + timedelta(days=14))
    with time_machine.travel(now + timedelta(days=14, minutes=1)):
        assert browser.get("/")["Location"].startswith("/login/")


def test_a_session_from_before_they_were_listed_keeps_working(own: Any) -> None:
    browser = signed_in(OWN)
    session = browser.session
    del session["open_session"]
    session.save()
    OpenSession.objects.all().delete()
    assert browser.get("/").status_code == 200
    assert OpenSession.objects.count() == 1


def test_the_cookie_of_a_known_browser_signs_nobody_in(own: Any) -> None:
    browser = signed_in(OWN)
    known = browser.cookies["known_browser"]
    assert (known["httponly"], known["samesite"]) == (True, "Lax")
    del browser.cookies["sessionid"]
    assert browser.get("/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.1 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        ("curl/8.11.0", "curl/8.11.0"),
        ("", "Unknown browser"),
    ],
)
def test_a_device_is_named_in_a_few_words(agent: str, words: str) -> None:
    assert device(agent) == words
