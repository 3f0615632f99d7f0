"""The administrator that pytest-django offers, as one who has signed in before."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def admin_user(db: None, django_user_model: Any) -> Any:
    """Without a password: one that somebody else has set would have to be changed before anything else."""
    return django_user_model.objects.create_superuser("admin")
