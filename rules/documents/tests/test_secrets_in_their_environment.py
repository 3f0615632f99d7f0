"""Tries to learn a credential, as a person with the right to develop and as a stranger who sends an event.

Each environment has its own canary. Everything that leaves a run is searched for it, whole and letter by
letter. Source: docs/secrets.md, "Environments" and docs/custom_code.md, "Secrets".
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.secret_markers import harmless
from properties.http import transport
from properties.models import DataElement, Environment, Property, Secret
from properties.secrets.credentials import store
from rules.delivery.work import deliver_due
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.forwarding.datastreams import read_destinations
from rules.models import Delivery, DeliveryAttempt, InboundEvent
from tests.people import signed_in

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
    """Return the shop with data elements that read a secret, and spell it."""
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
    """Replaces every other machine: keeps the bytes that would have reached it."""

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


def letters(text: str) -> str:
    """Return text without any character that could separate the letters of a value."""
    return "".join(it for it in text if it.isalnum())


def found_in(text: str, values: Any = None) -> list[str]:
    """Return the canaries that a text reveals: whole, letter by letter, backwards, or as letter codes."""
    plain, numbers = letters(text), re.sub(r"\D+", " ", text)
    return [
        it
        for it in values or CANARIES.values()
        if letters(it) in plain
        or letters(it)[::-1] in plain
        or " ".join(str(ord(letter)) for letter in it) in numbers
    ]


def kept() -> str:
    """Return everything that is stored of events and their deliveries, decrypted."""
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
        address, {"element-name": "Tok", "secrets.development": "Prod token", "intent": "save"}, follow=True
    )
    assert "belongs to Production" in page.content.decode()
    assert not DataElement.objects.filter(prop=prop, name="Tok").exists()


def test_no_dry_run_prints_what_resolves(prop: Property, colleague: Any) -> None:
    store(prop, "Token", CANARIES["production"])
    DataElement.objects.create(prop=prop, name="Tok", delegate=SECRET, settings=chosen(development="Token"))
    address = reverse("rules:dry_run_element", args=[prop.uid, CODE])
    page = signed_in(colleague).post(address, {"source": LETTERS}).content.decode()
    assert "secret:" not in page.replace("~", "")
    assert found_in(page) == []


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["development", "production"])
def test_a_stand_in_that_an_event_brings_is_not_believed(
    shop: dict[str, Any], vendor: Vendor, stage: str
) -> None:
    """An event from outside carries a secret marker that somebody saw; two actions spell it in the stash."""
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


# Every way in which data can leave a run

TOK = "String(getDataElementValue('Tok'))"
SPELLED = {
    "whole": TOK,
    "letter by letter": f"{TOK}.split('').join('~')",
    "from behind": f"{TOK}.split('').reverse().join('-')",
    "as numbers": f"Array.from({TOK}).map((it) => it.charCodeAt(0)).join(' ')",
}
WAYS = {
    "result": "return {it};",
    "log line": "utils.logger.log({it}); return 1;",
    "stash": "arc.ruleStash.mine = {{ it: {it} }}; return 1;",
    "event": "arc.event.data.it = {it}; return 1;",
    "error text": "throw new Error({it});",
}


def leaking() -> list[dict[str, Any]]:
    """Return one rule for each way and spelling: a rule that fails does not stop the others."""
    calls = [
        call(body={"whole": "{{Tok}}", "spelled": "{{Letters}}"}, headers=[{"key": "X", "value": "{{Tok}}"}])
    ]
    rules = [
        {"name": f"{way}, {how}", "conditions": [], "actions": [code(text.format(it=it)), *calls]}
        for way, text in WAYS.items()
        for how, it in SPELLED.items()
    ]
    source = {"source": f"throw new Error({SPELLED['letter by letter']});"}
    condition = {"delegate": "core::conditions::custom-code", "settings": source}
    return [*rules, {"name": "condition", "conditions": [condition], "actions": []}]


@pytest.fixture
def leaky(shop: dict[str, Any], db: None) -> Property:
    """A property whose rules try everything; each environment has its own token."""
    prop = apply_document({**shop, "rules": []}).prop
    give_canaries(prop)
    return prop


def leaky_shop(shop: dict[str, Any], *, may_read: bool) -> dict[str, Any]:
    document = shop_with(shop, code_reads_secrets=may_read)
    every = chosen(**dict.fromkeys(CANARIES, "Token"))
    document["data_elements"][0]["settings"] = every
    return {**document, "rules": leaking()}


@pytest.mark.parametrize("stage", CANARIES)
@pytest.mark.parametrize("status", [200, 503])
def test_without_the_switch_no_way_out_of_a_run_shows_a_value(
    leaky: Property, shop: dict[str, Any], vendor: Vendor, colleague: Any, stage: str, status: int
) -> None:
    vendor.answer = Answer(status, body='{"you said": "nothing"}')
    event = accept(publish(leaky_shop(shop, may_read=False), stage))
    work()
    page = signed_in(colleague).get(reverse("rules:event_detail", args=[leaky.uid, event.pk]))
    assert page.status_code == 200
    assert found_in(kept() + page.content.decode()) == []
    assert vendor.received
    assert found_in(" ".join(vendor.received)) == [CANARIES[stage]]


def test_with_the_switch_code_shows_values_of_its_own_environment_alone(
    leaky: Property, shop: dict[str, Any], vendor: Vendor
) -> None:
    accept(publish(leaky_shop(shop, may_read=True)))
    work()
    assert set(found_in(kept() + " ".join(vendor.received))) == {CANARIES["development"]}


@pytest.mark.parametrize("may_read", [True, False])
def test_no_dry_run_shows_a_value_or_sends_anything(
    leaky: Property, shop: dict[str, Any], vendor: Vendor, colleague: Any, may_read: bool
) -> None:
    """Dry run, preview of an action, run through a build: as a person who may develop."""
    made = publish(leaky_shop(shop, may_read=may_read), "production")
    event = accept(made)
    client, rule = signed_in(colleague), made.prop.rules.first()
    custom_code = "core::actions::custom-code"
    pages = [
        client.get(reverse("rules:dry_run", args=[leaky.uid]) + f"?source=event:{event.pk}&build={build}")
        for build in ("saved", made.build.uid)
    ]
    for way, how in itertools.product(WAYS.values(), SPELLED.values()):
        source = {"source": way.format(it=how), "keyName": "it"}
        pages += [
            client.post(reverse("rules:dry_run_element", args=[leaky.uid, CODE]), source),
            client.post(
                reverse(
                    "rules:dry_run_condition", args=[leaky.uid, rule.uid, "core::conditions::custom-code"]
                ),
                source,
            ),
            client.post(reverse("rules:preview", args=[leaky.uid, rule.uid, custom_code]), source),
        ]
    shown = [page.content.decode() for page in pages]
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert "[~[~d~r~y~-~r~u~n~:~T~o~k~e~n~]~]" in " ".join(shown)
    assert found_in(" ".join(shown)) == []
    assert [it for it in shown if "secret:" in it.replace("~", "")] == []
    assert vendor.received == []


def test_a_test_event_carries_the_token_of_development_where_it_belongs_and_nowhere_else(
    leaky: Property, shop: dict[str, Any], vendor: Vendor, colleague: Any
) -> None:
    document = leaky_shop(shop, may_read=True)
    tokens = dict(CANARIES)
    document["extensions"][1]["settings"]["accessToken"] = tokens
    made = apply_document(document)
    rule = made.prop.rules.first()
    fields = {
        "eventName": "Purchase",
        "eventTime": str(int(time.time())),
        "actionSource": "email",
        "email": "a@b.example",
        "customData.value": "1",
        "customData.currency": "EUR",
        "customData.content_name": "{{Letters}}",
        "preview-test-testEventCode": "TEST1",
        "preview-source": "sample:purchase",
    }
    page = signed_in(colleague).post(reverse("rules:preview_send", args=[leaky.uid, rule.uid, META]), fields)
    (sent,) = vendor.received
    assert found_in(page.content.decode()) == []
    assert sent.count(CANARIES["development"]) == 1
    assert found_in(sent.replace(CANARIES["development"], "")) == []


def test_a_test_event_takes_no_token_of_another_environment(
    leaky: Property, shop: dict[str, Any], vendor: Vendor, colleague: Any
) -> None:
    shop["extensions"][1]["settings"]["accessToken"] = {"production": CANARIES["production"]}
    rule = apply_document(shop).prop.rules.first()
    page = signed_in(colleague).post(
        reverse("rules:preview_send", args=[leaky.uid, rule.uid, META]),
        {
            "eventName": "Lead",
            "eventTime": str(int(time.time())),
            "actionSource": "email",
            "email": "a@b.example",
            "preview-test-testEventCode": "TEST1",
            "preview-source": "sample:purchase",
        },
    )
    assert "belongs to Production, not to Development" in page.content.decode()
    assert found_in(" ".join(vendor.received)) == []


def test_a_dry_run_refuses_a_secret_of_another_environment(leaky: Property, colleague: Any) -> None:
    store(leaky, "Prod token", CANARIES["production"], environment_of(leaky, "production"))
    wrong = chosen(development="Prod token")
    DataElement.objects.create(prop=leaky, name="Tok", delegate=SECRET, settings=wrong)
    page = signed_in(colleague).post(
        reverse("rules:dry_run_element", args=[leaky.uid, CODE]), {"source": LETTERS}
    )
    assert "belongs to Production, not to Development" in page.content.decode()


def test_a_document_that_chooses_a_secret_of_another_environment_is_refused(
    leaky: Property, shop: dict[str, Any]
) -> None:
    store(leaky, "Prod token", CANARIES["production"], environment_of(leaky, "production"))
    wrong = {"name": "Tok", "delegate": SECRET, "settings": chosen(staging="Prod token")}
    shop["data_elements"].append(wrong)
    with pytest.raises(InvalidDocument) as refused:
        apply_document(shop)
    (problem,) = refused.value.problems
    assert problem.path == "$.data_elements[2].settings.secrets.staging"
    assert problem.message.endswith("The secret “Prod token” belongs to Production, not to Staging.")


def test_a_build_names_a_typed_token_that_belongs_to_another_environment(
    leaky: Property, shop: dict[str, Any]
) -> None:
    shop["extensions"][1]["settings"]["accessToken"] = {"production": CANARIES["production"]}
    with pytest.raises(InvalidDocument) as refused:
        publish(shop, "development")
    assert "belongs to Production, not to Development" in str(refused.value)


def test_an_answer_cannot_bring_a_stand_in_of_the_run_that_waits_for_it(
    leaky: Property, shop: dict[str, Any], vendor: Vendor
) -> None:
    """The partner has seen a trace: it answers with the secret marker of this very run."""
    asks = call(body={"own": "{{Tok}}"}, responseKey="echo")
    again = call(body={"echo": "{{Echo}}"})
    document = shop_with(shop, asks, again)
    path = {"path": "arc.ruleStash.adobe-cloud-connector.responses.echo"}
    document["data_elements"].append(
        {"name": "Echo", "delegate": "core::dataElements::path", "settings": path}
    )
    made, seen = publish(document), []
    real = vendor.send

    def answering(request: OutboundRequest, *, secrets: Any = transport.NO_SECRETS, **given: Any) -> Answer:
        real(request, secrets=secrets, **given)
        seen.extend(secrets.names)
        # As the transport returns it: see test_text_like_a_marker_in_an_answer_is_made_harmless.
        return Answer(200, body=harmless(json.dumps({"x": next(iter(secrets.names), "")})))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "send", answering)
        accept(made)
        work()
    assert len(vendor.received) == 2
    assert seen
    assert CANARIES["development"] not in vendor.received[1]


def test_a_document_gives_tokens_for_single_stages(leaky: Property, shop: dict[str, Any]) -> None:
    shop["extensions"][1]["settings"]["accessToken"] = {"development": "EAAdev", "production": "EAAprod"}
    prop = apply_document(shop).prop
    name = prop.extensions.get(package_name="meta-conversions-api").settings["accessToken"]["$secret"]
    found = {it.environment.stage: it.value for it in prop.secrets.filter(name=name) if it.environment}
    assert found == {"development": "EAAdev", "production": "EAAprod"}
    exported = export_document(prop)
    assert exported["extensions"][1]["settings"]["accessToken"] == {"$secret": name}
    assert apply_document(exported).changed == []
    shop["extensions"][1]["settings"]["accessToken"] = "EAAall"
    apply_document(shop)
    assert [(it.environment, it.value) for it in prop.secrets.filter(name=name)] == [(None, "EAAall")]


def test_a_document_switches_reading_of_secrets_on_and_that_is_in_the_audit_log(
    prop: Property, shop: dict[str, Any]
) -> None:
    assert "code_reads_secrets" not in export_document(prop)["property"]
    shop["property"]["code_reads_secrets"] = True
    prop = apply_document(shop).prop
    assert prop.code_reads_secrets
    assert export_document(prop)["property"]["code_reads_secrets"] is True
    assert prop.audit_events.filter(type_of="property.code_secrets_allowed").count() == 1
    del shop["property"]["code_reads_secrets"]
    assert not apply_document(shop).prop.code_reads_secrets
    assert prop.audit_events.filter(type_of="property.code_secrets_refused").count() == 1


def test_a_datastream_takes_no_key_of_another_environment(leaky: Property, shop: dict[str, Any]) -> None:
    store(leaky, "Key", "of production", environment_of(leaky, "production"))
    shop["datastreams"] = {"staging": {"access": "key", "keys": [{"$secret": "Key"}]}}
    with pytest.raises(InvalidDocument) as refused:
        apply_document(shop)
    assert refused.value.problems == (
        ("$.datastreams.staging.keys[0]", "The secret “Key” belongs to Production, not to Staging."),
    )


def test_each_datastream_is_opened_by_the_key_of_its_own_environment(leaky: Property) -> None:
    give_canaries(leaky, "Key")
    for environment in leaky.environments.all():
        environment.datastream.keys = [{"$secret": "Key"}]
        environment.datastream.save()
    for uid, found in read_destinations().items():
        stage = leaky.environments.get(datastream__uid=uid).stage
        assert found.key_digests == (hashlib.sha256(CANARIES[stage].encode()).hexdigest(),)
