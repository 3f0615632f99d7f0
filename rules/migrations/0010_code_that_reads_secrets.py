"""Custom code may read secrets where what runs now does: a signature must not become another one unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import migrations

SECRET = "core::dataElements::secret"  # noqa: S105 - the id of a data element type


def allow_where_it_is_used(apps: Any, schema_editor: Any) -> None:
    Environment = apps.get_model("properties", "Environment")
    Activation = apps.get_model("rules", "Activation")
    for environment in Environment.objects.select_related("prop"):
        live = Activation.objects.filter(environment=environment).order_by("-id").first()
        if live is not None and _reads_secrets(live.build.document):
            environment.prop.code_reads_secrets = True
            environment.prop.save(update_fields=["code_reads_secrets"])


def _reads_secrets(text: str) -> bool:
    """Whether code in a build names a data element that gives a secret."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return False
    elements = document.get("dataElements") or {}
    names = [name for name, it in elements.items() if it.get("modulePath") == SECRET]
    sources = [source for source in _sources(document) if "getDataElementValue" in source]
    return any(name in source for name in names for source in sources)


def _sources(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("source"), str):
            yield value["source"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _sources(item)


class Migration(migrations.Migration):
    dependencies = [("rules", "0009_taken_along"), ("properties", "0007_keys_of_datastreams")]
    operations = [migrations.RunPython(allow_where_it_is_used, migrations.RunPython.noop)]
