"""Which installed extensions of a property can read match quality."""

from __future__ import annotations

from dataclasses import dataclass

from properties.catalog.descriptor import ExtensionPackage, MatchQuality
from properties.catalog.registry import find_package, packages
from properties.models import Extension, Property


@dataclass(frozen=True, slots=True)
class QualityOffer:
    """An installed extension whose package reads match quality."""

    extension: Extension
    package: ExtensionPackage
    quality: MatchQuality

    @property
    def delegate(self) -> str:
        """The delegate descriptor id of the action that sends the keys."""
        return f"{self.package.name}::actions::{self.quality.delegate}"


def offers(prop: Property) -> list[QualityOffer]:
    """Return the offers of a property, in the order of its extensions."""
    found = ((extension, extension.package) for extension in prop.extensions.filter(enabled=True))
    return [
        QualityOffer(extension, package, package.match_quality)
        for extension, package in found
        if package and package.match_quality
    ]


def offer_of(prop: Property, delegate: str) -> QualityOffer | None:
    """Return the offer whose keys an action sends, or None."""
    package = find_package(delegate)
    if package is None or package.match_quality is None:
        return None
    extension = prop.extensions.filter(package_name=package.name).first()
    found = QualityOffer(extension, package, package.match_quality) if extension else None
    return found if found and found.delegate == delegate else None


def is_offered(prop: Property) -> bool:
    """Return whether a property has an offer, in one small statement: every page asks."""
    names = [name for name, package in packages().items() if package.match_quality]
    return prop.extensions.filter(enabled=True, package_name__in=names).exists()
