"""A credential that is typed into a form belongs to the environments that the form names."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from properties.catalog.outbound import Answer
from properties.http import transport
from properties.models import AuditEvent, Extension, Property, Secret
from properties.secrets.credentials import names_in, store, values_of

from .conftest import TOKEN

PACKAGE = "meta-conversions-api"
OTHER = "EAABproductionOWN4711canaryZ"


def environment(prop: Property, stage: str) -> Any:
    return prop.environments.get(stage=stage)


def save(client: Client, prop: Property, extension: Extension, token: str, *stages: str) -> Any:
    data: dict[str, Any] = {"pixelId": "1234567890", "accessToken": token, "credential-places": "1"}
    data["credential-place"] = [environment(prop, stage).uid for stage in stages]
    extension.refresh_from_db()
    data["revision"] = str(extension.revision_number)
    return client.post(reverse("properties:extension_edit", args=[prop.uid, extension.uid]), data)


def found(prop: Property, extension: Extension) -> dict[str, str]:
    """Return the credential that each stage would send."""
    extension.refresh_from_db()
    (name,) = names_in(extension.settings)
    return {it.stage: values_of(prop.pk, it.pk).get(name, "") for it in prop.environments.all()}


@pytest.fixture
def page(owner_client: Client, prop: Property, meta: Extension) -> str:
    return owner_client.get(reverse("properties:extension_edit", args=[prop.uid, meta.uid])).content.decode()


def test_the_form_shows_for_which_environments_a_typed_credential_is_stored(
    page: str, prop: Property, meta: Extension
) -> None:
    for it in prop.environments.all():
        assert f'value="{it.uid}" id="place-{it.uid}" checked' in page
    assert "Stored for every environment" in page


def test_all_environments_mean_every_one_that_is_made_later_too(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    save(owner_client, prop, meta, OTHER, "development", "staging", "production")
    later = prop.environments.create(name="Development 2", stage="development")
    assert set(values_of(prop.pk, later.pk).values()) == {OTHER}


def test_production_gets_a_token_of_its_own_and_the_others_keep_theirs(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    save(owner_client, prop, meta, OTHER, "production")
    assert found(prop, meta) == {"development": TOKEN, "staging": TOKEN, "production": OTHER}
    text = owner_client.get(reverse("properties:extension_edit", args=[prop.uid, meta.uid])).content.decode()
    assert f"for every environment, ends in {TOKEN[-4:]}" in text
    assert f"for Production, ends in {OTHER[-4:]}" in text
    production, staging = environment(prop, "production"), environment(prop, "staging")
    assert f'id="place-{production.uid}">' in text
    assert f'id="place-{staging.uid}" checked>' in text


def test_the_others_can_be_changed_without_touching_production(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    save(owner_client, prop, meta, OTHER, "production")
    save(owner_client, prop, meta, "EAABtheothers99", "development", "staging")
    others = "EAABtheothers99"
    assert found(prop, meta) == {"development": others, "staging": others, "production": OTHER}


def test_a_token_for_all_replaces_those_of_single_environments(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    save(owner_client, prop, meta, OTHER, "production")
    save(owner_client, prop, meta, "EAABforall99", "development", "staging", "production")
    assert set(found(prop, meta).values()) == {"EAABforall99"}


def test_a_new_token_for_production_alone_is_none_of_development(
    owner_client: Client, prop: Property
) -> None:
    data: dict[str, Any] = {"pixelId": "1234567890", "accessToken": OTHER, "credential-places": "1"}
    data["credential-place"] = [environment(prop, "production").uid]
    owner_client.post(reverse("properties:extension_install", args=[prop.uid, PACKAGE]), data)
    installed = prop.extensions.get(package_name=PACKAGE)
    assert found(prop, installed) == {"development": "", "staging": "", "production": OTHER}


def test_where_each_environment_has_its_own_a_person_says_which_one_is_replaced(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    Secret.objects.update(environment=environment(prop, "development"))
    save(owner_client, prop, meta, OTHER, "production")
    text = owner_client.get(reverse("properties:extension_edit", args=[prop.uid, meta.uid])).content.decode()
    assert [it for it in prop.environments.all() if f'id="place-{it.uid}" checked' in text] == []
    save(owner_client, prop, meta, "EAABdevelopment77", "development")
    assert found(prop, meta) == {"development": "EAABdevelopment77", "staging": "", "production": OTHER}


def test_a_credential_for_no_environment_is_refused(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    answer = save(owner_client, prop, meta, OTHER)
    assert "Choose at least one environment for this credential." in answer.content.decode()
    assert set(found(prop, meta).values()) == {TOKEN}


def test_the_audit_log_names_the_environments(owner_client: Client, prop: Property, meta: Extension) -> None:
    save(owner_client, prop, meta, OTHER, "production")
    entry = AuditEvent.objects.filter(type_of="secret.updated").latest("id")
    assert entry.entity["environments"] == ["Production"]
    assert OTHER not in str(entry.entity)


def test_an_own_secret_that_does_not_work_is_not_replaced_by_that_of_every_environment(
    prop: Property,
) -> None:
    store(prop, "Key", "shared")
    pending = Secret(prop=prop, name="Key", environment=environment(prop, "production"), type_of="oauth2")
    pending.set_credentials({"client_id": "a"})
    pending.save()
    assert values_of(prop.pk, environment(prop, "production").pk) == {}
    assert values_of(prop.pk, environment(prop, "staging").pk) == {"Key": "shared"}


def test_a_secret_goes_with_its_environment(prop: Property) -> None:
    """It must not become a secret of every environment."""
    store(prop, "Key", "own", environment(prop, "production"))
    environment(prop, "production").delete()
    assert not Secret.objects.filter(name="Key").exists()


def test_an_environment_has_one_secret_of_a_name(prop: Property) -> None:
    for place in (None, environment(prop, "production")):
        store(prop, "Key", "one", place)
        with pytest.raises(IntegrityError), transaction.atomic():
            Secret.objects.create(prop=prop, name="Key", environment=place)


def test_a_shared_secret_cannot_be_bound_to_an_environment_with_one_of_its_own(
    owner_client: Client, prop: Property
) -> None:
    shared = store(prop, "Key", "shared")
    production = environment(prop, "production")
    store(prop, "Key", "own", production)
    address = reverse("properties:secret_edit", args=[prop.uid, shared.uid])
    page = owner_client.post(address, {"binding-environment": production.uid, "credentials-token": ""})
    assert "Production has its own secret of this name" in page.content.decode()


def test_the_key_of_a_datastream_is_none_of_another_environment(owner_client: Client, prop: Property) -> None:
    production = environment(prop, "production")
    owner_client.post(reverse("properties:datastream_key_new", args=[prop.uid, production.uid]))
    assert values_of(prop.pk, production.pk)
    assert values_of(prop.pk, environment(prop, "development").pk) == {}


def test_the_connection_is_tested_with_the_token_of_the_chosen_environment(
    owner_client: Client, prop: Property, meta: Extension, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []

    def send(request: Any, *, secrets: Any) -> Answer:
        used.append(transport.reveal(request.body["access_token"], secrets.names, secrets.value_of))
        return Answer(200, body='{"events_received": 1}')

    monkeypatch.setattr(transport, "send", send)
    save(owner_client, prop, meta, OTHER, "production")
    text = owner_client.get(reverse("properties:extension_edit", args=[prop.uid, meta.uid])).content.decode()
    assert 'name="inquiry-environment"' in text
    data = {"pixelId": "1234567890", "accessToken": "", "inquiry-testEventCode": "TEST1"}
    address = reverse("properties:connection_test", args=[prop.uid, PACKAGE])
    for stage in ("production", "development"):
        owner_client.post(address, {**data, "inquiry-environment": environment(prop, stage).uid})
    assert used == [OTHER, TOKEN]


def test_a_token_that_development_lacks_is_not_tried_there(
    owner_client: Client, prop: Property, meta: Extension, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "send", lambda request, *, secrets: secrets.value_of("none"))
    save(owner_client, prop, meta, OTHER, "development", "staging", "production")
    Secret.objects.update(environment=environment(prop, "production"))
    data = {"pixelId": "1234567890", "accessToken": "", "inquiry-testEventCode": "TEST1"}

    def reveal(request: Any, *, secrets: Any) -> Answer:
        transport.reveal(request.body["access_token"], secrets.names, secrets.value_of)
        raise AssertionError("It was sent.")

    monkeypatch.setattr(transport, "send", reveal)
    page = owner_client.post(reverse("properties:connection_test", args=[prop.uid, PACKAGE]), data)
    assert "belongs to Production, not to Development" in page.content.decode()


def test_an_owner_switches_reading_of_secrets_by_code(owner_client: Client, prop: Property) -> None:
    assert not prop.code_reads_secrets
    address = reverse("properties:property_settings", args=[prop.uid])
    assert "Custom code may read secrets" in owner_client.get(address).content.decode()
    given = {"name": prop.name, "enabled": "on"}
    owner_client.post(address, {**given, "code_reads_secrets": "on"})
    prop.refresh_from_db()
    assert prop.code_reads_secrets
    entry = AuditEvent.objects.get(type_of="property.code_secrets_allowed")
    assert (entry.prop_id, entry.actor_name) == (prop.pk, "olivia")
    owner_client.post(address, given)
    assert AuditEvent.objects.filter(type_of="property.code_secrets_refused").count() == 1


def test_who_may_develop_cannot_switch_it(colleague_client: Client, prop: Property) -> None:
    address = reverse("properties:property_settings", args=[prop.uid])
    colleague_client.post(address, {"name": prop.name, "enabled": "on", "code_reads_secrets": "on"})
    prop.refresh_from_db()
    assert not prop.code_reads_secrets
