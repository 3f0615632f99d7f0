"""Which keys what is stored was encrypted with, and encrypting it again with the first of them.

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
FORGOTTEN = "The key that it was encrypted with is gone. Enter the credentials again."


@dataclass(slots=True)
class Survey:
    """How many stored values are encrypted with what.

    Args:
        current: With the first of ``ENCRYPTION_KEYS``, also those that are since this run.
        retired: With a later one.
        unreadable: With none of them.
    """

    current: int = 0
    retired: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Stored:
    """One encrypted value, where it is."""

    model: type[models.Model]
    field: str
    pk: Any
    text: str

    def replace(self, text: str) -> bool:
        """Whether it was still the same, and is ``text`` now."""
        here = _raw(self.model, self.field).filter(pk=self.pk, raw=self.text)
        return bool(here.update(**{self.field: models.Value(text, output_field=models.TextField())}))


def survey(most: int | None = None) -> Survey:
    """Count without changing anything; of each column no more than the ``most`` oldest values."""
    found = Survey()
    for stored in _every(most):
        _count(found, stored)
    return found


def rotate() -> tuple[Survey, int]:
    """Encrypt everything with the first key. Values that change meanwhile are left: they have it already.

    Returns:
        How things stand then, and how many were encrypted again.
    """
    cipher, found, rotated = MultiFernet(_keys()), Survey(), 0
    for stored in _every():
        if _count(found, stored) == "retired":
            rotated += stored.replace(cipher.rotate(stored.text.encode()).decode("ascii"))
            found.retired, found.current = found.retired - 1, found.current + 1
    return found, rotated


@transaction.atomic
def forget_unreadable() -> int:
    """Empty what no key can read, when the key is lost for good; secrets ask to be entered again.

    Returns:
        How many values there were.
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
    """A few at a time, in the order of their keys; what is written meanwhile has the first key."""
    after: dict[str, Any] = {}
    rows = _raw(model, field).exclude(raw="").order_by("pk").values_list("pk", "raw")
    while part := list(rows.filter(**after)[:AT_ONCE]):
        yield from (_Stored(model, field, pk, text) for pk, text in part)
        after = {"pk__gt": part[-1][0]}


def _raw(model: type[models.Model], field: str) -> models.QuerySet[Any]:
    return model._base_manager.annotate(raw=Cast(field, models.TextField()))
