"""Keeping form input until it is saved: encrypted, for its person alone, for a limited time."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from properties.models import Draft
from properties.models.draft import LONGEST_ADDRESS

KEPT = timedelta(days=7)
CREDENTIALS_KEPT = timedelta(hours=1)
MOST_OF_ONE_PERSON = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """The contents of a draft.

    Args:
        fields: Name of each input → its values. Credentials are empty here.
        credentials: Name of an input → credential. Empty once they have expired.
    """

    fields: Mapping[str, Sequence[str]]
    credentials: Mapping[str, str]

    def sent(self) -> QueryDict:
        """Return the input as a browser would send it."""
        data = QueryDict(mutable=True)
        for name, values in self.fields.items():
            data.setlist(name, list(values))
        for name, value in self.credentials.items():
            data[name] = value
        return data


def keep(
    user_id: int, address: str, sent: QueryDict, reason: str, credentials: Collection[str], *, key: str = ""
) -> Draft:
    """Store form input, and delete this person's oldest drafts if there are too many.

    Args:
        user_id: The owner.
        address: Path and query of the page with the form.
        sent: The input, without fields of the page such as its CSRF token.
        reason: One of ``Draft.Reason``.
        credentials: Names of the inputs for credentials.
        key: Of the draft that it replaces, which an open page names.
    """
    hidden = {name: sent[name] for name in credentials if sent.get(name)}
    fields = {name: values for name, values in sent.lists() if name not in hidden}
    draft = Draft.objects.create(
        user_id=user_id,
        address=address[:LONGEST_ADDRESS],
        reason=reason,
        fields=json.dumps(fields),
        credentials=json.dumps(hidden) if hidden else "",
        **({"key": key} if key else {}),
    )
    others = list(of(user_id).values_list("pk", flat=True)[MOST_OF_ONE_PERSON:])
    Draft.objects.filter(pk__in=others).delete()
    return draft


def of(user_id: Any) -> QuerySet[Draft]:
    """Return the drafts of one person, newest first. Nobody else can read them."""
    return Draft.objects.filter(user_id=user_id, created_at__gt=timezone.now() - KEPT)


def find(user_id: Any, key: str) -> Draft | None:
    """Return one draft of this person, or None. It is also None if its encryption key is gone."""
    try:
        return of(user_id).filter(key=key).first()
    except InvalidToken:
        return None


def typed_in(draft: Draft) -> Typed:
    """Return the contents of a draft, without credentials that are older than an hour."""
    is_fresh = draft.created_at > timezone.now() - CREDENTIALS_KEPT
    credentials = json.loads(draft.credentials) if draft.credentials and is_fresh else {}
    return Typed(json.loads(draft.fields) if draft.fields else {}, credentials)


def forget_drafts() -> None:
    """Delete expired drafts, and credentials that are older than an hour."""
    now = timezone.now()
    Draft.objects.filter(created_at__lte=now - KEPT).delete()
    Draft.objects.filter(created_at__lte=now - CREDENTIALS_KEPT).exclude(credentials="").update(
        credentials=""
    )
