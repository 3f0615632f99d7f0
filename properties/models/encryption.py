"""Text that is encrypted in the database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the first key of ``ENCRYPTION_KEYS``."""
    return _cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode("ascii")


def decrypt(text: str) -> str:
    """Decrypt with any of ``ENCRYPTION_KEYS``.

    Raises:
        cryptography.fernet.InvalidToken: None of the keys can decrypt this text.
    """
    return _cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(text.encode("ascii")).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Plain text in Python, Fernet tokens in the database. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: str | None) -> str | None:
        return encrypt(value) if value else value
