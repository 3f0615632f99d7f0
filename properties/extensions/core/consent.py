"""Consent: whether the visitor agreed, in any of the forms in which sites report it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import ConditionType, Field, Settings
from properties.catalog.examples import Example
from properties.catalog.javascript import to_text
from properties.catalog.tcf import ConsentString, read_consent_string

from .phrases import listed, plain
from .values import as_list, as_number

ADOBE_CONSENT = (
    "https://experienceleague.adobe.com/en/docs/experience-platform/landing/governance-privacy-security/"
    "consent/adobe/dataset"
)
IAB = (
    "https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework/blob/master/"
    "TCFv2/IAB%20Tech%20Lab%20-%20Consent%20string%20and%20vendor%20list%20formats%20v2.md"
)
# OneTrust stores ``,C0001,C0002,`` on the page and ``C0001:1,C0002:0`` in its cookie.
ONE_TRUST = "https://my.onetrust.com/articles/en_US/Knowledge/UUID-66bcaaf1-c7ca-5f32-6760-c75a1337c226"
_WITH_ANSWER = re.compile(r"[^:]+:[^:]+")
GRANTED = frozenset({"y", "yes", "true", "1", "in", "granted", "accepted", "allow", "allowed", "opt-in"})
REFUSED = frozenset({"n", "no", "false", "0", "out", "denied", "rejected", "deny", "refused", "opt-out"})
# Keys with the answer for one purpose, in Adobe's standard 2.0 and in cookie banners.
_ANSWER_KEYS = ("val", "value", "status", "granted")


def run_consent(settings: Settings, context: EventContext) -> bool:
    """Return whether all purposes are granted; the setting decides if consent is missing or unreadable."""
    given = _readable(settings.get("consent"))
    answers = [_answer(given, purpose) for purpose in _purposes(settings)] or [_answer(given, None)]
    if isinstance(given, ConsentString) and (vendor := _whole(settings.get("vendor"))) is not None:
        answers.append(given.allows_vendor(vendor))
    if False in answers:
        return False
    return None not in answers or settings.get("whenMissing") == "met"


def _readable(value: Any) -> Any:
    """Read JSON, comma-separated names, or a consent string; a list becomes the set of its names."""
    if isinstance(value, str):
        value = _read_json(value) if value.lstrip().startswith(("{", "[")) else _read_text(value)
    return frozenset(map(_name, value)) if isinstance(value, list) else value


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read_text(text: str) -> Any:
    names = [name.strip() for name in text.split(",") if name.strip()] if "," in text else []
    if names and all(_WITH_ANSWER.fullmatch(name) for name in names):
        return dict(name.rsplit(":", 1) for name in names)
    return names or read_consent_string(text) or text


def _name(value: Any) -> str:
    return to_text(value).strip()


def _purposes(settings: Settings) -> list[str]:
    purposes = as_list(settings.get("purposes"))
    return [_name(it) for it in purposes if it not in (None, "") and not isinstance(it, dict | list)]


def _answer(given: Any, purpose: str | None) -> bool | None:
    """Return True for yes, False for no, None if the value says neither."""
    if isinstance(given, ConsentString):
        return _whole(purpose) in given.purposes if purpose else bool(given.purposes)
    if isinstance(given, frozenset):
        return purpose in given if purpose else None
    if isinstance(given, Mapping) and purpose:
        return _word(given.get(purpose))
    return _word(given)


def _word(value: Any) -> bool | None:
    if isinstance(value, Mapping):
        value = next((value[key] for key in _ANSWER_KEYS if key in value), None)
    if value is None or isinstance(value, dict | list):
        return None
    text = to_text(value).strip().lower()
    return True if text in GRANTED else False if text in REFUSED else None


def _whole(value: Any) -> int | None:
    number = as_number(value)
    return int(number) if number is not None and number == int(number) else None


def summarize_consent(settings: Settings) -> str:
    """One line such as: Consent allows marketing."""
    purposes = listed(settings.get("purposes")).replace(" or ", " and ")
    return f"{plain(settings.get('consent'))} {f'allows {purposes}' if purposes else 'is given'}"


CONSENT = ConditionType(
    name="consent",
    title="Consent",
    description="Met if the visitor agreed. Reads yes or no, a list or object of purposes, or a TCF string.",
    category="The visitor",
    fields=[
        Field(
            key="consent",
            label="Consent",
            required=True,
            placeholder="{{Consent}}",
            help=(
                "The site's value: yes or no in any usual word, a list of granted purposes (also as text"
                " with commas), an object with an answer for each purpose, or a consent string of IAB Europe"
                " (TCF 2)."
            ),
        ),
        Field(
            key="purposes",
            label="Purposes",
            type="list",
            placeholder="marketing",
            help="All of them must be granted. For a TCF string: 1, 3, 4. If empty, any consent counts.",
        ),
        Field(
            key="vendor",
            label="Vendor",
            type="integer",
            placeholder="89",
            help="Only for TCF strings: the id of a vendor that must have consent too.",
            url="https://iabeurope.eu/vendor-list-tcf/",
        ),
        Field(
            key="whenMissing",
            label="If consent is unknown",
            type="choice",
            tokens=False,
            default="notMet",
            options=[("notMet", "The condition is not met"), ("met", "The condition is met")],
            help="Also applies to pending and unreadable consent.",
        ),
    ],
    run=run_consent,
    summary=summarize_consent,
    help_url=ADOBE_CONSENT,
    examples=[
        Example(
            title="Adobe's standard: a purpose with its answer",
            settings={"consent": "{{Consents}}", "purposes": ["collect"]},
            data_elements={"Consents": {"collect": {"val": "y"}, "share": {"val": "n"}}},
            result=True,
            source=ADOBE_CONSENT,
        ),
        Example(
            title="A list of granted purposes",
            settings={"consent": "{{Consent}}", "purposes": ["statistics", "marketing"]},
            data_elements={"Consent": ["statistics"]},
            result=False,
            source=ADOBE_CONSENT,
        ),
        Example(
            title="The groups that OneTrust writes to the page",
            settings={"consent": "{{Groups}}", "purposes": ["C0004"]},
            data_elements={"Groups": ",C0001,C0004,"},
            result=True,
            source=ONE_TRUST,
        ),
        Example(
            title="Unknown consent does not count as consent",
            settings={"consent": "{{Consent}}"},
            data_elements={"Consent": None},
            result=False,
            source=ADOBE_CONSENT,
        ),
    ],
)
