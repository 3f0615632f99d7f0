"""The administrator that pytest-django offers, as one who has signed in before."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def admin_user(db: None, django_user_model: Any) -> Any:
    """An administrator without a password, because one that somebody else has set must be changed first."""
    return django_user_model.objects.create_superuser("admin")
