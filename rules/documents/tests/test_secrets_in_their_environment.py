"""What a person with the right to develop, and a stranger who sends an event, can learn of a credential.

Each environment has a canary of its own. Whatever leaves a run is searched for it, whole and letter by
letter. Source: docs/secrets.md, "Environments" and docs/custom_code.md, "Secrets".
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties import transport
from properties.catalog.outbound import Answer, OutboundRequest
from properties.credentials import store
from properties.models import DataElement, Environment, Property, Secret
from rules.delivery.work import deliver_due
from rules.documents.applying import apply_document
from rules.models import Delivery, DeliveryAttempt, InboundEvent

CANARIES = {stage: f"canary-{stage}-0815-4711" for stage in ("development", "staging", "production")}
LETTERS = "return String(getDataElementValue('Tok')).split('').join('~');"
CODE = "core::dataElements::custom-code"
SECRET = "core::dataElements::secret"
META = "meta-conversions-api::actions::send-conversions-api-event"
CALL = "adobe-cloud-connector::actions::send-data"
_ids = itertools.count(1)


def chosen(**names: str) -> dict[str, Any]:
    return {"secrets": {stage: {"name": name} for stage, name in names.items()}}


def shop_with(shop: dict[str, Any], *actions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The shop with data elements that give a secret, and spell it."""
    elements = [
        {"name": "Tok", "delegate": SECRET, "settings": chosen(development="Token", production="Token")},
        {"name": "Letters", "delegate": CODE, "settings": {"source": LETTERS}},
    ]
    rule = {"name": "Spells", "conditions": [], "actions": list(actions)}
    extensions = [*shop["extensions"], {"package": "adobe-cloud-connector"}]
    made = {**shop, "extensions": extensions, "data_elements": elements, "rules": [rule]}
    return {**made, "property": {**shop["property"], **changes}}


def code(source: str, key: str = "it") -> dict[str, Any]:
    return {"delegate": "core::actions::custom-code", "settings": {"source": source, "keyName": key}}


def call(**settings: Any) -> dict[str, Any]:
    given = {"method": "POST", "url": "https://partner.example/", **settings}
    return {"delegate": CALL, "settings": given}


def environment_of(prop: Property, stage: str) -> Environment:
    return prop.environments.get(stage=stage)


def give_canaries(prop: Property, name: str = "Token") -> None:
    for environment in prop.environments.all():
        store(prop, name, CANARIES[environment.stage], environment)


def publish(shop: dict[str, Any], stage: str = "development") -> Any:
    return apply_document(shop, publish=stage)


def accept(
    made: Any, data: dict[str, Any] | None = None, header: dict[str, Any] | None = None
) -> InboundEvent:
    """Store an event as the edge does."""
    number, now = next(_ids), timezone.now()
    return InboundEvent.objects.create(
        id=InboundEvent.first_id_at(now) + number,
        property_id=made.prop.pk,
        environment_id=made.build.environment_id,
        datastream_id=made.build.environment.datastream.pk,
        build_id=made.build.pk,
        name="Purchase",
        received_at=now,
        body=json.dumps({"xdm": {}, "data": {"name": "Purchase", **(data or {})}}),
        request=json.dumps({"header": header or {}}),
    )


