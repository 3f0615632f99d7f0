"""A password that somebody else has set is changed at the first sign-in; a new one ends other sessions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from properties.audit.actor import acting, acting_session
from properties.models import PasswordToChange
from properties.saving import record


class DifferentPasswordValidator:
    """The new password is another one. Django tells validators when a password has changed."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is not None and user.password and check_password(password, user.password):
            raise ValidationError("This is the password that you have now. Choose another one.", code="same")

    def get_help_text(self) -> str:
        return "Your password can’t be the one that you have now."

    def password_changed(self, password: str, user: Any = None) -> None:
        """Called by Django after it was saved."""
        if user is not None and user.pk:
            is_own = getattr(acting(), "pk", None) == user.pk
            password_was_set(user, is_own=is_own)


def password_was_set(user: Any, *, is_own: bool) -> None:
    """Ask for another one when somebody else chose it. Only the browser that changed it stays signed in."""
    if is_own:
        PasswordToChange.objects.filter(user=user).delete()
    else:
        PasswordToChange.objects.get_or_create(user=user)
    user.open_sessions.exclude(pk=acting_session() if is_own else None).delete()
    record(None, "user.password_changed", user, None, by="the person" if is_own else "somebody else")
