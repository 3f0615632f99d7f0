"""Which installed extensions of a property can read match quality."""

from __future__ import annotations

from dataclasses import dataclass

from properties.catalog.descriptor import ExtensionPackage, MatchQuality
from properties.models import Extension, Property


@dataclass(frozen=True, slots=True)
class Offer:
    """An installed extension whose package reads match quality."""

    extension: Extension
    package: ExtensionPackage
    quality: MatchQuality

    @property
    def delegate(self) -> str:
        """The delegate descriptor id of the action that sends the keys."""
        return f"{self.package.name}::actions::{self.quality.delegate}"


def offers(prop: Property) -> list[Offer]:
    """Return the offers of a property, in the order of its extensions."""
    found = ((extension, extension.package) for extension in prop.extensions.filter(enabled=True))
    return [
        Offer(extension, package, package.match_quality)
        for extension, package in found
        if package and package.match_quality
    ]
