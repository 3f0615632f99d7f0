"""The audit log: its pages, its files and its entries."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command, get_commands
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.audit.log import ROWS, ROWS_AT_ONCE, formula_safe
from properties.models import AuditEvent, Membership, Property
from properties.saving import record
from properties.secrets import rotation

PASSWORD = "a long pass phrase"


@pytest.fixture
def page(prop: Property) -> str:
    return reverse("properties:audit_log", args=[prop.uid])


def shown(answer: Any) -> list[tuple[str, str]]:
    return [(row.entry.actor_name, row.entry.type_of) for row in answer.context["page"].rows]


def last(type_of: str) -> AuditEvent:
    return AuditEvent.objects.filter(type_of=type_of).latest("id")


# Pages


def test_owners_find_who_did_what_in_their_property_alone(
    owner_client: Client, prop: Property, page: str
) -> None:
    record(None, "user.signed_in", "petra", "petra")
    assert ("olivia", "property.created") in shown(owner_client.get(page))
    assert "petra" not in owner_client.get(page).content.decode()


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"person": "carl"}, True),
        ({"person": "olivia"}, False),
        ({"action": "build.activated"}, True),
        ({"action": "rule.updated"}, False),
        ({"kind": "build"}, True),
        ({"kind": "bui"}, False),
        ({"kind": "rule"}, False),
        ({"resource": "Build of"}, True),
        ({"resource": "BL123"}, True),
        ({"resource": "BL1"}, False),
        ({"since": "2026-03-01", "until": "2026-03-01"}, True),
        ({"since": "2026-03-02"}, False),
        ({"until": "2026-02-28"}, False),
        ({"since": "2026-13-77"}, True),
        ({"person": "carl", "action": "build.activated", "since": "2026-03-01"}, True),
    ],
)
def test_entries_are_filtered_by_person_action_resource_and_day(
    owner_client: Client, prop: Property, page: str, query: dict[str, str], fits: bool
) -> None:
    class Build:
        uid = "BL123"

        def __str__(self) -> str:
            return "Build of today"

    with time_machine.travel("2026-03-01T23:59:00Z", tick=False):
        record(prop, "build.activated", Build(), "carl")
    found = [type_of for _, type_of in shown(owner_client.get(page, query))]
    assert ("build.activated" in found) is fits


def test_pages_follow_by_key_and_show_every_entry_once(
    owner_client: Client, prop: Property, page: str
) -> None:
    for number in range(2 * ROWS):
        record(prop, "property.updated", f"number {number}", "carl")
    names, query = [], "?action=property.updated"
    while query:
        answer = owner_client.get(page + query)
        names += [row.entry.display_name for row in answer.context["page"].rows]
        record(prop, "property.updated", "meanwhile", "carl")
        query = f"?{answer.context['older_query']}" if answer.context["older_query"] else ""
    assert names == [f"number {number}" for number in reversed(range(2 * ROWS))]


def test_the_page_shows_what_was_there_before_and_after(
    owner_client: Client, prop: Property, page: str
) -> None:
    changed = {"name": "Shop", "domains": "shop.example", "default_country": "", "enabled": ""}
    owner_client.post(reverse("properties:property_settings", args=[prop.uid]), changed)
    row = owner_client.get(page, {"action": "property.updated"}).context["page"].rows[0]
    assert ("enabled", "true", "false") in row.changes
    assert ("domains[0]", "", "shop.example") in row.changes


def test_an_entry_opens_in_a_drawer_with_an_address_that_keeps_the_filters(
    owner_client: Client, prop: Property, page: str
) -> None:
    changed = {"name": "Shop", "domains": "shop.example", "default_country": "", "enabled": ""}
    owner_client.post(reverse("properties:property_settings", args=[prop.uid]), changed)
    entry = last("property.updated")
    content = owner_client.get(page, {"kind": "property"}).content.decode()
    assert f"?kind=property&amp;entry={entry.pk}" in content
    assert "domains[0]" not in content
    content = owner_client.get(page, {"kind": "property", "entry": entry.pk}).content.decode()
    assert "domains[0]" in content
    assert '<a class="b quiet tiny ico" href="?kind=property"' in content


def test_an_entry_of_another_property_does_not_open(owner_client: Client, page: str) -> None:
    other = Property.objects.create(name="Other")
    entry = record(other, "property.updated", "hidden thing", "carl")
    answer = owner_client.get(page, {"entry": entry.pk})
    assert answer.context["opened"] is None
    assert b"hidden thing" not in answer.content


def test_an_empty_log_says_what_to_do(owner_client: Client, page: str) -> None:
    assert b"No matching entries" in owner_client.get(page, {"person": "nobody at all"}).content


def test_administrators_find_everything_also_of_what_is_gone(
    administrator_client: Client, prop: Property
) -> None:
    prop.delete()
    answer = administrator_client.get(reverse("properties:audit_everywhere"), {"resource": "Shop"})
    assert ("olivia", "property.created") in shown(answer)
    assert b"Shop" in answer.content


# Files

FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", " =1", "  +1"),
    *(
        '=cmd|"/c calc"!A1',
        "=HYPERLINK(1)",
        '@A1&"x"',
        "-2+3",
        "+49 30 1",
        "=\u00a01",
        "==1",
        "@@",
        "--",
        "++",
    ),
]


def content(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_file_is_a_formula(formula: str) -> None:
    assert formula_safe(formula) == f"'{formula}"


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert [formula_safe(text) for text in ("Purchase", "2 + 3", "a@b", "")] == [
        "Purchase",
        "2 + 3",
        "a@b",
        "",
    ]


def test_the_csv_file_holds_what_fits_and_no_formula(owner_client: Client, prop: Property) -> None:
    record(prop, "rule.updated", "=HYPERLINK(1)", "carl", after={"name": "=1"})
    record(prop, "rule.deleted", "other", "carl")
    answer = owner_client.post(
        reverse("properties:audit_export", args=[prop.uid]), {"format": "csv", "action": "rule.updated"}
    )
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = content(answer)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["person"], row["resource"], row["property"]) for row in rows] == [
        ("carl", "'=HYPERLINK(1)", "Shop")
    ]
    assert json.loads(rows[0]["details"]) == {"after": {"name": "=1"}}
    assert text.splitlines()[0].startswith('"id","time",')


def test_the_json_file_is_one_array_of_every_entry(owner_client: Client, prop: Property) -> None:
    for number in range(ROWS_AT_ONCE + 5):
        record(prop, "rule.updated", f"number {number}", "carl")
    answer = owner_client.post(
        reverse("properties:audit_export", args=[prop.uid]), {"format": "json", "person": "carl"}
    )
    found = json.loads(content(answer))
    assert [row["resource"] for row in found] == [f"number {n}" for n in reversed(range(ROWS_AT_ONCE + 5))]


def test_a_file_without_entries_is_an_empty_array(owner_client: Client, prop: Property) -> None:
    asked = {"format": "json", "person": "nobody at all"}
    answer = owner_client.post(reverse("properties:audit_export", args=[prop.uid]), asked)
    assert json.loads(content(answer)) == []


def test_an_export_is_an_entry_itself(owner_client: Client, prop: Property) -> None:
    owner_client.post(
        reverse("properties:audit_export", args=[prop.uid]), {"format": "csv", "person": "carl"}
    )
    entry = last("audit.exported")
    assert (entry.actor_name, entry.prop_id) == ("olivia", prop.pk)
    assert entry.entity == {"format": "csv", "person": "carl"}


# Entries


def test_signing_in_and_out_are_entries_with_address_and_browser(db: None) -> None:
    get_user_model().objects.create_user("petra", password=PASSWORD)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
    browser = Client(REMOTE_ADDR="203.0.113.5", headers={"User-Agent": agent})
    browser.post("/login/", {"username": "petra", "password": PASSWORD})
    browser.post("/logout/")
    for type_of in ("user.signed_in", "user.signed_out"):
        entry = last(type_of)
        assert entry.actor_name == "petra"
        assert entry.entity == {"address": "203.0.113.5", "device": "Firefox on Windows"}


def test_a_failure_is_an_entry_that_names_the_user_but_never_what_was_typed(db: None) -> None:
    get_user_model().objects.create_user("petra", password=PASSWORD)
    browser = Client(REMOTE_ADDR="203.0.113.5")
    browser.post("/login/", {"username": "petra", "password": "my other secret"})
    assert last("user.sign_in_failed").display_name == "petra"
    browser.post("/login/", {"username": PASSWORD, "password": "petra"})
    assert last("user.sign_in_failed").display_name == "An unknown name"
    kept = str(list(AuditEvent.objects.values()))
    assert PASSWORD not in kept
    assert "my other secret" not in kept


def test_a_lock_is_one_entry_however_often_the_page_is_asked(db: None) -> None:
    for _ in range(12):
        Client(REMOTE_ADDR="203.0.113.5").post("/login/", {"username": "petra", "password": "wrong"})
    kinds = list(AuditEvent.objects.values_list("type_of", flat=True))
    assert kinds.count("user.sign_in_failed") == 5
    assert kinds.count("user.locked_out") == 1


def test_rights_in_a_property_are_entries_with_before_and_after(owner_client: Client, prop: Property) -> None:
    people = reverse("properties:people", args=[prop.uid])
    member = Membership.objects.get(prop=prop, user__username="colin")
    owner_client.post(people, {"username": "colin", "rights": ["develop", "publish"]})
    assert last("membership.updated").entity == {
        "user": "colin",
        "before": {"rights": ["develop"]},
        "after": {"rights": ["develop", "publish"]},
    }
    owner_client.post(reverse("properties:person_remove", args=[prop.uid, member.pk]))
    assert last("membership.deleted").entity == {
        "user": "colin",
        "before": {"rights": ["develop", "publish"]},
        "after": {},
    }


def change_user(administrator_client: Client, user: Any, **fields: Any) -> Any:
    """Send the form of the back office."""
    joined = user.date_joined
    data = {
        "username": user.username,
        "date_joined_0": f"{joined:%Y-%m-%d}",
        "date_joined_1": f"{joined:%H:%M:%S}",
    }
    return administrator_client.post(reverse("admin:auth_user_change", args=[user.pk]), data | fields)


def test_rights_given_in_the_back_office_are_entries_with_before_and_after(
    administrator_client: Client,
) -> None:
    colin = get_user_model().objects.get(username="colin")
    group = Group.objects.create(name="Analysts")
    permission = Permission.objects.get(codename="add_property")
    answer = change_user(
        administrator_client, colin, is_staff="on", groups=[group.pk], user_permissions=[permission.pk]
    )
    assert answer.status_code == 302
    entry = last("user.updated")
    assert (entry.actor_name, entry.display_name) == ("root", "colin")
    assert entry.entity["before"] == {"is_active": True, "is_staff": False}
    assert entry.entity["after"] == {"is_active": False, "is_staff": True}
    given = AuditEvent.objects.filter(type_of="user.rights_changed").order_by("id")
    assert [entry.entity for entry in given] == [
        {"before": {"groups": []}, "after": {"groups": ["Analysts"]}},
        {"before": {"user_permissions": []}, "after": {"user_permissions": [str(permission)]}},
    ]


def test_what_a_group_may_do_is_an_entry(db: None) -> None:
    group, permission = Group.objects.create(name="Analysts"), Permission.objects.get(codename="add_property")
    group.permissions.add(permission)
    group.permissions.clear()
    assert last("group.rights_changed").entity == {
        "before": {"permissions": [str(permission)]},
        "after": {"permissions": []},
    }


def test_a_password_that_changes_is_an_entry_without_it(db: None) -> None:
    petra = get_user_model().objects.create_user("petra", password=PASSWORD)
    petra.set_password("another long pass phrase")
    petra.save()
    entry = last("user.password_changed")
    assert (entry.display_name, entry.entity) == ("petra", {"by": "somebody else"})
    kept = str(list(AuditEvent.objects.values()))
    assert "another" not in kept
    assert petra.password not in kept


def test_a_user_who_is_made_and_removed_leaves_entries(db: None) -> None:
    get_user_model().objects.create_user("petra", email="petra@shop.example").delete()
    kinds = AuditEvent.objects.filter(display_name="petra").order_by("id").values_list("type_of", flat=True)
    assert list(kinds) == ["user.created", "user.deleted"]
    assert "shop.example" not in str(list(AuditEvent.objects.values()))


def test_a_command_that_exports_is_an_entry(prop: Property, capsys: Any) -> None:
    call_command("export", prop.uid)
    entry = last("property.exported")
    assert (entry.actor_name, entry.prop_id) == ("export", prop.pk)


def test_a_deleted_property_keeps_its_entry_of_that(owner_client: Client, prop: Property) -> None:
    owner_client.post(reverse("properties:property_delete", args=[prop.uid]), {"name": "Shop"})
    entry = last("property.deleted")
    assert (entry.property_name, entry.property_uid, entry.actor_name) == ("Shop", prop.uid, "olivia")


def test_entries_of_weeks_ago_stay(owner_client: Client, prop: Property, page: str) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        record(prop, "build.activated", "Build", "carl")
    assert ("carl", "build.activated") in shown(owner_client.get(page))


def test_new_keys_for_what_is_stored_are_an_entry(db: None, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(rotation, "rotate", lambda: (rotation.Survey(current=3), 3))
    call_command("rotate_keys", "--check")
    assert not AuditEvent.objects.exists()
    call_command("rotate_keys")
    assert last("keys.rotated").entity == {"rotated": 3, "forgotten": 0}


# Each of these writes entries. Add every new command to one of the lists, and test its entries.
WRITE_ENTRIES = {
    *("apply", "backup", "export", "import_adobe", "quick_start", "replay", "restore", "rotate_keys"),
    "up",
}
CHANGE_NOTHING_OF_A_PERSON = {"deliver", "demo_shop", "graph_simulator", "ledger"}


def test_every_command_of_ours_is_known_to_the_audit_log_or_changes_nothing() -> None:
    folders = ("capi_admin", "properties", "rules")
    ours = {name for name, app in get_commands().items() if app.split(".")[0] in folders}
    assert ours == WRITE_ENTRIES | CHANGE_NOTHING_OF_A_PERSON
