"""Reads the settings of extension packages from the environment."""

from __future__ import annotations

from collections.abc import Iterable

from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.installation import Setting, UnusableSetting

from .settings_reader import SettingsReader


def read_installation(env: SettingsReader, packages: Iterable[ExtensionPackage]) -> dict[str, str]:
    """Return name → value of each setting; an invalid value is reported and replaced by its stand-in."""
    return {
        setting.name: _read(env, setting, check_id(package, position))
        for package in packages
        for position, setting in enumerate(package.installation)
    }


def check_id(package: ExtensionPackage, position: int) -> str:
    """Return the id of the system check for one setting of a package."""
    return package.installation[position].check_id or f"{package.name}.E{position + 1:03}"


def _read(env: SettingsReader, setting: Setting, id: str) -> str:
    given = env.secret(setting.name, id) if setting.is_secret else env.text(setting.name)
    try:
        return setting.read(given or setting.default)
    except UnusableSetting as error:
        env.report(id, f"{setting.name} {error.message}", error.hint)
        return setting.default if setting.stand_in is None else setting.stand_in
