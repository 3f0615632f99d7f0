"""Collects parameters from settings: runs each normalizer and turns unusable values into warnings.

A :class:`Plan` holds everything that the settings of a build determine. It is made once, so that an event
needs only the values of its data elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from properties.catalog.customer_data.cleaning import LARGEST_NUMBER, Hints, Normalizer, UnusableValue
from properties.catalog.customer_data.nothing import CODE, MESSAGE, NO_IDS, only_member, says_nothing
from properties.catalog.customer_data.values import mapping, members, one_of, text
from properties.catalog.outbound import Warn
from properties.catalog.tokens import tokens_in

from .normalize import NORMALIZERS, OF_THE_VALUE_ALONE
from .parameters import DELIVERY_CATEGORIES, Parameter
from .steps import Collector, Step, collect, put, written_out
from .values import own

# Objects with more keys rarely repeat, such as a cart with one key per product.
MOST_KEYS_REMEMBERED = 50


class Plan:
    """The parameters that one set of settings produces.

    Args:
        steps: Steps for values that depend on the event.
        constants: Meta's names with values that are the same for every event.
        warnings: Warnings about the constants.
    """

    def __init__(self, steps: Sequence[Step], constants: Mapping[str, Any], warnings: Sequence[Warn]) -> None:
        self._collect: Collector = written_out(steps)
        self._constants, self._warnings = dict(constants), warnings

    def collect(self, settings: Mapping[str, Any], hints: Hints, found: dict[str, Any]) -> dict[str, Any]:
        """Put normalized values under Meta's names into ``found``."""
        if self._warnings:
            hints.warnings.extend(self._warnings)
        found.update(self._constants)
        return self._collect(settings, hints, found)


class Planner:
    """Makes plans for some rows of the parameter table.

    Args:
        rows: Rows of the table. Rows that only control the action have no step.
        prefix: Prefix of the paths in warnings.
        own_keys: Whether keys without a row are sent unchanged.
    """

    def __init__(self, rows: Iterable[Parameter], prefix: str = "", *, own_keys: bool = False) -> None:
        sent = [row for row in rows if row.place != "setting" and row.normalizer]
        self._prefix, self._own_keys = prefix, own_keys
        self._known: dict[str, Step] = {row.key: _step(row, prefix) for row in sent}
        self._constant = {row.key for row in sent if row.closed or row.normalizer in OF_THE_VALUE_ALONE}
        self._remembered: Callable[[tuple[str, ...]], tuple[Step, ...]] = lru_cache(maxsize=256)(
            self._steps_of
        )

    def plan(self, template: Mapping[str, Any]) -> Plan:
        """Return a plan for settings with tokens in place."""
        steps: list[Step] = []
        constants: dict[str, Any] = {}
        hints = Hints(0)
        for step in self._steps(template):
            value = template[step[0]]
            if step[0] in self._constant and not tokens_in(value):
                put(step, value, hints, constants)
            else:
                steps.append(step)
        return Plan(steps, constants, hints.warnings)

    def steps_of(self, keys: tuple[str, ...]) -> tuple[Step, ...]:
        """Return the steps of an object with these keys."""
        return self._remembered(keys) if len(keys) <= MOST_KEYS_REMEMBERED else self._steps_of(keys)

    def _steps_of(self, keys: tuple[str, ...]) -> tuple[Step, ...]:
        return tuple(self._steps(keys))

    def _steps(self, keys: Iterable[str]) -> Iterator[Step]:
        for key in keys:
            if key in self._known:
                yield self._known[key]
            elif self._own_keys:
                yield key, key, (self._prefix + key, key), NORMALIZERS["own"]


def _step(row: Parameter, prefix: str) -> Step:
    return row.key, row.name, (prefix + row.key, row.label), _normalizer(row)


def _normalizer(row: Parameter) -> Normalizer:
    if row.closed:
        return one_of(*(value for value, _ in row.options))
    if row.normalizer == "object":
        return an_object(row.properties, f"{row.key}.")
    return _contents if row.normalizer == "contents" else NORMALIZERS[row.normalizer]


def an_object(rows: Iterable[Parameter], prefix: str) -> Normalizer:
    """Return a normalizer for an object: known keys follow their rows, further keys stay unchanged."""
    planner = Planner(rows, prefix, own_keys=True)

    def run(value: Any, hints: Hints) -> dict[str, Any] | None:
        values = mapping(value)
        return collect(planner.steps_of(tuple(values)), values, hints, {}) or None

    return run


# The items of contents

_ITEM_LABEL = "Contents"
_ITEM: Mapping[str, Normalizer] = {
    "id": text,
    "quantity": NORMALIZERS["number"],
    "item_price": NORMALIZERS["number"],
    "delivery_category": one_of(*DELIVERY_CATEGORIES),
}


def _contents(value: Any, hints: Hints) -> list[dict[str, Any]] | None:
    """Return the items of ``contents`` that have an ``id``; warn if ``quantity`` is missing.

    Meta's table asks for both, but catalog ads match by the ID alone.

    Source: Meta, Custom Data Parameters, "contents".
    """
    if type(value) is str and says_nothing(value):
        raise UnusableValue(MESSAGE, CODE)
    found, without_id, counts = [], list[int](), 0
    for position, member in enumerate(members(value)):
        item = _item(only_member(member), position, hints)
        if "id" in item:
            counts += "quantity" in item
            found.append(item)
        else:
            without_id.append(position)
    for position in without_id:
        hints.place = (f"customData.contents[{position}]", _ITEM_LABEL)
        problem = UnusableValue(f"Item {position + 1} has no ID; left out.", "incomplete_item")
        hints.leave_out([problem], rest_is_sent=bool(found))
    if counts < len(found):
        hints.place = ("customData.contents", _ITEM_LABEL)
        missing = len(found) - counts
        message = f"{missing} of {len(found)} items have no quantity. Meta asks for it in every item."
        hints.note(message, "no_quantity")
    return found or None


_contents.takes_lists = True  # type: ignore[attr-defined]


def _item(member: Any, position: int, hints: Hints) -> dict[str, Any]:
    if type(member) is dict and _is_usual(member):
        return member
    if not isinstance(member, Mapping):
        return {}
    steps_of = _remembered_item_steps if len(member) <= MOST_KEYS_REMEMBERED else _item_steps
    return collect(steps_of(tuple(member), position), member, hints, {})


def _is_usual(item: dict[str, Any]) -> bool:
    """Whether an item needs no change."""
    if not item.keys() <= _USUAL_KEYS:
        return False
    name, quantity, price = item.get("id"), item.get("quantity"), item.get("item_price", 0)
    if type(name) is not str or type(quantity) is not int or type(price) not in _NUMBERS:
        return False
    is_clean = name.isascii() and name.isprintable() and name not in _NO_ID and " " not in name
    return is_clean and abs(quantity) <= LARGEST_NUMBER and abs(price) <= LARGEST_NUMBER


_USUAL_KEYS = frozenset({"id", "quantity", "item_price"})
_NUMBERS = (int, float)
_NO_ID = NO_IDS | {""}


def _item_steps(keys: tuple[str, ...], position: int) -> tuple[Step, ...]:
    path = f"customData.contents[{position}]"
    return tuple((key, key, (f"{path}.{key}", _ITEM_LABEL), _ITEM.get(key, own)) for key in keys)


_remembered_item_steps = lru_cache(maxsize=256)(_item_steps)
