"""Every route, tried by nobody, a stranger, a colleague without rights, colleagues with one right, the owner.

The table names the right that a form needs; every member of the property may read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capi_admin import demo
from properties.catalog.outbound import Answer
from properties.http import transport
from properties.models import RIGHTS, Environment, Membership, Property
from properties.saving import record
from rules.delivery.replay.jobs import start
from rules.documents.adobe.importing import IMPORTED, plan_import
from rules.documents.applying import apply_document
from rules.models import Delivery, DestinationGate, InboundEvent, Issue, QuickStartRun
from tests.addresses import BUTTONS, MOVED, OF_TAGS, PAGES, PARTS, routes
from tests.event_ids import next_event_id

# A page that loads a tag library would run it with the rights of whoever opens the page.
RUNS_A_LIBRARY = re.compile(rb"""<script[^>]*\ssrc=["'][^"']*/t/""")
ADOBE_FILE = Path(__file__).parent.parent / "rules/documents/tests/adobe/shop.json"
META = "meta-conversions-api"
ACTION = f"{META}::actions::send-conversions-api-event"
CONFIGURATION = f"{META}::extensionConfiguration::config"
CONDITION = "core::conditions::value-comparison"

EVERYBODY = {
    "documents:import_report",
    "properties:catalog",
    "properties:data_element_named",
    "properties:data_elements",
    "properties:form_row",
    "properties:environment",
    "properties:environments",
    "properties:extensions",
    "properties:secrets",
    "properties:data_element_revisions",
    "rules:build_detail",
    "rules:build_progress",
    "rules:element_picker",
    "rules:element_values",
    "rules:event_detail",
    "rules:event_download",
    "rules:event_live",
    "rules:event_log",
    "rules:issues",
    "rules:deduplication",
    "rules:event_search",
    "rules:last_event",
    "rules:library_bar",
    "rules:match_quality",
    "rules:match_quality_advice",
    "rules:match_quality_read",
    "rules:match_quality_summary",
    "rules:overview",
    "rules:publishing",
    "rules:replay_detail",
    "rules:received_tree",
    "rules:replay_progress",
    "rules:rule_events",
    "rules:rule_facts",
    "rules:rule_revisions",
    "rules:rules",
    "rules:site_checklist",
    "rules:states",
    "rules:customer_data",
    "rules:tests",
    "rules:test_event_outcome",
    "rules:dry_run",
    "rules:dry_run_condition",
    "rules:dry_run_moved",
    "rules:dry_run_element",
}
DEVELOP = {
    "properties:data_element_delete",
    "properties:data_element_edit",
    "properties:data_element_new",
    "properties:data_element_revert",
    "properties:data_elements_copy",
    "properties:data_elements_create",
    "properties:data_elements_delete",
    "properties:data_elements_undo",
    "properties:data_elements_usual",
    "properties:restore",
    "rules:build_library",
    "rules:component_copy",
    "rules:component_delete",
    "rules:component_edit",
    "rules:component_move",
    "rules:component_new",
    "rules:component_picker",
    "rules:destination_retry",
    "rules:issue_mute",
    "rules:issue_retry",
    "rules:issue_unmute",
    "rules:delivery_retry",
    "rules:event_incoming",
    "rules:event_save",
    "rules:saved_event_delete",
    "rules:elements_to_library",
    "rules:bar_build",
    "rules:library_add",
    "rules:library_change",
    "rules:library_rename",
    "rules:preview",
    "rules:preview_send",
    "rules:replay_cancel",
    "rules:replay_new",
    "rules:rule_copy",
    "rules:rule_delete",
    "rules:rule_edit",
    "rules:rule_new",
    "rules:rule_restore",
    "rules:test_code_off",
    "rules:test_code_set",
    "rules:test_event",
}
PUBLISH = {"rules:publish_build", "rules:publish_library"}
MANAGE_EXTENSIONS = {
    "properties:connect_start",
    "properties:connection_read",
    "properties:connection_test",
    "properties:disconnect",
    "properties:extension_edit",
    "properties:extension_install",
    "properties:extension_toggle",
    "properties:extension_uninstall",
}
MANAGE_ENVIRONMENTS = {
    "properties:datastream_edit",
    "properties:datastream_key_new",
    "properties:datastream_key_remove",
    "properties:secret_delete",
    "properties:secret_edit",
    "properties:secret_new",
    "properties:secret_retry",
    "properties:secret_test",
}
OWN = {
    "properties:audit_export",
    "properties:audit_log",
    "properties:people",
    "properties:person_remove",
    "properties:property_delete",
    "properties:property_settings",
}
NEEDED = {
    "develop": DEVELOP,
    "publish": PUBLISH,
    "manage_extensions": MANAGE_EXTENSIONS,
    "manage_environments": MANAGE_ENVIRONMENTS,
    "approve": set(),
}
# A person who may not send the form may not read the page either.
FOR_OWNERS = {"properties:audit_log"}
OF_A_PROPERTY = EVERYBODY.union(OWN, *NEEDED.values())
# Pages for everybody who is signed in, for those who may add properties, and for oneself.
RUN = ("domain", "setup", "connect", "created", "work", "code", "validation", "next", "close", "delete")
ADDING = {
    "properties:property_new",
    "documents:import_adobe",
    "quick_start:quick_start_new",
    *(f"quick_start:quick_start_{name}" for name in RUN),
}
SIGNED_IN = {
    "quick_start:quick_starts",
    "home:home",
    "properties:account",
    "properties:connect_choice",
    "properties:connect_over",
    "properties:connect_return",
    "properties:help",
    "properties:help_page",
    "properties:property_list",
    "properties:search",
    "properties:session_end",
    "properties:sessions",
    "properties:sessions_end_others",
    "properties:draft_forget",
    "password_change",
    "password_change_done",
}
ADMINISTRATORS = {
    "properties:audit_everywhere",
    "properties:audit_everywhere_export",
    "properties:people_everywhere",
    "properties:person_switch",
}
# Routes that also work without a session: a draft itself proves its owner.
SIGNING_IN = {"login", "logout", "properties:draft_keep"}

Find = Callable[[str], str]


def signed_in(name: str, prop: Property | None = None, rights: Any = ()) -> Client:
    """Someone's browser; a colleague's with a property."""
    user, _ = get_user_model().objects.get_or_create(username=name)
    if prop:
        Membership.objects.create(user=user, prop=prop, rights=list(rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def prop(db: None) -> Property:
    """The demo, published, with an event that waits and a destination that is closed."""
    prop = apply_document(demo.document(), publish="production").prop
    record(prop, IMPORTED, prop, None, **plan_import(ADOBE_FILE.read_bytes(), "Imported").facts())
    return prop


@pytest.fixture
def find(prop: Property, owner_client: Client) -> Find:
    """Address of a route, below the property where it is of one."""
    given = dict(_arguments(prop))

    def find(name: str) -> str:
        below = {"uid": prop.uid} if name in OF_A_PROPERTY else {}
        return reverse(name, kwargs={**below, **given.get(name, {})})

    return find


def _arguments(prop: Property) -> Iterator[tuple[str, Mapping[str, Any]]]:
    extension = prop.extensions.get(package_name=META)
    element, secret = prop.dataelements.first(), prop.secrets.first()
    environment, build = prop.environments.get(stage="production"), prop.builds.first()
    rule = prop.rules.first()
    component, delivery, gate = rule.components.first(), _waiting(prop), _closed(prop)
    for name in ("extension_install", "connection_test", "connect_start", "connection_read", "disconnect"):
        yield f"properties:{name}", {"package_name": META}
    for name in ("extension_edit", "extension_toggle", "extension_uninstall"):
        yield f"properties:{name}", {"extension_uid": extension.uid}
    for name in ("data_element_edit", "data_element_delete", "data_element_revisions"):
        yield f"properties:{name}", {"element_uid": element.uid}
    yield "properties:data_element_revert", {"element_uid": element.uid, "number": 1}
    yield "properties:data_elements_undo", {"first": 1, "last": 2}
    for name in ("environment", "datastream_edit", "datastream_key_new", "datastream_key_remove"):
        yield f"properties:{name}", {"environment_uid": environment.uid}
    for name in ("secret_edit", "secret_retry", "secret_test", "secret_delete"):
        yield f"properties:{name}", {"secret_uid": secret.uid}
    member = prop.memberships.get(user__username="olivia")
    session = member.user.open_sessions.create(device="Firefox on Windows", address="203.0.113.7")
    yield "properties:person_switch", {"user_id": member.user.pk}
    yield "properties:session_end", {"session_id": session.pk}
    yield "properties:person_remove", {"member_id": member.pk}
    yield "properties:restore", {"revision_id": prop.revisions.filter(kind=element.kind).first().pk}
    for name in ("rule_edit", "rule_delete", "rule_copy", "rule_facts", "rule_events", "rule_revisions"):
        yield f"rules:{name}", {"rule_uid": rule.uid}
    yield "rules:rule_restore", {"rule_uid": rule.uid, "number": 1}
    for name, delegate in {"preview": ACTION, "preview_send": ACTION, "dry_run_condition": CONDITION}.items():
        yield f"rules:{name}", {"rule_uid": rule.uid, "delegate": delegate}
    yield "rules:dry_run_element", {"delegate": element.delegate}
    yield "properties:form_row", {"delegate": CONFIGURATION, "path": "additionalPixels", "number": 1}
    yield "rules:component_picker", {"rule_uid": rule.uid, "kind": "actions"}
    yield "rules:component_new", {"rule_uid": rule.uid, "kind": "actions", "delegate": ACTION}
    for name in ("component_edit", "component_move", "component_copy", "component_delete"):
        yield f"rules:{name}", {"rule_uid": rule.uid, "component_uid": component.uid}
    for name in ("build_detail", "build_progress", "publish_build"):
        yield f"rules:{name}", {"build_uid": build.uid}
    for name in ("publish_library", "last_event", "test_event", "test_event_outcome"):
        yield f"rules:{name}", {"environment_uid": environment.uid}
    yield "properties:help_page", {"name": f"{META}/liveramp"}
    for name in ("test_code_set", "test_code_off"):
        yield f"rules:{name}", {"environment_uid": environment.uid}
    for name in ("event_detail", "event_incoming", "event_save"):
        yield f"rules:{name}", {"event_id": delivery.event_id}
    saved = prop.saved_events.create(name="A purchase", data={"event": "Purchase"})
    yield "rules:saved_event_delete", {"saved_uid": saved.uid}
    yield "rules:delivery_retry", {"event_id": delivery.event_id, "delivery_id": delivery.pk}
    yield "rules:destination_retry", {"gate_id": gate.pk}
    yield "properties:draft_forget", {"key": "gone"}
    yield "properties:connect_choice", {"key": "gone"}
    yield "properties:connect_return", {"slug": "meta"}
    yield "quick_start:quick_start_new", {"package_name": META}
    begun = QuickStartRun.objects.create(
        user=member.user,
        package=META,
        domain="shop.example",
        work="done",
        reached=6,
        tags=prop,
        forwarding=prop,
    )
    for name in RUN:
        yield f"quick_start:quick_start_{name}", {"run_uid": begun.uid}
    replay = start(prop, [], build="current", what="some", started_by="olivia", key="1")
    for name in ("replay_detail", "replay_progress", "replay_cancel"):
        yield f"rules:{name}", {"replay_uid": replay.uid}
    for name in ("issue_mute", "issue_unmute", "issue_retry"):
        yield f"rules:{name}", {"issue_id": _issue(environment).pk}


def _waiting(prop: Property) -> Delivery:
    now, environment = timezone.now(), prop.environments.get(stage="production")
    facts = {"property_id": prop.pk, "environment_id": environment.pk}
    event = InboundEvent.objects.create(
        id=next_event_id(),
        datastream_id=environment.datastream.pk,
        received_at=now,
        body='{"xdm": {}, "data": {}}',
        request='{"header": {"httpHeaders": {}}}',
        **facts,
    )
    return Delivery.objects.create(event_id=event.pk, delegate=ACTION, created_at=now, **facts)


def _issue(environment: Environment) -> Issue:
    seen = {"first_seen_at": timezone.now(), "last_seen_at": timezone.now(), "last_live_at": timezone.now()}
    where = {"property_id": environment.prop_id, "environment_id": environment.pk, "kind": "not_sent"}
    return Issue.objects.get_or_create(id="issue", defaults={**where, **seen, "code": "too_old"})[0]


def _closed(prop: Property) -> DestinationGate:
    return DestinationGate.objects.create(
        property_id=prop.pk, package_name=META, destination="1234567890", state="parked"
    )


@pytest.fixture(autouse=True)
def quiet_meta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meta answers that it accepted nothing; no request leaves the machine."""
    monkeypatch.setattr(transport, "send", lambda *_, **__: Answer(200, body='{"events_received": 0}'))


def pressed(client: Client, address: str) -> int:
    """The answer to an empty form, which leaves nothing behind."""
    with transaction.atomic():
        status = client.post(address).status_code
        transaction.set_rollback(True)
    return status


def test_every_route_is_declared() -> None:
    for_people = [*OF_A_PROPERTY, *ADDING, *SIGNED_IN, *ADMINISTRATORS, *SIGNING_IN]
    assert sorted(routes()) == sorted([*PAGES, *MOVED, *PARTS, *BUTTONS, *OF_TAGS])
    assert sorted(routes()) == sorted([*for_people, *OF_TAGS])


def test_nobody_is_sent_to_the_sign_in_page(find: Find, client: Client) -> None:
    for name in OF_A_PROPERTY | ADDING | SIGNED_IN | ADMINISTRATORS:
        for answer in (client.get(find(name)), client.post(find(name))):
            is_refused = answer.status_code == 405 or answer.get("Location", "").startswith("/login/")
            assert is_refused, name


def test_a_stranger_finds_nothing_and_changes_nothing(find: Find, prop: Property) -> None:
    stranger = signed_in("sam")
    for name in OF_A_PROPERTY:
        assert stranger.get(find(name)).status_code in (404, 405), name
        assert stranger.post(find(name)).status_code == 404, name
    assert Property.objects.filter(pk=prop.pk).exists()


def test_only_who_may_add_properties_reaches_the_pages_for_it(find: Find, owner_client: Client) -> None:
    assert {owner_client.get(find(name)).status_code for name in ADDING - BUTTONS} == {403}
    assert {owner_client.post(find(name)).status_code for name in ADDING} == {403}


def test_only_administrators_read_and_export_what_everybody_did(find: Find, owner_client: Client) -> None:
    assert {owner_client.get(find(name)).status_code for name in ADMINISTRATORS} == {403, 405}
    assert {owner_client.post(find(name)).status_code for name in ADMINISTRATORS} == {403}
    get_user_model().objects.create_superuser("root")
    administrator = signed_in("root")
    for name in ("properties:audit_everywhere", "properties:people_everywhere"):
        assert administrator.get(find(name)).status_code == 200
    assert administrator.post(find("properties:audit_everywhere_export")).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(find: Find, owner_client: Client) -> None:
    address = find("properties:session_end")
    assert signed_in("sam").post(address).status_code == 404
    assert owner_client.post(address).status_code == 302


def test_only_owners_read_the_audit_log(find: Find, prop: Property, owner_client: Client) -> None:
    for right in [None, *NEEDED]:
        colleague = signed_in(f"with {right}", prop, [right] if right else [])
        assert {colleague.get(find(name)).status_code for name in FOR_OWNERS} == {403}
    assert {owner_client.get(find(name)).status_code for name in FOR_OWNERS} == {200}


@pytest.mark.parametrize("rights", [[], RIGHTS], ids=["reader", "owner"])
def test_every_member_of_a_property_opens_every_page(find: Find, prop: Property, rights: Any) -> None:
    colleague = signed_in("carl", prop, rights)
    for name in ((PAGES | PARTS) & OF_A_PROPERTY) - (set() if rights else FOR_OWNERS):
        answer = colleague.get(find(name), follow=True)
        assert answer.status_code in (200, 204), name


CRUMBS = re.compile(r'<ol class="crumbs".*?</ol>', re.DOTALL)
ABOVE = re.compile(r'<li><a href="([^"]+)">([^<]+)</a></li>')
HERE = re.compile(r'<li><span aria-current="page">([^<]+)</span></li>\s*</ol>')
FURTHER = {
    "properties:data_element_new": "?type=core::dataElements::path",
    "properties:secret_new": "?type=token",
}


def test_every_page_shows_its_place_in_the_property(find: Find, prop: Property, owner_client: Client) -> None:
    get_user_model().objects.filter(username="olivia").update(is_superuser=True)
    titles: dict[str, str] = {}
    addresses = [find(name) for name in PAGES - {"login", "password_change_done"}]
    addresses += [find(name) + query for name, query in FURTHER.items()]
    addresses.append(reverse("properties:extension_install", args=[prop.uid, "adobe-cloud-connector"]))
    for address in addresses:
        answer = owner_client.get(address, follow=True)
        name, content = answer.resolver_match.view_name, answer.content.decode()
        check_head(content, prop.name if name in OF_A_PROPERTY else "", address, owner_client)
        title = title_of(content)
        assert titles.setdefault(title, name) == name, f"{address} has the title of {titles[title]}"


def title_of(content: str) -> str:
    """The title as browsers show it: white space counts as one space."""
    [title] = re.findall("<title>(.*?)</title>", content, re.DOTALL)
    return " ".join(title.split())


def check_head(content: str, prop_name: str, address: str, person: Client) -> None:
    """Check the trail from the property to this page, with whose name the title begins."""
    [trail] = CRUMBS.findall(content)
    above, [here] = ABOVE.findall(trail), HERE.findall(trail)
    assert here.strip(), address
    title = title_of(content)
    assert title.startswith(f"{here} · "), address
    assert title.endswith(" · CAPI Admin"), address
    if prop_name:
        assert above[0][1] == prop_name, address
        assert f" · {prop_name} · " in title, address
    assert re.search("<h1[^>]*>[^<]+</h1>", content), address
    for url, _ in above:
        assert person.get(url).status_code == 200, (address, url)


def test_nothing_happens_by_get(find: Find, owner_client: Client) -> None:
    assert {name: owner_client.get(find(name)).status_code for name in BUTTONS} == dict.fromkeys(BUTTONS, 405)


@pytest.mark.parametrize("right", NEEDED)
def test_one_right_allows_its_own_forms_and_no_others(find: Find, prop: Property, right: str) -> None:
    colleague = signed_in("carl", prop, [right])
    allowed = {name for name in OF_A_PROPERTY if pressed(colleague, find(name)) != 403}
    assert allowed == EVERYBODY | NEEDED[right]


def test_the_owner_sends_every_form(find: Find, owner_client: Client) -> None:
    refused = {
        name: status for name in OF_A_PROPERTY if (status := pressed(owner_client, find(name))) in (403, 405)
    }
    assert refused == {}


def test_every_page_says_how_browsers_and_caches_treat_it(
    find: Find, owner_client: Client, client: Client
) -> None:
    answers = {name: owner_client.get(find(name)) for name in PAGES | PARTS | BUTTONS}
    answers |= {
        "sign in": client.get("/login/"),
        "wrong": owner_client.get("/nowhere/"),
        "staff": owner_client.get("/backoffice/"),
    }
    for name, answer in answers.items():
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert not RUNS_A_LIBRARY.search(answer.content), name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert "no-store" in answer["Cache-Control"], name
        assert "camera=()" in answer["Permissions-Policy"], name
