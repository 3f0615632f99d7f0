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
            if name and json.dumps(name) not in others:
                unbound = Secret.objects.filter(prop_id=prop_id, name=name, environment=None)
                unbound.update(environment=datastream.environment)


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
