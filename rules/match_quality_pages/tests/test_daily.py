"""The reading of each day: once a day, apart from events, by one of several processes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.models import Environment, Property
from rules.delivery.retention import forget
from rules.match_quality.asking import read_now
from rules.match_quality.daily import read_quality_due
from rules.match_quality.offers import offers
from rules.models import Activation, MatchQualityAnswers, MatchQualityReading
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library

from .conftest import Vendor


@pytest.fixture
def development(prop: Property) -> Environment:
    """Live since just now."""
    environment = prop.environments.get(stage="development")
    library = working_library(prop)
    add_all_changed(library)
    Activation.objects.create(environment=environment, build=build(library, environment))
    return environment


@pytest.mark.usefixtures("development")
def test_an_environment_is_read_once_a_day_from_an_hour_after_it_went_live(vendor: Vendor) -> None:
    now = timezone.now()
    for hours, asked in ((0.5, 0), (1.5, 1), (12, 1), (23, 1), (25, 2), (30, 2), (50, 3)):
        with time_machine.travel(now + timedelta(hours=hours)):
            read_quality_due()
        assert len(vendor.asked) == asked, hours
    assert len({it.day for it in MatchQualityReading.objects.all()}) in (2, 3)


def test_an_environment_without_a_live_build_is_not_read(prop: Property, vendor: Vendor) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert read_quality_due() == 0
    assert vendor.asked == []


@pytest.mark.usefixtures("development")
def test_a_failure_keeps_nothing_of_that_day_and_the_next_day_is_tried(vendor: Vendor) -> None:
    now = timezone.now()
    vendor.refuse(2, 500)
    with time_machine.travel(now + timedelta(hours=2)):
        assert read_quality_due() == 1
    assert not MatchQualityReading.objects.exists()
    assert MatchQualityAnswers.objects.get().answers[0]["state"] == "away"


def test_of_two_processes_at_once_one_asks(
    prop: Property, production: Environment, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    [offer] = offers(prop)
    second: list[bool] = []
    send = vendor.send

    def while_asking(*args: Any, **more: Any) -> Any:
        second.append(read_now(offer, production))
        return send(*args, **more)

    monkeypatch.setattr("properties.http.transport.send", while_asking)
    assert read_now(offer, production)
    assert second == [False]
    assert len(vendor.asked) == 1


def test_readings_are_kept_for_400_days(prop: Property, production: Environment) -> None:
    now = timezone.now()
    for days in (399, 401):
        MatchQualityReading.objects.create(
            environment=production,
            package_name="meta-conversions-api",
            destination="1234567890",
            day=(now - timedelta(days=days)).date(),
            read_at=now,
        )
    forget()
    assert MatchQualityReading.objects.count() == 1


def test_the_second_reading_of_a_day_replaces_the_first(
    prop: Property, production: Environment, vendor: Vendor
) -> None:
    [offer] = offers(prop)
    noon = timezone.now().replace(hour=12)
    for minutes, score in ((0, 5.0), (20, 7.0)):
        vendor.answer["web"][0]["event_match_quality"]["composite_score"] = score
        with time_machine.travel(noon + timedelta(minutes=minutes)):
            assert read_now(offer, production)
    assert MatchQualityReading.objects.get().figures["Purchase"]["score"] == 7.0
