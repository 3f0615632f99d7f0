"""Opaque public ids, with prefixes as in Adobe's API (``PR…``, ``EN…``)."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models

LARGEST_ROW_ID = 2**63 - 1
MOST_DIGITS = len(str(LARGEST_ROW_ID))


def row_id(text: str) -> int | None:
    """Read a primary key from an address or a form. Return None if ``text`` cannot be one.

    Ids of events have 19 digits. A text with more digits is not converted, however long it is.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    number = int(text)
    return number if number <= LARGEST_ROW_ID else None


def new_uid(prefix: str) -> str:
    """Return ``prefix`` and 32 random hexadecimal digits."""
    return prefix + secrets.token_hex(16)


class UidField(models.CharField):  # type: ignore[type-arg]
    """The id that pages, documents and builds show. The primary key stays inside the database."""

    def __init__(self, *args: Any, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.update(max_length=40, unique=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, _ = super().deconstruct()
        return name, path, list(args), {"prefix": self.prefix}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if not getattr(model_instance, self.attname):
            setattr(model_instance, self.attname, new_uid(self.prefix))
        return super().pre_save(model_instance, add)
