"""The back office of rules and builds: to look things up; changing them is for the pages."""

from __future__ import annotations

from django.contrib import admin

from properties.admin import ReadOnlyAdmin

from .models import Activation, Build, Library, Rule


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "prop", "enabled", "revision_number", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("name", "uid", "prop__name")
    list_select_related = ("prop",)


@admin.register(Library)
class LibraryAdmin(ReadOnlyAdmin):
    list_display = ("name", "prop", "state", "published_at")
    list_filter = ("state",)
    search_fields = ("name", "uid", "prop__name")
    list_select_related = ("prop",)


@admin.register(Build)
class BuildAdmin(ReadOnlyAdmin):
    list_display = ("uid", "prop", "environment", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("uid", "prop__name")
    list_select_related = ("prop", "environment")


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ("build", "environment", "activated_at", "activated_by")
    list_select_related = ("build", "environment", "activated_by")
