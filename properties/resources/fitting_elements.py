"""Data elements that fit a setting, by their names and paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from properties.catalog.descriptor import DataElementType
from properties.catalog.registry import find_type, packages
from properties.catalog.tokens import token
from properties.models import DataElement, Property

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
# Words for the place of a value, not for the value: “Customer Email” and data.user.email are an email,
# “Consent State” is not a state.
_GENERAL_PLACES = frozenset(
    (
        *("arc", "body", "context", "data", "dl", "ecommerce", "event", "layer", "payload", "properties"),
        *("account", "billing", "client", "contact", "customer", "home", "identity", "person", "profile"),
        *("address", "shipping", "traits", "user", "visitor", "cart", "checkout", "commerce", "order"),
        *("purchase", "transaction", "browser", "details", "environment", "page", "request", "web", "xdm"),
        "capi",
    )
)


@cache
def _places() -> frozenset[str]:
    """Return the general places and the names of vendors: “Acme Email” is an email."""
    return _GENERAL_PLACES.union(*(package.also_called for package in packages().values()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A data element with the words that identify it, the most certain first."""

    token: str
    known_by: tuple[frozenset[str], ...]


def candidates(prop: Property) -> list[Candidate]:
    """Return the enabled data elements of a property."""
    return [_candidate(it) for it in prop.dataelements.filter(enabled=True).order_by("name")]


def best(found: Sequence[Candidate], names: Iterable[str]) -> str:
    """Return the token of the data element with the most certain match; empty if none matches.

    Args:
        names: Usual names of a data element with the value, the best first.
    """
    wanted = ["".join(_words(name)) for name in names]
    for rank in range(3):
        for name in wanted:
            for candidate in found:
                if name in candidate.known_by[rank]:
                    return candidate.token
    return ""


def fits(path: str, names: Iterable[str]) -> bool:
    """Return whether a place in an event, such as ``user.email``, is known by one of some usual names."""
    tails = frozenset(_tails(_words(path)))
    return any("".join(_words(name)) in tails for name in names)


def _candidate(element: DataElement) -> Candidate:
    name = _words(element.name)
    path = _words(_path(element))
    return Candidate(
        token(element.name),
        (frozenset({"".join(name)}), frozenset(_tails(path)), frozenset(_tails(name))),
    )


def _path(element: DataElement) -> str:
    kind = find_type(element.delegate)
    if not isinstance(kind, DataElementType) or kind.sample_path is None:
        return ""
    try:
        return kind.sample_path(element.settings)
    except (TypeError, ValueError, KeyError, AttributeError):
        return ""  # Its settings contain a token instead of a path.


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _tails(words: Sequence[str]) -> Iterator[str]:
    """Yield the words joined, with all, some or no places before them."""
    for start, word in enumerate(words):
        yield "".join(words[start:])
        if word not in _places():
            return
