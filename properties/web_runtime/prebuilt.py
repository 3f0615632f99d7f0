"""Reads the prebuilt files: the rule engine and the Web SDK. ``make web-runtime`` makes them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGINE = "engine.js"
WEB_SDK = "web_sdk.js"
ENGINE_NAME = "__capi_engine"
"""The engine's global name in ``engine.js``. A library replaces it by a name of its own."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PublishedPackage:
    """A published npm package that a prebuilt file is made from.

    Args:
        integrity: Checksum of the published archive, as npm writes it.
    """

    package: str
    version: str
    integrity: str


@dataclass(frozen=True, slots=True)
class Prebuilt:
    """A prebuilt file.

    Args:
        sha256: Checksum of the file, as hexadecimal digits.
        origins: The packages that it is made from.
    """

    name: str
    sha256: str
    origins: tuple[PublishedPackage, ...]


@cache
def text_of(name: str) -> str:
    """Return the text of ``engine.js`` or ``web_sdk.js``."""
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def prebuilt_files() -> Mapping[str, Prebuilt]:
    """Return name → file, as ``versions.json`` describes them."""
    listed = json.loads((_FOLDER / "versions.json").read_text(encoding="utf-8"))
    return {
        name: Prebuilt(name, it["sha256"], tuple(PublishedPackage(**origin) for origin in it["made_from"]))
        for name, it in listed.items()
    }


@cache
def licences_text() -> str:
    """Return the notice and every licence text: what must go along with a library."""
    files = (_FOLDER / "NOTICE", *sorted((_FOLDER / "LICENSES").iterdir()))
    return f"\n{'-' * 70}\n\n".join(file.read_text(encoding="utf-8") for file in files)
