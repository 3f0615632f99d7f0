"""Removes credentials from text. Plain Python."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "[secret]"
SHORTEST_MASKED = 4


def without(text: str, values: Iterable[str]) -> str:
    """Return ``text`` without these values, also as JSON, HTML, addresses and forms write them.

    Values of up to three characters are kept: they would match everywhere.
    """
    spelled = {each for value in values if len(value) >= SHORTEST_MASKED for each in _spellings(value)}
    for each in sorted(spelled, key=len, reverse=True):
        text = text.replace(each, MASK)
    return text


def _spellings(value: str) -> set[str]:
    in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    slashed = {each.replace("/", r"\/") for each in in_json}
    # A server may quote the request body as text inside its own JSON.
    in_json |= {json.dumps(each)[1:-1] for each in in_json}
    in_addresses = {quote(value), quote(value, safe=""), quote_plus(value)}
    return {value, html.escape(value)} | in_json | slashed | in_addresses
