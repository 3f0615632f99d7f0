"""Extensions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.registry import packages

from .identifiers import UidField
from .resource import Resource


class Extension(Resource):
    """An extension package that is installed in a property, with its configuration."""

    kind: ClassVar[str] = "extension"

    uid = UidField(prefix="EX")
    package_name = models.CharField(max_length=214)
    version = models.CharField(max_length=40)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("package_name",)
        constraints = [
            models.UniqueConstraint(fields=["prop", "package_name"], name="one_extension_per_package")
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def package(self) -> ExtensionPackage | None:
        """The package in the catalog, or None if it is no longer installed on the server."""
        return packages().get(self.package_name)

    @property
    def display_name(self) -> str:
        return self.package.display_name if self.package else self.package_name

    def snapshot(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "package": self.package_name,
            "version": self.version,
            "display_name": self.display_name,
            "settings": self.settings,
            "enabled": self.enabled,
        }
