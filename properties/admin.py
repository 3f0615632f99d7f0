"""Read-only pages of raw rows in the back office. Credentials appear by name only.

People and the audit log have pages of their own.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from properties.models import (
    DataElement,
    Datastream,
    Environment,
    Extension,
    Property,
    Revision,
    Secret,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin page that cannot add, change or delete: that would bypass revisions and the audit log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Property)
class PropertyAdmin(ReadOnlyAdmin):
    list_display = ("name", "uid", "platform", "enabled", "created_at")
    search_fields = ("name", "uid")


@admin.register(Environment, Datastream)
class EnvironmentAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "uid")
    search_fields = ("uid",)


@admin.register(Extension, DataElement)
class ResourceAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "uid", "prop", "revision_number", "updated_at")
    list_select_related = ("prop",)
    search_fields = ("uid",)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "prop", "created_at", "created_by")
    list_select_related = ("prop", "created_by")
    search_fields = ("resource_uid",)


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """Secrets without their values."""

    list_display = ("name", "prop", "type_of", "last_four", "updated_at")
    list_select_related = ("prop",)
    fields = ("name", "uid", "prop", "environment", "type_of", "last_four", "created_at", "updated_at")
    readonly_fields = fields
