"""When secrets are exchanged, and what is stored. Source: docs/reference/adobe.md, "Secrets"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models.signals import post_save

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import Secret
from properties.resources.creation import create_property
from properties.secrets import credentials
from properties.secrets.exchange import ExchangeFailed
from properties.secrets.refreshing import (
    exchange_due,
    exchange_now,
    refresh_seconds,
    retry_seconds,
    try_exchange,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3600.0


class TokenServer:
    """Gives the answers of a test, and counts requests."""

    def __init__(self) -> None:
        self.answers = [self.grant("first token", 86_400)]
        self.asked = 0

    @staticmethod
    def grant(token: str, expires_in: float | None) -> Answer:
        return Answer(200, body=json.dumps({"access_token": token, "expires_in": expires_in}))

    def send(self, request: OutboundRequest, **_: Any) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> TokenServer:
    made = TokenServer()
    monkeypatch.setattr(transport, "send", made.send)
    return made


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@pytest.fixture
def secret(clock: Any, db: None) -> Secret:
    prop = create_property("Shop", actor="a test")
    made = Secret(prop=prop, name="Ads token", type_of=Secret.Type.OAUTH2)
    made.set_credentials(
        {"client_id": "shop", "client_secret": "s3cret", "authorization_url": "https://login.example.com/t"}
    )
    made.save()
    return made


def seconds_until_next(secret: Secret) -> float:
    assert secret.refresh_at is not None
    return (secret.refresh_at - datetime.now(UTC)).total_seconds()


def usable(secret: Secret) -> dict[str, str]:
    return credentials.values_of(secret.prop_id, secret.environment_id or 0)


# Schedule


@pytest.mark.parametrize(
    ("lifetime", "offset", "after"),
    [
        (24 * HOUR, 4 * HOUR, 20 * HOUR),  # expires_in − offset
        (8 * HOUR, 4 * HOUR, 4 * HOUR),
        (HOUR, 4 * HOUR, HOUR / 2),  # Adobe refuses it. Here, half of its lifetime passes.
        (60, 14_400, 30),
        (24 * HOUR, 0, 24 * HOUR),
    ],
)
def test_a_token_is_refreshed_ahead_of_its_end(lifetime: float, offset: float, after: float) -> None:
    assert refresh_seconds(lifetime, offset) == after


def test_three_more_tries_the_last_two_hours_before_the_end() -> None:
    left, at = 4 * HOUR, 0.0
    tried = []
    for tries in (1, 2, 3):
        at += retry_seconds(tries, left - at, 24 * HOUR)
        tried.append(at)
    assert tried == [pytest.approx(2 * HOUR / 3), pytest.approx(4 * HOUR / 3), pytest.approx(2 * HOUR)]
    assert retry_seconds(4, 2 * HOUR, 24 * HOUR) == HOUR


@pytest.mark.parametrize("tries", [1, 2, 3, 4, 50])
@pytest.mark.parametrize("left", [0.0, 1.0, 600.0, 4 * HOUR])
def test_a_try_is_never_closer_than_a_minute(tries: int, left: float) -> None:
    assert retry_seconds(tries, left, HOUR) >= 60


# Stored results


def test_a_secret_is_pending_until_it_was_exchanged(secret: Secret, server: TokenServer) -> None:
    assert (secret.status, usable(secret)) == ("pending", {})
    assert exchange_due() == 1
    secret.refresh_from_db()
    assert (secret.status, secret.last_four) == ("succeeded", "oken")
    assert usable(secret) == {"Ads token": "first token"}
    assert seconds_until_next(secret) == 20 * HOUR


def test_nothing_is_asked_for_before_it_is_due(secret: Secret, server: TokenServer, clock: Any) -> None:
    exchange_due()
    clock.shift(timedelta(hours=19, minutes=59))
    assert exchange_due() == 0
    clock.shift(timedelta(minutes=2))
    server.answers = [server.grant("second token", 86_400)]
    assert exchange_due() == 1
    assert usable(secret) == {"Ads token": "second token"}


def test_a_failed_refresh_keeps_the_token_that_still_works_and_says_why(
    secret: Secret, server: TokenServer, clock: Any
) -> None:
    exchange_due()
    clock.shift(timedelta(hours=20))
    server.answers = [Answer(503)]
    exchange_due()
    secret.refresh_from_db()
    assert (secret.status, secret.refresh_status) == ("succeeded", "failed")
    assert "answered 503" in secret.refresh_status_details
    assert usable(secret) == {"Ads token": "first token"}
    assert seconds_until_next(secret) == pytest.approx(2 * HOUR / 3, abs=1)


def test_after_its_end_a_token_is_not_sent_and_trying_goes_on(
    secret: Secret, server: TokenServer, clock: Any
) -> None:
    exchange_due()
    server.answers = [Answer(503)]
    clock.shift(timedelta(hours=24, seconds=1))
    exchange_due()
    secret.refresh_from_db()
    assert (secret.status, usable(secret)) == ("failed", {})
    server.answers = [server.grant("at last a token", 86_400)]
    clock.shift(timedelta(hours=1, seconds=1))
    exchange_due()
    secret.refresh_from_db()
    assert (secret.status, secret.tries) == ("succeeded", 0)
    assert usable(secret) == {"Ads token": "at last a token"}


def test_the_first_exchange_is_tried_again_soon(secret: Secret, server: TokenServer, clock: Any) -> None:
    server.answers = [Answer(None, error="connection")]
    waits = []
    for _ in range(5):
        exchange_due()
        secret.refresh_from_db()
        assert (secret.status, secret.status_details) == ("failed", "The token server could not be reached.")
        waits.append(seconds_until_next(secret))
        clock.shift(timedelta(seconds=waits[-1]))
    assert waits == [60, 300, 1800, 3600, 3600]


def test_a_token_without_an_end_is_not_refreshed(secret: Secret, server: TokenServer) -> None:
    server.answers = [server.grant("for ever", None)]
    exchange_due()
    secret.refresh_from_db()
    assert (secret.expires_at, secret.refresh_at) == (None, None)


def test_two_processes_ask_once(secret: Secret, server: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = server.send

    def send(request: OutboundRequest, **_: Any) -> Answer:
        assert exchange_due() == 0  # Another process looks for work while this one waits for the answer.
        return inner(request)

    monkeypatch.setattr(transport, "send", send)
    assert exchange_due() == 1
    assert server.asked == 1


def test_what_a_person_changes_meanwhile_is_not_overwritten(
    secret: Secret, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    def send(request: OutboundRequest, **_: Any) -> Answer:
        clock.shift(timedelta(seconds=1))
        other = Secret.objects.get(pk=secret.pk)
        other.set_credentials(other.read_credentials() | {"client_id": "other"})
        other.save()
        return TokenServer.grant("token of the old client", 86_400)

    monkeypatch.setattr(transport, "send", send)
    assert not exchange_now(secret)
    kept = Secret.objects.get(pk=secret.pk)
    assert (kept.status, kept.value, kept.read_credentials()["client_id"]) == ("pending", "", "other")


def test_credentials_that_were_given_up_are_asked_for_again(secret: Secret, server: TokenServer) -> None:
    """The state after ``rotate_keys --forget-unreadable``."""
    Secret.objects.filter(pk=secret.pk).update(credentials="")
    secret.refresh_from_db()
    with pytest.raises(ExchangeFailed, match="Enter them again"):
        try_exchange(secret)
    assert not exchange_now(secret)
    assert "Enter them again" in secret.status_details


def test_a_failure_reports_to_nobody_that_something_changed(secret: Secret, server: TokenServer) -> None:
    """Saving a secret makes parked destinations send at once. A failed refresh must not do that."""
    saved: list[Any] = []

    def note(instance: Secret, **_: Any) -> None:
        saved.append(instance)

    post_save.connect(note, sender=Secret)
    try:
        server.answers = [Answer(503), server.grant("a token", 86_400)]
        exchange_now(secret)
        assert saved == []
        exchange_now(secret)
        assert len(saved) == 1
    finally:
        post_save.disconnect(note, sender=Secret)


def test_a_bug_is_shown_and_not_the_credentials(
    secret: Secret, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def send(request: OutboundRequest, **_: Any) -> Answer:
        raise RuntimeError("bug")

    monkeypatch.setattr(transport, "send", send)
    exchange_now(secret)
    assert secret.status_details == "An unexpected RuntimeError was raised. Please report it."
    assert "s3cret" not in caplog.text


def test_credentials_and_tokens_are_encrypted_in_the_database(secret: Secret, server: TokenServer) -> None:
    from django.db import connection

    exchange_due()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM properties_secret")
        rows = str(cursor.fetchall())
    assert "s3cret" not in rows
    assert "first token" not in rows


def test_a_plain_token_replaces_whatever_had_its_name(secret: Secret) -> None:
    stored = credentials.store(secret.prop, "Ads token", "EAAB plain token", secret.environment)
    assert (stored.type_of, stored.refresh_at, stored.read_credentials()) == ("token", None, {})
    assert usable(secret) == {"Ads token": "EAAB plain token"}
