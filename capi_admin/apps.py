"""The app configurations of the project and of its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CapiAdminConfig(AppConfig):
    """Connects commands, system checks and Celery."""

    name = "capi_admin"
    verbose_name = "CAPI Admin"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the checks


class SiteAdminConfig(AdminConfig):
    """``django.contrib.admin`` with our own site class."""

    default_site = "capi_admin.site.CapiAdminSite"
