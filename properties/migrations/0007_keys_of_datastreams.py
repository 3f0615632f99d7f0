"""A key of a datastream belongs to the environment of the datastream; until now it belonged to every one."""

from __future__ import annotations

import json
from typing import Any

from django.db import migrations


def bind_keys(apps: Any, schema_editor: Any) -> None:
    Datastream, Secret = apps.get_model("properties", "Datastream"), apps.get_model("properties", "Secret")
    for datastream in Datastream.objects.exclude(keys=[]).select_related("environment"):
        prop_id = datastream.environment.prop_id
        others = _others(apps, datastream, prop_id)
        for key in datastream.keys:
            name = key.get("$secret", "") if isinstance(key, dict) else ""
            rows = Secret.objects.filter(prop_id=prop_id, name=name)
            if name and json.dumps(name) not in others:
                rows.filter(environment=None).update(environment=datastream.environment)
            _lend(Secret, rows, datastream.environment)


def _lend(Secret: Any, rows: Any, environment: Any) -> None:
    """A key that belonged to another environment goes on to be one here."""
    found = list(rows)
    if found and not any(row.environment_id in (None, environment.pk) for row in found):
        facts = {key: getattr(found[0], key) for key in ("name", "value", "last_four", "fingerprint")}
        Secret.objects.create(prop_id=environment.prop_id, environment=environment, **facts)


def _others(apps: Any, datastream: Any, prop_id: int) -> str:
    """Settings of the property that may name the key, too: then it stays what it is."""
    settings = [
        *apps.get_model("properties", "Extension").objects.filter(prop_id=prop_id).values_list("settings"),
        *apps.get_model("properties", "DataElement").objects.filter(prop_id=prop_id).values_list("settings"),
        *apps.get_model("properties", "Datastream")
        .objects.filter(environment__prop_id=prop_id)
        .exclude(pk=datastream.pk)
        .values_list("keys"),
    ]
    return json.dumps(settings)


class Migration(migrations.Migration):
    dependencies = [("properties", "0006_secrets_of_environments")]
    operations = [migrations.RunPython(bind_keys, migrations.RunPython.noop)]
