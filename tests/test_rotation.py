"""Changing the keys of stored values. Source: docs/reference/failures.md, "Encryption and rotation"."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from capi_admin.checks import check_encryption_keys, check_stored_secrets
from properties.models import Secret
from properties.resources.creation import create_property
from properties.secrets import rotation

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def stored(db: None, settings: Any) -> list[Secret]:
    """Three secrets of the old key; the new one is the first now."""
    settings.ENCRYPTION_KEYS = [OLD]
    prop = create_property("Shop")
    made = [Secret(prop=prop, name=f"Key {number}") for number in range(3)]
    for secret in made:
        secret.set_credentials({"token": f"canary {secret.name}"})
        secret.set_value(f"canary {secret.name}")
        secret.save()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    return made


def run(*arguments: str) -> tuple[int, dict[str, int]]:
    out = StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def report(current: int = 0, retired: int = 0, unreadable: int = 0, **more: int) -> dict[str, int]:
    counts = {"current": current, "retired": retired, "unreadable": unreadable}
    return counts | {"rotated": 0, "forgotten": 0} | more


def test_stored_values_get_the_first_key_and_the_old_one_can_go(stored: Any, settings: Any) -> None:
    assert run("--check") == (1, report(retired=6))
    assert run() == (0, report(current=6, rotated=6))
    settings.ENCRYPTION_KEYS = [NEW]
    assert [secret.value for secret in Secret.objects.all()] == [
        "canary Key 0",
        "canary Key 1",
        "canary Key 2",
    ]
    assert Secret.objects.all()[1].read_credentials() == {"token": "canary Key 1"}
    assert run() == (0, report(current=6))


def test_rotation_continues_in_parts(stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    assert run() == (0, report(current=6, rotated=6))


def test_nothing_else_of_a_secret_changes(stored: list[Secret]) -> None:
    before = Secret.objects.values("updated_at", "last_four", "fingerprint", "status")[0]
    run()
    assert Secret.objects.values("updated_at", "last_four", "fingerprint", "status")[0] == before


def test_a_value_that_changes_meanwhile_is_not_put_back(
    stored: list[Secret], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = rotation._Stored.replace

    def late(self: Any, text: str) -> bool:
        secret = Secret.objects.get(pk=self.pk)
        secret.set_value("newer")
        secret.save()
        return replace(self, text)

    monkeypatch.setattr(rotation._Stored, "replace", late)
    run()
    assert {secret.value for secret in Secret.objects.all()} == {"newer"}


def test_checks_say_what_to_do(stored: Any, settings: Any) -> None:
    def ids() -> list[Any]:
        return [message.id for message in check_stored_secrets(None, databases=["default"])]

    assert ids() == ["capi_admin.W003"]
    settings.ENCRYPTION_KEYS = [NEW]
    assert ids() == ["capi_admin.E014"]
    with pytest.raises(CommandError, match="rotate_keys --forget-unreadable"):
        call_command("check", databases=["default"], stderr=StringIO())
    settings.ENCRYPTION_KEYS = [OLD]
    assert ids() == []
    assert check_stored_secrets(None) == []


def test_a_key_that_is_lost_costs_its_secrets_and_says_so(stored: Any, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [NEW]
    assert run() == (1, report(unreadable=6))
    assert run("--forget-unreadable") == (0, report(forgotten=6))
    secret = Secret.objects.all()[0]
    assert (secret.value, secret.status, secret.refresh_at) == ("", "failed", None)
    assert "Enter the credentials again" in secret.status_details


def test_the_keys_for_two_purposes_are_two(settings: Any) -> None:
    assert check_encryption_keys(None) == []
    settings.SECRET_KEY = settings.ENCRYPTION_KEYS[0]
    assert [message.id for message in check_encryption_keys(None)] == ["capi_admin.W002"]
