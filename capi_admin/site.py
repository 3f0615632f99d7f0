"""The back office: Django's admin in our clothes."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class CapiAdminSite(AdminSite):
    """Users, groups and raw rows. What a marketer sees are pages of their own."""

    site_header = "CAPI Admin"
    site_title = "CAPI Admin"
    index_title = "Back office"
    site_url = "/"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page for all."""
        if request.user.is_authenticated:
            raise PermissionDenied("The back office is for the administrators of this server.")
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)
