"""Creating a property: three environments, their datastreams, and Core installed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from properties.catalog.registry import packages
from properties.models import RIGHTS, Datastream, Environment, Extension, Membership, Property
from properties.saving import record, save_resource

DEFAULT_PACKAGE = "core"
# Platform → the package that every new property has. Where a platform has none here, nothing is installed.
DEFAULT_PACKAGES = {"edge": DEFAULT_PACKAGE, "web": "core-web"}


@transaction.atomic
def create_property(name: str, *, platform: str = "edge", actor: Any = None, **fields: Any) -> Property:
    """Create a property with everything that it needs to work.

    Args:
        name: Unique in the installation.
        platform: ``edge``, ``web`` or ``mobile``. Tags have no datastreams.
        actor: The user, who gets all rights in the property, or the name of a command.
        fields: More fields of :class:`Property`, such as ``domains``.

    Source: docs/reference/adobe.md, "Properties and environments".
    """
    prop = Property.objects.create(name=name, platform=platform, **fields)
    for stage in Environment.Stage:
        environment = Environment.objects.create(prop=prop, name=stage.label, stage=stage)
        if platform != Property.Platform.WEB:
            Datastream.objects.create(environment=environment)
    if hasattr(actor, "pk"):
        Membership.objects.create(user=actor, prop=prop, rights=list(RIGHTS))
    record(prop, "property.created", prop, actor, platform=platform)
    if (package := DEFAULT_PACKAGES.get(platform, "")) in packages():
        install(prop, package, actor=actor)
    return prop


def install(
    prop: Property,
    package_name: str,
    *,
    settings: dict[str, Any] | None = None,
    actor: Any = None,
) -> Extension:
    """Install the catalog's version of a package in a property."""
    package = packages()[package_name]
    extension = Extension(
        prop=prop, package_name=package_name, version=package.version, settings=settings or {}
    )
    save_resource(extension, actor=actor)
    return extension
