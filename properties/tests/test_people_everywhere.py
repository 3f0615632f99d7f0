"""The people of the server: administrators invite them, and switch them off and on."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from properties.models import AuditEvent, Property
from tests.pages import page_text
from tests.people import make_user, signed_in

PASSWORD = "a first pass phrase"


def invite(client: Any, **changes: str) -> Any:
    data = {"username": "petra", "password1": PASSWORD, "password2": PASSWORD, **changes}
    return client.post("/people/", data, follow=True)


def test_an_administrator_invites_a_person_who_then_chooses_a_password(
    administrator_client: Any, prop: Property
) -> None:
    page = page_text(invite(administrator_client))
    assert "petra can sign in now." in page
    petra = get_user_model().objects.get(username="petra")
    assert petra.password_to_change
    assert (petra.is_staff, petra.is_superuser) == (False, False)
    entry = AuditEvent.objects.get(type_of="user.created", display_name="petra")
    assert entry.actor_name == "root"
    assert PASSWORD not in str(list(AuditEvent.objects.values()))


def test_a_weak_password_is_refused_and_not_sent_back(administrator_client: Any, prop: Property) -> None:
    page = page_text(invite(administrator_client, password1="short1", password2="short1"))
    assert "Invite a person" in page
    assert "short1" not in page
    assert not get_user_model().objects.filter(username="petra").exists()


def test_a_person_is_switched_off_and_on(administrator_client: Any, colleague: Any) -> None:
    page = page_text(administrator_client.post(f"/people/{colleague.pk}/switch/", follow=True))
    assert "colin can no longer sign in." in page
    colleague.refresh_from_db()
    assert not colleague.is_active
    assert AuditEvent.objects.get(type_of="user.updated").entity["after"] == {"is_active": False}
    administrator_client.post(f"/people/{colleague.pk}/switch/")
    colleague.refresh_from_db()
    assert colleague.is_active


def test_nobody_switches_off_themselves_or_somebody_above_them(administrator: Any, prop: Property) -> None:
    clerk = make_user("clerk")
    rights = Permission.objects.filter(codename__in=["view_user", "add_user", "change_user"])
    clerk.user_permissions.add(*rights)
    client = signed_in(clerk)
    for user in (clerk, administrator):
        page = page_text(client.post(f"/people/{user.pk}/switch/", follow=True))
        assert "You cannot switch off yourself" in page
        user.refresh_from_db()
        assert user.is_active


@pytest.mark.parametrize("path", ["/people/", "/people/1/switch/"])
def test_owners_of_a_property_do_not_see_the_people_of_the_server(owner_client: Any, path: str) -> None:
    assert owner_client.post(path).status_code == 403
    assert 'href="/people/"' not in owner_client.get("/").content.decode()


def test_the_list_asks_the_same_number_of_queries_for_many_people(
    administrator_client: Any, prop: Property
) -> None:
    with CaptureQueriesContext(connection) as few:
        administrator_client.get("/people/")
    for number in range(10):
        make_user(f"person {number}")
    with CaptureQueriesContext(connection) as many:
        administrator_client.get("/people/")
    assert len(many) == len(few)
