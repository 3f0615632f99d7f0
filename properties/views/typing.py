"""What a person types into a form: sent, refused, interrupted, brought back, saved.

A form that is refused is kept as a draft, and the browser is sent back to its page, which the draft fills. So
every entry in the history of a browser is a page that can be opened again, and credentials that were typed
stay on the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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

DRAFT = "typed"  # In an address: key of the draft that fills the form.
OPENED = "opened"
TYPED_BY = "typed_by"
FORGET = "~forget"
OURS = ("csrfmiddlewaretoken", TYPED_BY, DRAFT)
SALT = "properties.typing"
SIGNED_SECONDS = 14 * 24 * 3600
_ROW = re.compile(r"\[\d+\]")


class SeeOther(HttpResponseRedirect):
    """The answer to a form that was refused: its page, by GET."""

    status_code = 303


class FormData(QueryDict):
    """What fills a form; ``kept`` names the inputs whose credentials were typed earlier and are not shown."""

    kept: frozenset[str] = frozenset()


class Typing:
    """One form page. Its view gives it every form, asks whether to save, and else refuses.

    Args:
        request: Of the page.
        form_id: ``id`` of the form element.
    """

    def __init__(self, request: HttpRequest, form_id: str) -> None:
        self.request, self.form_id = request, form_id
        self.is_sent = request.method == "POST"
        self.forms: tuple[forms.BaseForm, ...] = ()
        self.version, self.overlap = "", Overlap()
        self.asks = False  # The page asks something before it saves; nothing in the form is wrong.
        self.draft = self._draft()
        self.data = self._data()
        request.typing = self  # type: ignore[attr-defined]

    # For views

    @contextmanager
    def alone(self, prop: Property) -> Iterator[None]:
        """While something is saved, nobody else saves in this property: read, compare and write inside."""
        with one_at_a_time(prop) if self.is_sent else nullcontext():
            yield

    def into(self, *typed: forms.BaseForm, saved: Any = None, facts: Any = None) -> None:
        """Name the forms, before they are judged.

        Args:
            typed: Every form of the page that takes what was typed.
            saved: The row that they change; None when there is none yet.
            facts: What else would be overwritten and shows in no input, such as the digest of a credential.
        """
        self.forms = typed
        if saved is not None:
            self.version = version_of(typed, facts)
            opened = self.data.get(OPENED, "") if self.data is not None else ""
            if opened and opened != self.version:
                self.overlap = overlap_of(saved, typed)

    def may_save(self) -> bool:
        """Whether everything is right, and nobody saved other values since the form was opened."""
        judged = [form.is_valid() for form in self.forms]  # Each one, so that each tells what is wrong.
        return self.is_sent and all(judged) and not self.overlap

    def refuse(self) -> HttpResponse:
        """Keep what was typed, and show it again with what is wrong."""
        assert self.data is not None  # noqa: S101 - a form was sent
        user_id: Any = self.request.user.pk
        return SeeOther(kept_at(self.request, user_id, self.data, "refused", self.credentials))

    def done(self) -> None:
        """It is saved: no draft of this page is needed any more."""
        drafts.of(self.request.user.pk).filter(address=self.address).delete()

    # For templates

    @property
    def by(self) -> str:
        """Who types here and which inputs take credentials, signed, for when the session has ended."""
        return signing.dumps([self.request.user.pk, sorted(self._credential_patterns())], salt=SALT)

    @property
    def address(self) -> str:
        """The page, without the draft that fills it."""
        return address_of(self.request)

    @property
    def is_gone(self) -> bool:
        """Whether the address names a draft that is no longer kept, or belongs to somebody else."""
        return DRAFT in self.request.GET and self.draft is None

    @cached_property
    def offer(self) -> Draft | None:
        """What this person typed here earlier and did not save."""
        if self.draft or self.is_sent:
            return None
        found = drafts.of(self.request.user.pk).filter(address=self.address)
        return found.defer("fields", "credentials").first()

    @property
    def back(self) -> str:
        """Where the draft that is offered fills the form."""
        return with_draft(self.address, self.offer) if self.offer else ""

    # Inside

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
    """A transaction that waits for everybody else who saves in this property."""
    with transaction.atomic():
        Property.objects.select_for_update(no_key=True).get(pk=prop.pk)
        yield


def typed_so_far(request: HttpRequest) -> QueryDict:
    """What stands in a form that a part of its page asks about, with credentials that were typed earlier."""
    draft = _draft_of(request)
    return _filled(request.POST, drafts.typed_in(draft).credentials if draft else {})


def _draft_of(request: HttpRequest) -> Draft | None:
    key, user = request.POST.get(DRAFT) or request.GET.get(DRAFT, ""), request.user
    return drafts.find(user.pk, key) if key and user.is_authenticated else None


def address_of(request: HttpRequest) -> str:
    """Path and query of a page, without the draft that fills it."""
    query = request.GET.copy()
    query.pop(DRAFT, None)
    return request.path + (f"?{query.urlencode()}" if query else "")


def with_draft(address: str, draft: Draft) -> str:
    """The address of a page that a draft fills."""
    return f"{address}{'&' if '?' in address else '?'}{DRAFT}={draft.key}"


def kept_at(request: HttpRequest, user_id: int, sent: QueryDict, reason: str, credentials: set[str]) -> str:
    """Keep what was sent, and tell where it fills the form again."""
    address = address_of(request)
    data = sent.copy()
    for name in OURS:
        data.pop(name, None)
    drafts.of(user_id).filter(address=address).delete()
    return with_draft(address, drafts.keep(user_id, address, data, reason, credentials))


def keep_interrupted(request: HttpRequest, reason: str = "signed_out") -> str:
    """Keep a form that cannot be taken now, for whoever it was opened by: such as when the session has ended.

    Returns:
        Where it fills the form again; empty when the form does not prove whose it is.
    """
    opened_by = whose(request.POST)
    if opened_by is None:
        return ""
    user_id, patterns = opened_by
    names = {name for name in request.POST if _ROW.sub("[]", name) in patterns}
    return kept_at(request, user_id, request.POST, reason, names)


def keep_left(address: str, sent: QueryDict) -> None:
    """Keep what stood in a form when its page was left, without credentials, for whoever it was opened by."""
    opened_by = whose(sent)
    if opened_by is None:
        return
    user_id, patterns = opened_by
    data = sent.copy()
    for name in (*OURS, "draft_address", *(name for name in sent if _ROW.sub("[]", name) in patterns)):
        data.pop(name, None)
    drafts.of(user_id).filter(address=address).delete()
    drafts.keep(user_id, address, data, "left", ())


def whose(sent: Mapping[str, Any]) -> tuple[int, set[str]] | None:
    """Who a form was opened by, and the patterns of its credentials; None when that is not proven."""
    try:
        user_id, patterns = signing.loads(str(sent.get(TYPED_BY, "")), salt=SALT, max_age=SIGNED_SECONDS)
    except signing.BadSignature:
        return None
    return user_id, set(patterns)


def is_local(address: str) -> bool:
    """Whether it is a path of this server."""
    parts = urlsplit(address)
    return address.startswith("/") and not (parts.scheme or parts.netloc)


def _filled(sent: QueryDict, earlier: Mapping[str, str]) -> FormData:
    """What was sent, with credentials that were typed earlier where their inputs are empty now."""
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
