"""Converts actions of another system to settings of ours: the request that they would make.

A package lists them in ``ActionType.substitutes``. The import converts such actions; their rule waits for a
person. Plain data and plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .tokens import tokens_in, whole_token

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """The settings of our action that replace an action of another system.

    Args:
        settings: Settings of our action.
        credentials: Names of data elements for credentials that a person must still add.
        hashes: Name of a data element → value and algorithm of the hash that it returns.
        missing: Other things that a person must do, in sentences.
    """

    settings: dict[str, Any]
    credentials: tuple[str, ...] = ()
    hashes: Mapping[str, Settings] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Substitute:
    """An action of another system that we can replace.

    Args:
        replaces: Its delegate descriptor id in that system.
        title: Name of the vendor.
        carry: ``carry(call, settings, configuration)``, with the settings of the action and of its extension,
            fills in the call and returns it as settings of our action.
        source: The public code that describes the request.
    """

    replaces: str
    title: str
    carry: Callable[[Call, Settings, Settings], Carried]
    source: str

    def carried(self, settings: Settings, configuration: Settings) -> Carried:
        """Convert the action to settings of ours."""
        return self.carry(Call(self.title), settings, configuration)


@dataclass(slots=True)
class Call:
    """A request under construction, with the additions that it needs and no settings hold.

    Args:
        title: Name of the vendor; names of additions begin with it.
    """

    title: str
    credentials: list[str] = field(default_factory=list)
    hashes: dict[str, Settings] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def secret(self, value: Any, label: str) -> str:
        """Return the token of a credential's data element, or of a new one to fill in. Drop plain text."""
        if isinstance(value, str) and tokens_in(value):
            return value
        name = f"{self.title} {label}"
        if name not in self.credentials:
            self.credentials.append(name)
        return f"{{{{{name}}}}}"

    def needed(self, value: Any, label: str) -> str:
        """Return a required text; if it is empty, a token of a data element that does not exist."""
        return str(value) if value not in (None, "") else f"{{{{{self.title} {label}}}}}"

    def hashed(self, value: Any, label: str, algorithm: str = "sha256") -> str | None:
        """Return the token of a data element with the hash of a value; None if there is no value."""
        if value in (None, ""):
            return None
        words = {"sha256": "SHA-256", "md5": "MD5"}[algorithm]
        name = f"{words} of {whole_token(value) or f'{self.title} {label}'}"
        self.hashes[name] = {"value": value, "algorithm": algorithm}
        return f"{{{{{name}}}}}"

    def lacks(self, sentence: str) -> None:
        """Record something that a person must do."""
        self.missing.append(sentence)

    def post(self, url: str, headers: Mapping[str, str], body: Any) -> Carried:
        """The request."""
        settings = {
            "method": "POST",
            "url": url,
            "headers": [{"key": name, "value": value} for name, value in headers.items()],
            "body": body,
        }
        return Carried(settings, tuple(self.credentials), self.hashes, tuple(self.missing))


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Remove the keys without a value, as JSON leaves out undefined."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}


def part(settings: Settings, key: str) -> dict[str, Any]:
    """Return an object inside settings; an empty one if it is missing."""
    value = settings.get(key)
    return dict(value) if isinstance(value, Mapping) else {}
