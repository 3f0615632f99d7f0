"""The overview, and the state of an environment's last event."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from properties.resources.creation import create_property
from rules.delivery.destinations.gates import SIMULATED, hold_property
from rules.delivery.work import deliver_due
from rules.event_log import overview
from rules.explain.refusals import causes
from rules.models import Activation, Build, InboundEvent
from tests.event_ids import next_event_id

from .conftest import PIXEL, PURCHASE, Accept, FakeMeta


def activate(build: Build, environment: Environment) -> None:
    Activation.objects.create(environment=environment, build=build, activated_at=timezone.now())


@pytest.fixture
def live_everywhere(prop: Property) -> None:
    """Every environment runs the build of production."""
    for environment in prop.environments.exclude(stage="production"):
        activate(Build.objects.get(prop=prop), environment)


def page_of(client: Client, prop: Property) -> str:
    return client.get(reverse("rules:overview", args=[prop.uid])).content.decode()


def test_a_new_property_is_led_from_step_to_step(db: None, olivia: object) -> None:
    prop = create_property("Fresh", actor=olivia)
    steps = overview.steps(prop)
    assert [step.is_done for step in steps] == [False] * 5
    client = Client()
    client.force_login(olivia)  # type: ignore[arg-type]
    assert "Next steps" in page_of(client, prop)


def test_a_property_that_runs_has_no_steps_left(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    assert all(step.is_done for step in overview.steps(prop))
    assert "Next steps" not in page_of(owner_client, prop)


def test_the_last_day_is_counted_by_outcome(prop: Property, accept: Accept) -> None:
    for state in ("delivered", "delivered", "dead", "expired", "received", "open", "no_match"):
        accept(state=state)
    accept(state="dead", reason="duplicate")
    long_ago = timezone.now() - timedelta(hours=25)
    accept(id=next_event_id(long_ago), received_at=long_ago, state="delivered")
    [found] = overview.figures(prop)
    counted = (found.received, found.delivered, found.failed, found.waiting, found.no_match)
    assert counted == (8, 2, 2, 2, 1)
    assert not found.is_capped


def test_what_fails_in_development_colours_nothing_of_production(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, live_everywhere: None
) -> None:
    accept()
    for _ in range(2):
        accept({"event": "Purchase", "user": {"email": "a@b.example"}}, stage="development")
    deliver_due()
    production, development = overview.figures(prop)
    assert (production.environment.stage, production.delivered, production.failed) == ("production", 1, 0)
    assert (development.environment.stage, development.failed) == ("development", 2)
    page = page_of(owner_client, prop)
    assert "2 events refused in rule “Purchase” (Development)" in page
    assert "is-bad" not in page
    assert f"environment={development.environment.uid}&amp;state=dead" in page
    log = owner_client.get(reverse("rules:event_log", args=[prop.uid])).content.decode()
    causes = log[log.index('data-testid="causes"') :].partition("</section>")[0]
    assert "Development" in causes
    assert "badge-bad" not in causes


def test_one_cause_in_two_environments_says_how_often_in_which_and_is_mended_in_each(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, live_everywhere: None
) -> None:
    bad = {"event": "Purchase", "user": {"email": "a@b.example"}}
    accept(bad), accept(bad, stage="development"), accept(bad, stage="development")
    deliver_due()
    page = page_of(owner_client, prop)
    assert "3 events refused in rule “Purchase” (Production 1, Development 2)" in page
    assert "trouble is-bad" in page
    production = prop.environments.get(stage="production")
    activate(Build.objects.get(prop=prop), production)
    accept({**PURCHASE, "event_id": "order-2"})
    deliver_due()
    [cause] = causes(prop, 0)
    assert [place.mended_at is not None for place in cause.places] == [True, False]
    assert not cause.is_bad
    assert "trouble is-bad" not in page_of(owner_client, prop)


def test_a_destination_that_only_development_waits_for_does_not_trouble_production(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, live_everywhere: None
) -> None:
    meta.refuse(190, "Invalid OAuth access token", status=401)
    accept(stage="development")
    deliver_due()
    [trouble] = overview.troubles(prop)
    assert trouble.message == "Invalid OAuth access token. On hold: Development 1."
    assert not trouble.is_bad
    accept({**PURCHASE, "event_id": "order-2"})
    deliver_due()
    [trouble] = overview.troubles(prop)
    assert "On hold: Production 1, Development 1." in trouble.message
    assert trouble.is_bad


def test_each_of_the_last_events_names_its_environment(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    accept(stage="staging")
    assert "Staging, <time" in page_of(owner_client, prop)


def test_very_many_events_are_counted_up_to_a_limit(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "MOST_COUNTED", 2)
    for _ in range(4):
        accept()
    assert "2+" in page_of(owner_client, prop)


def test_each_environment_shows_its_live_build(owner_client: Client, prop: Property) -> None:
    page = page_of(owner_client, prop)
    build = Build.objects.get(prop=prop)
    assert reverse("rules:build_detail", args=[prop.uid, build.uid]) in page
    assert page.count("No build") == 2


def test_a_parked_destination_is_listed_with_advice(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.refuse(190, "Invalid OAuth access token", status=401)
    accept()
    deliver_due()
    page = page_of(owner_client, prop)
    assert f"Meta Conversions API ({PIXEL}) is on hold: action required" in page
    assert "Invalid OAuth access token" in page
    assert "What to do:" in page


def test_a_failed_build_is_listed_until_one_succeeds(owner_client: Client, prop: Property) -> None:
    environment = prop.environments.get(stage="staging")
    problem = {"where": "Rule “Purchase”", "message": "Currency is missing."}
    Build.objects.create(prop=prop, environment=environment, status="failed", problems=[problem])
    assert "The last build for Staging failed" in page_of(owner_client, prop)
    Build.objects.create(prop=prop, environment=environment, status="succeeded")
    assert "The last build for Staging failed" not in page_of(owner_client, prop)


def test_refused_events_are_counted_by_reason(owner_client: Client, prop: Property, accept: Accept) -> None:
    for _ in range(2):
        accept({"event": "Purchase", "user": {"email": "a@b.example"}})
    deliver_due()
    assert "2 events refused in rule “Purchase”" in page_of(owner_client, prop)


def test_the_last_event_of_an_environment_is_a_fragment(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    production = prop.environments.get(stage="production")
    staging = prop.environments.get(stage="staging")
    answer = owner_client.get(reverse("rules:last_event", args=[prop.uid, production.uid])).content.decode()
    assert "Delivered" in answer
    assert str(delivered.pk) in answer
    assert "<html" not in answer
    nothing = owner_client.get(reverse("rules:last_event", args=[prop.uid, staging.uid])).content.decode()
    assert "None yet" in nothing


def test_the_last_event_says_that_the_site_has_another_organization(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    """Without the right organization, setConsent does not finish on a visitor's first page."""
    address = reverse("rules:last_event", args=[prop.uid, prop.environments.get(stage="production").uid])
    assert "other-organization" not in owner_client.get(address).content.decode()
    InboundEvent.objects.filter(pk=delivered.pk).update(flags='["other_organization:ABC_AdobeOrg"]')
    answer = owner_client.get(address).content.decode()
    assert "<code>ABC_AdobeOrg</code>" in answer
    assert "Organization ID" in answer


def test_an_example_property_has_no_trouble_while_its_simulator_runs(
    prop: Property, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    hold_property(prop.pk, message="The simulator does not run.")
    assert [trouble.message for trouble in overview.troubles(prop)] == ["The simulator does not run."]
    monkeypatch.setenv(SIMULATED, json.dumps(settings.INSTALLATION))
    assert overview.troubles(prop) == []
