"""Replaces ``[[name]]`` in header values if the address matches.

Source: docs/reference/adobe.md, "Secrets"; adobe/reactor-turbine-edge, ``getRuleFetchFn``: names ignore
letter case, every header is searched, and a pattern may be found anywhere in the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import re2

from properties.catalog.descriptor import Settings
from properties.catalog.errors import Problem
from properties.catalog.javascript import to_text

LONGEST_PATTERN = 2_000
OVERRIDES = "headerOverrides"
_NAME = re.compile(r"\[\[([^\[\]]+)\]\]")


def with_templates(headers: Mapping[str, str], url: str, extension_settings: Settings) -> dict[str, str]:
    """Replace each ``[[name]]`` whose pattern is found in the address by its value."""
    filled = dict(headers)
    for row in _rows(extension_settings):
        if is_found(_text(row, "urlPattern"), url):
            template = re.compile(re.escape(f"[[{_text(row, 'key')}]]"), re.IGNORECASE)
            value = _text(row, "value").replace("\\", r"\\")
            filled = {name: template.sub(value, text) for name, text in filled.items()}
    return filled


def is_found(pattern: str, url: str) -> bool:
    """Whether a pattern is found in an address; an empty or invalid pattern never is."""
    compiled = _compiled(pattern) if pattern else None
    return compiled is not None and compiled.search(url) is not None


def lacks(settings: Settings) -> Iterator[str]:
    """Yield what an import from Adobe's API cannot contain, as sentences."""
    headers = settings.get("headers")
    rows = [row for row in headers if isinstance(row, Mapping)] if isinstance(headers, list) else []
    for name in dict.fromkeys(_NAME.findall(" ".join(_text(row, "value") for row in rows))):
        yield f"A header contains [[{name}]]. Add a header template of this name to the Cloud Connector."
    if settings.get("useMtls") is True:
        yield "Mutual TLS needs a client certificate. Choose it in the configuration of the Cloud Connector."


def check_templates(settings: Settings) -> Iterator[Problem]:
    """Check that every row has a name and a valid pattern."""
    for index, row in enumerate(_rows(settings)):
        if not _text(row, "key"):
            yield Problem(f"{OVERRIDES}[{index}].key", "Name", "Enter the name that is between [[ and ]].")
        pattern = _text(row, "urlPattern")
        if not pattern or _compiled(pattern) is None:
            message = r"Write a pattern, such as ^https://api\.example\.com/."
            yield Problem(f"{OVERRIDES}[{index}].urlPattern", "URL Pattern", message)


def _rows(settings: Settings) -> list[Mapping[str, Any]]:
    rows = settings.get(OVERRIDES)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else to_text(value)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    # Otherwise RE2 prints the pattern.
    options.log_errors = False
    try:
        return re2.compile(pattern, options) if len(pattern) <= LONGEST_PATTERN else None
    except re2.error:
        return None
