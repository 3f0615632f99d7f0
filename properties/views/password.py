"""The page where people change their password."""

from __future__ import annotations

from django.contrib.auth.views import PasswordChangeView
from django.urls import reverse

from .notices import say


class OwnPasswordView(PasswordChangeView):
    """After a required change, people go on to their properties. Others see which sessions ended."""

    def get_success_url(self) -> str:
        if not self.request.must_change_password:  # type: ignore[attr-defined]
            return reverse("password_change_done")
        say(self.request, "Your password was changed. Sign in with it from now on.")
        return "/"
