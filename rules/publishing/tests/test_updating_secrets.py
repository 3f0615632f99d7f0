"""The effect of an update on existing secrets and code."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from properties.models import Extension, Property
from properties.secrets.credentials import reference, store
from rules.models import Activation, Build

bind_keys = import_module("properties.migrations.0007_keys_of_datastreams").bind_keys
allow = import_module("rules.migrations.0010_code_that_reads_secrets").allow_where_it_is_used
READS = "return sign(getDataElementValue('Partner key'));"


def give_key(prop: Property, name: str) -> Any:
    datastream = prop.environments.get(stage="production").datastream
    datastream.keys = [reference(name)]
    datastream.save()
    return store(prop, name, "a-key-of-the-datastream")


def test_a_key_of_a_datastream_gets_the_environment_of_the_datastream(prop: Property) -> None:
    secret = give_key(prop, "Production datastream key 1")
    bind_keys(apps, None)
    secret.refresh_from_db()
    assert secret.environment == prop.environments.get(stage="production")


def test_a_key_that_is_used_otherwise_stays_in_every_environment(prop: Property) -> None:
    secret = give_key(prop, "Shared")
    extension = Extension.objects.get(prop=prop, package_name="meta-conversions-api")
    extension.settings["appSecret"] = reference("Shared")
    extension.save()
    bind_keys(apps, None)
    secret.refresh_from_db()
    assert secret.environment is None


def test_a_key_of_another_environment_goes_on_to_open_the_datastream(prop: Property) -> None:
    secret = give_key(prop, "Key")
    secret.environment = prop.environments.get(stage="staging")
    secret.save()
    bind_keys(apps, None)
    keys = prop.secrets.filter(name="Key").order_by("environment")
    assert {(it.environment.stage, it.value) for it in keys if it.environment} == {
        ("staging", "a-key-of-the-datastream"),
        ("production", "a-key-of-the-datastream"),
    }


def test_a_credential_that_was_typed_into_a_form_still_belongs_to_every_environment(prop: Property) -> None:
    bind_keys(apps, None)
    assert [secret.environment for secret in prop.secrets.all()] == [None]


def go_live(prop: Property, source: str, *, is_live: bool = True) -> None:
    chosen = {"secrets": {"production": {"name": "Main"}}}
    document = {
        "dataElements": {"Partner key": {"modulePath": "core::dataElements::secret", "settings": chosen}},
        "rules": [
            {"actions": [{"modulePath": "core::actions::custom-code", "settings": {"source": source}}]}
        ],
    }
    production = prop.environments.get(stage="production")
    made = Build.objects.create(prop=prop, environment=production, document=json.dumps(document))
    if is_live:
        Activation.objects.create(environment=production, build=made)


@pytest.mark.parametrize(
    ("source", "is_live", "may_read"),
    [(READS, True, True), ("return getDataElementValue('Other');", True, False), (READS, False, False)],
)
def test_code_that_reads_a_secret_now_may_go_on_and_no_other(
    prop: Property, source: str, is_live: bool, may_read: bool
) -> None:
    go_live(prop, source, is_live=is_live)
    allow(apps, None)
    prop.refresh_from_db()
    assert prop.code_reads_secrets is may_read
