"""The back office: Django's admin with our design."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class CapiAdminSite(AdminSite):
    """Shows users, groups and raw rows. Marketers use other pages."""

    site_header = "CAPI Admin"
    site_title = "CAPI Admin"
    index_title = "Back office"
    site_url = "/"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the sign-in page that everyone uses."""
        if request.user.is_authenticated:
            raise PermissionDenied("The back office is for the administrators of this server.")
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)
