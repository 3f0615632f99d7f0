"""A password that somebody else set must be changed at the first sign-in. A new one ends other sessions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from properties.audit.actor import acting, acting_session
from properties.models import PasswordToChange
from properties.saving import record


class DifferentPasswordValidator:
    """Refuses the current password as a new one. Django calls validators when a password has changed."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is not None and user.password and check_password(password, user.password):
            raise ValidationError("This is your current password. Choose another one.", code="same")

    def get_help_text(self) -> str:
        return "Your password can’t be your current one."

    def password_changed(self, password: str, user: Any = None) -> None:
        """End other sessions. Django calls this after the password was saved."""
        if user is not None and user.pk:
            is_own = getattr(acting(), "pk", None) == user.pk
            password_was_set(user, is_own=is_own)


def password_was_set(user: Any, *, is_own: bool) -> None:
    """Require a new password if somebody else set it. Only the browser that changed it stays signed in."""
    if is_own:
        PasswordToChange.objects.filter(user=user).delete()
    else:
        PasswordToChange.objects.get_or_create(user=user)
    user.open_sessions.exclude(pk=acting_session() if is_own else None).delete()
    record(None, "user.password_changed", user, None, by="the person" if is_own else "somebody else")
