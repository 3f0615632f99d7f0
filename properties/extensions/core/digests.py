"""Hash, Random and Sampling. Random values are derived from the event, so a retry has the same ones."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from math import ceil, floor
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import ConditionType, DataElementType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.examples import Example
from properties.catalog.javascript import is_number, to_text
from properties.catalog.tokens import tokens_in

from .phrases import plain
from .sources import CLIENT_CORE
from .values import as_number

FIPS_180 = "https://csrc.nist.gov/pubs/fips/180-4/upd1/final"
RFC_9562 = "https://www.rfc-editor.org/rfc/rfc9562"
ALGORITHMS = (("sha256", "SHA-256"), ("sha512", "SHA-512"), ("sha1", "SHA-1"), ("md5", "MD5"))
_LARGEST = 1_000_000_000
_WHOLE = 1 << 64
# JSON numbers above this are not exact everywhere.
_LARGEST_EXACT = 1 << 53


def run_hash(settings: Settings, context: EventContext) -> str | list[str] | None:
    """Return the hash of a text or number as hexadecimal digits; for a list, the hashes of its items.

    Null, empty text, objects, true and false have no hash. Text is hashed as UTF-8.
    """
    value = settings.get("value")
    if isinstance(value, list):
        return [found for item in value if (found := _hash(item, settings))] or None
    return _hash(value, settings)


def _hash(value: Any, settings: Settings) -> str | None:
    if not isinstance(value, str) and not is_number(value):
        return None
    text = to_text(value)
    if settings.get("normalize", True) is not False:
        text = text.strip().lower()
    algorithm = settings.get("algorithm") or ALGORITHMS[0][0]
    # MD5 and SHA-1 are not used for security here; some vendors ask for them.
    digest = hashlib.new(str(algorithm), text.encode(errors="replace"), usedforsecurity=False)
    return digest.hexdigest() if text else None


def summarize_hash(settings: Settings) -> str:
    """One line such as: SHA-256 of Email."""
    algorithm = dict(ALGORITHMS).get(settings.get("algorithm", ALGORITHMS[0][0]), "")
    return f"{algorithm} of {plain(settings.get('value'))}"


def _share(*parts: str) -> int:
    """Return a number below 2 to the power of 64, evenly spread, identical for identical parts."""
    digest = hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()
    return int.from_bytes(digest[:8])


def run_random(settings: Settings, context: EventContext) -> int | str | None:
    """Return a number or UUID that is fixed for this event and data element, in every retry."""
    name = context.component.get("name", "")
    if settings.get("kind") == "uuid":
        digest = hashlib.sha256(f"{context.inbound_event_id}\0{name}".encode(errors="replace")).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))
    least, most = _whole(settings.get("min", 0), ceil), _whole(settings.get("max", _LARGEST), floor)
    if least is None or most is None or least > most:
        return None
    return least + _share(context.inbound_event_id, name) * (most - least + 1) // _WHOLE


def _whole(value: Any, rounded: Callable[[float], int]) -> int | None:
    number = as_number(value)
    return None if number is None or abs(number) > _LARGEST_EXACT else rounded(number)


def check_random(settings: Settings) -> Iterator[Problem]:
    """Yield a problem if the maximum is below the minimum."""
    least, most = settings.get("min", 0), settings.get("max", _LARGEST)
    if is_number(least) and is_number(most) and least > most:
        yield Problem("max", "Maximum", "The maximum is below the minimum.")


def summarize_random(settings: Settings) -> str:
    """One line such as: 1 to 100."""
    if settings.get("kind") == "uuid":
        return "UUID"
    return f"{plain(settings.get('min', 0))} to {plain(settings.get('max', _LARGEST))}"


def run_sampling(settings: Settings, context: EventContext) -> bool:
    """Return whether the event is in the sample. A key in the sample stays in it when the sample grows."""
    rate, key = as_number(settings.get("rate")), settings.get("key")
    if rate is None:
        return False
    known = "" if key is None or isinstance(key, dict | list) else to_text(key).strip()
    cohort = to_text(settings.get("cohort") or context.rule.get("id", ""))
    # "Less than", not "at most": a rate of 0 lets nothing pass, a rate of 1 everything.
    return _share(cohort, known or context.inbound_event_id) < rate * _WHOLE


def check_sampling(settings: Settings) -> Iterator[Problem]:
    """Yield a problem if the rate is not a number from 0 to 1."""
    rate = settings.get("rate")
    number = as_number(rate)
    if not tokens_in(rate) and (number is None or not 0 <= number <= 1):
        yield Problem("rate", "Rate", "Enter a number from 0 to 1. 0.1 lets one event in ten pass.")


def summarize_sampling(settings: Settings) -> str:
    """One line such as: 10 % of the values of Visitor ID."""
    rate, key = as_number(settings.get("rate")), settings.get("key")
    share = plain(settings.get("rate")) if rate is None else f"{rate * 100:g} %"
    return f"{share} of the values of {plain(key)}" if key else f"{share} of all events"


HASH = DataElementType(
    name="hash",
    title="Hash",
    description="SHA-256, or another hash, of a value. Advertising actions hash their fields themselves.",
    category="Made of other values",
    fields=[
        Field(
            key="value",
            label="Value",
            required=True,
            hashed=True,
            placeholder="{{Email}}",
            help="Text or a number; for a list, each item. Empty values and objects return nothing.",
        ),
        Field(
            key="algorithm",
            label="Algorithm",
            type="choice",
            tokens=False,
            default="sha256",
            options=ALGORITHMS,
        ),
        Field(
            key="normalize",
            label="Trim and convert to lower case first",
            type="boolean",
            tokens=False,
            default=True,
        ),
    ],
    run=run_hash,
    summary=summarize_hash,
    help_url=FIPS_180,
    examples=[
        Example(
            title="An e-mail address as advertising vendors hash it",
            settings={"value": "{{Email}}"},
            data_elements={"Email": " John_Smith@gmail.com "},
            result="62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
            source=(
                "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/"
                "customer-information-parameters"
            ),
        ),
        Example(
            title="The text exactly as written",
            settings={"value": "{{Text}}", "normalize": False},
            data_elements={"Text": "abc"},
            result="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            source="https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values",
        ),
    ],
)

RANDOM = DataElementType(
    name="random",
    title="Random",
    description="A random number or UUID, fixed for each event: retries and replays return the same one.",
    category="Not from the event",
    fields=[
        Field(
            key="kind",
            label="Return",
            type="choice",
            tokens=False,
            default="number",
            options=[("number", "A whole number"), ("uuid", "A UUID")],
        ),
        Field(
            key="min",
            label="Minimum",
            type="integer",
            default=0,
            show_if={"kind": ["number"]},
            placeholder="0",
        ),
        Field(
            key="max",
            label="Maximum",
            type="integer",
            default=_LARGEST,
            show_if={"kind": ["number"]},
            help="Inclusive.",
        ),
    ],
    run=run_random,
    check=check_random,
    summary=summarize_random,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="Both ends are included",
            settings={"min": 7, "max": 7},
            result=7,
            source=CLIENT_CORE,
        )
    ],
)

SAMPLING = ConditionType(
    name="sampling",
    title="Sampling",
    description="Met for a share of all events, or of all visitors if a key is chosen.",
    category="Time and sampling",
    fields=[
        Field(
            key="rate",
            label="Rate",
            type="number",
            required=True,
            placeholder="0.1",
            help="From 0 to 1: 0.1 lets one in ten pass. If the rate grows, the sample keeps its members.",
        ),
        Field(
            key="key",
            label="Key",
            placeholder="{{Visitor ID}}",
            help=(
                "Events with the same value all pass or all fail. If it is empty or its value is"
                " missing, each event is decided on its own."
            ),
        ),
        Field(
            key="cohort",
            label="Cohort",
            placeholder="autumn test",
            help="Rules with the same cohort select the same keys. Without one, each rule selects its own.",
        ),
    ],
    run=run_sampling,
    check=check_sampling,
    summary=summarize_sampling,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="A rate of 1 lets everything pass",
            settings={"rate": 1, "key": "{{Visitor ID}}"},
            data_elements={"Visitor ID": "v-1"},
            result=True,
            source=CLIENT_CORE,
        ),
        Example(
            title="A rate of 0 lets nothing pass", settings={"rate": 0}, result=False, source=CLIENT_CORE
        ),
    ],
)
