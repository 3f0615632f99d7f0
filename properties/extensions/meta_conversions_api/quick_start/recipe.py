"""What Quick Start asks, and what it makes from the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from properties.catalog.descriptor import Field, QuickStart, Settings
from properties.catalog.errors import Problem

from ..parameters import PAGES
from .forwarding import forwarding
from .tags import tags

_PIXEL_ID = re.compile(r"[0-9]{5,20}")
_LAYER = re.compile(r"window(\.[A-Za-z_$][\w$]*)+", re.ASCII)

FIELDS = (
    Field(
        key="pixelId",
        label="Meta Pixel ID",
        required=True,
        placeholder="1234567890",
        help="Events Manager shows it under Data sources.",
        url=PAGES + "get-started",
    ),
    Field(
        key="accessToken",
        label="Meta Conversion API Access Token",
        type="secret",
        required=True,
        help="Events Manager, your pixel, Settings, Conversions API, Generate access token.",
        url=PAGES + "get-started#access-token",
    ),
    Field(
        key="dataLayerPath",
        label="Data Layer Path",
        required=True,
        default="window.dataLayer.meta",
        placeholder="window.dataLayer.meta",
        help="The variable in which your pages keep the data of a conversion. It may not exist yet.",
    ),
)


def _normalize(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers without white space around them, and a path that begins at ``window``."""
    cleaned = {key: value.strip() for key, value in answers.items()}
    path = cleaned.get("dataLayerPath", "")
    if path and not re.match(r"window\b", path):
        cleaned["dataLayerPath"] = f"window.{path}"
    return cleaned


def _check(answers: Mapping[str, str]) -> Iterator[Problem]:
    pixel, token, path = (answers.get(field.key, "") for field in FIELDS)
    if pixel and not _PIXEL_ID.fullmatch(pixel):
        yield Problem("pixelId", FIELDS[0].label, "Enter the digits alone, 5 to 20 of them.")
    if re.search(r"\s", token):
        yield Problem("accessToken", FIELDS[1].label, "It has a space or a line break. Copy it again.")
    if path and not _LAYER.fullmatch(path):
        message = "Write names of variables with dots between them, such as window.dataLayer.meta."
        yield Problem("dataLayerPath", FIELDS[2].label, message)


def _settings(answers: Mapping[str, str]) -> Settings:
    return {key: answers[key] for key in ("pixelId", "accessToken")}


QUICK_START = QuickStart(
    title="Send Conversions Data to Meta",
    description="From your domain to conversions that Meta gets from the browser and from the server, and"
    " counts once.",
    fields=FIELDS,
    normalize=_normalize,
    check=_check,
    settings=_settings,
    forwarding=forwarding,
    tags=tags,
    variables={"accessToken": "META_ACCESS_TOKEN"},
)
