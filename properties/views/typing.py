"""The input of a form: sent, refused, interrupted, restored, saved.

A refused form is kept as a draft, and the browser is redirected to its page, which the draft fills. So every
entry in the history of a browser is a page that can be opened again, and typed credentials stay on the
server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from properties.models import Draft, Property
from properties.resources import drafts

from .edit_conflicts import Overlap, overlap_of, version_of

DRAFT = "typed"  # Query parameter: the key of the draft that fills the form.
OPENED = "opened"
TYPED_BY = "typed_by"
FORGET = "~forget"
OURS = ("csrfmiddlewaretoken", TYPED_BY, DRAFT, "draft_address")
VIEW = "show"  # Query parameter: the fields of a long form that are shown.
SALT = "properties.typing"
SIGNED_SECONDS = 14 * 24 * 3600
_ROW = re.compile(r"\[\d+\]")


class SeeOther(HttpResponseRedirect):
    """The answer to a refused form: its page, by GET."""

    status_code = 303


class FormData(QueryDict):
    """The input that fills a form. ``kept`` names inputs with earlier credentials, which are not shown."""

    kept: frozenset[str] = frozenset()

    def __deepcopy__(self, memo: MutableMapping[int, Any]) -> FormData:
        made = super().__deepcopy__(memo)
        made.kept = self.kept
        return made


class Typing:
    """One form page. Its view passes it every form, asks whether to save, and otherwise refuses.

    Args:
        request: The request of the page.
        form_id: ``id`` of the form element.
    """

    def __init__(self, request: HttpRequest, form_id: str) -> None:
        self.request, self.form_id = request, form_id
        self.is_sent = request.method == "POST"
        self.forms: tuple[forms.BaseForm, ...] = ()
        self.version, self.overlap = "", Overlap()
        self.asks = False  # The form is valid, but the page asks a question before it saves.
        self.draft = self._draft()
        self.data = self._data()
        request.typing = self  # type: ignore[attr-defined]

    # For views

    @contextmanager
    def alone(self, prop: Property) -> Iterator[None]:
        """Keep others from saving in this property meanwhile. Read, compare and write inside."""
        with one_at_a_time(prop) if self.is_sent else nullcontext():
            yield

    def into(self, *typed: forms.BaseForm, saved: Any = None, facts: Any = None) -> None:
        """Name the forms before they are validated.

        Args:
            typed: Every form of the page that gets the input.
            saved: The row that they change. None for a new one.
            facts: Further values that would be overwritten and that no input shows, such as the digest of a
                credential.
        """
        self.forms = typed
        if saved is not None:
            self.version = version_of(typed, facts)
            opened = self.data.get(OPENED, "") if self.data is not None else ""
            if opened and opened != self.version:
                self.overlap = overlap_of(saved, typed)

    def may_save(self) -> bool:
        """Return whether everything is valid, and nobody saved other values since the form was opened."""
        judged = [form.is_valid() for form in self.forms]  # All of them, so that each shows its errors.
        return self.is_sent and all(judged) and not self.overlap and not self._is_changing

    @property
    def is_refused(self) -> bool:
        """Whether a form was sent that is not saved.

        A change that a script asked for is answered at once: its page keeps what was typed itself.
        """
        return self.is_sent and not (self._is_changing and "HX-Request" in self.request.headers)

    def refuse(self) -> HttpResponse:
        """Keep the input, and show it again with its errors."""
        assert self.data is not None  # noqa: S101 - a form was sent
        user_id: Any = self.request.user.pk
        reason = "left" if self._is_changing else "refused"
        return SeeOther(kept_at(self.request, user_id, self.data, reason, self.credentials))

    def done(self) -> None:
        """Delete the drafts of this page, which has been saved."""
        drafts.of(self.request.user.pk).filter(address=self.address).delete()

    # For templates

    @property
    def by(self) -> str:
        """The person, and the inputs that accept credentials. Signed, for use after the session has ended."""
        return signing.dumps([self.request.user.pk, sorted(self._credential_patterns())], salt=SALT)

    @property
    def address(self) -> str:
        """The address of the page, without the draft that fills it."""
        return address_of(self.request)

    @property
    def is_gone(self) -> bool:
        """Whether the address names a draft that is no longer kept, or that belongs to somebody else."""
        return DRAFT in self.request.GET and self.draft is None

    @cached_property
    def offer(self) -> Draft | None:
        """The input that this person typed here earlier and did not save."""
        if self.draft or self.is_sent:
            return None
        found = drafts.of(self.request.user.pk).filter(address=self.address)
        return found.defer("fields", "credentials").first()

    @property
    def back(self) -> str:
        """The address at which the offered draft fills the form."""
        return with_draft(self.address, self.offer) if self.offer else ""

    # Inside

    @property
    def _is_changing(self) -> bool:
        """Whether a button changes a form, which is then not saved: see ``catalog.form_changes``."""
        return any(getattr(form, "changing", "") for form in self.forms)

    @property
    def credentials(self) -> set[str]:
        return {name for form in self.forms for name in _credential_names(form)}

    def _credential_patterns(self) -> set[str]:
        return {_ROW.sub("[]", name) for name in self.credentials}

    def _draft(self) -> Draft | None:
        return _draft_of(self.request)

    def _data(self) -> FormData | None:
        typed = drafts.typed_in(self.draft) if self.draft else None
        if self.is_sent:
            return _filled(self.request.POST, typed.credentials if typed else {})
        return _filled(typed.sent(), typed.credentials) if typed else None


@contextmanager
def one_at_a_time(prop: Property) -> Iterator[None]:
    """Start a transaction that waits for everybody else who saves in this property."""
    with transaction.atomic():
        Property.objects.select_for_update(no_key=True).get(pk=prop.pk)
        yield


def typed_so_far(request: HttpRequest) -> QueryDict:
    """Return the current input of a form, for a part of its page, with earlier typed credentials."""
    draft = _draft_of(request)
    return _filled(request.POST, drafts.typed_in(draft).credentials if draft else {})


def _draft_of(request: HttpRequest) -> Draft | None:
    key, user = request.POST.get(DRAFT) or request.GET.get(DRAFT, ""), request.user
    return drafts.find(user.pk, key) if key and user.is_authenticated else None


def address_of(request: HttpRequest) -> str:
    """Return path and query of a page, without the draft that fills it and the fields that it shows."""
    query = request.GET.copy()
    for name in (DRAFT, VIEW):
        query.pop(name, None)
    return request.path + (f"?{query.urlencode()}" if query else "")


def with_draft(address: str, draft: Draft) -> str:
    """Return the address of a page that a draft fills."""
    return f"{address}{'&' if '?' in address else '?'}{DRAFT}={draft.key}"


def kept_at(request: HttpRequest, user_id: int, sent: QueryDict, reason: str, credentials: set[str]) -> str:
    """Keep the input, and return the address at which it fills the form again."""
    address = address_of(request)
    data = sent.copy()
    for name in OURS:
        data.pop(name, None)
    drafts.of(user_id).filter(address=address).delete()
    return with_draft(address, drafts.keep(user_id, address, data, reason, credentials))


def keep_interrupted(request: HttpRequest, reason: str = "signed_out") -> str:
    """Keep a form that cannot be saved now for the person who opened it, such as after the session has ended.

    Returns:
        The address at which it fills the form again. Empty if the form does not prove whose it is.
    """
    opened_by = whose(request.POST)
    if opened_by is None:
        return ""
    user_id, patterns = opened_by
    names = {name for name in request.POST if _ROW.sub("[]", name) in patterns}
    return kept_at(request, user_id, request.POST, reason, names)


def keep_left(address: str, sent: QueryDict) -> bool:
    """Keep the input of a form that is being typed or was left, for the person who opened it.

    Returns:
        Whether it is kept: the form proves whose it is.
    """
    opened_by = whose(sent)
    if opened_by is None:
        return False
    user_id, patterns = opened_by
    data = sent.copy()
    for name in OURS:
        data.pop(name, None)
    earlier = drafts.of(user_id).filter(address=address)
    kept = earlier.first()
    filled = _filled(data, drafts.typed_in(kept).credentials if kept else {})
    names = {name for name in filled if _ROW.sub("[]", name) in patterns}
    key, reason = (kept.key, kept.reason) if kept else ("", "left")
    earlier.delete()
    drafts.keep(user_id, address, filled, reason, names, key=key)
    return True


def whose(sent: Mapping[str, Any]) -> tuple[int, set[str]] | None:
    """Return who opened a form, and the patterns of its credentials, or None if that is not proven."""
    try:
        user_id, patterns = signing.loads(str(sent.get(TYPED_BY, "")), salt=SALT, max_age=SIGNED_SECONDS)
    except signing.BadSignature:
        return None
    return user_id, set(patterns)


def is_local(address: str) -> bool:
    """Return whether this is a path of this server."""
    parts = urlsplit(address)
    return address.startswith("/") and not (parts.scheme or parts.netloc)


def _filled(sent: QueryDict, earlier: Mapping[str, str]) -> FormData:
    """Return the sent input, with earlier credentials where their inputs are empty now."""
    data, kept = FormData(mutable=True), set()
    for name, values in sent.lists():
        data.setlist(name, values)
    for name, value in earlier.items():
        is_unwanted = f"{name}{FORGET}" in data or f"{name}~remove" in data
        if data.get(name, "") in ("", value) and not is_unwanted:
            data[name] = value
            kept.add(name)
    data.kept = frozenset(kept)
    return data


def _credential_names(form: forms.BaseForm) -> Iterator[str]:
    for name, field in form.fields.items():
        if "data-credential" in field.widget.attrs:
            yield form.add_prefix(name)