class Vendor:
    """Stands for every other machine: keeps the bytes that would have reached it."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.answer = Answer(200, body="{}")

    def send(self, request: OutboundRequest, *, secrets: Any = transport.NO_SECRETS, **_: Any) -> Answer:
        def text(value: Any) -> str:
            return transport.reveal(json.dumps(value, ensure_ascii=False), secrets.names, secrets.value_of)

        self.received.append(f"{request.url} {text(request.headers)} {text(request.body)}")
        return self.answer


@pytest.fixture(autouse=True)
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    found = Vendor()
    monkeypatch.setattr(transport, "send", found.send)
    return found


def work() -> None:
    while deliver_due():
        pass


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def letters(text: str) -> str:
    """Text without anything that could stand between the letters of a value."""
    return "".join(it for it in text if it.isalnum())


def found_in(text: str, values: Any = None) -> list[str]:
    """The canaries that a text tells, in whatever way they are spelled, from behind too."""
    plain = letters(text)
    return [it for it in values or CANARIES.values() if letters(it) in plain or letters(it)[::-1] in plain]


def kept() -> str:
    """Everything that is stored of events and their deliveries, decrypted."""
    tables = (
        InboundEvent.objects.values_list("body", "request", "trace", "reason"),
        Delivery.objects.values_list(
            "envelope", "payload", "rule_state", "message", "advice", "warnings", "destination", "name"
        ),
        DeliveryAttempt.objects.values_list("message", "answer", "code"),
    )
    return repr([list(table) for table in tables])


# The three ways of the report


@pytest.mark.django_db
def test_a_token_typed_into_an_extension_cannot_be_spelled_by_code_in_development(
    shop: dict[str, Any], vendor: Vendor
) -> None:
    typed = "EAABcanaryTYPED4711ZCZD"
    shop["extensions"][1]["settings"]["accessToken"] = typed
    made = apply_document(shop)
    (name,) = Secret.objects.values_list("name", flat=True)
    shop["extensions"][1]["settings"]["accessToken"] = {"$secret": name}
    spelling = shop_with(shop, code("return getDataElementValue('Letters');"))
    spelling["data_elements"][0]["settings"] = chosen(development=name)
    made = publish(spelling)
    accept(made)
    work()
    assert found_in(kept() + "".join(vendor.received), [typed]) == []


def test_the_form_refuses_a_secret_of_another_environment(prop: Property, colleague: Any) -> None:
    store(prop, "Prod token", CANARIES["production"], environment_of(prop, "production"))
    address = reverse("properties:data_element_new", args=[prop.uid]) + f"?type={SECRET}"
    page = signed_in(colleague).post(
        address, {"element-name": "Tok", "secrets.development": "Prod token", "intent": "save"}
    )
    assert "belongs to Production" in page.content.decode()
    assert not DataElement.objects.filter(prop=prop, name="Tok").exists()


def test_try_never_prints_what_resolves(prop: Property, colleague: Any) -> None:
    store(prop, "Token", CANARIES["production"])
    DataElement.objects.create(prop=prop, name="Tok", delegate=SECRET, settings=chosen(development="Token"))
    address = reverse("rules:try_element", args=[prop.uid, CODE])
    page = signed_in(colleague).post(address, {"source": LETTERS}).content.decode()
    assert "secret:" not in page.replace("~", "")
    assert found_in(page) == []


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["development", "production"])
def test_a_stand_in_that_an_event_brings_is_not_believed(
    shop: dict[str, Any], vendor: Vendor, stage: str
) -> None:
    """An event from outside carries a stand-in that somebody saw; two actions over the stash spell it."""
    spells = [
        code("return arc.event.data.stolen;", "it"),
        code("return String(arc.ruleStash.core.customCode.it).split('').join('~');", "spelled"),
        call(body={"stolen": "{{Stolen}}", "own": "{{Tok}}"}),
    ]
    document = shop_with(shop, *spells)
    stolen = {"name": "Stolen", "delegate": "core::dataElements::path"}
    document["data_elements"].append({**stolen, "settings": {"path": "arc.event.data.stolen"}})
    give_canaries(apply_document({**shop, "rules": []}).prop)
    made = publish(document, stage)
    vendor.answer = Answer(503)
    accept(made, {"stolen": "nothing"})
    work()
    waiting = Delivery.objects.get()
    seen = [it for it in waiting.payload.split('"') if it.startswith("[[secret:")]
    assert seen, waiting.payload
    vendor.received.clear()
    accept(made, {"stolen": seen[0]}, {"httpHeaders": {"x": seen[0]}})
    work()
    (first, *_) = [it for it in vendor.received if '"stolen": "nothing"' not in it]
    assert f'"own": "{CANARIES[stage]}"' in first
    assert first.count(CANARIES[stage]) == 1
    assert found_in(kept()) == []
