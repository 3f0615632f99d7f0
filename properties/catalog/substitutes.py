"""Actions of another system that one of our actions can carry: the request that they make, as settings.

A package lists them in ``ActionType.substitutes``; the import makes such an action of each, in a rule that
waits for a person. Plain data and plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .tokens import tokens_in, whole_token

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """An action of another system as ours.

    Args:
        settings: Of our action.
        credentials: Names of data elements that give a credential which is still to be added.
        hashes: Name of a data element → value and algorithm of the hash that it gives.
        missing: What a person must do beside adding the credentials, in sentences.
    """

    settings: dict[str, Any]
    credentials: tuple[str, ...] = ()
    hashes: Mapping[str, Settings] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Substitute:
    """One action of another system.

    Args:
        replaces: Its delegate descriptor id there.
        title: Name of the vendor.
        carry: ``carry(call, settings, configuration)`` with the settings of the action and of its extension
            fills in the call and returns it as settings of our action.
        source: The public code that the request is taken from.
    """

    replaces: str
    title: str
    carry: Callable[[Call, Settings, Settings], Carried]
    source: str

    def carried(self, settings: Settings, configuration: Settings) -> Carried:
        """The action as ours."""
        return self.carry(Call(self.title), settings, configuration)


@dataclass(slots=True)
class Call:
    """What a request needs that no settings hold, gathered while it is put together.

    Args:
        title: Name of the vendor; names of what is added begin with it.
    """

    title: str
    credentials: list[str] = field(default_factory=list)
    hashes: dict[str, Settings] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def secret(self, value: Any, label: str) -> str:
        """A credential: the data element that gives it, else one to be filled. Plain text stays away."""
        if isinstance(value, str) and tokens_in(value):
            return value
        name = f"{self.title} {label}"
        if name not in self.credentials:
            self.credentials.append(name)
        return f"{{{{{name}}}}}"

    def needed(self, value: Any, label: str) -> str:
        """A text that the request cannot do without: a data element that is missing when it is empty."""
        return str(value) if value not in (None, "") else f"{{{{{self.title} {label}}}}}"

    def hashed(self, value: Any, label: str, algorithm: str = "sha256") -> str | None:
        """A data element that gives the hash of a value; None when there is no value."""
        if value in (None, ""):
            return None
        words = {"sha256": "SHA-256", "md5": "MD5"}[algorithm]
        name = f"{words} of {whole_token(value) or f'{self.title} {label}'}"
        self.hashes[name] = {"value": value, "algorithm": algorithm}
        return f"{{{{{name}}}}}"

    def lacks(self, sentence: str) -> None:
        """Note what a person must do."""
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
    """Without the keys that hold nothing, as JSON leaves out what is undefined."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}


def part(settings: Settings, key: str) -> dict[str, Any]:
    """An object inside settings; an empty one where there is none."""
    value = settings.get(key)
    return dict(value) if isinstance(value, Mapping) else {}
