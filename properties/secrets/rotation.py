"""Counting which keys encrypted the stored values, and encrypting them again with the first key.

Source: docs/reference/failures.md, "Encryption and rotation".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast

from properties.models import Secret
from properties.models.encryption import EncryptedTextField

AT_ONCE = 500
FORGOTTEN = "The encryption key of this secret is gone. Enter the credentials again."


@dataclass(slots=True)
class Survey:
    """How many stored values are encrypted with which keys.

    Args:
        current: With the first of ``ENCRYPTION_KEYS``. Values that this run encrypted again are included.
        retired: With a later one.
        unreadable: With none of them.
    """

    current: int = 0
    retired: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Stored:
    """One encrypted value and its place in the database."""

    model: type[models.Model]
    field: str
    pk: Any
    text: str

    def replace(self, text: str) -> bool:
        """Replace the stored text unless it changed meanwhile. Return whether it was replaced."""
        here = _raw(self.model, self.field).filter(pk=self.pk, raw=self.text)
        return bool(here.update(**{self.field: models.Value(text, output_field=models.TextField())}))


def survey(most: int | None = None) -> Survey:
    """Count without changing anything: the ``most`` oldest values of each column, or all."""
    found = Survey()
    for stored in _every(most):
        _count(found, stored)
    return found


def rotate() -> tuple[Survey, int]:
    """Encrypt every value with the first key.

    Values that change meanwhile are skipped, because they already use the first key.

    Returns:
        The counts afterwards, and how many values were encrypted again.
    """
    cipher, found, rotated = MultiFernet(_keys()), Survey(), 0
    for stored in _every():
        if _count(found, stored) == "retired":
            rotated += stored.replace(cipher.rotate(stored.text.encode()).decode("ascii"))
            found.retired, found.current = found.retired - 1, found.current + 1
    return found, rotated


@transaction.atomic
def forget_unreadable() -> int:
    """Empty every value that no key can read. Use it only if the key is lost for good.

    The secrets then ask a person to enter their credentials again.

    Returns:
        How many values were emptied.
    """
    lost = [stored for stored in _every() if _count(Survey(), stored) == "unreadable"]
    for stored in lost:
        stored.replace("")
        if stored.model is Secret:
            words = {"status": Secret.Status.FAILED, "status_details": FORGOTTEN, "refresh_at": None}
            Secret.objects.filter(pk=stored.pk).update(**words)
    return len(lost)


def _count(found: Survey, stored: _Stored) -> str:
    first, cipher = _keys()[0], MultiFernet(_keys())
    kind = next((k for k, c in (("current", first), ("retired", cipher)) if _reads(c, stored)), "unreadable")
    setattr(found, kind, getattr(found, kind) + 1)
    return kind


def _reads(cipher: Fernet | MultiFernet, stored: _Stored) -> bool:
    try:
        cipher.decrypt(stored.text.encode())
    except InvalidToken:
        return False
    return True


def _keys() -> list[Fernet]:
    return [Fernet(key) for key in settings.ENCRYPTION_KEYS]


def _every(most: int | None = None) -> Iterator[_Stored]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield from islice(_of_field(model, field.name), most)


def _of_field(model: type[models.Model], field: str) -> Iterator[_Stored]:
    """Read some rows at a time, by primary key. Rows that are written meanwhile already use the first key."""
    after: dict[str, Any] = {}
    rows = _raw(model, field).exclude(raw="").order_by("pk").values_list("pk", "raw")
    while part := list(rows.filter(**after)[:AT_ONCE]):
        yield from (_Stored(model, field, pk, text) for pk, text in part)
        after = {"pk__gt": part[-1][0]}


def _raw(model: type[models.Model], field: str) -> models.QuerySet[Any]:
    return model._base_manager.annotate(raw=Cast(field, models.TextField()))
