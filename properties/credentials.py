"""Credentials inside settings: stored as secrets, replaced by their names."""

from __future__ import annotations

import hashlib
import hmac
import html
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from django.conf import settings as django_settings
from django.utils import timezone

from properties.catalog.references import SECRET, secret_name
from properties.models import Property, Secret

MASK = "[secret]"
SHORTEST_MASKED = 4
LONGEST_NAME = 240  # Of 255, so that a number may follow.


def reference(name: str) -> dict[str, str]:
    """What stands in settings, documents and builds instead of the value."""
    return {SECRET: name}


def names_in(value: Any) -> Iterator[str]:
    """Every secret that a JSON value refers to."""
    name = secret_name(value)
    if name is not None:
        yield name
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from names_in(inner)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """The first of ``wanted``, ``wanted 2``, ``wanted 3`` … that is not taken, short enough for a secret."""
    start = wanted[:LONGEST_NAME]
    numbered = (start if number == 1 else f"{start} {number}" for number in itertools.count(1))
    return next(name for name in numbered if name not in taken)


def store(prop: Property, name: str, value: str) -> Secret:
    """Create or replace the secret ``name``; unchanged when it already holds ``value``.

    Whatever type it had, it is a token from then on.
    """
    secret = Secret.objects.filter(prop=prop, name=name).first() or Secret(prop=prop, name=name)
    if secret.pk is None or secret.value != value:
        secret.type_of, secret.credentials, secret.refresh_at = Secret.Type.TOKEN, "", None
        secret.set_value(value)
        secret.save()
    return secret


def marker(prop_id: int, name: str) -> str:
    """Text that stands for a secret until the request is sent.

    It survives joining into other text and into headers, cannot be forged by what an event contains, and is
    the same in every process, so that a retry sends the same bytes.
    """
    key = django_settings.SECRET_KEY.encode()
    seal = hmac.new(key, f"secret:{prop_id}:{name}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"[[secret:{prop_id}:{quote(name, safe=' ')}:{seal}]]"


_MARKER = re.compile(r"\[\[secret:(\d+):([^:\[\]]+):([0-9a-f]{32})\]\]")


def reveal(text: str, value_of: Callable[[int, str], str]) -> str:
    """Replace every genuine marker in ``text`` by the value of its secret.

    Args:
        text: May hold markers; what only looks like one is left as it is.
        value_of: Value by property id and secret name. What it raises passes through.
    """

    def value(found: re.Match[str]) -> str:
        prop_id, name = int(found[1]), unquote(found[2])
        is_genuine = hmac.compare_digest(found[0], marker(prop_id, name))
        return value_of(prop_id, name) if is_genuine else found[0]

    return _MARKER.sub(value, text) if "[[secret:" in text else text


def without(text: str, values: Iterable[str]) -> str:
    """``text`` without these values, also as JSON, HTML, addresses and forms write them.

    Values of up to three characters stay: they would be found everywhere.
    """
    spelled = {each for value in values if len(value) >= SHORTEST_MASKED for each in _spellings(value)}
    for each in sorted(spelled, key=len, reverse=True):
        text = text.replace(each, MASK)
    return text


def _spellings(value: str) -> set[str]:
    in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    slashed = {each.replace("/", r"\/") for each in in_json}
    # A server that tells the body that it was sent, as text inside its own JSON.
    in_json |= {json.dumps(each)[1:-1] for each in in_json}
    in_addresses = {quote(value), quote(value, safe=""), quote_plus(value)}
    return {value, html.escape(value)} | in_json | slashed | in_addresses


def values_of(prop_id: int) -> dict[str, str]:
    """Name → plain value of every secret of a property that works now. For the transport alone."""
    now = timezone.now()
    secrets = Secret.objects.filter(prop_id=prop_id).defer("credentials")
    return {secret.name: secret.value for secret in secrets if secret.is_usable(now)}
