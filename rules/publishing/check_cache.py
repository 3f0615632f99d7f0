"""A cache of settings that passed their check: a build checks only the changed ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from properties.catalog.descriptor import ComponentType
from properties.catalog.errors import Problem
from properties.catalog.forms import SettingsCheck
from properties.catalog.tokens import tokens_in
from properties.secrets.credentials import names_in

MOST_REMEMBERED = 20_000

# Digest of settings and id of their type → the type, which keeps it alive. Holds no settings.
_passed: dict[tuple[bytes, int], ComponentType] = {}


class RememberingCheck:
    """``check_settings`` for many components, quick for settings that passed an earlier run.

    They stay valid while every data element and every secret that they name exists.
    """

    def __init__(self) -> None:
        self._check = SettingsCheck()

    def __call__(
        self,
        component_type: ComponentType,
        settings: Mapping[str, Any],
        *,
        elements: Collection[str],
        secrets: Collection[str],
    ) -> list[Problem]:
        digest = _digest(settings)
        names_exist = tokens_in(settings).issubset(elements) and set(names_in(settings)).issubset(secrets)
        if names_exist and (digest, id(component_type)) in _passed:
            return []
        found = self._check(component_type, settings, elements=elements, secrets=secrets)
        if names_exist and not found:
            _remember(digest, component_type)
        return found


def _digest(settings: Any) -> bytes:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).digest()


def _remember(digest: bytes, component_type: ComponentType) -> None:
    if len(_passed) >= MOST_REMEMBERED:
        _passed.clear()
    _passed[digest, id(component_type)] = component_type


def forget() -> None:
    """Empty the cache."""
    _passed.clear()
