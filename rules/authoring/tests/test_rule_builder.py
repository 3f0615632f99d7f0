"""The rule builder: sentences, counts over the newest events, tabs, and rules that start with a preset."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.authoring import editing
from rules.authoring.rule_list import PAGE
from rules.authoring.rule_runs import DAY, recent_runs, runs_of
from rules.authoring.starts import starts
from rules.dry_run.tests.received import receive
from rules.event_log.rule_counts import events_by_rule
from rules.models import Delivery, InboundEvent, LoggedDelivery, LoggedEvent, LogGroup, Rule
from tests.pages import page_words


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


def page(client: Any, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"rules:{name}", args=args), query)
    assert answer.status_code == 200
    return page_words(answer)


def test_the_list_tells_each_rule_as_a_sentence(owner_client: Any, prop: Property) -> None:
    shown = page(owner_client, "rules", prop.uid)
    assert "If Event Name equals “Purchase” then Send Conversions API Event" in shown


def test_rules_are_found_by_name_condition_and_action(owner_client: Any, prop: Property) -> None:
    for query in ("purch", "event name", "conversions"):
        assert "If Event Name equals" in page(owner_client, "rules", prop.uid, q=query)
    assert "No rule has “lead”" in page(owner_client, "rules", prop.uid, q="lead")


def delivery(prop: Property, rule: Rule, event_id: int) -> None:
    environment = prop.environments.get(stage="production")
    now = prop.created_at
    Delivery.objects.create(
        event_id=event_id,
        property_id=prop.pk,
        environment_id=environment.pk,
        rule_uid=rule.uid,
        rule_name=rule.name,
        delegate="meta-conversions-api::actions::send-conversions-api-event",
        name="Purchase",
        state="delivered",
        created_at=now,
    )
    # Each delivery but the first of an event has a row beside that of the event.
    is_further = LoggedEvent.objects.filter(event_id=event_id).exists()
    group, _ = LogGroup.objects.get_or_create(
        id=rule.pk * 2 + is_further,
        property_id=prop.pk,
        environment_id=environment.pk,
        outcome="delivered",
        rule_uid=rule.uid,
        is_further=is_further,
        defaults={"seen_at": now},
    )
    if is_further:
        LoggedDelivery.objects.create(event_id=event_id, group_id=group.pk)
    else:
        LoggedEvent.objects.create(event_id=event_id, environment_id=environment.pk, group_id=group.pk)


def test_the_list_counts_the_events_that_each_rule_ran_for(
    owner_client: Any, prop: Property, rule: Rule
) -> None:
    first, second = receive(prop, [{"name": "Purchase"}] * 2)
    for event in (first, first, second):
        delivery(prop, rule, event.pk)
    lines = owner_client.get(reverse("rules:rules", args=[prop.uid])).context["shown"].rows
    assert [line.ran for line in lines] == ["2"]
    assert page(owner_client, "rule_events", prop.uid, rule.uid).count("Delivered") == 3


def test_the_events_of_another_rule_and_of_yesterday_do_not_count(
    owner_client: Any, prop: Property, rule: Rule
) -> None:
    [event] = receive(prop, [{"name": "Purchase"}])
    other = editing.copy_rule(rule, None)
    delivery(prop, rule, event.pk), delivery(prop, other, event.pk)
    delivery(prop, rule, InboundEvent.first_id_at(timezone.now() - timedelta(hours=25)))
    assert recent_runs(prop, [rule, other]) == {rule.uid: 1, other.uid: 1}
    assert recent_runs(prop, [other]) == {other.uid: 1}
    assert [it.event_id for it in runs_of(rule)] == [event.pk]


def test_a_number_is_exact_up_to_a_thousand(owner_client: Any, prop: Property, rule: Rule) -> None:
    first = InboundEvent.first_id_at(timezone.now() - timedelta(hours=1))
    delivery(prop, rule, first)
    [group] = LogGroup.objects.all()
    place = {"environment_id": group.environment_id, "group_id": group.pk}
    more = [LoggedEvent(event_id=first + number, **place) for number in range(1, 1_001)]
    LoggedEvent.objects.bulk_create(more[:-1])
    assert "1,000" in page(owner_client, "rules", prop.uid).split()
    more[-1].save()
    assert "1,000+" in page(owner_client, "rules", prop.uid).split()


def test_many_rules_are_counted_in_a_few_statements(prop: Property) -> None:
    environment = prop.environments.get(stage="production")
    newest = InboundEvent.first_id_at(timezone.now()) - 1
    for number in range(401):
        uid = f"RL{number}"
        LogGroup.objects.create(
            id=number, property_id=prop.pk, environment_id=environment.pk, outcome="delivered",
            rule_uid=uid, seen_at=timezone.now(),
        )  # fmt: skip
        LoggedEvent.objects.create(event_id=newest - number, environment_id=environment.pk, group_id=number)
    with CaptureQueriesContext(connection) as queries:
        found = events_by_rule(prop, timezone.now() - DAY, [f"RL{number}" for number in range(401)])
    assert found == {f"RL{number}": 1 for number in range(401)}
    assert len(queries) == 1 + 3


def test_the_rule_says_for_how_many_events_it_would_run(
    owner_client: Any, prop: Property, rule: Rule
) -> None:
    receive(prop, [{"name": "Purchase"}, {"name": "Purchase"}, {"name": "Lead"}])
    shown = page(owner_client, "rule_facts", prop.uid, rule.uid)
    assert "Would run for 2 of the last 3 events" in shown
    assert "“Lead” not met 2 of last 3" in shown
    assert "It would not run for this event" in shown


def test_without_events_the_rule_claims_nothing(owner_client: Any, prop: Property, rule: Rule) -> None:
    assert "Counts appear with the first event." in page(owner_client, "rule_facts", prop.uid, rule.uid)


def test_a_long_list_has_pages_and_a_search_covers_all_of_them(owner_client: Any, prop: Property) -> None:
    Rule.objects.bulk_create(Rule(prop=prop, uid=f"RL{it}", name=f"Zone {it:03}") for it in range(2 * PAGE))
    first = page(owner_client, "rules", prop.uid)
    assert f"{2 * PAGE + 1} rules Next" in first
    assert "Zone 000" in first
    assert "Zone 199" not in first
    last = page(owner_client, "rules", prop.uid, page="3")
    assert f"{2 * PAGE + 1} rules First" in last
    assert "Next" not in last
    assert "Zone 199" in last
    assert "Zone 199" in page(owner_client, "rules", prop.uid, page="9"), "after the last page comes the last"
    assert "Zone 199" in page(owner_client, "rules", prop.uid, q="zone 199")


def test_the_number_of_queries_of_the_list_does_not_grow(owner_client: Any, prop: Property) -> None:
    few, many = _queries(owner_client, prop, 3), _queries(owner_client, prop, 300)
    assert abs(many - few) <= OF_THE_FRAME


# The navigation keeps some counts for a while.
OF_THE_FRAME = 4


def _queries(client: Any, prop: Property, more: int) -> int:
    rules = [Rule(prop=prop, uid=f"RL{more}-{it}", name=f"R{more}-{it}") for it in range(more)]
    for made in Rule.objects.bulk_create(rules):
        made.components.create(kind="actions", delegate="core::actions::custom-code")
    page(client, "rules", prop.uid)
    with CaptureQueriesContext(connection) as queries:
        page(client, "rules", prop.uid)
    return len(queries)


def test_revisions_say_in_words_what_changed(owner_client: Any, prop: Property, rule: Rule) -> None:
    action = rule.components.get(kind="actions")
    action.settings = {**action.settings, "email": "{{Event Name}}"}
    editing.copy_component(rule.components.get(kind="conditions"), None)
    editing._save(rule, None, action.save)
    shown = page(owner_client, "rule_revisions", prop.uid, rule.uid)
    assert "Conditions: was empty now Event Name equals “Purchase”" in shown
    assert "Send Conversions API Event › Email: was {{Email}} now {{Event Name}}" in shown


def test_any_revision_can_be_restored_from_the_list(owner_client: Any, prop: Property, rule: Rule) -> None:
    for _ in range(3):
        editing.copy_component(rule.components.filter(kind="conditions").first(), None)
    restore = reverse("rules:rule_restore", args=[prop.uid, rule.uid, 1])
    owner_client.post(restore, {"whatever": "1"})
    assert rule.components.filter(kind="conditions").count() == 1


def test_a_rule_starts_with_a_preset_and_the_name_of_the_event(owner_client: Any, prop: Property) -> None:
    receive(prop, [{"name": "Signup"}])
    address = reverse("rules:rule_new", args=[prop.uid])
    assert "Signup" in owner_client.get(address).content.decode()
    start = next(it for it in starts(prop) if it.preset.title == "Lead")
    answer = owner_client.post(address, {"name": "Signups", "start": start.key, "event": "Signup"})
    made = Rule.objects.get(name="Signups")
    assert answer.url == (
        reverse("rules:component_new", args=[prop.uid, made.uid, "actions", start.delegate])
        + f"?preset={start.preset.name}"
    )
    condition = made.components.get()
    assert condition.settings["leftOperand"] == "{{Event Name}}"
    assert condition.settings["rightOperand"] == "Signup"
    assert made.revision_number == 1
