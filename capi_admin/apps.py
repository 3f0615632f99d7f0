"""Django's description of the project's own app, and which site ``django.contrib.admin`` serves."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CapiAdminConfig(AppConfig):
    """Commands, system checks and the link to Celery."""

    name = "capi_admin"
    verbose_name = "CAPI Admin"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the checks


class SiteAdminConfig(AdminConfig):
    """``django.contrib.admin`` with our own site, which has the pages of a property."""

    default_site = "capi_admin.site.CapiAdminSite"
