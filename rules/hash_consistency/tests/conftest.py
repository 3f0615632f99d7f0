"""The shop of the event log, with more fields, and traffic of one's own making."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from properties.models import Environment, Property
from rules.delivery import customer_sightings
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import DOCUMENT, Accept, FakeMeta, accept, meta

__all__ = ["accept", "meta"]
FIELDS = {"phone": "Phone", "externalId": "Customer ID", "fbp": "Browser ID", "gender": "Gender"}
PATHS = {"Phone": "user.phone", "Customer ID": "user.id", "Browser ID": "user.fbp", "Gender": "user.gender"}
SITE = json.dumps({"header": {"httpHeaders": {"origin": ["https://shop.example"]}}})
Send = Callable[..., None]


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def prop(db: None, tmp_path: Path) -> Property:
    """A shop whose purchases carry email, phone, id, browser and gender; production runs it."""
    document = json.loads(json.dumps(DOCUMENT))
    document["data_elements"] += [
        {"name": name, "delegate": "core::dataElements::path", "settings": {"path": f"arc.event.data.{path}"}}
        for name, path in PATHS.items()
    ]
    settings = document["rules"][0]["actions"][0]["settings"]
    settings |= {key: f"{{{{{name}}}}}" for key, name in FIELDS.items()}
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(document))
    call_command("apply", str(file), publish="production", stdout=StringIO())
    return Property.objects.get(name="Shop")


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


@pytest.fixture
def send(accept: Accept, meta: FakeMeta, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Send one purchase for each set of user data, from a server or from a browser."""
    monkeypatch.setattr(customer_sightings, "EVENTS_A_SECOND", 10_000)
    number = iter(range(1, 100_000))

    def send(*people: Mapping[str, Any], from_browser: bool = False) -> None:
        more = {"request": SITE} if from_browser else {}
        for person in people:
            purchase = {"event": "Purchase", "event_id": f"o-{next(number)}", "value": 9, "currency": "EUR"}
            accept({**purchase, "user": dict(person)}, **more)
        while deliver_due():
            pass

    return send


def browser_of(number: int) -> str:
    """Source: Meta, fbp and fbc Parameters: fb, index of the domain, milliseconds, a random number."""
    return f"fb.1.1596403881668.{number}"
