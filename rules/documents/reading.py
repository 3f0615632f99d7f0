"""Parses a document, checks its shape and fills in the defaults. Every problem has a JSON path."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.storable import MOST_LEVELS, cannot_be_stored, is_too_deep
from properties.models import DataElement, Datastream, DatastreamAlias, Environment, Property
from rules.models import RuleComponent

from .shapes import (
    AnyObject,
    DocumentProblem,
    Flag,
    ListOf,
    ObjectOf,
    Origin,
    Shape,
    Text,
    Whole,
    join,
    name_of,
)

FORMAT = "capi-admin/property/v1"


@dataclass(frozen=True, kw_only=True)
class StorageDuration(Text):
    """How long a browser keeps a value; ``null`` is not at all."""

    choices: Sequence[str] = tuple(filter(None, DataElement.Storage.values))

    def complaint(self, value: Any) -> str:
        return "" if value in (None, "") else super().complaint(value)

    def finish(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        return value or ""


_COMPONENT: dict[str, Shape] = {
    "delegate": Text(required=True, max_length=300),
    "name": Text(),
    "settings": AnyObject(),
    "order": Whole(),
    "timeout": Whole(default=2000),
    "delay_next": Flag(default=True),
}
_EVENT = {key: _COMPONENT[key] for key in ("delegate", "name", "settings", "order")} | {
    "rule_order": Whole(default=50, least=RuleComponent.LEAST_RULE_ORDER, most=RuleComponent.MOST_RULE_ORDER)
}

COMPONENTS = {
    "events": ObjectOf(keys=_EVENT),
    "conditions": ObjectOf(keys=_COMPONENT | {"negate": Flag()}),
    "actions": ObjectOf(keys=_COMPONENT),
}

PROPERTY = ObjectOf(
    required=True,
    keys={
        "name": Text(required=True, pattern=r"\S(.*\S)?", example="“Shop”, without spaces around it"),
        "platform": Text(default=Property.Platform.EDGE.value, choices=Property.Platform.values),
        "domains": ListOf(member=Text(required=True)),
        "default_country": Text(pattern="[A-Za-z]{2}", example="de, the two letters of ISO 3166-1"),
        "enabled": Flag(default=True),
        "code_reads_secrets": Flag(),
        "rule_component_sequencing_enabled": Flag(default=True),
        "undefined_vars_return_empty": Flag(),
    },
)

EXTENSION = ObjectOf(
    keys={
        "package": Text(required=True, max_length=214),
        "settings": AnyObject(),
        "enabled": Flag(default=True),
    }
)

ELEMENT = ObjectOf(
    keys={
        "name": Text(
            required=True,
            pattern=r"[^}\s]([^}]*[^}\s])?",
            example="“Order ID”, without “}” and without spaces around it",
        ),
        "delegate": Text(required=True, max_length=300),
        "settings": AnyObject(),
        "default_value": Shape(),
        "clean_text": Flag(),
        "force_lower_case": Flag(),
        "storage_duration": StorageDuration(),
        "enabled": Flag(default=True),
    }
)

RULE = ObjectOf(
    keys={
        "name": Text(required=True),
        "enabled": Flag(default=True),
        **{kind: ListOf(member=shape) for kind, shape in COMPONENTS.items()},
    }
)

DATASTREAM = ObjectOf(
    keys={
        "access": Text(default=Datastream.Access.OPEN.value, choices=Datastream.Access.values),
        "keys": ListOf(),
        "aliases": ListOf(
            member=Text(required=True, pattern=DatastreamAlias.PATTERN, example="web-shop-production")
        ),
        "allowed_origins": ListOf(member=Origin()),
        "org_id": Text(
            max_length=100, pattern=Datastream.ORG_ID_PATTERN, example="0123456789ABCDEF@AdobeOrg"
        ),
        "write_click_cookies": Flag(),
        "fpid_cookie": Text(max_length=100, pattern=Datastream.COOKIE_PATTERN, example="device_id"),
        "tcf_purposes": ListOf(
            default=list(Datastream.TCF_PURPOSES), member=Whole(most=Datastream.MOST_TCF_PURPOSE)
        ),
        "tcf_vendor": Whole(default=Datastream.TCF_VENDOR, most=Datastream.MOST_TCF_VENDOR, allows_null=True),
    }
)

SAVED_EVENT = ObjectOf(
    keys={"name": Text(required=True, max_length=100), "xdm": AnyObject(), "data": AnyObject()}
)

DOCUMENT = ObjectOf(
    keys={
        "format": Text(required=True),
        "property": PROPERTY,
        "extensions": ListOf(member=EXTENSION),
        "data_elements": ListOf(member=ELEMENT),
        "rules": ListOf(member=RULE),
        "saved_events": ListOf(member=SAVED_EVENT),
        "datastreams": ObjectOf(keys=dict.fromkeys(Environment.Stage.values, DATASTREAM)),
    }
)


class InvalidDocument(Exception):
    """The document was refused and nothing was changed; ``problems`` lists everything that is wrong."""

    def __init__(self, problems: Sequence[DocumentProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))


def parse(text: str | bytes) -> Any:
    """Return the JSON value of a document's text.

    Raises:
        InvalidDocument: The text is not JSON, or one object has a key twice.
    """
    doubles: list[str] = []
    try:
        value = json.loads(text, object_pairs_hook=_noting(doubles), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidDocument([DocumentProblem("$", f"This is not JSON: {error.msg} at {where}.")]) from None
    except UnicodeDecodeError:
        raise InvalidDocument([DocumentProblem("$", "This is not JSON: it is not UTF-8 text.")]) from None
    except RecursionError:
        raise InvalidDocument([DocumentProblem("$", "This is nested too deeply.")]) from None
    except ValueError as error:
        raise InvalidDocument([DocumentProblem("$", f"This is not JSON: {error}.")]) from None
    if doubles:
        message = "One object has the key “{}” twice. Remove one of them."
        raise InvalidDocument([DocumentProblem("$", message.format(key)) for key in doubles])
    return value


def read(document: Any) -> tuple[dict[str, Any], list[DocumentProblem]]:
    """Return the document with every default filled in, and the problems of its shape.

    Raises:
        InvalidDocument: The value is not a property document of this format.
    """
    if not isinstance(document, dict):
        raise InvalidDocument([DocumentProblem("$", f"This must be an object, not {name_of(document)}.")])
    if document.get("format") != FORMAT:
        raise InvalidDocument([DocumentProblem("$.format", f"The format must be “{FORMAT}”.")])
    if is_too_deep(document):
        message = f"This is nested too deeply; {MOST_LEVELS} levels are allowed."
        raise InvalidDocument([DocumentProblem("$", message)])
    problems = [
        DocumentProblem(path, "This cannot be stored: it has a NUL, half a surrogate pair, or is infinite.")
        for path in _unstorable(document, "$")
    ]
    return DOCUMENT.clean(document, "$", problems), problems


def _noting(doubles: list[str]) -> Any:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            doubles.extend(sorted(key for key, count in counts.items() if count > 1))
        return made

    return build


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _unstorable(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str | float):
        if cannot_be_stored(value):
            yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            if cannot_be_stored(key):
                yield path
            yield from _unstorable(inner, join(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}[{index}]")
